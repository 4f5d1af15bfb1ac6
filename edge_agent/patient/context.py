"""All entries of one patient, with corrections applied, and the state at any moment."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge_agent.model.clock import within_bounds
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.patient.fold import Fold
from edge_agent.patient.state import UNKNOWN_PATIENT, PatientContext

_CLOCK_STEP_NS: Final = 10**9
"""Smallest change that counts as setting a wall clock; design start value, unvalidated."""

AHEAD_AT_MOST_NS: Final = 300 * 10**9
"""Accepted lead of the clocks of those who enter; design start value, unvalidated."""
SET_BACK_AT_MOST_NS: Final = 3600 * 10**9
"""Longest time by which the gateway's clock may be set back, by mistake or at the end of summer
time, while entries dated by other clocks are still accepted; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class _Chain:
    """Position of an entry or correction in the chain of corrections of one entry."""

    root: str
    """Id of the first entry of the chain."""
    depth: int
    """Number of entries from the root to this one, itself included."""


@dataclass(frozen=True, slots=True, order=True)
class _SortKey:
    """Sort key of an entry among those of its kind, not affected by setting the clock.

    Of two entries about one moment, the one entered later comes last; of two entered at the same
    time, the one whose chain began later.
    """

    at_ns: int
    entered_ns: int
    chain: int
    entry_id: str


class ContextLog:
    """All entries of one patient; corrected ones are stored, too, but no longer count.

    An entry counts from the moment it is about, or from its entry if that is later. The wall clock
    may be set after an entry was made: each entry is dated by the clock of its time, and returned
    as if the present clock had been in use all along.

    Parameters
    ----------
    entries
        Entries without mistakes, see `check_entry`, in the order in which they were entered.
    """

    def __init__(self, entries: Iterable[PatientEntry] = ()) -> None:
        self._entries: dict[str, PatientEntry] = {}
        self._clocks: dict[str, int] = {}
        """UTC minus monotonic time at each entry, ns; no item for an entry from a recording."""
        self._clock_ns: int | None = None
        self._counts: Counter[EntryKind] = Counter()
        self.version = 0
        """Number that changes with every change of the patient's state."""
        self._fold: Fold | None = None  # None until the state is asked for, and after a change
        self._reset()
        for entry in entries:
            self.add(entry)

    def _reset(self) -> None:
        self._chains: dict[str, _Chain] = {}
        self._roots: dict[str, int] = {}
        self._newest: dict[str, tuple[int, PatientEntry]] = {}
        self._corrected_by: dict[str, PatientEntry] = {}
        self._sort_keys: defaultdict[EntryKind, list[_SortKey]] = defaultdict(list)
        self._current: dict[EntryKind, tuple[PatientEntry, ...]] = {}
        self._dated: dict[str, PatientEntry] = {}
        """Entries dated by the present clock, computed when they are first read."""

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, entry_id: str) -> PatientEntry | None:
        """Return the entry with that id; None if there is none."""
        return self._entries.get(entry_id)

    def corrected_by(self, entry_id: str) -> PatientEntry | None:
        """Return the newest entry that directly corrects this one; None if there is none."""
        return self._corrected_by.get(entry_id)

    def history(self) -> tuple[PatientEntry, ...]:
        """Return every entry in the order of entry, corrected ones included."""
        return tuple(self._entries.values())

    def add(self, entry: PatientEntry, clock_ns: int | None = None) -> None:
        """Add an entry; a second entry with a known id is ignored.

        Parameters
        ----------
        clock_ns
            UTC minus monotonic time of the clock that dates it, ns; None for one never set.
        """
        if entry.entry_id in self._entries:
            return
        self._has_changed()
        self._entries[entry.entry_id] = entry
        self._counts[entry.kind] += 1
        if clock_ns is not None:
            self._clocks[entry.entry_id] = clock_ns
        if entry.entry_id in self._corrected_by:  # its correction came first
            self._reset()
            for known in self._entries.values():
                self._insert(known)
        else:
            self._insert(entry)

    def _has_changed(self) -> None:
        self.version += 1
        self._fold = None

    def count(self, kinds: Collection[EntryKind]) -> int:
        """Return the number of entries of some kinds, corrected ones included."""
        return sum(self._counts[kind] for kind in kinds)

    def with_one(
        self, entry: PatientEntry, clock_ns: int | None, kinds: Collection[EntryKind]
    ) -> ContextLog:
        """Return a new log of the entries of some kinds and one more; leave this one unchanged."""
        log = ContextLog()
        if self.count(kinds):
            for known in self._entries.values():
                if known.kind in kinds:
                    log.add(known, self._clocks.get(known.entry_id))
        log.add(entry, clock_ns)
        return log

    def run_on(self, clock_ns: int) -> None:
        """Adopt the present UTC minus monotonic time: somebody may have set the wall clock."""
        if self._clock_ns is None or abs(clock_ns - self._clock_ns) >= _CLOCK_STEP_NS:
            self._clock_ns = clock_ns
            self._current, self._dated = {}, {}
            self._has_changed()

    def at(self, utc_ns: int) -> PatientContext:
        """Return the patient's state at a moment."""
        return self._folded().at(utc_ns)

    def changes(self) -> tuple[int, ...]:
        """Return the moments at which the result of `at` can change, in order."""
        return self._folded().moments

    def _folded(self) -> Fold:
        """Return the fold of the entries as they stand, stored until they change."""
        if self._fold is None:
            self._fold = Fold({k: found for k in self._counts if (found := self.current(k))})
        return self._fold

    def current(self, kind: EntryKind) -> tuple[PatientEntry, ...]:
        """Return a kind's entries that stand after all corrections, by the time they are about."""
        found = self._current.get(kind)
        if found is None:
            keys = self._sort_keys.get(kind, ())
            found = tuple([self._redated(key.entry_id) for key in keys])
            self._current[kind] = found
        return found

    def _insert(self, entry: PatientEntry) -> None:
        """Add an entry to its chain; if it is the newest of it, it replaces the one before."""
        chain = self._chain_of(entry)
        self._chains[entry.entry_id] = chain
        self._roots.setdefault(chain.root, len(self._roots))
        if entry.corrects:
            self._corrected_by[entry.corrects] = entry
        depth, before = self._newest.get(chain.root, (0, None))
        if depth > chain.depth:
            return
        self._newest[chain.root] = chain.depth, entry
        if before is not None and not before.is_void:
            keys = self._sort_keys[before.kind]
            del keys[bisect_left(keys, self._sort_key(before))]
            self._current.pop(before.kind, None)
        if not entry.is_void:
            insort(self._sort_keys[entry.kind], self._sort_key(entry))
            self._current.pop(entry.kind, None)

    def _chain_of(self, entry: PatientEntry) -> _Chain:
        """Return the chain of an entry, following `corrects` to the first entry."""
        passed = [entry.entry_id]
        while entry.corrects and entry.corrects not in passed:
            known = self._chains.get(entry.corrects)
            if known is not None:
                return _Chain(known.root, known.depth + len(passed))
            passed.append(entry.corrects)
            if entry.corrects not in self._entries:
                break
            entry = self._entries[entry.corrects]
        return _Chain(passed[-1], len(passed))

    def _sort_key(self, entry: PatientEntry) -> _SortKey:
        """Return an entry's sort key, with its times moved to the monotonic axis."""
        clock_ns = self._clocks.get(entry.entry_id, 0)
        settled = _settled(entry)
        root = self._chains[entry.entry_id].root
        return _SortKey(
            settled.at_utc_ns - clock_ns,
            settled.entered_utc_ns - clock_ns,
            self._roots[root],
            entry.entry_id,
        )

    def _redated(self, entry_id: str) -> PatientEntry:
        """Return an entry dated by the present clock."""
        found = self._dated.get(entry_id)
        if found is None:
            found = self._dated[entry_id] = self._on_present_clock(self._entries[entry_id])
        return found

    def _on_present_clock(self, entry: PatientEntry) -> PatientEntry:
        clock_ns = self._clocks.get(entry.entry_id)
        by_ns = 0
        if clock_ns is not None and self._clock_ns is not None:
            by_ns = self._clock_ns - clock_ns
        return _moved(_settled(entry), by_ns if abs(by_ns) >= _CLOCK_STEP_NS else 0)


