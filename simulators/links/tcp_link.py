"""A TCP connection in the place of the network between a monitor and the agent."""

from __future__ import annotations

import errno
import select
import socket
import time
from collections.abc import Callable
from typing import Final, Self

_CHUNK: Final = 4096
_BACK_OFF_S: Final = (0.1, 5.0)  # first and longest wait between two attempts


class TcpLink:
    """The device's end of a connection to a listening agent, which it opens again and again.

    Nothing blocks: each `read` and `write_some` takes the next step, so both must be called often.
    Bytes written without a connection are lost, as on a monitor's network, so that no byte of one
    connection reaches the next. `fileno` never changes: readable when the host has written or hung
    up, and idle without a connection.

    Parameters
    ----------
    host, port
        Address on which the agent listens.
    clock
        Seconds that always rise, for the back-off.

    Raises
    ------
    OSError
        If the host's name is unknown.
    """

    def __init__(self, host: str, port: int, clock: Callable[[], float] = time.monotonic) -> None:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        self._kind, self._address = found[:3], found[4]
        self._clock = clock
        self._poll = select.epoll()
        self._descriptor = self._poll.fileno()
        self._socket: socket.socket | None = None  # None between two attempts
        self._is_connected = False
        self._retry_at = clock()
        self._back_off_s = _BACK_OFF_S[0]
        self._is_closed = False
        self._is_unplugged = False
        self.path = f"{host}:{port}"
        """Address on which the host listens."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_connected(self) -> bool:
        """True while a connection is known to exist."""
        return self._is_connected

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when the host has written."""
        return self._descriptor

    def read(self) -> bytes:
        """Return the bytes that the host wrote; empty where it wrote none."""
        link = self._connection()
        if link is None:
            return b""
        try:
            received = link.recv(_CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            received = b""
        if not received:
            self._drop()
        return received

    def write_some(self, data: bytes) -> int:
        """Return the number of bytes gone: accepted by the connection, or lost without one."""
        link = self._connection()
        if link is None:
            return len(data)
        try:
            return link.send(data) if data else 0
        except BlockingIOError:
            return 0
        except OSError:
            self._drop()
            return len(data)

    def unplug(self) -> None:
        """Drop the connection, and open none until the line is plugged in again."""
        self._is_unplugged = True
        self._drop()

    def plug_in(self) -> None:
        """Connect again from now on."""
        self._is_unplugged = False
        self._back_off_s = _BACK_OFF_S[0]
        self._retry_at = self._clock()

    def close(self) -> None:
        """Close the connection for good."""
        if not self._is_closed:
            self._is_closed = True
            self._drop()
            self._poll.close()

    def _connection(self) -> socket.socket | None:
        """Return the connection; without one, take the next step towards it."""
        if self._is_closed or self._is_unplugged:
            return None
        if self._socket is None and self._clock() >= self._retry_at:
            self._begin()
        if self._socket and not self._is_connected:
            self._finish(self._socket)
        return self._socket if self._is_connected else None

    def _begin(self) -> None:
        self._socket = socket.socket(*self._kind)
        self._socket.settimeout(0)
        refusal = self._socket.connect_ex(self._address)
        if refusal not in {0, errno.EINPROGRESS}:
            self._drop()

    def _finish(self, link: socket.socket) -> None:
        attempt = select.poll()
        attempt.register(link, select.POLLOUT)
        if not attempt.poll(0):
            return
        if link.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._drop()
            return
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._poll.register(link, select.EPOLLIN)
        self._is_connected = True
        self._back_off_s = _BACK_OFF_S[0]

    def _drop(self) -> None:
        if self._socket:
            self._socket.close()  # leaves the poll, too
        self._socket = None
        self._is_connected = False
        self._retry_at = self._clock() + self._back_off_s
        self._back_off_s = min(2 * self._back_off_s, _BACK_OFF_S[1])
