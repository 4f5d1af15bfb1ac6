"""paho's client, with a network thread that survives packets it cannot read."""

from __future__ import annotations

import logging
import socket
import struct
import threading
from collections.abc import Callable
from typing import Final

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.exception import MQTTException

_UNREADABLE: Final = (
    MQTTException,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    OSError,
)
"""Errors with which paho ends at an invalid packet."""
_FIRST_BYTES: Final = 24
"""Bytes of an answer that suffice to distinguish a web server, TLS and an older MQTT."""
_TWICE: Final = ("failed to receive on socket", "Client is not connected")
"""Beginnings of paho's log lines about events that its users log already."""


def paho_log(name: str) -> logging.Logger:
    """Return a log for paho's own lines, named after the module that uses it."""
    log = logging.getLogger(f"{name}.paho")
    log.addFilter(lambda record: not str(record.msg).startswith(_TWICE))
    return log


class SturdyClient(Client):
    """A client whose thread starts again after an invalid packet."""

    on_unreadable_packet: Callable[[Exception], bool] | None = None
    """Called on the network's thread with the error that ended it; returns True to continue."""
    _received: bytes = b""
    _sent_bytes: int = 0
    _runs_on: threading.Thread | None = None

    def pop_received(self) -> tuple[bytes, int]:
        """Return the beginning of the first answer and the number of bytes sent; reset both."""
        received = self._received, self._sent_bytes
        self._received, self._sent_bytes = b"", 0
        return received

    def cut(self) -> None:
        """End a connection that does not answer."""
        sock = self.socket()
        if isinstance(sock, socket.socket):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself

    def _sock_recv(self, bufsize: int) -> bytes:
        received = super()._sock_recv(bufsize)
        if len(self._received) < _FIRST_BYTES:
            self._received = (self._received + received)[:_FIRST_BYTES]
        return received

    def _sock_send(self, buf: bytes | bytearray) -> int:
        count = super()._sock_send(buf)
        self._sent_bytes += count
        return count

    def loop_forever(
        self,
        timeout: float = 1.0,
        retry_first_connection: bool = False,  # noqa: FBT001, FBT002 paho's own signature
    ) -> MQTTErrorCode:
        """Run the network loop until disconnected."""
        self._runs_on = threading.current_thread()
        while True:
            try:
                return super().loop_forever(timeout, retry_first_connection)
            except _UNREADABLE as error:
                if self.on_unreadable_packet is None or not self.on_unreadable_packet(error):
                    return MQTTErrorCode.MQTT_ERR_PROTOCOL

    def join(self, wait_s: float) -> None:
        """Wait for the end of the network's thread, up to `wait_s`; close what it woke by."""
        if self._runs_on is not None:
            self._runs_on.join(wait_s)
            if not self._runs_on.is_alive():
                self._reset_sockets(sockpair_only=True)  # paho leaves it to the garbage collector
