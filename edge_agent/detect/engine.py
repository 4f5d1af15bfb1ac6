"""Evaluate the rules on what the beds send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.detect.bed import BedRecord, Remembered
from edge_agent.detect.conditions import (
    CLEARING,
    RAISING,
    Answer,
    Question,
    answer_group,
    opposite,
)
from edge_agent.detect.rule import (
    AgeCondition,
    RuleCondition,
    StateCondition,
    evaluation_order,
    signalling_order,
)
from edge_agent.detect.window import Stamp
from edge_agent.model.findings import Finding, Presence

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from edge_agent.detect.rule import Rule
    from edge_agent.model.alerts import Alert
    from edge_agent.model.bed_events import BedState
    from edge_agent.model.clock import Instant
    from edge_agent.model.measurements import Vital, VitalKind


class Engine:
    """Keeps the recent readings of every bed and answers the rules on them.

    Parameters
    ----------
    rules
        A rule set in which `check_rules` finds nothing wrong.
    watched_since
        When watching began; a vital never seen is as old as that.
    """

    def __init__(self, rules: Sequence[Rule], watched_since: Instant) -> None:
        self._evaluated = evaluation_order(rules)
        self._signalled = [rule.rule_id for rule in signalling_order(rules)]
        self._spans_ns = spans_ns(rules)
        self._watched_since = watched_since
        self._beds: dict[str, BedRecord] = {}

    def observe(self, vital: Vital) -> None:
        """Keep a reading for later evaluations; readings may be older than the newest."""
        self._bed(vital.bed_id).observe(vital)

    def evaluate(
        self, bed_id: str, at: Instant, clearing: Container[str] | None = None
    ) -> list[Finding]:
        """Return what every rule says about a bed: absorbing rules first, then by urgency.

        Parameters
        ----------
        bed_id
            The bed.
        at
            The moment the windows end.
        clearing
            Rules whose recovery is asked for, None: all; of others it is not known. Windows are
            what costs time, and without an alert nothing is to clear.
        """
        bed = self._bed(bed_id)
        answers: dict[str, Answer] = {}
        findings: dict[str, Finding] = {}
        for rule in self._evaluated:
            answer = answer_group(rule.when, Question(bed, at, answers, RAISING))
            recovered = opposite(answer.presence)
            if rule.clear is not None:
                recovered = Presence.INDETERMINATE
                if clearing is None or rule.rule_id in clearing:
                    question = Question(bed, at, answers, CLEARING)
                    recovered = answer_group(rule.clear, question).presence
            stamp = answer.stamp or bed.first
            if answer.presence is Presence.PRESENT:
                bed.remembered[rule.rule_id] = Remembered(at, answer.evidence, stamp)
            answers[rule.rule_id] = answer
            findings[rule.rule_id] = Finding(
                bed_id=bed_id,
                rule_id=rule.rule_id,
                rule_version=rule.policy.rule_version,
                presence=answer.presence,
                recovered=recovered,
                evidence=answer.evidence,
                feed_time=stamp.feed_time,
                at=at,
            )
        return [findings[rule_id] for rule_id in self._signalled]

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

    def forget_readings(self, bed_id: str) -> None:
        """Begin a bed's windows anew: what was read so far may be another patient's."""
        self._bed(bed_id).forget_readings()

    def begin_stay(self, bed_id: str, at: Instant) -> None:
        """Begin anew at a bed where another patient is from now on, or none."""
        bed = self._bed(bed_id)
        bed.forget_readings()
        bed.remembered.clear()
        bed.watched_since = at

    def restore(self, alerts: Iterable[Alert]) -> None:
        """Take from earlier alerts when each rule last held; readings are observed again."""
        for alert in alerts:
            marks = (alert.pending_since, alert.raised_at, alert.present_at, alert.recovered_since)
            at = max(mark for mark in marks if mark is not None)
            bed = self._bed(alert.bed_id)
            known = bed.remembered.get(alert.rule_id)
            if known is None or known.at < at:
                stamp = Stamp(at, f"alert:{alert.alert_id}")
                bed.remembered[alert.rule_id] = Remembered(at, alert.evidence, stamp)

    def _bed(self, bed_id: str) -> BedRecord:
        bed = self._beds.get(bed_id)
        if bed is None:
            bed = self._beds[bed_id] = BedRecord(self._watched_since, self._spans_ns)
        return bed


def spans_ns(rules: Sequence[Rule]) -> dict[VitalKind, int]:
    """Return for each vital that a rule reads the longest time a condition looks back."""
    spans: dict[VitalKind, int] = {}
    for leaf in (leaf for rule in rules for leaf in rule.leaves()):
        if isinstance(leaf, RuleCondition | StateCondition) or leaf.kind is None:
            continue
        span_s = leaf.threshold_s if isinstance(leaf, AgeCondition) else leaf.window_s
        spans[leaf.kind] = max(spans.get(leaf.kind, 0), round(span_s * 1e9))
    return spans
