"""The entries about one patient, and which of them stand when all corrections are applied."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from edge_agent.model.clock import within_bounds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from edge_agent.model.patient import EntryKind, PatientEntry

_CLOCK_STEP_NS: Final = 10**9
"""A wall clock that moves by less was not set; design start value, unvalidated."""

AHEAD_AT_MOST_NS: Final = 300 * 10**9
"""Clocks of those who enter may be so far ahead; design start value, unvalidated."""
SET_BACK_AT_MOST_NS: Final = 3600 * 10**9
"""So far the gateway's clock may be set back, by mistake or an hour of the year, with entries by
the clocks of those who enter still accepted; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class _Chain:
    """An entry or correction within the corrections of one entry."""

    root: str
    """The id of what is corrected in the end."""
    depth: int
    """Over how many corrections, itself included."""


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Where an entry stands among those of its kind, on an axis that no set clock moves.

    Of two about one moment the one entered later counts more, else that of the later begun chain.
    """

    at_ns: int
    entered_ns: int
    chain: int
    entry_id: str


class Corrections:
    """Takes one entry after the other; what stands is kept in order as it grows.

    The wall clock may be set while entries stand. Each is dated by the clock it was entered by, and
    is seen as if the clock of now had been that one all along.
    """

    def __init__(self) -> None:
        self._entries: dict[str, PatientEntry] = {}
        self._clocks: dict[str, int] = {}
        """UTC less monotonic as an entry was entered; none for one of a recording."""
        self._clock_ns: int | None = None
        self._counts: Counter[EntryKind] = Counter()
        self._begin()

    def _begin(self) -> None:
        self._chains: dict[str, _Chain] = {}
        self._roots: dict[str, int] = {}
        self._newest: dict[str, tuple[int, PatientEntry]] = {}
        self._corrected_by: dict[str, PatientEntry] = {}
        self._places: defaultdict[EntryKind, list[_Place]] = defaultdict(list)
        self._standing: dict[EntryKind, tuple[PatientEntry, ...]] = {}
        self._dated: dict[str, PatientEntry] = {}
        """By the clock of now, those that were asked for."""

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[PatientEntry]:
        return iter(self._entries.values())

    def get(self, entry_id: str) -> PatientEntry | None:
        """Return the entry of that id, None where there is none."""
        return self._entries.get(entry_id)

    def corrected_by(self, entry_id: str) -> PatientEntry | None:
        """Return the newest entry that corrects this one directly, None where none does."""
        return self._corrected_by.get(entry_id)

    def add(self, entry: PatientEntry, clock_ns: int | None) -> None:
        """Take an entry; one whose id is known already counts once, as it was first.

        Parameters
        ----------
        clock_ns
            UTC less monotonic of the clock that dates it; None: that clock is never set.
        """
        if entry.entry_id in self._entries:
            return
        self._entries[entry.entry_id] = entry
        self._counts[entry.kind] += 1
        if clock_ns is not None:
            self._clocks[entry.entry_id] = clock_ns
        if entry.entry_id in self._corrected_by:  # its correction came first
            self._begin()
            for known in self._entries.values():
                self._take(known)
        else:
            self._take(entry)

    def count(self, kinds: Collection[EntryKind]) -> int:
        """Return how many entries of some kinds there are."""
        return sum(self._counts[kind] for kind in kinds)

    def of_kinds(self, kinds: Collection[EntryKind]) -> Corrections:
        """Return the entries of some kinds, to be added to."""
        found = Corrections()
        if self.count(kinds):
            for entry in self:
                if entry.kind in kinds:
                    found.add(entry, self._clocks.get(entry.entry_id))
        return found

    def run_on(self, clock_ns: int) -> bool:
        """Go on with the wall clock as it is now; return whether that was set since last time."""
        if self._clock_ns is not None and abs(clock_ns - self._clock_ns) < _CLOCK_STEP_NS:
            return False
        self._clock_ns = clock_ns
        self._standing, self._dated = {}, {}
        return True

    def standing(self, kind: EntryKind) -> tuple[PatientEntry, ...]:
        """Return what stands of a kind after all corrections, in order of the times it is about."""
        found = self._standing.get(kind)
        if found is None:
            places = self._places.get(kind, ())
            found = tuple([self._seen(place.entry_id) for place in places])
            self._standing[kind] = found
        return found

    def _take(self, entry: PatientEntry) -> None:
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
            places = self._places[before.kind]
            del places[bisect_left(places, self._place(before))]
            self._standing.pop(before.kind, None)
        if not entry.is_void:
            insort(self._places[entry.kind], self._place(entry))
            self._standing.pop(entry.kind, None)

    def _chain_of(self, entry: PatientEntry) -> _Chain:
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

    def _place(self, entry: PatientEntry) -> _Place:
        clock_ns = self._clocks.get(entry.entry_id, 0)
        settled = _settled(entry)
        root = self._chains[entry.entry_id].root
        return _Place(
            settled.at_utc_ns - clock_ns,
            settled.entered_utc_ns - clock_ns,
            self._roots[root],
            entry.entry_id,
        )

    def _seen(self, entry_id: str) -> PatientEntry:
        """Return an entry as it is dated by the clock of now."""
        found = self._dated.get(entry_id)
        if found is None:
            found = self._dated[entry_id] = self._by_clock(self._entries[entry_id])
        return found

    def _by_clock(self, entry: PatientEntry) -> PatientEntry:
        clock_ns = self._clocks.get(entry.entry_id)
        by_ns = 0
        if clock_ns is not None and self._clock_ns is not None:
            by_ns = self._clock_ns - clock_ns
        return _moved(_settled(entry), by_ns if abs(by_ns) >= _CLOCK_STEP_NS else 0)


def _settled(entry: PatientEntry) -> PatientEntry:
    """Return an entry as true since it was entered, where its clock was ahead of the gateway's."""
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
    """Return an entry with its times on another clock, and where formulas can count from them."""
    times = (entry.at_utc_ns, entry.until_utc_ns, entry.entered_utc_ns)
    at_ns, until_ns, entered_ns = (
        None if ns is None else within_bounds(ns + by_ns if ns else ns) for ns in times
    )
    if (at_ns, until_ns, entered_ns) == times:
        return entry
    assert at_ns is not None
    assert entered_ns is not None
    return replace(entry, at_utc_ns=at_ns, until_utc_ns=until_ns, entered_utc_ns=entered_ns)
