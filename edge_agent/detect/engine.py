"""Evaluation of the rules on the readings of all beds, step by step."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from edge_agent.detect.arrays import Stamp
from edge_agent.detect.bed import MonitoredBed
from edge_agent.detect.bed_records import PatientRecord, WindowRecord
from edge_agent.detect.conditions.answers import answer_group
from edge_agent.detect.conditions.grounds import ground_parts, merged_grounds
from edge_agent.detect.conditions.kleene import INDETERMINATE, PRESENCE_OF, PRESENT
from edge_agent.detect.conditions.view import Grounds, PresentAnswer, View
from edge_agent.detect.language.needs import needs_of
from edge_agent.detect.language.rule import Rule, absorption_order, evaluation_order
from edge_agent.detect.report.assessment import assessment_of, report_of
from edge_agent.detect.report.facts import facts_of
from edge_agent.model.alerts import Alert
from edge_agent.model.assessment import Assessment, BedReport
from edge_agent.model.bed_events import BedState
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Branch, Evidence, Finding, Presence
from edge_agent.model.measurements import Vital
from edge_agent.model.signs import adds_sign
from edge_agent.patient.context import ContextLog


class Engine:
    """Stores the recent readings of every bed and evaluates the rules on them.

    Parameters
    ----------
    rules
        A rule set without mistakes, see `check_rules`.
    monitored_since
        Start of monitoring; the age of a vital without a reading counts from there.
    """

    def __init__(self, rules: Sequence[Rule], monitored_since: Instant) -> None:
        self._evaluated = evaluation_order(rules)
        self._absorbing_first = [rule.rule_id for rule in absorption_order(rules)]
        self._needs = needs_of(rules)
        self._monitored_since = monitored_since
        self._beds: dict[str, MonitoredBed] = {}
        self._assessments: dict[str, Assessment] = {}
        self._former: dict[str, Assessment] = {}
        """Last assessments before a restart, until the beds are assessed again."""

    def observe(self, vital: Vital) -> None:
        """Store a reading for later evaluations; it may be older than the newest one."""
        self._bed(vital.bed_id).observe(vital)

    def evaluate(
        self,
        bed_id: str,
        at: Instant,
        clearing: Container[str] | None = None,
        reported: Mapping[str, Sequence[Evidence]] = MappingProxyType({}),
    ) -> list[Finding]:
        """Return each rule's finding for a bed, absorbing rules first, then by urgency.

        Conditions read running signals up to the last step that has ended by `at`.

        Parameters
        ----------
        at
            End of the windows.
        clearing
            Rules to evaluate recovery for, None for all. The recovery of the others is
            INDETERMINATE; they have no alert to clear.
        reported
            The evidence already reported, by rule. Findings that add to it have facts, and so have
            PRESENT findings of rules that it does not name.
        """
        bed = self._bed(bed_id)
        bed.close_until(at)
        findings: dict[str, Finding] = {}
        for rule in self._evaluated:
            needs_recovery = clearing is None or rule.rule_id in clearing
            answer = answer_group(rule.when, bed)
            bed.answers[rule.rule_id] = answer
            parts = ground_parts(rule.when, bed) if answer == PRESENT else []
            if answer == PRESENT:
                bed.remembered_answers[rule.rule_id] = PresentAnswer(at, merged_grounds(parts))
            recovered = recovery(rule, answer, bed) if needs_recovery else None
            found = finding(bed_id, rule, (answer, recovered), parts, bed)
            findings[rule.rule_id] = with_facts(found, rule, bed, reported.get(rule.rule_id))
        before = self._assessments.get(bed_id) or self._former.pop(bed_id, None)
        self._assessments[bed_id] = assessment_of(bed, before)
        return [findings[rule_id] for rule_id in self._absorbing_first]

    def assessment(self, bed_id: str) -> Assessment | None:
        """Return a bed's assessment from its last evaluation, None before the first."""
        return self._assessments.get(bed_id)

    def report(self, bed_id: str) -> BedReport | None:
        """Return the report on a bed from its last evaluation, None before the first."""
        assessment = self._assessments.get(bed_id)
        if assessment is None:
            return None
        bed = self._bed(bed_id)
        return report_of(bed_id, bed, assessment, bed.answers)

    def set_state(self, bed_id: str, state: BedState, at: Instant) -> None:
        """Set a monitoring state of a bed, holding since `at` unless it holds already.

        A replay recognises the state by the newest reading before it.
        """
        bed = self._bed(bed_id)
        newest = bed.newest or bed.first
        bed.states.setdefault(state, Stamp(at, newest.feed_time))

    def clear_state(self, bed_id: str, state: BedState) -> None:
        """Clear a monitoring state of a bed."""
        self._bed(bed_id).states.pop(state, None)

    def set_context(self, bed_id: str, log: ContextLog | None) -> None:
        """Set the entries about a bed's patient; None where nothing is known."""
        self._bed(bed_id).set_log(log)

    def forget_readings(self, bed_id: str) -> None:
        """Empty a bed's windows: the readings so far may be another patient's."""
        self._bed(bed_id).forget_readings()

    def begin_stay(self, bed_id: str, at: Instant, bed_from: str = "") -> None:
        """Start over at a bed that has another patient, or none, from now on.

        Parameters
        ----------
        bed_from
            The patient's bed before, whose usual values are copied; empty for a new patient.
        """
        before = self._beds.get(bed_from)
        self._bed(bed_id).begin_stay(at, before)

    def restore(self, alerts: Iterable[Alert]) -> None:
        """Set from earlier alerts when each rule last held; readings are observed separately."""
        for alert in alerts:
            marks = (alert.pending_since, alert.raised_at, alert.present_at, alert.recovered_since)
            at = max(mark for mark in marks if mark is not None)
            bed = self._bed(alert.bed_id)
            known = bed.remembered_answers.get(alert.rule_id)
            if known is None or known.at < at:
                grounds = Grounds(alert.evidence, Stamp(at, f"alert:{alert.alert_id}"))
                bed.remembered_answers[alert.rule_id] = PresentAnswer(at, grounds)

    def patient_record(self, bed_id: str) -> PatientRecord:
        """Return the patient's record of a bed for a restart; it does not depend on the rules."""
        return self._bed(bed_id).patient_record()

    def window_record(self, bed_id: str) -> WindowRecord:
        """Return a bed's windows for a restart with the same rules."""
        return self._bed(bed_id).window_record()

    def restore_bed(
        self,
        bed_id: str,
        patient: PatientRecord,
        windows: WindowRecord | None,
        before: Assessment | None,
    ) -> None:
        """Restore a bed's stored records; without `windows` start empty ones."""
        self._bed(bed_id).restore(patient, windows)
        if before is not None:
            self._former[bed_id] = before

    def _bed(self, bed_id: str) -> MonitoredBed:
        bed = self._beds.get(bed_id)
        if bed is None:
            bed = self._beds[bed_id] = MonitoredBed(self._monitored_since, self._needs)
        return bed


