"""Way out to a syslog receiver: UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425)."""

from __future__ import annotations

import fcntl
import socket
import ssl
import struct
import termios
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from edge_agent.clients.stream import (
    ServerAddress,
    cut,
    is_readable,
    open_stream,
    read_now,
    stream_words,
)
from edge_agent.clients.tls import tls_context
from edge_agent.model.audit import Checkpoint
from edge_agent.model.calls import Notice
from edge_agent.model.clock import Instant
from edge_agent.model.errors import ConfigError, DeliveryError
from edge_agent.notifiers.syslog_text import (
    LONGEST_DATAGRAM,
    beat_line,
    checkpoint_line,
    counted,
    notice_line,
    shortened,
)
from edge_agent.payloads.notices import GatewayPlace

_SETTLE_S: Final = 0.2
"""Seconds in which a receiver that does not want us, or our certificate, closes a new
connection."""
_REFUSAL_S: Final = 0.05
"""Seconds for the answer that nobody listens to a datagram."""
_POLL_S: Final = 0.005
_CHUNK: Final = 4096
_LOCAL0: Final = 16
"""Facility for local use (RFC 5424 section 6.2.1, table 1)."""


@dataclass(frozen=True, slots=True)
class SyslogConfig:
    """Address of the receiver, and how to speak to it."""

    name: str
    host: str
    port: int
    transport: Literal["udp", "tcp", "tls"]
    place: GatewayPlace
    facility: int = _LOCAL0
    tls_ca: Path | None = None
    """Certificate authority of the receiver; None for those that the system trusts."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    timeout_s: float = 5.0
    """Longest time for one message."""


def _no_trail() -> None:
    return None


class Syslog:
    """A syslog receiver; what "delivered" means depends on the transport.

    Syslog has no answers. Over TCP and TLS a message is delivered when the receiver's machine has
    confirmed its bytes and the connection stands; over UDP when its machine did not refuse it.

    Parameters
    ----------
    newest
        Returns the newest checkpoint of the audit trail; each goes out before the next heartbeat.
    """

    def __init__(
        self, config: SyslogConfig, newest: Callable[[], Checkpoint | None] = _no_trail
    ) -> None:
        self._config = config
        self._newest = newest
        self._anchored: Checkpoint | None = None  # the newest one that has arrived
        self.name = config.name
        self._address = ServerAddress(config.host, config.port)
        self._stream: socket.socket | None = None  # None while there is no connection
        self._is_closed = threading.Event()
        self._sending = threading.Lock()

    def notify(self, notice: Notice) -> None:
        """Send a notice.

        Raises
        ------
        DeliveryError
            If it has not arrived.
        """
        self._send(notice_line(notice, self._config.place, self._config.facility))

    def beat(self, at: Instant) -> None:
        """Send a heartbeat, and before it the newest checkpoint of the audit trail.

        Raises
        ------
        DeliveryError
            If it has not arrived.
        """
        newest = self._newest()
        if newest is not None and newest != self._anchored:
            self._send(checkpoint_line(newest, self._config.place, self._config.facility))
            self._anchored = newest
        self._send(beat_line(self.name, self._config.place, at, self._config.facility))

    def close(self) -> None:
        """Close the connection; on any thread."""
        self._is_closed.set()
        stream = self._stream
        if stream is not None:
            cut(stream)
        if self._sending.acquire(timeout=_SETTLE_S):
            self._drop()
            self._sending.release()

    def _send(self, line: bytes) -> None:
        with self._sending:
            if self._is_closed.is_set():
                raise DeliveryError("closed", retryable=True)
            try:
                if self._config.transport == "udp":
                    self._send_datagram(shortened(line, LONGEST_DATAGRAM))
                else:
                    self._send_counted(counted(line))
            except ConfigError as error:
                raise DeliveryError(str(error), retryable=True) from error
            except (OSError, ValueError) as error:
                self._drop()
                raise DeliveryError(stream_words(self._address, error), retryable=True) from error
            if self._is_closed.is_set():
                self._drop()

    def _send_datagram(self, line: bytes) -> None:
        [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(
            self._config.host, self._config.port, type=socket.SOCK_DGRAM
        )
        with socket.socket(family, kind, protocol) as sock:
            sock.connect(address)
            sock.send(line)
            sock.settimeout(_REFUSAL_S)
            try:
                sock.recv(1)  # raises if the receiver's machine has refused it
            except TimeoutError:
                return

    def _send_counted(self, frame: bytes) -> None:
        deadline_s = time.monotonic() + self._config.timeout_s
        stream = self._stream
        if stream is not None and _is_over(stream):
            self._drop()
            stream = None
        if stream is None:
            stream = self._stream = self._connected()
        stream.settimeout(max(_POLL_S, deadline_s - time.monotonic()))
        stream.sendall(frame)
        _await_confirmation(stream, deadline_s)
        if _has_ended(stream):
            raise ConnectionResetError("the receiver closed the connection")

    def _connected(self) -> socket.socket:
        """Return a new connection that the receiver has not closed at once."""
        is_tls = self._config.transport == "tls"
        tls = (tls_context(self._config) or ssl.create_default_context()) if is_tls else None
        stream = open_stream(self._address, self._config.timeout_s, tls)
        until_s = time.monotonic() + _SETTLE_S
        try:
            while (left_s := until_s - time.monotonic()) > 0:
                if is_readable(stream, left_s) and _has_ended(stream):
                    raise ConnectionResetError("the receiver closes the connection at once")
        except (OSError, ValueError):
            stream.close()
            raise
        return stream

    def _drop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()


def _is_over(stream: socket.socket) -> bool:
    """Return True if a connection cannot be used any longer, for whatever reason."""
    try:
        return _has_ended(stream)
    except OSError:
        return True


def _has_ended(stream: socket.socket) -> bool:
    """Return True if the other side has closed a connection; discard what it sent.

    Raises
    ------
    OSError
        If the connection has failed.
    """
    return read_now(stream, _CHUNK) == b""


def _await_confirmation(stream: socket.socket, deadline_s: float) -> None:
    """Return when the receiver's machine has confirmed every byte.

    Raises
    ------
    TimeoutError
        If it has not by then.
    """
    while _unconfirmed_bytes(stream):
        if time.monotonic() >= deadline_s:
            raise TimeoutError("the bytes were not confirmed")
        # A connection that ends meanwhile is readable; one that is slow is asked again soon.
        if is_readable(stream, _POLL_S) and _has_ended(stream):
            return


def _unconfirmed_bytes(stream: socket.socket) -> int:
    """Return the bytes in the send queue of a connection (tcp(7), SIOCOUTQ)."""
    answer = fcntl.ioctl(stream.fileno(), termios.TIOCOUTQ, struct.pack("i", 0))
    return int(struct.unpack("i", answer)[0])
