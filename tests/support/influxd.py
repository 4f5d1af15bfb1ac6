"""A real InfluxDB 1.x server for tests, and the v2 write path in front of it."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import urllib3

from tests.support.system_binaries import system_binary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONFIG: Final = """\
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "{root}/meta"
[data]
  dir = "{root}/data"
  wal-dir = "{root}/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:{port}"
  auth-enabled = {auth_enabled}
  log-enabled = false
[ifql]
  enabled = false
"""
_START_TIMEOUT_S: Final = 60.0


class Influxd:
    """A server that keeps its data and its port over stop and start."""

    def __init__(self, binary: str, root: Path, *, auth_enabled: bool) -> None:
        self._command = [binary, "run", "-config", str(root / "influxdb.conf")]
        self._root = root
        self._auth_enabled = auth_enabled
        self._port = 0  # 0 until the first start chose a free one
        self._process: subprocess.Popen[str] | None = None
        self._log_reader: threading.Thread | None = None
        self._http = urllib3.PoolManager()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start and wait until it listens."""
        config = _CONFIG.format(
            root=self._root, port=self._port, auth_enabled=str(self._auth_enabled).lower()
        )
        (self._root / "influxdb.conf").write_text(config)
        self._process = process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        listens, log = threading.Event(), list[str]()
        reader = threading.Thread(target=self._read_log, args=(process, listens, log))
        self._log_reader = reader
        reader.start()
        if not listens.wait(_START_TIMEOUT_S) or process.poll() is not None:
            self.stop()
            pytest.fail("influxd did not start:\n" + "".join(log[-20:]))

    def _read_log(
        self, process: subprocess.Popen[str], listens: threading.Event, log: list[str]
    ) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            log.append(line)
            if "Listening on HTTP" in line:
                self._port = int(line.partition("addr=127.0.0.1:")[2].split()[0])
                listens.set()
        listens.set()

    def stop(self, *, is_killed: bool = False) -> None:
        """Stop, or kill; does nothing while it is stopped."""
        if self._process is None or self._log_reader is None:
            return
        self._process.send_signal(signal.SIGKILL if is_killed else signal.SIGTERM)
        self._process.wait(_START_TIMEOUT_S)
        self._log_reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()
        self._process = None
        self._http.clear()

    def query(self, text: str, login: str = "") -> list[dict[str, object]]:
        """Run InfluxQL (GET-able or not) on database `ward`; rows of all series, times in ns."""
        headers = urllib3.make_headers(basic_auth=login) if login else {}
        fields = {"q": text, "db": "ward", "epoch": "ns"}
        answer = self._http.request("POST", f"{self.url}/query", fields=fields, headers=headers)
        assert answer.status == 200, answer.data
        series = json.loads(answer.data)["results"][0].get("series", [])
        return [
            dict(zip(one["columns"], values, strict=True))
            for one in series
            for values in one["values"]
        ]


@contextmanager
def running_influxd(root: Path, *, auth_enabled: bool = False) -> Iterator[Influxd]:
    """Run a server below `root`; skip where none is installed, fail where CI promises one."""
    binary = system_binary("influxd", "influxdb")
    root.mkdir(exist_ok=True)
    server = Influxd(binary, root, auth_enabled=auth_enabled)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class _Front(ThreadingHTTPServer):
    """Listens for v2 writes and knows the server they go to."""

    def __init__(self, server: Influxd, token: str, pool: urllib3.PoolManager) -> None:
        super().__init__(("127.0.0.1", 0), _FrontHandler)
        self.behind = server
        self.token = token
        self.pool = pool


class _FrontHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Front

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        address = urlsplit(self.path)
        if address.path != "/api/v2/write":
            self._answer(404, b"{}")
        elif self.headers["Authorization"] != f"Token {self.server.token}":
            self._answer(401, b'{"code":"unauthorized","message":"unauthorized access"}')
        else:
            self._forward(parse_qs(address.query), body)

    def _forward(self, asked: dict[str, list[str]], body: bytes) -> None:
        query = urlencode({"db": asked["bucket"][0], "precision": asked["precision"][0]})
        url = f"{self.server.behind.url}/write?{query}"
        try:
            answer = self.server.pool.request("POST", url, body=body)
        except urllib3.exceptions.HTTPError:
            self._answer(503, b"the server behind is down")
        else:
            self._answer(answer.status, answer.data)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@contextmanager
def v2_front(server: Influxd, token: str) -> Iterator[str]:
    """Offer `/api/v2/write` in front of a server that knows only `/write`; gives the URL.

    InfluxDB translates in this way itself from 1.8 on: bucket to database, token to login.
    """
    with urllib3.PoolManager(retries=False) as pool, _Front(server, token, pool) as front:
        thread = threading.Thread(target=front.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{front.server_address[1]}"
        finally:
            front.shutdown()
            thread.join()
