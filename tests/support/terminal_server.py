"""A terminal server on this machine that offers one serial port by RFC 2217."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import threading
from typing import Any, Self

import serial
import serial.rfc2217

_TICK_S = 0.05
_STEP = 1024
_PORT_MANAGER: Any = serial.rfc2217.PortManager  # its stubs know no port but its own


class _Device(serial.Serial):
    """A pseudo-terminal with modem lines, which the kernel does not give it."""

    cts = dsr = cd = property(lambda _self: True)
    ri = property(lambda _self: False)

    def _update_rts_state(self) -> None:
        """Take note of nothing."""

    def _update_dtr_state(self) -> None:
        """Take note of nothing."""


class _Connection:
    """A connection as pyserial's `PortManager` needs it."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._lock = threading.Lock()

    def write(self, data: bytes) -> None:
        """Send all bytes."""
        with self._lock, contextlib.suppress(OSError):
            self._peer.sendall(data)


class TerminalServer:
    """Serves one connection after the other in a thread until closed.

    Parameters
    ----------
    device
        The port behind it.
    port
        TCP port to listen at; 0 takes a free one.
    """

    def __init__(self, device: str, port: int = 0) -> None:
        self.serial = _Device(device, timeout=0)
        self._server = socket.create_server(("127.0.0.1", port))
        self.port: int = self._server.getsockname()[1]
        self._wake_read, self._wake_write = os.pipe()
        self._thread = threading.Thread(target=self._run, name="terminal server")
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._wake_write, b"x")
        self._thread.join()
        self._server.close()
        self.serial.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _run(self) -> None:
        while True:
            ready, _, _ = select.select((self._server.fileno(), self._wake_read), (), ())
            if self._wake_read in ready:
                return
            peer, _address = self._server.accept()
            with peer:
                if not self._serve(peer):
                    return

    def _serve(self, peer: socket.socket) -> bool:
        """Carry one connection; return False where the server is to end."""
        connection = _Connection(peer)
        manager = _PORT_MANAGER(self.serial, connection)
        inputs = (peer.fileno(), self.serial.fileno(), self._wake_read)
        while True:
            ready, _, _ = select.select(inputs, (), (), _TICK_S)
            if self._wake_read in ready:
                return False
            if self.serial.fileno() in ready:
                connection.write(b"".join(manager.escape(self.serial.read(_STEP))))
            if peer.fileno() in ready:
                data = peer.recv(_STEP)
                if not data:
                    return True
                self.serial.write(b"".join(manager.filter(data)))
