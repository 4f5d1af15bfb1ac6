"""Streams of the board that note how late each alert arrives."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from benchmarks.stepped_gateway import RULE_ID
from benchmarks.stepped_monitors import SteppedMonitor

_LONGEST_WAIT_S: Final = 90.0
_END: Final = b"\n\n"


@dataclass(slots=True)
class _Stream:
    """One connection, and the alerts that have arrived on it."""

    socket: socket.socket
    buffer: bytes = b""
    known: set[str] = field(default_factory=set)


class Streams:
    """Many clients of one board; reads them all in one thread.

    Parameters
    ----------
    beds
        Monitors by the name of their bed.
    """

    def __init__(self, port: int, count: int, beds: Mapping[str, SteppedMonitor]) -> None:
        self._beds = beds
        self._selector = selectors.DefaultSelector()
        self._streams = [self._opened(port) for _ in range(count)]
        self._bytes = 0
        self._watched_s = 0.0
        self.latencies_ms: list[float] = []
        """Delay of each alert at each stream."""

    def __enter__(self) -> Streams:
        return self

    def __exit__(self, *_exception: object) -> None:
        for stream in self._streams:
            stream.socket.close()
        self._selector.close()

    @property
    def kb_per_stream_s(self) -> float:
        """Traffic of one stream, kB/s."""
        return self._bytes / 1e3 / len(self._streams) / max(self._watched_s, 1e-3)

    def watch(self, seconds: float, *, enough: bool = False) -> None:
        """Read for some time, or until every stream has had one alert if that is enough."""
        begun_s = time.monotonic()
        end_s = begun_s + (_LONGEST_WAIT_S if enough else seconds)
        while time.monotonic() < end_s:
            for key, _events in self._selector.select(0.1):
                self._read(key.data)
            if enough and len(self.latencies_ms) >= len(self._streams):
                break
        self._watched_s += time.monotonic() - begun_s

    def _opened(self, port: int) -> _Stream:
        connection = _connected(port)
        connection.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.setblocking(False)  # noqa: FBT003 - the library's own signature
        stream = _Stream(connection)
        self._selector.register(connection, selectors.EVENT_READ, stream)
        return stream

    def _read(self, stream: _Stream) -> None:
        received = stream.socket.recv(1 << 20)
        at_ns = time.monotonic_ns()
        if not received:
            raise RuntimeError("the board ended a stream")
        self._bytes += len(received)
        *events, stream.buffer = (stream.buffer + received).split(_END)
        for event in events:
            if b"event: bed\n" in event and RULE_ID.encode() in event:
                self._note(stream, event, at_ns)

    def _note(self, stream: _Stream, event: bytes, at_ns: int) -> None:
        bed = json.loads(event[event.index(b"data: ") + 6 :])
        for sign in (bed["problem"] or {"signs": ()})["signs"]:
            is_new = sign["state"] == "raised" and sign["alert_id"] not in stream.known
            if sign["rule_id"] == RULE_ID and is_new:
                stream.known.add(sign["alert_id"])
                monitor = self._beds[bed["id"]]
                if monitor.sent_ns is not None:
                    self.latencies_ms.append((at_ns - monitor.knowable_ns(at_ns)) / 1e6)


def _connected(port: int) -> socket.socket:
    """Return a connection, as soon as the board listens."""
    until_s = time.monotonic() + _LONGEST_WAIT_S
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 10.0)
        except ConnectionRefusedError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.1)
