"""How far each sink has come in each lane."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from edge_agent.journal.entries import Lane

if TYPE_CHECKING:
    from collections.abc import Iterable

BACKLOG: Final = "backlog"
"""The queue of readings that an outage left behind, beside the three lanes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The newest entry a sink has taken of one queue."""

    sink: str
    queue: str
    seq: int = 0
    until_seq: int | None = None
    """Where the backlog ends; None for a lane, which has no end."""


def is_sound(mark: Mark, newest_seq: int) -> bool:
    """Return whether a stored mark can be true: no sink took what was never written."""
    until_seq = mark.seq if mark.until_seq is None else mark.until_seq
    return 0 <= mark.seq <= until_seq <= newest_seq


class Marks:
    """The marks of all sinks, with note of those that are not on disk yet."""

    def __init__(self, sinks: tuple[str, ...], stored: Iterable[Mark] = ()) -> None:
        queues = (*Lane, BACKLOG)
        self._marks = {(s, str(q)): Mark(s, str(q)) for s in sinks for q in queues}
        self._marks |= {(m.sink, m.queue): m for m in stored if m.sink in sinks}
        self._unsaved: set[tuple[str, str]] = set()

    def get(self, sink: str, queue: str) -> Mark:
        """Return the mark of `sink` in `queue`."""
        return self._marks[sink, queue]

    def advance(self, sink: str, queue: str, seq: int) -> None:
        """Note that `sink` has taken everything up to `seq`; never goes back."""
        mark = self._marks[sink, queue]
        if seq > mark.seq:
            self._set(replace(mark, seq=seq))

    def skip_to_live(self, sink: str, newest_seq: int) -> Mark:
        """Leave the readings up to `newest_seq` to the backlog; return the backlog."""
        live = self._marks[sink, Lane.READINGS]
        backlog = self._marks[sink, BACKLOG]
        is_open = backlog.until_seq is not None and backlog.seq < backlog.until_seq
        start = backlog.seq if is_open else live.seq
        self._set(replace(backlog, seq=start, until_seq=newest_seq))
        self._set(replace(live, seq=newest_seq))
        return self._marks[sink, BACKLOG]

    def taken_by_all(self, lane: Lane) -> int | None:
        """Return up to where every sink has taken `lane`; None where there is no sink."""
        taken = [m.seq for m in self._marks.values() if m.queue == lane]
        if lane is Lane.READINGS:
            backlogs = [m for m in self._marks.values() if m.queue == BACKLOG]
            taken += [m.seq for m in backlogs if m.until_seq is not None and m.seq < m.until_seq]
        return min(taken, default=None)

    def unsaved(self) -> list[Mark]:
        """Return the marks that moved since `saved`."""
        return [self._marks[key] for key in self._unsaved]

    def saved(self) -> None:
        """Note that `unsaved` is on disk."""
        self._unsaved.clear()

    def forget_saved(self) -> None:
        """Note that none is on disk any more."""
        self._unsaved = set(self._marks)

    def _set(self, mark: Mark) -> None:
        self._marks[mark.sink, mark.queue] = mark
        self._unsaved.add((mark.sink, mark.queue))
