"""Messages of a simulated S/5 monitor on their way to the host, and its alarm reports."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulators.monitors.ge_dri.alarms import PAUSE_S

if TYPE_CHECKING:
    from edge_agent.model.clock import Instant
    from simulators.monitors.ge_dri.alarms import AlarmField

_BOUND_BYTES: Final = 65536  # half a minute of a full line at 19200 baud


class Outbox:
    """Messages in order; above the bound, the oldest are discarded whole."""

    def __init__(self) -> None:
        self._messages: deque[bytes] = deque()
        self._size = 0

    def put(self, message: bytes) -> None:
        """Add a message; discard the oldest where the bound requires it."""
        self._messages.append(message)
        self._size += len(message)
        while self._size > _BOUND_BYTES:
            self._size -= len(self._messages.popleft())

    def take(self) -> bytes:
        """Return and forget all messages."""
        waiting = b"".join(self._messages)
        self._messages.clear()
        self._size = 0
        return waiting


@dataclass(slots=True)
class AlarmReports:
    """Alarm reports that the host wants, and the last one sent."""

    is_differential: bool = False
    """True where every change is reported."""
    is_asked: bool = False
    """True where the present state is to be sent once."""
    told: AlarmField | None = None  # None before the first report
    told_at: Instant | None = None  # None before the first report

    @property
    def are_wanted(self) -> bool:
        """True where a message may become due."""
        return self.is_differential or self.is_asked

    def earliest(self, at: Instant) -> Instant:
        """Return the earliest moment of the next message."""
        return at if self.told_at is None else max(at, self.told_at.plus(PAUSE_S))

    def is_due(self, field: AlarmField, at: Instant) -> bool:
        """Return whether a report of `field` is due now."""
        is_news = self.is_asked or (self.is_differential and field != self.told)
        return is_news and self.earliest(at) <= at
