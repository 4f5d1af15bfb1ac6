"""A syslog receiver over UDP, TCP or TLS; it owes nothing to the sender's code."""

from __future__ import annotations

import queue
import re
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from tests.support.brokers import WAIT_S, free_port

_LINE: Final = re.compile(
    r"<(?P<pri>\d{1,3})>1 (?P<time>\S+) (?P<host>\S+) (?P<app>\S+) (?P<proc>\S+) (?P<kind>\S+) "
    r"\[(?P<element>[^ \]]+)(?P<fields>(?: [^= ]+=\"(?:[^\"\\\]]|\\[\"\\\]])*\")*)\] "
    r"\ufeff(?P<text>.*)",
    re.DOTALL,
)
_FIELD: Final = re.compile(r' ([^= ]+)="((?:[^"\\\]]|\\["\\\]])*)"')


@dataclass(frozen=True)
class SyslogLine:
    """One message, taken apart after RFC 5424."""

    facility: int
    severity: int
    time: str
    host: str
    kind: str
    text: str
    fields: dict[str, str] = field(default_factory=dict)


def read_line(line: bytes) -> SyslogLine:
    """Return a message taken apart; it must be nothing but a message."""
    found = _LINE.fullmatch(line.decode())
    assert found is not None, line
    pairs = _FIELD.findall(found["fields"])
    fields = {name: re.sub(r"\\(.)", r"\1", value) for name, value in pairs}
    facility, severity = divmod(int(found["pri"]), 8)
    time, host, kind, text = (found[name] for name in ("time", "host", "kind", "text"))
    return SyslogLine(facility, severity, time, host, kind, text, fields)


class SyslogReceiver:
    """A receiver that can be stopped and started again on the same port."""

    def __init__(self, transport: str, tls: ssl.SSLContext | None = None) -> None:
        self.transport = transport
        self.port = free_port()
        self.lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.hangs_up = False
        """True to close each connection as soon as it is made."""
        self.may_read = threading.Event()
        self.may_read.set()
        self._tls = tls
        self._socket: socket.socket | None = None
        self._connections: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Listen."""
        if self.transport == "udp":
            self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._socket.bind(("127.0.0.1", self.port))
            self._run(self._read_datagrams, self._socket)
        else:
            self._socket = socket.create_server(("127.0.0.1", self.port))
            self._run(self._accept, self._socket)

    def stop(self) -> None:
        """Listen no longer, and close every connection."""
        self.may_read.set()
        if self._socket is not None:
            for sock in (self._socket, *self._connections):
                with suppress(OSError):
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)
                if self.transport == "udp":
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as knock:
                        knock.sendto(b"", ("127.0.0.1", self.port))
            for thread in self._threads:
                thread.join(WAIT_S)
            for sock in (self._socket, *self._connections):
                sock.close()
            self._socket, self._connections, self._threads = None, [], []

    def next(self) -> SyslogLine:
        """Return the next message, taken apart."""
        return read_line(self.lines.get(timeout=WAIT_S))

    def _run(self, target: object, sock: socket.socket) -> None:
        assert callable(target)
        thread = threading.Thread(target=target, args=(sock,))
        self._threads.append(thread)
        thread.start()

    def _read_datagrams(self, sock: socket.socket) -> None:
        while line := sock.recv(65536):
            self.may_read.wait(WAIT_S)
            self.lines.put(line)

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                connection = server.accept()[0]
            except OSError:
                return
            if self._tls is not None:
                plain = connection
                try:
                    connection = self._tls.wrap_socket(plain, server_side=True)
                except OSError:
                    plain.close()
                    continue
            if self.hangs_up:
                connection.close()
                continue
            self._connections.append(connection)
            self._run(self._read_frames, connection)

    def _read_frames(self, connection: socket.socket) -> None:
        """Read messages with their length in front (RFC 6587)."""
        rest = b""
        while True:
            self.may_read.wait(WAIT_S)
            try:
                data = connection.recv(4096)
            except OSError:
                return
            if not data:
                connection.close()
                return
            rest += data
            while (counted := re.match(rb"([1-9]\d*) ", rest)) is not None:
                end = counted.end() + int(counted[1])
                if len(rest) < end:
                    break
                self.lines.put(rest[counted.end() : end])
                rest = rest[end:]
