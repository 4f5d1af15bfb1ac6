"""Who is in each bed, what that means for the watching, and readings of beds where nobody is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from edge_agent.detect.rule import LatestCondition, ShareCondition, StateCondition
from edge_agent.detect.stays import COMES, Stays
from edge_agent.model.alerts import AlertKind
from edge_agent.model.bed_events import BedState
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Presence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from edge_agent.detect.rule import Rule
    from edge_agent.detect.stays import Move
    from edge_agent.model.alerts import Alert
    from edge_agent.model.findings import Finding
    from edge_agent.model.measurements import Vital
    from edge_agent.model.patient import PatientEntry

ENTERED_ALREADY: Final = "was entered already, and counts once"
FORGOTTEN_AFTER_S: Final = 60.0
"""Readings that stopped so long ago say that nobody is in the bed any more; design start value,
unvalidated."""
_WITHOUT_PATIENT: Final = frozenset({BedState.MONITOR_CHANGED, BedState.PATIENT_NOT_ASSIGNED})
"""What matters where nobody is, too."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an entry that nothing is wrong with."""

    entry: PatientEntry
    """Whole, as it is kept."""
    move: Move | None = None
    """Where its patient went by it; None where nowhere."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a bed came to another patient, or to none, and since when."""

    move: Move
    at: Instant

    def is_after(self, alert: Alert) -> bool:
        """Return whether an alert is of who was there before."""
        return alert.changed_at.utc_ns < self.at.utc_ns


class Occupancy:
    """Follows the patients of all beds.

    Parameters
    ----------
    rules
        The checked rule set.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.stays = Stays()
        """Who is where, and what was entered of whom."""
        self.changes: dict[str, Change] = {}
        """The newest of each bed; beds that never changed patients are left out."""
        self._heard_at: dict[str, Instant] = {}
        """When a bed where nobody is had its newest usable reading; not long ago."""
        self._furthest_clock_ns: int | None = None
        """UTC less monotonic where the wall clock was furthest ahead; None before any moment."""
        self._needs_patient = {rule.rule_id for rule in rules if _needs_patient(rule)}

    def may_leave(self, entry: PatientEntry, bed_id: str) -> bool:
        """Return whether an entry may be given at a bed that is not watched, where a patient is."""
        is_coming = entry.kind in COMES and not entry.is_void
        return self.stays.is_occupied(bed_id) and not is_coming

    def enter(self, entry: PatientEntry, bed_id: str, at: Instant) -> Taken | str:
        """Take an entry given at a bed; return why not where it cannot be."""
        clock_ns = self._set_to(at)
        whole = replace(self.stays.completed(entry, bed_id), entered_utc_ns=at.utc_ns)
        if self.stays.has(whole):
            return f"entry {entry.entry_id[:80]!r}: {ENTERED_ALREADY}"
        wrong = self.stays.objections(whole, bed_id, at.utc_ns, clock_ns, self._set_back_ns(at))
        if wrong:
            return f"entry {entry.entry_id[:80]!r}: {'; '.join(wrong)}"
        return Taken(whole, self._apply(whole, at, clock_ns))

    def restore(self, entries: Iterable[PatientEntry], now: Instant, *, knows_clock: bool) -> None:
        """Take up entries that were taken before `now`.

        Parameters
        ----------
        knows_clock
            Whether what was entered by a clock ahead of `now` was entered before that was set back.
        """
        for entry in entries:
            ago_ns = max(0, now.utc_ns - entry.entered_utc_ns)
            at = Instant(now.monotonic_ns - ago_ns, entry.entered_utc_ns)
            self._apply(entry, at, self._set_to(at) if knows_clock else None)

    def is_former(self, bed_id: str, vital: Vital) -> bool:
        """Return whether a reading was taken before the patient came who is in the bed now."""
        change = self.changes.get(bed_id)
        return change is not None and vital.measured_at < change.at

    def heard(self, bed_id: str, vitals: Sequence[Vital], at: Instant) -> bool:
        """Note readings of a bed; return whether it began to have some without a patient."""
        if not self.stays.is_vacated(bed_id) or not any(vital.is_usable for vital in vitals):
            return False
        is_new = bed_id not in self._heard_at
        self._heard_at[bed_id] = at
        return is_new

    def quieted(self, at: Instant) -> list[str]:
        """Return the beds whose readings without a patient have stopped, each once."""
        self._set_to(at)
        stopped = [
            bed_id
            for bed_id, heard_at in self._heard_at.items()
            if at.seconds_since(heard_at) > FORGOTTEN_AFTER_S
        ]
        for bed_id in stopped:
            del self._heard_at[bed_id]
        return stopped

    def is_unassigned(self, bed_id: str) -> bool:
        """Return whether a bed has readings and nobody has said whose."""
        return bed_id in self._heard_at

    def asked(self, bed_id: str, findings: list[Finding]) -> list[Finding]:
        """Return the findings with those put at rest that need a patient where there is none.

        A monitor that is switched off after a discharge has lost nothing.
        """
        if not self.stays.is_vacated(bed_id):
            return findings
        return [
            _at_rest(finding) if finding.rule_id in self._needs_patient else finding
            for finding in findings
        ]

    def _set_to(self, at: Instant) -> int:
        """Return UTC less monotonic, and note how far ahead the wall clock was at most."""
        clock_ns = at.utc_ns - at.monotonic_ns
        self._furthest_clock_ns = clock_ns + self._set_back_ns(at)
        return clock_ns

    def _set_back_ns(self, at: Instant) -> int:
        """Return how far the wall clock was set back from where it was furthest ahead."""
        clock_ns = at.utc_ns - at.monotonic_ns
        return max(clock_ns, self._furthest_clock_ns or clock_ns) - clock_ns

    def _apply(self, entry: PatientEntry, at: Instant, clock_ns: int | None) -> Move | None:
        move = self.stays.apply(entry, clock_ns)
        if move is not None:
            self._heard_at.pop(move.bed_to, None)
            self.changes.update((bed_id, Change(move, at)) for bed_id in beds_of(move))
        return move


def beds_of(move: Move) -> list[str]:
    """Return the beds that another patient, or none, is in by a move."""
    return [bed_id for bed_id in (move.bed_from, move.bed_to) if bed_id]


def says_of_patient(rule: Rule) -> bool:
    """Return whether a rule's alert says something of the patient, not only of the watching."""
    is_valued = any(isinstance(leaf, ShareCondition | LatestCondition) for leaf in rule.leaves())
    return rule.policy.kind is AlertKind.PHYSIOLOGICAL or is_valued


def _needs_patient(rule: Rule) -> bool:
    """Return whether an alert about the watching means nothing where nobody is watched."""
    states = {leaf.state for leaf in rule.leaves() if isinstance(leaf, StateCondition)}
    return rule.policy.kind is AlertKind.TECHNICAL and not states & _WITHOUT_PATIENT


def _at_rest(finding: Finding) -> Finding:
    return replace(finding, presence=Presence.ABSENT, recovered=Presence.PRESENT, evidence=())
