"""Patients in the beds, the effect on monitoring, and readings from beds without a patient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.detect.language.rule import LatestCondition, Rule, ShareCondition, StateCondition
from edge_agent.model.alerts import Alert, AlertKind
from edge_agent.model.bed_events import BedState
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Finding, Presence
from edge_agent.model.measurements import Vital
from edge_agent.model.patient import PatientEntry
from edge_agent.patient.stays import ARRIVALS, Move, Stays

ENTERED_ALREADY: Final = "was already entered; it counts once"
FORGOTTEN_AFTER_S: Final = 60.0
"""Silence in seconds after which a bed without a patient counts as empty; design start value,
unvalidated."""
_WITHOUT_PATIENT: Final = frozenset(
    {BedState.MONITOR_CHANGED, BedState.PATIENT_NOT_ASSIGNED, BedState.TEST_ALERT}
)
"""States that matter even in a bed without a patient."""


@dataclass(frozen=True, slots=True)
class AcceptedEntry:
    """An accepted entry and what it changed."""

    entry: PatientEntry
    """Complete entry, as it is stored."""
    move: Move | None = None
    """The patient's change of bed; None if there is none."""


@dataclass(frozen=True, slots=True)
class Change:
    """A bed's change of patient, and its time."""

    move: Move
    at: Instant

    def is_after(self, alert: Alert) -> bool:
        """Return True if an alert is about the patient before the change."""
        return alert.changed_at.utc_ns < self.at.utc_ns


class Occupancy:
    """Tracks the patients of all beds."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.stays = Stays()
        """Patients' beds and entries."""
        self.changes: dict[str, Change] = {}
        """Newest change of each bed; beds without a change are left out."""
        self._unassigned_at: dict[str, Instant] = {}
        """Time of the newest usable reading from each bed without a patient, if it is recent."""
        self._furthest_clock_ns: int | None = None
        """Largest UTC minus monotonic time so far, ns; None before the first."""
        self._needs_patient = {rule.rule_id for rule in rules if _needs_patient(rule)}

    def may_leave(self, entry: PatientEntry, bed_id: str) -> bool:
        """Return True if an entry may be given at an unconfigured bed that still has a patient."""
        is_arrival = entry.kind in ARRIVALS and not entry.is_void
        return self.stays.is_occupied(bed_id) and not is_arrival

    def enter(self, entry: PatientEntry, bed_id: str, at: Instant) -> AcceptedEntry | str:
        """Accept an entry given at a bed; return the reason if it is refused."""
        clock_ns = self._set_to(at)
        whole = replace(self.stays.completed(entry, bed_id), entered_utc_ns=at.utc_ns)
        if self.stays.has(whole):
            return f"entry {entry.entry_id[:80]!r}: {ENTERED_ALREADY}"
        wrong = self.stays.objections(whole, bed_id, at.utc_ns, clock_ns, self._set_back_ns(at))
        if wrong:
            return f"entry {entry.entry_id[:80]!r}: {'; '.join(wrong)}"
        return AcceptedEntry(whole, self._apply(whole, at, clock_ns))

    def restore(
        self, entries: Iterable[PatientEntry], now: Instant, *, clock_is_known: bool
    ) -> None:
        """Apply entries that were accepted before `now`.

        Parameters
        ----------
        clock_is_known
            True if entries dated after `now` were made before the clock was set back.
        """
        for entry in entries:
            ago_ns = max(0, now.utc_ns - entry.entered_utc_ns)
            at = Instant(now.monotonic_ns - ago_ns, entry.entered_utc_ns)
            self._apply(entry, at, self._set_to(at) if clock_is_known else None)

    def is_of_former_patient(self, bed_id: str, vital: Vital) -> bool:
        """Return True if a reading was taken before the present patient came to the bed."""
        change = self.changes.get(bed_id)
        return change is not None and vital.measured_at < change.at

    def note_readings(self, bed_id: str, vitals: Sequence[Vital], at: Instant) -> bool:
        """Note readings of a bed; return True if it starts to have some without a patient."""
        if not self.stays.is_vacated(bed_id) or not any(vital.is_usable for vital in vitals):
            return False
        is_new = bed_id not in self._unassigned_at
        self._unassigned_at[bed_id] = at
        return is_new

    def forget_stopped(self, at: Instant) -> list[str]:
        """Return the beds whose readings without a patient have stopped, each once."""
        self._set_to(at)
        stopped = [
            bed_id
            for bed_id, newest_at in self._unassigned_at.items()
            if at.seconds_since(newest_at) > FORGOTTEN_AFTER_S
        ]
        for bed_id in stopped:
            del self._unassigned_at[bed_id]
        return stopped

    def is_away(self, bed_id: str, at: Instant) -> bool:
        """Return True while the patient of a bed is marked as away."""
        return self.stays.log_at(bed_id).at(at.utc_ns).away is not None

    def is_unassigned(self, bed_id: str) -> bool:
        """Return True if a bed without a patient still sends usable readings."""
        return bed_id in self._unassigned_at

    def clear_unneeded(self, bed_id: str, findings: list[Finding]) -> list[Finding]:
        """Return the findings; in an empty bed, clear those that need a patient.

        A monitor that is switched off after a discharge has lost no signal.
        """
        if not self.stays.is_vacated(bed_id):
            return findings
        return [
            _cleared(finding) if finding.rule_id in self._needs_patient else finding
            for finding in findings
        ]

    def _set_to(self, at: Instant) -> int:
        """Return UTC minus monotonic time in ns, and note the largest so far."""
        clock_ns = at.utc_ns - at.monotonic_ns
        self._furthest_clock_ns = clock_ns + self._set_back_ns(at)
        return clock_ns

    def _set_back_ns(self, at: Instant) -> int:
        """Return the time by which the wall clock was set back from its furthest setting."""
        clock_ns = at.utc_ns - at.monotonic_ns
        return max(clock_ns, self._furthest_clock_ns or clock_ns) - clock_ns

    def _apply(self, entry: PatientEntry, at: Instant, clock_ns: int | None) -> Move | None:
        move = self.stays.apply(entry, clock_ns)
        if move is not None:
            self._unassigned_at.pop(move.bed_to, None)
            self.changes.update((bed_id, Change(move, at)) for bed_id in _beds_of(move))
        return move


def _beds_of(move: Move) -> list[str]:
    """Return the beds whose patient changed by a move."""
    return [bed_id for bed_id in (move.bed_from, move.bed_to) if bed_id]


def is_about_patient(rule: Rule) -> bool:
    """Return True if a rule's alert is about the patient, not only about the monitoring."""
    is_valued = any(isinstance(leaf, ShareCondition | LatestCondition) for leaf in rule.leaves())
    return rule.policy.kind is AlertKind.PHYSIOLOGICAL or is_valued


def confirms(rule: Rule) -> bool:
    """Return True if a person confirms a monitor by acknowledging a rule's alert."""
    return BedState.MONITOR_CHANGED in _states_of(rule)


def _needs_patient(rule: Rule) -> bool:
    """Return True if a rule's alert about the monitoring has no meaning in an empty bed."""
    return rule.policy.kind is AlertKind.TECHNICAL and not _states_of(rule) & _WITHOUT_PATIENT


def _states_of(rule: Rule) -> set[BedState]:
    return {leaf.state for leaf in rule.leaves() if isinstance(leaf, StateCondition)}


def _cleared(finding: Finding) -> Finding:
    return replace(finding, presence=Presence.ABSENT, recovered=Presence.PRESENT, evidence=())
