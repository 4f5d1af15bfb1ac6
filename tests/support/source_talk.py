"""The other side of a source: notes what it is told and says what is laid ready."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edge_agent.model.clock import Instant, ScaledClock

if TYPE_CHECKING:
    from edge_agent.model.errors import LinkError

WAIT_S = 30.0


def read_clock() -> Instant:
    return Instant(time.monotonic_ns(), time.time_ns())


def clock(factor: float = 1.0) -> ScaledClock:
    return ScaledClock(read_clock, read_clock(), factor)


@dataclass
class Talk:
    """The other side of the source: notes what it is told and says what is laid ready."""

    chunks: queue.Queue[bytes] = field(default_factory=queue.Queue)
    links: queue.Queue[LinkError | None] = field(default_factory=queue.Queue)
    ticked: threading.Event = field(default_factory=threading.Event)
    to_say: queue.Queue[bytes] = field(default_factory=queue.Queue)

    def converse(self, data: bytes, at: Instant) -> bytes:
        """Stand in for a driver's session."""
        assert at.utc_ns > 0
        if data:
            self.chunks.put(data)
        else:
            self.ticked.set()
        try:
            return self.to_say.get_nowait()
        except queue.Empty:
            return b""

    def heard(self, count: int) -> bytes:
        """Wait for `count` bytes."""
        got = b""
        while len(got) < count:
            got += self.chunks.get(timeout=WAIT_S)
        return got

    def link(self) -> LinkError | None:
        """Wait for the next change of the link."""
        return self.links.get(timeout=WAIT_S)
