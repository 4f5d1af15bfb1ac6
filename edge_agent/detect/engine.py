"""Evaluate the rules on what the beds send, one step after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from types import MappingProxyType
from typing import TYPE_CHECKING

from edge_agent.detect.ask import (
    Grounds,
    Remembered,
    answer_group,
    ground_parts,
    merged_grounds,
)
from edge_agent.detect.assessment import assessment_of, report_of
from edge_agent.detect.bed import BedRecord
from edge_agent.detect.explain import explained
from edge_agent.detect.grade_course import grade_now
from edge_agent.detect.kleene import INDETERMINATE, PRESENCE_OF, PRESENT
from edge_agent.detect.needs import needs_of
from edge_agent.detect.rule import evaluation_order, signalling_order
from edge_agent.detect.window import Stamp
from edge_agent.model.findings import Branch, Finding, Presence
from edge_agent.model.signs import adds_sign

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from datetime import tzinfo

    from edge_agent.detect.ask import View
    from edge_agent.detect.bed import PatientRecord, WindowRecord
    from edge_agent.detect.context import ContextLog
    from edge_agent.detect.crs_grade import GradeRange
    from edge_agent.detect.rule import Rule
    from edge_agent.model.alerts import Alert
    from edge_agent.model.assessment import Assessment, BedReport
    from edge_agent.model.bed_events import BedState
    from edge_agent.model.clock import Instant
    from edge_agent.model.findings import Evidence
    from edge_agent.model.measurements import Vital


class Engine:
    """Keeps the recent readings of every bed and answers the rules on them.

    Parameters
    ----------
    rules
        A rule set in which `check_rules` finds nothing wrong.
    watched_since
        When watching began; a vital never seen is as old as that.
    zone
        The ward's, for times of day that people read.
    """

    def __init__(self, rules: Sequence[Rule], watched_since: Instant, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._evaluated = evaluation_order(rules)
        self._signalled = [rule.rule_id for rule in signalling_order(rules)]
        self._needs = needs_of(rules)
        self._watched_since = watched_since
        self._beds: dict[str, BedRecord] = {}
        self._assessments: dict[str, Assessment] = {}
        self._former: dict[str, Assessment] = {}
        """As the beds were judged last before a restart; until they are judged again."""

    def observe(self, vital: Vital) -> None:
        """Keep a reading for later evaluations; readings may be older than the newest."""
        self._bed(vital.bed_id).observe(vital)

    def evaluate(
        self,
        bed_id: str,
        at: Instant,
        clearing: Container[str] | None = None,
        told: Mapping[str, Sequence[Evidence]] = MappingProxyType({}),
    ) -> list[Finding]:
        """Return what every rule says about a bed: absorbing rules first, then by urgency.

        Running signals are seen up to the last step that is over at the moment.

        Parameters
        ----------
        bed_id
            The bed.
        at
            The moment the windows end.
        clearing
            Rules whose recovery is asked for, None: all; of others it is not known, as without
            an alert nothing is to clear.
        told
            The evidence that people know of, by rule; what adds to it is explained, and what rules
            say that are left out.
        """
        bed = self._bed(bed_id)
        bed.close_until(at)
        findings: dict[str, Finding] = {}
        for rule in self._evaluated:
            asks = clearing is None or rule.rule_id in clearing
            answer = answer_group(rule.when, bed)
            bed.answers[rule.rule_id] = answer
            parts = ground_parts(rule.when, bed) if answer == PRESENT else []
            if answer == PRESENT:
                bed.remembered_answers[rule.rule_id] = Remembered(at, merged_grounds(parts))
            recovered = recovery(rule, answer, bed) if asks else None
            found = finding(bed_id, rule, (answer, recovered), parts, bed)
            findings[rule.rule_id] = explained_if_new(
                found, rule, bed, told.get(rule.rule_id), self._zone
            )
        before = self._assessments.get(bed_id) or self._former.pop(bed_id, None)
        self._assessments[bed_id] = assessment_of(bed, before)
        return [findings[rule_id] for rule_id in self._signalled]

    def assessment(self, bed_id: str) -> Assessment | None:
        """Return in which state a bed was as it was evaluated last, None before the first time."""
        return self._assessments.get(bed_id)

    def report(self, bed_id: str) -> BedReport | None:
        """Return what people are told of a bed as it was evaluated last, None before that."""
        assessment = self._assessments.get(bed_id)
        if assessment is None:
            return None
        bed = self._bed(bed_id)
        return report_of(bed_id, bed, assessment, bed.answers)

    def grade(self, bed_id: str) -> GradeRange:
        """Return the range of the ASTCT grade of a bed's patient as it was evaluated last."""
        bed = self._bed(bed_id)
        return grade_now(bed, bed.answers)

    def set_state(self, bed_id: str, state: BedState, at: Instant) -> None:
        """Note that something is the matter with a bed since `at`, unless it is already.

        In a replay it is known again by the newest reading before it.
        """
        bed = self._bed(bed_id)
        newest = bed.newest or bed.first
        bed.states.setdefault(state, Stamp(at, newest.feed_time))

    def clear_state(self, bed_id: str, state: BedState) -> None:
        """Note that nothing of this kind is the matter with a bed any more."""
        self._bed(bed_id).states.pop(state, None)

    def set_context(self, bed_id: str, log: ContextLog | None) -> None:
        """Take up what was entered about a bed's patient; None: nothing is known of them."""
        self._bed(bed_id).know(log)

    def forget_readings(self, bed_id: str) -> None:
        """Begin a bed's windows anew: what was read so far may be another patient's."""
        self._bed(bed_id).forget_readings()

    def begin_stay(self, bed_id: str, at: Instant, bed_from: str = "") -> None:
        """Begin anew at a bed where another patient is from now on, or none.

        Parameters
        ----------
        bed_id
            The bed.
        at
            Since when it is so.
        bed_from
            Where the patient was, whose usual values go along; empty for a patient from outside.
        """
        before = self._beds.get(bed_from)
        self._bed(bed_id).begin_stay(at, before)

    def restore(self, alerts: Iterable[Alert]) -> None:
        """Take from earlier alerts when each rule last held; readings are observed again."""
        for alert in alerts:
            marks = (alert.pending_since, alert.raised_at, alert.present_at, alert.recovered_since)
            at = max(mark for mark in marks if mark is not None)
            bed = self._bed(alert.bed_id)
            known = bed.remembered_answers.get(alert.rule_id)
            if known is None or known.at < at:
                grounds = Grounds(alert.evidence, Stamp(at, f"alert:{alert.alert_id}"))
                bed.remembered_answers[alert.rule_id] = Remembered(at, grounds)

    def patient_record(self, bed_id: str) -> PatientRecord:
        """Return what is kept of a bed's patient over a restart, whatever the rules are then."""
        return self._bed(bed_id).patient_record()

    def window_record(self, bed_id: str) -> WindowRecord:
        """Return what is kept of a bed's windows over a restart under the same rules."""
        return self._bed(bed_id).window_record()

    def take_up(
        self,
        bed_id: str,
        patient: PatientRecord,
        windows: WindowRecord | None,
        before: Assessment | None,
    ) -> None:
        """Go on with what was kept of a bed; without windows these begin anew."""
        self._bed(bed_id).take_up(patient, windows)
        if before is not None:
            self._former[bed_id] = before

    def _bed(self, bed_id: str) -> BedRecord:
        bed = self._beds.get(bed_id)
        if bed is None:
            bed = self._beds[bed_id] = BedRecord(self._watched_since, self._needs)
        return bed


