"""An answer of the database is not believed to be small, quick or true."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.lane_delivery import DeliveryPolicy
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.worker import DeliveryWorker
from edge_agent.journal.writer import Journal
from edge_agent.model.errors import DeliveryError, PartialDeliveryError
from edge_agent.payloads.readings import encode_readings
from edge_agent.sinks.influx_sink import InfluxConfig, InfluxSink
from tests.support.brokers import WAIT_S
from tests.support.misbehaving_broker import listening
from tests.support.samples import AT, some_readings

NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"
Answer = Callable[[socket.socket], None]


class Server:
    """Reads each request and answers as told."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[bytes] = []
        self.asked = threading.Semaphore(0)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._server.accept()
                threading.Thread(target=self._answer, args=(sock,), daemon=True).start()

    def _answer(self, sock: socket.socket) -> None:
        with sock, suppress(OSError), sock.makefile("rb") as stream:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += stream.readline()
            size = int(head.lower().partition(b"content-length: ")[2].split(b"\r")[0])
            self.requests.append(head + stream.read(size))
            self.asked.release()
            self.answer(sock)


@contextmanager
def answering(answer: Answer | bytes) -> Iterator[Server]:
    said = answer
    server = Server(said if callable(said) else lambda sock: sock.sendall(said))
    try:
        yield server
    finally:
        server.close()


def place(url: str, api: Literal["v1", "v2"] = "v1", timeout_s: float = 0.4) -> InfluxConfig:
    return InfluxConfig(
        url, api, "s", "w", org="o", bucket="b", database="ward", timeout_s=timeout_s
    )


def entry(seq: int = 1) -> JournalEntry:
    return JournalEntry(
        seq, Lane.READINGS, "bed-1", AT.utc_ns, encode_readings(some_readings(60.0))
    )


def words_of(config: InfluxConfig) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        InfluxSink(config).deliver([entry()])
    return caught.value


def drip(*parts: bytes) -> Answer:
    """Send the parts, then one byte at a time, for longer than any reader here waits."""

    def answer(sock: socket.socket) -> None:
        for part in parts:
            sock.sendall(part)
        pause = threading.Event()
        for _ in range(250):
            pause.wait(0.02)
            sock.sendall(b"x")

    return answer


@pytest.mark.parametrize("parts", [(), (b"HTTP/1.1 204 No Content\r\nX-Slow: ",), (b"HTTP/1.1 ",)])
def test_a_head_that_drips_is_given_up_in_time(parts: tuple[bytes, ...]) -> None:
    with answering(drip(*parts)) as server:
        before_s = time.monotonic()
        error = words_of(place(server.url))
        assert time.monotonic() - before_s < 5.0
    assert "does not answer in 0.4 s" in str(error)
    assert error.retryable


def fall_silent(head: bytes) -> Answer:
    """Send the head, and the rest when no reader here waits any longer."""

    def answer(sock: socket.socket) -> None:
        sock.sendall(head)
        threading.Event().wait(20.0)
        sock.sendall(bytes(99_999))

    return answer


@pytest.mark.parametrize("slowly", [drip, fall_silent])
def test_an_explanation_that_is_slow_is_cut_off(slowly: Callable[[bytes], Answer]) -> None:
    head = b"HTTP/1.1 503 Busy\r\nContent-Length: 99999\r\n\r\ncome back later"
    with answering(slowly(head)) as server:
        words = str(words_of(place(server.url, timeout_s=60.0)))
    assert "answered 503 (the server is in trouble)" in words
    assert "come back" not in words


def flood(sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(100_000):
        sock.sendall(b"10000\r\n" + b"y" * 65536 + b"\r\n")


def endless_head(sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100_000):
        sock.sendall(b"X-Long: " + b"y" * 8000 + b"\r\n")


def never_mind(sock: socket.socket) -> None:
    for _ in range(100_000):
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    with answering(flood) as server:
        error = words_of(place(server.url, timeout_s=20.0))
    assert "answered 500 (the server is in trouble): yyy" in str(error)
    assert len(str(error)) < 500
    with answering(never_mind) as server:
        assert "in HTTP (LineTooLong)" in str(words_of(place(server.url, timeout_s=20.0)))
    with answering(endless_head) as server:
        assert "does not answer in HTTP" in str(words_of(place(server.url, timeout_s=20.0)))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\xff\xfe\x00h", "200 (want 204"),
        (b"HTTP/1.1 302 Found\r\nLocation: /login\r\n\r\n", "302 (want 204: is this InfluxDB?)"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not answer in HTTP (BadStatusLine)"),
        (b"", "does not answer"),
        (b"HTTP/1.1 401 Unauthorized\r\n\r\n", "401 (it wants a login: set influx.username"),
        (b"HTTP/1.1 400 Bad\r\n\r\n", "a line is refused, or the server wants https://"),
        (b"HTTP/1.1 400 Bad\r\n\r\npartial write", "(a line is refused): partial write"),
        (
            b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
            "the server speaks TLS: write https://",
        ),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "check that database 'ward' exists"),
    ],
)
def test_what_is_no_success_is_said_to_be_none(answer: bytes, words: str) -> None:
    with answering(answer) as server:
        assert words in str(words_of(place(server.url)))


