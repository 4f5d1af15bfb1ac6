"""Progress of each sink in each lane."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.journal.entries import Lane

BACKLOG: Final = "backlog"
"""Name of the queue of readings that an outage left behind, beside the lanes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Newest entry of one queue that a sink has accepted."""

    sink: str
    queue: str
    seq: int = 0
    until_seq: int | None = None
    """Last entry of the backlog; None for a lane, which has no end."""


def is_sound(mark: Mark, newest_seq: int) -> bool:
    """Return True for a plausible stored mark: no sink accepts an entry that was never written."""
    until_seq = mark.seq if mark.until_seq is None else mark.until_seq
    return 0 <= mark.seq <= until_seq <= newest_seq


class SinkMarks:
    """Marks of all sinks, and of these the ones not on disk yet."""

    def __init__(self, sinks: tuple[str, ...], stored: Iterable[Mark] = ()) -> None:
        queues = (*Lane, BACKLOG)
        self._marks = {(s, str(q)): Mark(s, str(q)) for s in sinks for q in queues}
        self._marks |= {(m.sink, m.queue): m for m in stored if m.sink in sinks}
        self._unsaved: set[tuple[str, str]] = set()

    def get(self, sink: str, queue: str) -> Mark:
        """Return the mark of `sink` in `queue`."""
        return self._marks[sink, queue]

    def advance(self, sink: str, queue: str, seq: int) -> None:
        """Record that `sink` has accepted everything up to `seq`; a mark never goes back."""
        mark = self._marks[sink, queue]
        if seq > mark.seq:
            self._set(replace(mark, seq=seq))

    def skip_to_live(self, sink: str, newest_seq: int) -> Mark:
        """Move the readings up to `newest_seq` to the backlog; return the backlog."""
        live = self._marks[sink, Lane.READINGS]
        backlog = self._marks[sink, BACKLOG]
        is_open = backlog.until_seq is not None and backlog.seq < backlog.until_seq
        start = backlog.seq if is_open else live.seq
        self._set(replace(backlog, seq=start, until_seq=newest_seq))
        self._set(replace(live, seq=newest_seq))
        return self._marks[sink, BACKLOG]

    def accepted_by_all(self, lane: Lane) -> int | None:
        """Return the last entry of `lane` that all sinks have passed; None if there is no sink."""
        accepted = [m.seq for m in self._marks.values() if m.queue == lane]
        if lane is Lane.READINGS:
            backlogs = [m for m in self._marks.values() if m.queue == BACKLOG]
            accepted += [m.seq for m in backlogs if m.until_seq is not None and m.seq < m.until_seq]
        return min(accepted, default=None)

    def unsaved(self) -> list[Mark]:
        """Return the marks that moved since `saved`."""
        return [self._marks[key] for key in self._unsaved]

    def saved(self) -> None:
        """Record that `unsaved` is on disk."""
        self._unsaved.clear()

    def forget_saved(self) -> None:
        """Record that no mark is on disk any longer."""
        self._unsaved = set(self._marks)

    def _set(self, mark: Mark) -> None:
        self._marks[mark.sink, mark.queue] = mark
        self._unsaved.add((mark.sink, mark.queue))


@dataclass(frozen=True, slots=True)
class AgeMark:
    """Newest entry at a moment."""

    seq: int
    passed_s: int
    """Seconds passed since the first mark."""
    boot: str
    """Id of the machine's boot."""
    monotonic_s: int
    """Monotonic seconds on that boot."""