def recovery(rule: Rule, answer: int, view: View) -> int:
    """Return whether a rule's condition to clear holds: its own, or the opposite of the other."""
    return -answer if rule.clear is None else answer_group(rule.clear, view)


def explained_if_new(
    found: Finding,
    rule: Rule,
    view: View,
    told: Sequence[Evidence] | None,
    zone: tzinfo = UTC,
) -> Finding:
    """Return a finding that says why, where it is PRESENT and more than people were told.

    Parameters
    ----------
    told
        The evidence that they know of; None where they know of nothing.
    """
    is_present = found.presence is Presence.PRESENT
    if not is_present or (told is not None and not adds_sign(told, found.branches)):
        return found
    why = explained(rule, view, zone)
    return replace(found, explanation=why.sentence, missing=why.missing)


def finding(
    bed_id: str, rule: Rule, said: tuple[int, int | None], parts: Sequence[Grounds], view: View
) -> Finding:
    """Return what a rule said.

    Parameters
    ----------
    said
        Whether it holds, and whether it is recovered; None: nobody asked.
    parts
        What it rests on, by condition; empty where it does not hold, or nobody asked.
    """
    answer, recovered = said
    grounds = merged_grounds(parts)
    branches = parts if rule.when.is_any else [grounds]
    stamp = grounds.stamp or view.first
    return Finding(
        bed_id=bed_id,
        rule_id=rule.rule_id,
        rule_version=rule.policy.rule_version,
        presence=PRESENCE_OF[answer],
        recovered=PRESENCE_OF[INDETERMINATE if recovered is None else recovered],
        evidence=grounds.evidence,
        feed_time=stamp.feed_time,
        at=view.at,
        branches=tuple(Branch(part.own, part.evidence) for part in branches),
    )
