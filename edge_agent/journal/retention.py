"""How long ago entries came, counted in time that passed and not by any wall clock.

A wall clock may jump by years and back; what was measured must neither be deleted for it nor kept
for ever. A mark says how much time had passed when the journal had come to an entry. On one boot
the monotonic clock counts on over restarts; over a reboot the time in between counts as none.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge_agent.journal.entries import Lane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.journal.marks import Marks
    from edge_agent.journal.store import Store

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
MARKS_PER_SPAN: Final = 64
"""Entries are deleted at most by this share of the span later than they may be."""
_LONGEST_STEP_S: Final = 3600
_SLACK_S: Final = 2  # marks hold whole seconds
_PRUNE_ROWS: Final = 5000
"""500 a second outruns any ward and holds the file for some 20 ms."""
_FREED_PAGES: Final = 256
ASIDE_ROWS: Final = 20_000
ASIDE_BYTES: Final = 64 * 1024 * 1024
"""What is kept of refused alerts, and as much of all else: days of one bed that a sink refuses."""


@dataclass(frozen=True, slots=True)
class AgeMark:
    """The newest entry at a moment."""

    seq: int
    passed_s: int
    """Counted from the first mark."""
    boot: str
    """Names the boot of the machine."""
    monotonic_s: int
    """On that boot."""


class Ages:
    """The marks of one journal, oldest first.

    Parameters
    ----------
    stored
        The marks of earlier runs.
    boot
        Names this boot.
    span_s
        How old entries are that may go.
    """

    def __init__(self, stored: Sequence[AgeMark], boot: str, span_s: float) -> None:
        self._boot = boot
        self._span_s = span_s
        self._step_s = min(_LONGEST_STEP_S, span_s / MARKS_PER_SPAN)
        self.is_damaged = not _fit(stored)
        """Whether the stored marks contradict one another; all begins anew then."""
        self._marks = [] if self.is_damaged else list(stored)
        self._base: tuple[float, float] | None = None
        """Passed and monotonic seconds at the first look of this run; None before it."""

    def due(self, newest_seq: int, now_s: float) -> AgeMark | None:
        """Return the mark to be stored now; None where the last is young, or holds all."""
        passed_s = self._passed_s(now_s)
        if self._marks and (
            passed_s - self._marks[-1].passed_s < self._step_s or newest_seq <= self._marks[-1].seq
        ):
            return None
        return AgeMark(newest_seq, round(passed_s), self._boot, round(now_s))

    def add(self, mark: AgeMark) -> None:
        """Note that a mark is stored."""
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
        """Return what had passed when this run began."""
        if not self._marks:
            return 0.0
        last = self._marks[-1]
        is_same_boot = last.boot == self._boot
        return last.passed_s + (max(0.0, now_s - last.monotonic_s) if is_same_boot else 0.0)


def _fit(marks: Sequence[AgeMark]) -> bool:
    """Return whether no more time passed between marks than the machine ran."""
    for before, mark in pairwise(marks):
        ran_s = mark.monotonic_s - (before.monotonic_s if mark.boot == before.boot else 0)
        if not 0 <= mark.passed_s - before.passed_s <= ran_s + _SLACK_S:
            return False
    return True


def boot_id() -> str:
    """Return what names this boot of the machine; where nothing does, every run is a new one."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return uuid.uuid4().hex


def prune(store: Store, ages: Ages, marks: Marks, now_s: float) -> int:
    """Delete some of what is old and taken by every sink; note how far the journal has come.

    Returns
    -------
    int
        Refused entries that were deleted, the oldest first, as too many were set aside.
    """
    newest_seq = store.newest_seq()
    mark = ages.due(newest_seq, now_s)
    if mark is not None:
        store.keep_age_mark(mark)
        ages.add(mark)
    old_seq = ages.old_seq(now_s)
    for lane in Lane:
        taken = marks.taken_by_all(lane)
        store.prune(lane, old_seq if taken is None else min(taken, old_seq), _PRUNE_ROWS)
    store.drop_age_marks(old_seq)
    lost = store.trim_aside(ASIDE_ROWS, ASIDE_BYTES)
    store.give_back(_FREED_PAGES)
    return lost
