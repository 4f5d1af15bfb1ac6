"""An MQTT 5 broker that misbehaves on purpose, where a real one cannot be made to."""

from __future__ import annotations

import queue
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

CLOSE = -1
"""Answer to a message: the connection ends."""
NOTHING = -2
"""Answer to a message: none at all."""
_CONNECT, _PUBLISH, _SUBSCRIBE, _PINGREQ = 1, 3, 8, 12


@dataclass(frozen=True)
class Manners:
    """The broker's behaviour."""

    puback: Callable[[str, int], int] = lambda _topic, _count: 0
    """Reason code for a topic and the how-manieth message of its connection."""
    suback: tuple[int, ...] = (1, 1, 1)
    connack: bytes = bytes.fromhex("2003000000")
    """Sent for a CONNECT; by default: accepted, without limits."""
    disconnect: bytes = b""
    """Sent before the connection is closed on `CLOSE`."""


class MisbehavingBroker:
    """Listens on a free loopback port."""

    def __init__(self, manners: Manners) -> None:
        self.manners = manners
        self.accepted: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        """Topic and payload of what was answered with success."""
        self.connections = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop."""
        for sock in (self._server, *self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._server.accept()
                self.connections += 1
                self._open.append(sock)
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        count = 0
        with suppress(OSError, EOFError), sock, sock.makefile("rb") as stream:
            while True:
                kind, body = _packet(stream.read)
                if kind == _CONNECT:
                    sock.sendall(self.manners.connack)
                elif kind == _SUBSCRIBE:
                    codes = bytes(self.manners.suback)
                    sock.sendall(bytes([0x90, 3 + len(codes)]) + body[:2] + b"\0" + codes)
                elif kind == _PINGREQ:
                    sock.sendall(b"\xd0\x00")
                elif kind == _PUBLISH:
                    count += 1
                    if not self._answer(sock, body, count):
                        return

    def _answer(self, sock: socket.socket, body: bytes, count: int) -> bool:
        (length,) = struct.unpack(">H", body[:2])
        topic, mid = body[2 : 2 + length].decode(), body[2 + length : 4 + length]
        code = self.manners.puback(topic, count)
        if code == CLOSE:
            sock.sendall(self.manners.disconnect)
            return False
        if code != NOTHING:
            if code < 0x80:
                properties = body[4 + length]  # their length; short ones take one byte
                self.accepted.put((topic, body[5 + length + properties :]))
            sock.sendall(bytes([0x40, 4]) + mid + bytes([code, 0]))
        return True


def _packet(read: Callable[[int], bytes]) -> tuple[int, bytes]:
    head = read(1)
    if not head:
        raise EOFError
    length = shift = 0
    while True:
        (byte,) = read(1)
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return head[0] >> 4, read(length)


@contextmanager
def misbehaving_broker(manners: Manners) -> Iterator[MisbehavingBroker]:
    """Give such a broker and end it."""
    broker = MisbehavingBroker(manners)
    try:
        yield broker
    finally:
        broker.close()


@contextmanager
def listening(answer: bytes, *, hang_up: bool = False) -> Iterator[int]:
    """Give a port that answers whatever comes first with these bytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        is_over = threading.Event()

        def serve() -> None:
            try:
                while not is_over.is_set():
                    sock, _ = server.accept()
                    with sock:
                        sock.recv(4096)
                        sock.sendall(answer)
                        while not hang_up and sock.recv(4096):
                            pass
            except OSError:
                return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        is_over.set()
        server.shutdown(socket.SHUT_RDWR)
