"""A pseudo-terminal that stands for a serial cable."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import tty
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from types import TracebackType

_CHUNK: Final = 4096


class PtyLink:
    """The device's end of a serial cable; a host opens the other end at `path`.

    Both ends stay open, so bytes wait while no host has opened it, and none is lost between two
    hosts. A host that flushes its input on opening throws away what waits; `unread` lets a source
    that must not lose anything write only what is taken at once.
    """

    def __init__(self) -> None:
        self._device, self._host = pty.openpty()
        tty.setraw(self._host)
        os.set_blocking(self._device, False)
        fcntl.ioctl(self._device, termios.TIOCPKT, struct.pack("i", 1))
        self._flushed = False
        self.path = os.ttyname(self._host)
        """Where a host finds its end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when the host has written."""
        return self._device

    def read(self) -> bytes:
        """Return what the host wrote, empty where it wrote nothing."""
        try:
            packet = os.read(self._device, _CHUNK)
        except BlockingIOError:
            return b""
        self._flushed |= bool(packet[0] & termios.TIOCPKT_FLUSHREAD)
        return packet[1:]

    def was_flushed(self) -> bool:
        """Return whether the host has flushed its input since the last call, as `read` saw it."""
        flushed, self._flushed = self._flushed, False
        return flushed

    def write_some(self, data: bytes) -> int:
        """Return how many of the bytes the cable took without waiting, possibly 0."""
        try:
            return os.write(self._device, data) if data else 0
        except BlockingIOError:
            return 0

    def write(self, data: bytes) -> None:
        """Write all bytes; wait while the cable is full."""
        rest = memoryview(data)
        while rest:
            select.select((), (self._device,), ())
            rest = rest[self.write_some(bytes(rest[:_CHUNK])) :]

    def unread(self) -> int:
        """Return how many bytes wait for the host."""
        answer = fcntl.ioctl(self._host, termios.FIONREAD, b"\0" * 4)
        return int(struct.unpack("i", answer)[0])

    def close(self) -> None:
        """Close both ends; what waits is lost."""
        for descriptor in (self._device, self._host):
            if descriptor >= 0:
                os.close(descriptor)
        self._device = self._host = -1