def _settled(entry: PatientEntry) -> PatientEntry:
    """Return the entry, moved back to its time of entry if its clock was slightly ahead."""
    ahead_ns = entry.at_utc_ns - entry.entered_utc_ns
    if not entry.entered_utc_ns or not 0 < ahead_ns <= AHEAD_AT_MOST_NS + SET_BACK_AT_MOST_NS:
        return entry
    until_ns = entry.until_utc_ns
    return replace(
        entry,
        at_utc_ns=entry.entered_utc_ns,
        until_utc_ns=None if until_ns is None else until_ns - ahead_ns,
    )


def _moved(entry: PatientEntry, by_ns: int) -> PatientEntry:
    """Return the entry moved to another clock, limited to times that formulas can compute with."""
    times = (entry.at_utc_ns, entry.until_utc_ns, entry.entered_utc_ns)
    at_ns, until_ns, entered_ns = (
        None if ns is None else within_bounds(ns + by_ns if ns else ns) for ns in times
    )
    if (at_ns, until_ns, entered_ns) == times:
        return entry
    assert at_ns is not None
    assert entered_ns is not None
    return replace(entry, at_utc_ns=at_ns, until_utc_ns=until_ns, entered_utc_ns=entered_ns)


def state_at(log: ContextLog | None, utc_ns: int) -> PatientContext:
    """Return the patient's state at a moment; `log` is None if nobody entered anything."""
    return log.at(utc_ns) if log else UNKNOWN_PATIENT


def states_over(
    log: ContextLog | None, utc_ns: NDArray[np.int64]
) -> Iterator[tuple[int, int, PatientContext]]:
    """Yield the patient's states over increasing moments, each with its first index and its end."""
    begins = utc_ns.searchsorted(log.changes()).tolist() if log else []
    for begin, end in pairwise(sorted({0, *begins, utc_ns.size})):
        yield begin, end, state_at(log, int(utc_ns[begin]))


def age_of(log: ContextLog | None) -> float | None:
    """Return a patient's age in years, None where nobody entered it."""
    entries = log.current(EntryKind.AGE) if log else ()
    return entries[-1].amount if entries else None
