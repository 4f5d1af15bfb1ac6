"""One POST over HTTP or HTTPS, bounded in time and size, with a wary reader of the answer."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_LARGEST_HEAD_BYTES: Final = 64 * 1024
"""Largest head of an answer, bytes; a usual one has some hundred."""
_TEXT_BYTES: Final = 2048
"""Bytes of an explanation that are read."""
_TEXT_WAIT_S: Final = 2.0
"""Seconds for the explanation once the status is known."""
_SCHEMES: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Answer of a server."""

    status: int
    text: str
    """Beginning of the server's explanation, printable, in one line."""


class Poster:
    """HTTP client of one server, with a new connection for each body.

    Parameters
    ----------
    url
        Scheme, host and port of the server.
    timeout_s
        Longest time for a request and its answer, however slowly they arrive.
    tls
        Returns the TLS settings of a connection to an https address.
    """

    def __init__(
        self,
        url: str,
        timeout_s: float,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._tls = tls
        self._is_interrupted = False
        self._socket: socket.socket | None = None  # None while nothing is under way

    def post(self, target: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """Send `body` and return the answer.

        Raises
        ------
        OSError
            If the server cannot be reached, or did not answer in time. A `ConnectionError` or
            `TimeoutError` may mean that the body was sent but not answered.
        http.client.HTTPException
            If the answer is not HTTP.
        ValueError
            If the address is invalid.
        """
        deadline_s = time.monotonic() + self._timeout_s
        address = urlsplit(self._url)
        host, port = address.hostname or "", address.port or _SCHEMES[address.scheme]
        with self._connected(host, port, is_tls=address.scheme == "https") as sock:
            self._socket = sock
            try:
                self._check_in_time()
                sock.settimeout(_left(deadline_s))
                sock.sendall(_request(target, address.netloc.rpartition("@")[2], headers, body))
                return _read_answer(sock, deadline_s)
            finally:
                self._socket = None

    def interrupt(self) -> None:
        """Make the request under way, and all later ones, fail soon."""
        self._is_interrupted = True
        under_way = self._socket
        if under_way is not None:
            try:
                under_way.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself

    def _connected(self, host: str, port: int, *, is_tls: bool) -> socket.socket:
        self._check_in_time()
        context = self._tls() if is_tls else None
        plain = socket.create_connection((host, port), self._timeout_s)
        if context is None:
            return plain
        try:
            return context.wrap_socket(plain, server_hostname=host)
        except (OSError, ValueError):
            plain.close()
            raise

    def _check_in_time(self) -> None:
        if self._is_interrupted:
            raise ConnectionAbortedError("the agent stops")


def unreachable_words(url: str, timeout_s: float, error: Exception) -> str:
    """Return why a request got no answer."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{url}: its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"{url} does not speak TLS ({error.reason}): is it http://?"
    if isinstance(error, http.client.HTTPException):
        return f"{url} does not answer in HTTP ({type(error).__name__})"
    if isinstance(error, TimeoutError):
        return f"{url} does not answer in {timeout_s:g} s"
    return f"{url} does not answer: {getattr(error, 'strerror', None) or error}"


def _request(target: str, host: str, headers: Mapping[str, str], body: bytes) -> bytes:
    lines = [
        f"POST {target} HTTP/1.1",
        f"Host: {host}",
        f"Content-Length: {len(body)}",
        "Accept-Encoding: identity",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _read_answer(sock: socket.socket, deadline_s: float) -> HttpAnswer:
    stream = _BoundedStream(sock, deadline_s)
    answer = http.client.HTTPResponse(stream, method="POST")  # type: ignore[arg-type]
    answer.begin()
    stream.shorten(_TEXT_WAIT_S)
    try:
        text = answer.read(_TEXT_BYTES)
    except (OSError, http.client.HTTPException):
        text = b""
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        text = b"(compressed)"
    decoded = text.decode("utf-8", "replace")
    plain = "".join(c if c.isprintable() else " " for c in decoded)
    return HttpAnswer(answer.status, " ".join(plain.split()))


class _BoundedStream(io.RawIOBase):
    """Bytes from a socket, up to a moment and a size; a substitute for the socket."""

    def __init__(self, sock: socket.socket, deadline_s: float) -> None:
        super().__init__()
        self._sock = sock
        self._deadline_s = deadline_s
        self._room = _LARGEST_HEAD_BYTES

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return itself, buffered, as `http.client` expects of a socket."""
        return io.BufferedReader(self, 4096)

    def shorten(self, wait_s: float) -> None:
        """End no later than `wait_s` from now."""
        self._deadline_s = min(self._deadline_s, time.monotonic() + wait_s)

    def readable(self) -> bool:
        """Return True: the stream can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Read the bytes that have arrived, waiting for them up to the deadline."""
        self._sock.settimeout(_left(self._deadline_s))
        count = self._sock.recv_into(buffer)
        self._room -= count
        if self._room < 0:
            raise http.client.LineTooLong("answer")
        return count


def _left(deadline_s: float) -> float:
    left_s = deadline_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError("the answer was not complete in time")
    return left_s
