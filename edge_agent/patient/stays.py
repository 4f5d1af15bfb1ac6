"""The patient in each bed and the entries of each patient, derived from all entries.

A bed to which nobody was ever admitted is monitored, too, as that of an anonymous patient.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.model.entry_bounds import not_of_adult, too_early
from edge_agent.model.patient import CHILD_YEARS, EntryKind, PatientEntry
from edge_agent.patient.context import AHEAD_AT_MOST_NS, SET_BACK_AT_MOST_NS, ContextLog, age_of
from edge_agent.patient.entry_check import PATIENT_ID, check_entry

MOST_ENTRIES: Final = 5000
"""Most entries of one patient, admissions, transfers and discharges aside: 15 an hour for two
weeks; design start value, unvalidated."""
MOST_MOVES: Final = 500
"""Most admissions, transfers and discharges of one patient; design start value, unvalidated."""
MOST_WHO_LEFT: Final = 500
"""Most patients without a bed who are remembered; the one who left first is forgotten; design start
value, unvalidated."""
ARRIVALS: Final = (EntryKind.ADMITTED, EntryKind.TRANSFERRED)
"""Kinds of entries that bring a patient to a bed."""
_MOVES: Final = frozenset({*ARRIVALS, EntryKind.DISCHARGED})
_ANONYMOUS: Final = "at-"
_NOT_IN_IDS: Final = re.compile(r"[^A-Za-z0-9-]")


@dataclass(frozen=True, slots=True)
class Move:
    """A patient's change of bed."""

    patient_id: str
    bed_from: str
    """Previous bed; empty if there was none."""
    bed_to: str
    """New bed; empty if there is none."""


