"""A pseudo-terminal in the place of a serial cable."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import tty
from pathlib import Path
from typing import Final, Self

_CHUNK: Final = 4096


class PtyLink:
    """The device's end of a serial cable; a host opens the other end at `path`.

    Both ends stay open, so that bytes wait until a host opens it, and none is lost between two
    hosts. A host that flushes its input on opening discards the waiting bytes; with `unread`, a
    source that must not lose any writes only as many as the host reads at once. `fileno` stays the
    same until `close`: readable when the host has written, and idle while the cable is unplugged.

    Parameters
    ----------
    name
        Path that stays the same when the cable is unplugged and plugged in again, as those of
        /dev/serial/by-id do; None uses the pseudo-terminal's own path, which then changes.
    """

    def __init__(self, name: Path | None = None) -> None:
        self._name = name
        self._device = self._host = -1  # while unplugged
        self._flushed = False
        self._poll = select.epoll()
        self.path = ""
        """Path at which a host finds its end."""
        self.plug_in()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """Return the descriptor that becomes readable when the host has written."""
        return -1 if self._poll.closed else self._poll.fileno()

    def read(self) -> bytes:
        """Return the bytes that the host wrote; empty where it wrote none."""
        if self._device < 0:
            return b""
        try:
            packet = os.read(self._device, _CHUNK)
        except BlockingIOError:
            return b""
        self._flushed |= bool(packet[0] & termios.TIOCPKT_FLUSHREAD)
        return packet[1:]

    def was_flushed(self) -> bool:
        """Return whether the host has flushed its input since the last call, as seen by `read`."""
        flushed, self._flushed = self._flushed, False
        return flushed

    def write_some(self, data: bytes) -> int:
        """Return the number of bytes gone: accepted by the cable, or lost while it is unplugged."""
        if self._device < 0:
            return len(data)
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
        """Return the number of bytes that wait for the host."""
        select.select((self._host,), (), (), 0)  # only then are bytes on their way counted, too
        answer = fcntl.ioctl(self._host, termios.FIONREAD, b"\0" * 4)
        return int(struct.unpack("i", answer)[0])

    def unplug(self) -> None:
        """Unplug the cable: a host that has it open sees its end; waiting bytes are lost."""
        if self._name:
            self._name.unlink(missing_ok=True)
        for descriptor in (self._device, self._host):
            if descriptor >= 0:
                os.close(descriptor)  # leaves the poll, too
        self._device = self._host = -1

    def plug_in(self) -> None:
        """Plug the cable in again, empty; it must be unplugged."""
        self._device, self._host = pty.openpty()
        tty.setraw(self._host)
        os.set_blocking(self._device, False)
        fcntl.ioctl(self._device, termios.TIOCPKT, struct.pack("i", 1))
        self._poll.register(self._device, select.EPOLLIN)
        self.path = os.ttyname(self._host)
        if self._name:
            self._name.symlink_to(self.path)
            self.path = str(self._name)

    def close(self) -> None:
        """Close both ends; waiting bytes are lost."""
        self.unplug()
        self._poll.close()
