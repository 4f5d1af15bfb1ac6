"""Control sockets with a desk that answers as a test wants."""

from __future__ import annotations

import queue
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edge_agent.config.beside_journal import control_paths, socket_address
from edge_agent.gateway.control_socket import ControlSocket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.gateway.control_socket import Reply

WAIT_S = 20.0
"""Long enough never to decide a test on a busy machine."""


class EchoDesk:
    """Answers each request with itself; keeps the reply of one that is to wait."""

    def __init__(self) -> None:
        self.waiting: queue.SimpleQueue[Reply] = queue.SimpleQueue()

    def pass_time(self) -> None:
        """Do nothing."""

    def serve(self, line: bytes, reply: Reply) -> None:
        """Answer at once, or keep the reply."""
        if line == b"wait":
            self.waiting.put(reply)
        else:
            reply(b"got " + line[:40] + b"\n")


@contextmanager
def opened_socket(
    journal: Path, desk: EchoDesk | None = None, effect_wait_s: float = WAIT_S
) -> Iterator[ControlSocket]:
    """Run a control socket that listens already."""
    control = ControlSocket(control_paths(journal), desk or EchoDesk(), effect_wait_s=effect_wait_s)
    control.start()
    try:
        await_path(journal)
        yield control
    finally:
        control.stop()


def await_path(journal: Path) -> None:
    """Wait until somebody listens beside the journal, or in memory."""
    pace = threading.Event()
    for _ in range(int(WAIT_S * 100)):
        for path in control_paths(journal):
            with socket.socket(socket.AF_UNIX) as caller, socket_address(path) as address:
                if caller.connect_ex(address) == 0:
                    return
        pace.wait(0.01)
    raise AssertionError("nobody listens")


class Caller:
    """One connection to a control socket."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(WAIT_S)
        with socket_address(path) as address:
            self.socket.connect(address)
        self._lines = self.socket.makefile("rb")

    def ask(self, line: bytes) -> bytes:
        """Return the reply to a line; empty where the connection was closed."""
        self.socket.sendall(line + b"\n")
        return self.read()

    def read(self) -> bytes:
        """Return the next line; empty where the connection was closed."""
        try:
            return self._lines.readline()
        except ConnectionResetError:
            return b""

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self.socket.close()


@contextmanager
def calling(path: Path) -> Iterator[Caller]:
    caller = Caller(path)
    try:
        yield caller
    finally:
        caller.close()