def test_a_compressed_answer_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    head = b"HTTP/1.1 500 Oops\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with answering(head + bomb) as server:
        assert str(words_of(place(server.url))).endswith("(compressed)")


def test_a_login_that_is_missing_is_named_by_its_keys() -> None:
    with answering(b"HTTP/1.1 403 Forbidden\r\n\r\n") as server:
        assert "set influx.token_file" in str(words_of(place(server.url, "v2")))


def test_https_is_refused_in_words_where_http_is_spoken() -> None:
    with listening(b"HTTP/1.1 400 Bad\r\n\r\n", hang_up=True) as port:
        assert "does not speak TLS" in str(words_of(place(f"https://127.0.0.1:{port}")))


def test_a_path_before_the_api_is_kept() -> None:
    with answering(NO_CONTENT) as server:
        assert InfluxSink(place(f"{server.url}/proxy/")).deliver([entry()]) == 1
        assert InfluxSink(place(server.url, "v2")).deliver([entry()]) == 1
    starts = [request.split(b" HTTP/1.1")[0] for request in server.requests]
    assert starts == [
        b"POST /proxy/write?db=ward&precision=ns",
        b"POST /api/v2/write?org=o&bucket=b&precision=ns",
    ]


def test_where_no_answer_came_the_lines_may_be_the_cause() -> None:
    with answering(b"HTTP/1.1 500 Oops\r\n\r\n") as server:
        error = words_of(place(server.url))
    assert isinstance(error, PartialDeliveryError)
    assert error.unanswered == frozenset({0})


@contextmanager
def delivering(folder: Path, config: InfluxConfig) -> Iterator[tuple[Journal, DeliveryWorker]]:
    journal = Journal(JournalSettings(folder / "journal.db", ("influx",), 1e9))
    journal.start()
    policy = DeliveryPolicy(batch_size=500, first_wait_s=0.01, longest_wait_s=0.02)
    policy = replace(policy, longest_hold_s=0.05)
    worker = DeliveryWorker(journal, InfluxSink(config), policy)
    worker.start()
    try:
        yield journal, worker
    finally:
        worker.stop()
        journal.stop()


def append(journal: Journal, count: int) -> None:
    for _ in range(count):
        journal.append(Lane.READINGS, "bed-1", AT.utc_ns, entry().body)
    journal.flush()


def test_a_server_that_refuses_everything_is_asked_little_and_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\nno") as server:
        with delivering(tmp_path, place(server.url)) as (journal, worker):
            append(journal, 500)
            for _ in range(60):
                assert server.asked.acquire(timeout=WAIT_S)
            assert "readings: " in worker.health().fault
            assert worker.health().quarantined == 0
            # 500 halved down to one line, three more lines, and the newest: per try
            most = max(len(request) for request in server.requests)
            tries = sum(len(request) == most for request in server.requests)
            assert len(server.requests) / tries < 25
            server.answer = lambda sock: sock.sendall(NO_CONTENT)
            assert worker.wait_until_idle(WAIT_S)
            assert worker.health().delivered >= 500
            assert worker.health().fault == ""
        assert "takes entries again" not in caplog.text


def test_what_has_nothing_for_the_database_does_not_prove_that_it_is_back(
    tmp_path: Path,
) -> None:
    with (
        answering(b"HTTP/1.1 404 Not Found\r\n\r\n") as server,
        delivering(tmp_path, place(server.url)) as (journal, worker),
    ):
        append(journal, 1)
        for _ in range(3):
            journal.append(Lane.EVENTS, "bed-1", AT.utc_ns, b"{}")
            journal.flush()
            assert server.asked.acquire(timeout=WAIT_S)
        for _ in range(2):
            assert server.asked.acquire(timeout=WAIT_S)
            assert "404" in worker.health().fault
        assert worker.health().delivered == 0


def test_a_worker_stops_in_seconds_although_the_database_does_not_answer(tmp_path: Path) -> None:
    before_s = 0.0
    with (
        answering(drip()) as server,
        delivering(tmp_path, place(server.url, timeout_s=300.0)) as (journal, worker),
    ):
        append(journal, 1)
        assert server.asked.acquire(timeout=WAIT_S)
        before_s = time.monotonic()
    assert time.monotonic() - before_s < 15.0
    assert not worker.is_alive()
