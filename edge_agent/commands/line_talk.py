"""What driver sessions make of one line, counted; the part that `record` and `probe` share."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from edge_agent.model.session_events import DeviceIdentified, FrameRejected, NumericsReceived
from edge_agent.recording import Direction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge_agent.drivers.base import Session
    from edge_agent.model.clock import Instant
    from edge_agent.model.errors import LinkError
    from edge_agent.model.session_events import SessionEvent
    from edge_agent.sources.serial_source import LineSettings

    Note = Callable[[Direction, bytes, Instant], None]
    """Told of bytes as they pass, on the port's thread."""

_FAREWELL_S: Final = 1.0  # wall: a line that does not even take the release is left as it is


@dataclass(frozen=True, slots=True)
class Counts:
    """What one session made of what it was given."""

    messages: int = 0
    """Those with numerics."""
    numerics: int = 0
    identities: int = 0
    """How often a device said what it is."""
    rejected: Mapping[str, int] = field(default_factory=dict)
    """Bytes given up, by reason."""

    @property
    def sound(self) -> int:
        """Return how often the device was understood."""
        return self.messages + self.identities

    @property
    def rejected_bytes(self) -> int:
        """Return how many bytes were given up in all."""
        return sum(self.rejected.values())

    def plus(self, event: SessionEvent) -> Counts:
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
    """Gives what comes to sessions, counts what they make of it, and returns what they answer.

    Its methods but `leave` belong to the port's thread; the counts are values that others may
    read.

    Parameters
    ----------
    open_sessions
        Called for each opening of the port; at most one session may be one that sends.
    note
        Told of everything that passes.
    """

    def __init__(self, open_sessions: Sequence[Callable[[], Session]], note: Note) -> None:
        self._open_sessions = open_sessions
        self._note = note
        self._sessions = [open_session() for open_session in open_sessions]
        self._is_leaving = threading.Event()
        self._has_left = threading.Event()
        self._has_left.set()  # nothing is to be released while the port is closed
        self.is_told = threading.Event()
        """Set once it is known whether the port opens."""
        self.has_opened = threading.Event()
        self.error: LinkError | None = None
        """Why the port cannot be used; None while it can."""
        self.counts = tuple(Counts() for _ in open_sessions)
        """One for each session, over all openings of the port."""
        self.received_bytes = 0
        self.sent_bytes = 0

    def converse(self, data: bytes, at: Instant) -> bytes:
        """Stand between the port and the sessions."""
        if data:
            self.received_bytes += len(data)
            self._note(Direction.FROM_DEVICE, data, at)
        counts = list(self.counts)
        for i, session in enumerate(self._sessions):
            for event in self._told(session, data, at):
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
        """Begin anew where the port opened."""
        self.error = error
        if error is None:
            self._sessions = [open_session() for open_session in self._open_sessions]
            self._has_left.clear()
            self.has_opened.set()
        else:
            self._has_left.set()
        self.is_told.set()

    def leave(self) -> None:
        """Have the sessions take leave of the device; returns when that was said, or cannot be."""
        self._is_leaving.set()
        self._has_left.wait(_FAREWELL_S)

    def _told(self, session: Session, data: bytes, at: Instant) -> list[SessionEvent]:
        events = session.receive(data, at) if data else []
        return events if self._is_leaving.is_set() else [*events, *session.tick(at)]


def in_short(settings: LineSettings) -> str:
    """Return how a line is set up, such as 19200 8E1 RTS/CTS."""
    frame = f"{settings.byte_size}{settings.parity}{settings.stop_bits}"
    return f"{settings.baud} {frame}{' RTS/CTS' if settings.rts_cts else ''}"