class Stays:
    """Patients of a ward; an entry given at a bed is about the patient who is there now.

    Parameters
    ----------
    entries
        Entries to which there were no `objections`, in the order in which they were entered.
    """

    def __init__(self, entries: Iterable[PatientEntry] = ()) -> None:
        self._entries: dict[str, PatientEntry] = {}
        self._logs: dict[str, ContextLog] = {}
        self._bed_of: dict[str, str] = {}
        self._patient_at: dict[str, str] = {}
        self._assigned: Counter[str] = Counter()
        """Number of patients who are or were in each bed."""
        self._left: dict[str, None] = {}
        """Patients without a bed, in the order in which they left."""
        for entry in entries:
            self.apply(entry)

    def patient_at(self, bed_id: str) -> str | None:
        """Return the patient in a bed, None after the last one has left."""
        if self._assigned[bed_id]:
            return self._patient_at.get(bed_id)
        return anonymous_at(bed_id)

    def is_vacated(self, bed_id: str) -> bool:
        """Return True if the last patient of a bed has left and no other has come."""
        return self._assigned[bed_id] > 0 and bed_id not in self._patient_at

    def is_occupied(self, bed_id: str) -> bool:
        """Return True if an admitted patient is in a bed."""
        return bed_id in self._patient_at

    def bed_of(self, patient_id: str) -> str | None:
        """Return a patient's bed; None if there is none."""
        return self._bed_of.get(patient_id)

    def log(self, patient_id: str) -> ContextLog:
        """Return the entries about a patient."""
        return self._logs.get(patient_id) or ContextLog()

    def log_at(self, bed_id: str) -> ContextLog:
        """Return the entries about the patient in a bed."""
        patient_id = self.patient_at(bed_id)
        return ContextLog() if patient_id is None else self.log(patient_id)

    def completed(self, entry: PatientEntry, bed_id: str) -> PatientEntry:
        """Return the entry with the fields that it leaves to the bed where it was given.

        These are the patient (the one of the corrected entry, or else the one who is there now) and
        the bed of an admission or transfer.
        """
        known = self._entries.get(entry.entry_id) or self._entries.get(entry.corrects)
        patient_id = known.patient_id if known else self.patient_at(bed_id) or ""
        is_arrival = entry.kind in ARRIVALS and not entry.is_void
        return replace(
            entry,
            patient_id=entry.patient_id or patient_id,
            bed_id=entry.bed_id or (bed_id if is_arrival else ""),
        )

    def has(self, entry: PatientEntry) -> bool:
        """Return True if this same entry was applied, whatever its time of entry."""
        known = self._entries.get(entry.entry_id)
        return known is not None and replace(entry, entered_utc_ns=known.entered_utc_ns) == known

    def objections(
        self,
        entry: PatientEntry,
        bed_id: str,
        now_utc_ns: int,
        clock_ns: int | None = None,
        set_back_ns: int = 0,
    ) -> list[str]:
        """Return the reasons why a completed entry given at a bed is refused; empty if none.

        Parameters
        ----------
        now_utc_ns
            Present time by the wall clock.
        clock_ns
            UTC minus monotonic time, ns; None for a clock that is never set.
        set_back_ns
            Time by which the wall clock was set back.
        """
        if not entry.patient_id:
            return [f"nobody is in {bed_id}; admit a patient first, or name one who was there"]
        wrong = check_entry(entry)
        if not wrong:
            wrong += too_early(entry, now_utc_ns)
            wrong += self._not_of_adult(entry)
        set_back_ns = min(set_back_ns, SET_BACK_AT_MOST_NS)
        if entry.at_utc_ns > now_utc_ns + AHEAD_AT_MOST_NS + set_back_ns:
            ahead_s = (entry.at_utc_ns - now_utc_ns) / 1e9
            wrong.append(f"its time is {ahead_s:.0f} s in the future; want when it came true")
        if entry.entry_id in self._entries:
            wrong.append(f"entry_id {entry.entry_id!r} is that of another entry")
        wrong += self._wrong_correction(entry)
        wrong += self._wrong_bed(entry, bed_id)
        wrong += self._too_many(entry)
        return wrong or self._wrong_move(entry, clock_ns)

    def apply(self, entry: PatientEntry, clock_ns: int | None = None) -> Move | None:
        """Apply an entry; return the patient's change of bed; None if there is none.

        Parameters
        ----------
        clock_ns
            UTC minus monotonic time at the entry, ns; None for a clock that is never set.
        """
        patient_id = entry.patient_id
        log = self._logs.setdefault(patient_id, ContextLog())
        self._entries[entry.entry_id] = entry
        if entry.kind not in _MOVES:
            log.add(entry, clock_ns)
            return None
        beds_before = _beds(log)
        log.add(entry, clock_ns)
        self._assigned.subtract(beds_before)
        self._assigned.update(_beds(log))
        bed_from, bed_to = self._bed_of.get(patient_id, ""), _bed(log)
        if bed_from == bed_to:
            return None
        if bed_from:
            del self._bed_of[patient_id], self._patient_at[bed_from]
        if bed_to:
            self._bed_of[patient_id], self._patient_at[bed_to] = bed_to, patient_id
        self._note_left(patient_id, is_here=bool(bed_to))
        return Move(patient_id, bed_from, bed_to)

    def _note_left(self, patient_id: str, *, is_here: bool) -> None:
        """Note that a patient came or left; forget the one who left first if there are too many."""
        self._left.pop(patient_id, None)
        if not is_here:
            self._left[patient_id] = None
        if len(self._left) > MOST_WHO_LEFT:
            oldest = next(iter(self._left))
            del self._left[oldest]
            for old in self._logs.pop(oldest).history():
                del self._entries[old.entry_id]

    def _too_many(self, entry: PatientEntry) -> Iterator[str]:
        """Yield an objection if the patient already has as many entries as allowed."""
        log = self.log(entry.patient_id)
        is_move = entry.kind in _MOVES
        count = log.count(_MOVES) if is_move else len(log) - log.count(_MOVES)
        most = MOST_MOVES if is_move else MOST_ENTRIES
        if count >= most:
            what = "admissions, transfers and discharges" if is_move else "entries"
            yield f"{entry.patient_id} has {count} {what}; want at most {most} of one patient"

    def _not_of_adult(self, entry: PatientEntry) -> list[str]:
        """Return the objection to an amount that only a child can have, where none is known."""
        age_years = age_of(self.log(entry.patient_id))
        is_child = age_years is not None and age_years < CHILD_YEARS
        return [] if is_child else not_of_adult(entry)

    def _wrong_correction(self, entry: PatientEntry) -> Iterator[str]:
        """Yield objections to the entry that this one corrects."""
        if not entry.corrects:
            return
        corrected = self.log(entry.patient_id).get(entry.corrects)
        if corrected is None:
            yield f"corrects {entry.corrects!r}; want an entry of the same patient"
            return
        if corrected.kind is not entry.kind:
            yield f"kind {entry.kind.value!r}; what it corrects is {corrected.kind.value!r}"
        newer = self.log(entry.patient_id).corrected_by(entry.corrects)
        if newer is not None:
            yield f"corrects {entry.corrects!r}, corrected by {newer.entry_id!r}; correct that one"

    def _wrong_bed(self, entry: PatientEntry, bed_id: str) -> Iterator[str]:
        """Yield objections if another patient or bed seems to be meant."""
        patient_id = entry.patient_id
        if not PATIENT_ID.fullmatch(patient_id):
            return
        if entry.kind in ARRIVALS:
            if patient_id.startswith(_ANONYMOUS):
                yield f"patient_id {patient_id!r}; want the patient's own, not one of a bed"
            if entry.bed_id not in {bed_id, ""}:
                yield f"bed_id {entry.bed_id!r}; it was given at {bed_id}"
            return
        known_here = {self.patient_at(bed_id), anonymous_at(bed_id)}
        if patient_id not in known_here and bed_id not in _beds(self.log(patient_id)):
            there = self.patient_at(bed_id) or "nobody"
            yield f"patient_id {patient_id!r} was never in {bed_id}; {there} is there"

    def _wrong_move(self, entry: PatientEntry, clock_ns: int | None) -> list[str]:
        """Return the objections to an impossible change of bed."""
        if entry.kind not in _MOVES:
            return []
        patient_id, bed_now = entry.patient_id, self._bed_of.get(entry.patient_id, "")
        if not entry.corrects:
            if entry.kind is EntryKind.ADMITTED and bed_now:
                return [f"{patient_id} is in {bed_now} already; want a transfer or a discharge"]
            if entry.kind is not EntryKind.ADMITTED and not bed_now:
                return [f"{patient_id} is in no bed here; want an admission"]
        bed_to = _bed(self.log(patient_id).with_one(entry, clock_ns, _MOVES))
        if not entry.corrects and bed_to != entry.bed_id:
            return [f"{patient_id} moved again at a later time; correct that entry"]
        there = self._patient_at.get(bed_to, patient_id)
        if there != patient_id:
            return [f"{there} is in {bed_to}; discharge or transfer that patient first"]
        return []


def anonymous_at(bed_id: str) -> str:
    """Return the patient_id for a bed to which nobody was ever admitted."""
    plain = _NOT_IN_IDS.sub("-", bed_id)
    patient_id = f"{_ANONYMOUS}{plain}"
    if plain != bed_id or not PATIENT_ID.fullmatch(patient_id):
        patient_id = f"{_ANONYMOUS}{plain[:20]}-{zlib.crc32(bed_id.encode()):08x}"
    return patient_id


def _moves(log: ContextLog) -> list[PatientEntry]:
    """Return a patient's valid admissions, transfers and discharges, in order of time."""
    moves = [entry for kind in _MOVES for entry in log.current(kind)]
    return sorted(moves, key=lambda entry: (entry.at_utc_ns, entry.entered_utc_ns))


def _bed(log: ContextLog) -> str:
    """Return a patient's bed by the entries, empty without one."""
    moves = _moves(log)
    return moves[-1].bed_id if moves else ""


def _beds(log: ContextLog) -> set[str]:
    return {entry.bed_id for entry in _moves(log)} - {""}
