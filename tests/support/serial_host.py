"""A host at the far end of a pseudo-terminal; waits with a time-out, never by sleeping."""

from __future__ import annotations

import os
import select
import termios
import tty
from typing import Self

PATIENCE_S = 20.0


class SerialHost:
    """Opens a port as a driver does; flushing throws away what came before."""

    def __init__(self, path: str, *, flush: bool = False) -> None:
        self._port = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._port, termios.TCSANOW)
        if flush:
            termios.tcflush(self._port, termios.TCIFLUSH)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._port)

    def write(self, data: bytes) -> None:
        """Write all bytes."""
        assert os.write(self._port, data) == len(data)

    def read_until(self, end: bytes) -> bytes:
        """Return what comes up to and with `end`."""
        got = b""
        while not got.endswith(end):
            got += self._read(1)
        return got

    def read(self, count: int) -> bytes:
        """Return exactly so many bytes."""
        got = b""
        while len(got) < count:
            got += self._read(count - len(got))
        return got

    def _read(self, count: int) -> bytes:
        ready, _, _ = select.select((self._port,), (), (), PATIENCE_S)
        assert ready, "nothing came"
        return os.read(self._port, count)
