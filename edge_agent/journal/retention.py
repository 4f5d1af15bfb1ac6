"""Age of entries, measured by elapsed time instead of a wall clock.

A wall clock may jump by years and back; readings must neither be deleted for it nor stored for
ever. A mark records how much time had passed when the journal had come to an entry. On one boot
the monotonic clock continues over restarts; the time during a reboot counts as none.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from edge_agent.journal.entries import Lane
from edge_agent.journal.marks import AgeMark, SinkMarks
from edge_agent.journal.store import Store

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_MARKS_PER_SPAN: Final = 64
"""Marks per span, so that entries are deleted at most 1/64 of the span late."""
_LONGEST_STEP_S: Final = 3600
_SLACK_S: Final = 2  # marks hold whole seconds
_PRUNE_ROWS: Final = 5000
"""Entries deleted at once: 500 a second outruns any ward, 5000 block the file for some 20 ms."""
_FREED_PAGES: Final = 256
ASIDE_ROWS: Final = 20_000
_ASIDE_BYTES: Final = 64 * 1024 * 1024
"""Limits of the refused alerts that are stored, and the same again of all other refused entries:
days of one bed that a sink refuses."""


class Ages:
    """Marks of one journal, oldest first.

    Parameters
    ----------
    stored
        The marks of earlier runs.
    span_s
        Age from which entries may be deleted, seconds.
    """

    def __init__(self, stored: Sequence[AgeMark], boot: str, span_s: float) -> None:
        self._boot = boot
        self._span_s = span_s
        self._step_s = min(_LONGEST_STEP_S, span_s / _MARKS_PER_SPAN)
        self.is_damaged = not _fit(stored)
        """True where the stored marks contradict one another; ages then start at zero."""
        self._marks = [] if self.is_damaged else list(stored)
        self._base: tuple[float, float] | None = None
        """Passed and monotonic seconds at the first call of this run; None before it."""

    def due(self, newest_seq: int, now_s: float) -> AgeMark | None:
        """Return the mark to store now; None where the last one is recent or covers all."""
        passed_s = self._passed_s(now_s)
        if self._marks and (
            passed_s - self._marks[-1].passed_s < self._step_s or newest_seq <= self._marks[-1].seq
        ):
            return None
        return AgeMark(newest_seq, round(passed_s), self._boot, round(now_s))

    def add(self, mark: AgeMark) -> None:
        """Record that a mark is stored."""
        self._marks.append(mark)

    def old_seq(self, now_s: float) -> int:
        """Return the newest seq that is older than the span; 0 where none is."""
        limit_s = self._passed_s(now_s) - self._span_s
        old = [mark for mark in self._marks if mark.passed_s <= limit_s]
        if not old:
            return 0
        self._marks = self._marks[len(old) - 1 :]
        return old[-1].seq

    def _passed_s(self, now_s: float) -> float:
        if self._base is None:
            self._base = (self._carried_s(now_s), now_s)
        passed_s, since_s = self._base
        return passed_s + max(0.0, now_s - since_s)

    def _carried_s(self, now_s: float) -> float:
        """Return the seconds that had passed when this run began."""
        if not self._marks:
            return 0.0
        last = self._marks[-1]
        is_same_boot = last.boot == self._boot
        return last.passed_s + (max(0.0, now_s - last.monotonic_s) if is_same_boot else 0.0)


def _fit(marks: Sequence[AgeMark]) -> bool:
    """Return True where no more time passed between marks than the machine ran."""
    for before, mark in pairwise(marks):
        ran_s = mark.monotonic_s - (before.monotonic_s if mark.boot == before.boot else 0)
        if not 0 <= mark.passed_s - before.passed_s <= ran_s + _SLACK_S:
            return False
    return True


def boot_id() -> str:
    """Return the id of the machine's boot, or a random one where the system has none."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return uuid.uuid4().hex


def prune(store: Store, ages: Ages, marks: SinkMarks, now_s: float) -> int:
    """Delete some old entries that every sink has passed; store a mark where one is due.

    Returns
    -------
    int
        Refused entries that were deleted, the oldest first, as too many were set aside.
    """
    newest_seq = store.newest_seq()
    mark = ages.due(newest_seq, now_s)
    if mark is not None:
        store.write_age_mark(mark)
        ages.add(mark)
    old_seq = ages.old_seq(now_s)
    for lane in Lane:
        accepted = marks.accepted_by_all(lane)
        store.prune(lane, old_seq if accepted is None else min(accepted, old_seq), _PRUNE_ROWS)
    store.drop_age_marks(old_seq)
    lost = store.quarantine.trim(ASIDE_ROWS, _ASIDE_BYTES)
    store.free_pages(_FREED_PAGES)
    return lost
