"""All entries of one patient, and the patient's state at any moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.patient.corrections import Corrections
from edge_agent.patient.fold import Fold
from edge_agent.patient.state import UNKNOWN_PATIENT, PatientContext


class ContextLog:
    """All entries of one patient; corrected ones are stored, too, but no longer count.

    An entry counts from the moment it is about, or from its entry if that is later.

    Parameters
    ----------
    entries
        Entries without mistakes, see `check_entry`, in the order in which they were entered.
    """

    def __init__(self, entries: Iterable[PatientEntry] = ()) -> None:
        self._entries = Corrections()
        self._version = 0
        self._fold: Fold | None = None
        for entry in entries:
            self.add(entry)

    @property
    def version(self) -> int:
        """Number that changes with every change of the patient's state."""
        return self._version

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: PatientEntry, clock_ns: int | None = None) -> None:
        """Add an entry; a second entry with a known id is ignored.

        Parameters
        ----------
        clock_ns
        UTC minus monotonic time at the entry, ns; None for a clock that is never set.
        """
        self._entries.add(entry, clock_ns)
        self._has_changed()

    def run_on(self, clock_ns: int) -> None:
        """Adopt the present UTC minus monotonic time: somebody may have set the wall clock."""
        if self._entries.run_on(clock_ns):
            self._has_changed()

    def _has_changed(self) -> None:
        self._version += 1
        self._fold = None

    def get(self, entry_id: str) -> PatientEntry | None:
        """Return the entry with that id; None if there is none."""
        return self._entries.get(entry_id)

    def count(self, kinds: Collection[EntryKind]) -> int:
        """Return the number of entries of some kinds, corrected ones included."""
        return self._entries.count(kinds)

    def with_one(
        self, entry: PatientEntry, clock_ns: int | None, kinds: Collection[EntryKind]
    ) -> ContextLog:
        """Return a new log of the entries of some kinds and one more; leave this one unchanged."""
        log = ContextLog()
        log._entries = self._entries.of_kinds(kinds)
        log.add(entry, clock_ns)
        return log

    def history(self) -> tuple[PatientEntry, ...]:
        """Return every entry in the order of entry, corrected ones included."""
        return tuple(self._entries)

    def corrected_by(self, entry_id: str) -> PatientEntry | None:
        """Return the newest entry that directly corrects this one; None if there is none."""
        return self._entries.corrected_by(entry_id)

    def standing(self, kind: EntryKind) -> tuple[PatientEntry, ...]:
        """Return a kind's entries that stand after all corrections, by the time they are about."""
        return self._entries.standing(kind)

    def at(self, utc_ns: int) -> PatientContext:
        """Return the patient's state at a moment."""
        return self._folded().at(utc_ns)

    def changes(self) -> tuple[int, ...]:
        """Return the moments at which the result of `at` can change, in order."""
        return self._folded().moments

    def _folded(self) -> Fold:
        """Return the fold of the entries as they stand, stored until they change."""
        if self._fold is None:
            kinds = self._entries.kinds()
            self._fold = Fold({k: found for k in kinds if (found := self.standing(k))})
        return self._fold


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
