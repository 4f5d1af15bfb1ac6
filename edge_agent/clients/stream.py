"""TCP connections to servers, with or without TLS, and what is wrong with them in words."""

from __future__ import annotations

import select
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Host and port of a server."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def open_stream(
    address: ServerAddress, timeout_s: float, tls: ssl.SSLContext | None
) -> socket.socket:
    """Return a connection that sends at once; the handshake of TLS is done.

    Raises
    ------
    OSError
        If there is none within `timeout_s`.
    """
    plain = socket.create_connection((address.host, address.port), timeout_s)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls is None:
            return plain
        return tls.wrap_socket(plain, server_hostname=address.host)
    except (OSError, ValueError):
        plain.close()
        raise


def is_readable(stream: socket.socket, wait_s: float) -> bool:
    """Return True as soon as there is something to read, or the connection has ended.

    Parameters
    ----------
    wait_s
        Longest wait, seconds.
    """
    poll = select.poll()  # `select` itself fails at the 1024th open file
    poll.register(stream, select.POLLIN)
    return bool(poll.poll(max(0.0, wait_s) * 1000))


def read_now(stream: socket.socket, most: int) -> bytes | None:
    """Return what has arrived, up to `most` bytes or a little more; None for nothing yet.

    No bytes mean that the other side has closed the connection.

    Raises
    ------
    OSError
        If the connection has failed.
    """
    stream.settimeout(0.0)
    found = b""
    try:
        while len(found) < most:
            piece = stream.recv(most)
            if not piece:
                break
            found += piece
    except (BlockingIOError, ssl.SSLWantReadError):
        return found or None
    return found


def cut(stream: socket.socket) -> None:
    """End a connection from another thread, so that whoever waits for it wakes."""
    # It may have ended by itself.
    with suppress(OSError):
        socket.socket.shutdown(stream, socket.SHUT_RDWR)


def stream_words(address: ServerAddress, error: Exception) -> str:
    """Return why a connection failed."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{address}: its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"{address} does not speak TLS with us: {error.reason or error}"
    if isinstance(error, TimeoutError):
        return f"{address} does not answer in time"
    return f"{address}: {getattr(error, 'strerror', None) or error}"
