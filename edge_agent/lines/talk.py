"""Driver sessions on one line, with counts of their events; shared by `record` and `probe`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from edge_agent.drivers.base import SerialSettings, Session
from edge_agent.model.clock import Instant
from edge_agent.model.errors import LinkError
from edge_agent.model.session_events import (
    DeviceIdentified,
    Direction,
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)

Note = Callable[[Direction, bytes, Instant], None]
"""Called with bytes as they pass, on the port's thread."""

_FAREWELL_S: Final = 1.0  # wall; a line that does not accept even the release is left as it is


@dataclass(frozen=True, slots=True)
class EventCounts:
    """Events of one session, counted."""

    messages: int = 0
    """Messages with numerics."""
    numerics: int = 0
    identities: int = 0
    """Times at which a device identified itself."""
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Bytes discarded, by reason."""

    @property
    def sound(self) -> int:
        """Number of messages and identifications that the session understood."""
        return self.messages + self.identities

    @property
    def rejected_bytes(self) -> int:
        """Number of bytes discarded, for any reason."""
        return sum(self.rejected.values())

    def plus(self, event: SessionEvent) -> EventCounts:
        """Return the counts with one more event."""
        match event:
            case NumericsReceived(numerics=numerics):
                n = self.numerics + len(numerics)
                return replace(self, messages=self.messages + 1, numerics=n)
            case DeviceIdentified():
                return replace(self, identities=self.identities + 1)
            case FrameRejected(reason=reason, raw=raw):
                count = self.rejected.get(reason, 0) + len(raw)
                return replace(self, rejected={**self.rejected, reason: count})
        return self


class LineTalk:
    """Link between a port and sessions; counts their events and returns their answers.

    Its methods except `leave` belong to the port's thread; the counts are values that others may
    read.

    Parameters
    ----------
    open_sessions
        Called at each opening of the port; at most one session may send.
    note
        Called with every piece of bytes in either direction.
    """

    def __init__(self, open_sessions: Sequence[Callable[[], Session]], note: Note) -> None:
        self._open_sessions = open_sessions
        self._note = note
        self._sessions = [open_session() for open_session in open_sessions]
        self._is_leaving = threading.Event()
        self._has_left = threading.Event()
        self._has_left.set()  # nothing is to be released while the port is closed
        self.was_tried = threading.Event()
        """Set once the port has opened or failed to open."""
        self.has_opened = threading.Event()
        self.error: LinkError | None = None
        """Reason why the port cannot be used; None while it can."""
        self.counts = tuple(EventCounts() for _ in open_sessions)
        """Counts for each session, over all openings of the port."""
        self.received_bytes = 0
        self.sent_bytes = 0

    def converse(self, data: bytes, at: Instant) -> bytes:
        """Pass received bytes to the sessions and return the bytes to send."""
        if data:
            self.received_bytes += len(data)
            self._note(Direction.FROM_DEVICE, data, at)
        counts = list(self.counts)
        for i, session in enumerate(self._sessions):
            for event in self._events(session, data, at):
                counts[i] = counts[i].plus(event)
        self.counts = tuple(counts)
        if self._is_leaving.is_set() and not self._has_left.is_set():
            for session in self._sessions:
                session.release()
            self._has_left.set()
        answer = b"".join(session.bytes_to_send() for session in self._sessions)
        if answer:
            self.sent_bytes += len(answer)
            self._note(Direction.TO_DEVICE, answer, at)
        return answer

    def link_changed(self, error: LinkError | None) -> None:
        """Open new sessions where the port has opened."""
        self.error = error
        if error is None:
            self._sessions = [open_session() for open_session in self._open_sessions]
            self._has_left.clear()
            self.has_opened.set()
        else:
            self._has_left.set()
        self.was_tried.set()

    def leave(self) -> None:
        """Ask the sessions to release the device; return once they have, or cannot."""
        self._is_leaving.set()
        self._has_left.wait(_FAREWELL_S)

    def _events(self, session: Session, data: bytes, at: Instant) -> list[SessionEvent]:
        events = session.receive(data, at) if data else []
        return events if self._is_leaving.is_set() else [*events, *session.tick(at)]


def in_short(settings: SerialSettings) -> str:
    """Return the settings of a line in short form, such as 19200 8E1 RTS/CTS."""
    frame = f"{settings.byte_size}{settings.parity}{settings.stop_bits}"
    return f"{settings.baud} {frame}{' RTS/CTS' if settings.rts_cts else ''}"