def recovery(rule: Rule, answer: int, view: View) -> int:
    """Return the answer of a rule's clear condition, or the opposite of `answer` without one."""
    return -answer if rule.clear is None else answer_group(rule.clear, view)


def with_facts(
    found: Finding, rule: Rule, view: View, reported: Sequence[Evidence] | None
) -> Finding:
    """Return the finding, with facts where it is PRESENT and adds to the reported evidence.

    Parameters
    ----------
    reported
        The evidence already reported; None if there is none.
    """
    is_present = found.presence is Presence.PRESENT
    if not is_present or (reported is not None and not _is_new(found, rule, reported)):
        return found
    gathered = facts_of(rule, view, found.branches)
    return replace(found, facts=gathered.facts, missing=gathered.missing)


def _is_new(found: Finding, rule: Rule, reported: Sequence[Evidence]) -> bool:
    return adds_sign(reported, found.branches, rule.policy.again_at)


def finding(
    bed_id: str, rule: Rule, answers: tuple[int, int | None], parts: Sequence[Grounds], view: View
) -> Finding:
    """Return the finding of one rule.

    Parameters
    ----------
    answers
        The rule's answer, and that of its clear condition; None if not evaluated.
    parts
        The grounds of each condition; empty unless the answer is PRESENT.
    """
    answer, recovered = answers
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
