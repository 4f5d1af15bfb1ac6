"""The evaluation of a ward's beds: its parts, and one bed at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.alerting.presence import Presence
from edge_agent.alerting.settings import AlertSettings
from edge_agent.detect.engine import Engine
from edge_agent.detect.grid import StepGrid
from edge_agent.detect.language.presence import needs_presence
from edge_agent.detect.language.rule import Rule
from edge_agent.model.bed_events import BedState
from edge_agent.model.clock import Instant
from edge_agent.model.duty import WardPlan
from edge_agent.model.findings import Finding
from edge_agent.model.measurements import Vital
from edge_agent.model.session_events import NumericsReceived
from edge_agent.patient.context import ContextLog
from edge_agent.vitals.normalise import Normaliser
from edge_agent.ward.beds import Bed, Outcome, WardIdentity
from edge_agent.ward.monitoring import ALWAYS_REPORTED, Monitoring, words_of
from edge_agent.ward.occupancy import Occupancy, confirms, is_about_patient

_EVALUATED_WITHIN_S: Final = 15.0
"""Longest time between two evaluations of a bed: a step lasts 10 s and is settled 2 s later."""


class WardEvaluation:
    """The parts that evaluate every bed of a ward, and the evaluation of one bed; one thread's own.

    Parameters
    ----------
    config_hash
        Names the settings and rules in force; carried by every alert.
    monitored_since
        Start of monitoring; the age of a signal never received counts from then.
    """

    def __init__(
        self,
        beds: Sequence[Bed],
        rules: Sequence[Rule],
        ward: WardIdentity,
        config_hash: str,
        monitored_since: Instant,
    ) -> None:
        self.beds = {bed.bed_id: bed for bed in beds}
        self.rules_at = {
            bed.bed_id: frozenset(
                rule.rule_id for rule in rules if rule.signal in bed.required_signals | {""}
            )
            for bed in beds
        }
        """Rules evaluated at each bed."""
        self.normalisers = {bed.bed_id: Normaliser(bed.bed_id) for bed in beds}
        self.engine = Engine(rules, monitored_since)
        self.of_patients = frozenset(r.rule_id for r in rules if is_about_patient(r))
        """The rules that are about a patient and not about devices."""
        labels = AlertLabels(ward.site, ward.ward, config_hash)
        self.confirming = frozenset(r.rule_id for r in rules if confirms(r))
        """Rules whose alerts are acknowledged to confirm that a monitor belongs to the patient."""
        settings = AlertSettings(
            of_patients=self.of_patients,
            needing_presence=frozenset(r.rule_id for r in rules if needs_presence(r)),
            confirming=self.confirming,
        )
        self.book = AlertBook([rule.policy for rule in rules], labels, settings)
        self.presence = Presence(self.book)
        self._evaluated_at = dict.fromkeys(self.beds, monitored_since)
        self.steps = StepGrid(monitored_since)
        self.monitoring = Monitoring(self.beds, rules)
        self.occupancy = Occupancy(rules)

    def normalised(self, bed_id: str, event: NumericsReceived) -> tuple[Vital, ...]:
        """Return the vitals of a message, checked as those of the bed's patient at that time."""
        patient = self.context_log(bed_id).at(event.at.utc_ns)
        return self.normalisers[bed_id].normalise(event, patient.steady, patient.age_years)

    def context_log(self, bed_id: str) -> ContextLog:
        """Return the entries about the patient in a bed."""
        return self.occupancy.stays.log_at(bed_id)

    def update_states(self, bed_id: str, at: Instant) -> Iterator[Outcome]:
        """Set the bed's monitoring states (link lost, monitor changed) and evaluate the rules."""
        held_states = set(self.monitoring.held_states(bed_id))
        if self.occupancy.is_unassigned(bed_id):
            held_states.add(BedState.PATIENT_NOT_ASSIGNED)
        if any(self.monitoring.is_news(bed_id, alert) for alert in self.book.alerts(bed_id)):
            # An alert names its causes; clear the states so that a cause it does not name is new.
            for state in ALWAYS_REPORTED:
                self.engine.clear_state(bed_id, state)
            yield from self.evaluate(bed_id, at)
        for state in BedState:
            if state in held_states:
                self.engine.set_state(bed_id, state, at)
            else:
                self.engine.clear_state(bed_id, state)
        yield from self.evaluate(bed_id, at)

    def report_state(self, bed_id: str, state: BedState, at: Instant) -> Iterator[Outcome]:
        """Report a single event in the monitoring of a bed, without evaluating its rules."""
        self.engine.set_state(bed_id, state, at)
        for finding in self.monitoring.findings(bed_id, state, at):
            yield from self.book.apply(self.occupancy.clear_unneeded(bed_id, [finding]))

    def continue_tests(self) -> None:
        """Let the tests of an earlier run go on until their time is over."""
        for alert in self.book.open_alerts():
            if alert.is_test and alert.raised_at is not None:
                words = words_of(alert)
                self.monitoring.note_event(
                    alert.bed_id, BedState.TEST_ALERT, words, alert.raised_at
                )
                self.engine.set_state(alert.bed_id, BedState.TEST_ALERT, alert.raised_at)

    def follow(self, plan: WardPlan) -> None:
        """Use the response times and the number of answers of a ward file from now on."""
        self.book.settings = replace(
            self.book.settings, times=plan.times, answers_for_high=plan.answers_for_high
        )

    def evaluate_until(self, bed_id: str, at: Instant) -> Iterator[Outcome]:
        """Evaluate a bed's steps that ended before a moment; do nothing for an unconfigured bed."""
        if bed_id in self.beds:
            yield from self.evaluate_steps(bed_id, self.steps.due_before(bed_id, at))

    def evaluate_steps(self, bed_id: str, ends: Iterable[Instant]) -> Iterator[Outcome]:
        """Evaluate a bed at each of some steps."""
        for end in ends:
            yield from self.evaluate(bed_id, end)

    def evaluate(self, bed_id: str, at: Instant) -> list[Outcome]:
        """Evaluate a bed's rules and apply the findings to its alerts."""
        findings = self.findings(bed_id, at)
        self._evaluated_at[bed_id] = at
        is_away = self.occupancy.is_away(bed_id, at)
        return list(self.presence.apply(bed_id, findings, at, is_away=is_away))

    def pass_time(self, bed_id: str, at: Instant) -> list[Outcome]:
        """Return the signals by time alone at a bed whose rules could not be evaluated for long."""
        if at.seconds_since(self._evaluated_at[bed_id]) <= _EVALUATED_WITHIN_S:
            return []
        return list(self.book.pass_time(bed_id, at))

    def findings(self, bed_id: str, at: Instant) -> list[Finding]:
        """Return the findings of the rules that are evaluated at a bed, with their notes."""
        rules_here = self.rules_at[bed_id]
        findings = [
            finding
            for finding in self.engine.evaluate(
                bed_id, at, self.book.clearing(bed_id), self.book.reported_evidence(bed_id)
            )
            if finding.rule_id in rules_here
        ]
        findings = self.occupancy.clear_unneeded(bed_id, findings)
        return [self.monitoring.explained(finding, at) for finding in findings]
