"""A real serial port instead of a pseudo-terminal, to feed a host on another cable."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import serial


class PortLink:
    """An open port into which a recording is played.

    Parameters
    ----------
    path
        Device path or pyserial URL.
    baud, parity
        Settings of the line; eight data bits, one stop bit.

    Raises
    ------
    OSError
        If the port cannot be opened.
    """

    def __init__(self, path: str, baud: int, parity: str) -> None:
        if Path(path).resolve().is_relative_to("/dev/pts"):
            parity = serial.PARITY_NONE  # a pseudo-terminal has no line settings and refuses others
        self._port = serial.serial_for_url(path, baudrate=baud, parity=parity, timeout=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._port.close()

    def read(self) -> bytes:
        """Return the bytes that the host wrote; empty where it wrote none."""
        received: bytes = self._port.read(4096)
        return received

    def write_some(self, data: bytes) -> int:
        """Write all bytes, waiting while the line is full, and return their number."""
        written = self._port.write(data)
        return int(written or 0)

    def unread(self) -> int:
        """Return the number of bytes that have not left for the host."""
        return int(self._port.out_waiting)

    def was_flushed(self) -> bool:
        """Return False: a real line does not report what its host discarded."""
        return False
