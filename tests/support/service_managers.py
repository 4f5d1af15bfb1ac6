"""A service manager's socket, and the agent as a process that speaks to it."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.gateways import write_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

WAIT_S = 60.0
LIMIT_S = 4.0
"""Limit of the watchdog."""


class Manager:
    """A datagram socket like that of systemd."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self.said: list[str] = []
        """Every message so far, in order."""

    def wait_for(self, is_it: Callable[[str], bool], within_s: float = WAIT_S) -> bool:
        """Return True once a message comes that fits, False after `within_s`."""
        until_s = time.monotonic() + within_s
        while (left_s := until_s - time.monotonic()) > 0:
            self._socket.settimeout(left_s)
            try:
                self.said.append(self._socket.recv(4096).decode())
            except TimeoutError:
                return False
            if is_it(self.said[-1]):
                return True
        return False

    def hears(self, message: str, within_s: float = WAIT_S) -> bool:
        """Return True once a message comes, False after `within_s`."""
        return self.wait_for(lambda said: said == message, within_s)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


@contextmanager
def managed(
    folder: Path, program: str = "", environment: Mapping[str, str] | None = None
) -> Iterator[tuple[Manager, subprocess.Popen[str]]]:
    """Run an agent with one bed on a quiet line under a service manager, and end it.

    Parameters
    ----------
    program
        Python statements that come before the command line's own, to plant a fault.
    """
    master, slave = pty.openpty()
    config = write_config(folder, os.ttyname(slave))
    manager = Manager(folder / "notify")
    own = {
        "NOTIFY_SOCKET": str(folder / "notify"),
        "WATCHDOG_USEC": str(round(LIMIT_S * 1e6)),
        "PYTHONPATH": str(Path.cwd()),
    }
    words = ["run", "--config", str(config)]
    code = f"{program}\nimport sys\nfrom edge_agent.__main__ import main\nsys.exit(main({words!r}))"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, **own, **(environment or {})},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield manager, process
    finally:
        process.kill()
        process.communicate(timeout=WAIT_S)
        manager.close()
        os.close(master)
        os.close(slave)


def stopped(process: subprocess.Popen[str]) -> str:
    """Stop an agent as a service manager does; return its log."""
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0, log
    return log
