"""Programs in a real terminal of 80 columns and 24 lines, whose keys a test presses."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S = 30.0
_COMMAND = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A terminal, and the program in it."""

    def __init__(self, master: int, program: subprocess.Popen[bytes]) -> None:
        self.program = program
        self._master = master
        self.raw = ""
        """Everything that the program wrote."""

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def wait_for(self, words: str) -> str:
        """Wait until words are written that were not there yet; return the text up to them."""
        begin = len(self.raw)
        until_s = time.monotonic() + WAIT_S
        while words not in self.plain(begin):
            assert time.monotonic() < until_s, self.plain(begin)[-3000:]
            if select.select([self._master], [], [], 0.1)[0]:
                try:
                    self.raw += os.read(self._master, 65536).decode(errors="replace")
                except OSError:  # the program closed its end
                    assert words in self.plain(begin), self.plain(begin)[-3000:]
        return self.plain(begin)

    def plain(self, begin: int = 0) -> str:
        """Return what was written, without the commands to the terminal."""
        return _COMMAND.sub("", self.raw[begin:])

    def is_cooked(self) -> bool:
        """Return True if the terminal echoes and edits lines, as a shell needs it."""
        flags = termios.tcgetattr(self._master)[3]
        return bool(flags & termios.ECHO) and bool(flags & termios.ICANON)

    def drain(self) -> None:
        """Read what is left."""
        while select.select([self._master], [], [], 0.2)[0]:
            try:
                data = os.read(self._master, 65536)
            except OSError:
                return
            self.raw += data.decode(errors="replace")


@contextmanager
def terminal(*words: str) -> Iterator[Terminal]:
    """Run a command of the program in a terminal, and end it."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    environment.pop("COLUMNS", None)
    environment.pop("LINES", None)
    program = subprocess.Popen(
        [sys.executable, "-m", "edge_agent", *words],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        start_new_session=True,
    )
    shown = Terminal(master, program)
    try:
        yield shown
    finally:
        program.kill()
        program.wait(WAIT_S)
        os.close(slave)
        os.close(master)
