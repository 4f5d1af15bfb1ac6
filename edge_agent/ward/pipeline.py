"""From session events to outcomes: readings in, alert changes out; no I/O.

A bed is evaluated at the end of each step of event time (`detect.grid`), and at once after a
change of a link, a monitor or its red alarms, and after an entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from edge_agent.detect.language.rule import Rule
from edge_agent.detect.report.assessment import ReportPace
from edge_agent.model.alerts import Alert
from edge_agent.model.answers import AlertTest, Answer
from edge_agent.model.assessment import Assessment, BedReport
from edge_agent.model.bed_events import (
    BedEvent,
    BedState,
    CommandRejected,
    ContextEntered,
    DevicePlace,
    MonitorAccepted,
)
from edge_agent.model.clock import Instant
from edge_agent.model.device_status import DeviceStatus
from edge_agent.model.duty import WardPlan
from edge_agent.model.measurements import Readings
from edge_agent.model.patient import PatientEntry
from edge_agent.model.session_events import SessionEvent
from edge_agent.patient.stays import Move
from edge_agent.ward.answers import answered, tested
from edge_agent.ward.bed_patient import patient_at
from edge_agent.ward.beds import Bed, Outcome, WardIdentity
from edge_agent.ward.evaluation import WardEvaluation
from edge_agent.ward.gateway_clock import GatewayClock, step_words
from edge_agent.ward.receiving import Receiver
from edge_agent.ward.restoring import Restorer
from edge_agent.ward.snapshot import BedSnapshot


class Pipeline:
    """Normalises the readings and evaluates the alerts of all beds; owned by one thread.

    Parameters
    ----------
    config_hash
        Hash of the settings and rules in force; every alert carries it.
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
        self._evaluation = WardEvaluation(beds, rules, ward, config_hash, monitored_since)
        self._restorer = Restorer(self._evaluation, rules, monitored_since)
        self._receiver = Receiver(self._evaluation, self._restorer.received_until)
        self._pace = ReportPace()
        self._clock = GatewayClock()
        self.outcomes_so_far: list[Outcome] = []
        """Outcomes of the newest call, also from the part of it before it raised."""

    @property
    def bed_ids(self) -> tuple[str, ...]:
        """Ids of the monitored beds."""
        return tuple(self._evaluation.beds)

    def receive(
        self, place: DevicePlace, events: Sequence[SessionEvent], at: Instant
    ) -> list[Outcome]:
        """Return the outcomes of a device's session events."""
        monitor = self._evaluation.monitoring.monitor(place.bed_id, place.device_id)
        outcomes = self._begin_outcomes(self._evaluation.evaluate_until(place.bed_id, at))
        for event in events:
            outcomes += self._receiver.receive(place, monitor, event, at)
        return outcomes

    def tick(self, at: Instant) -> list[Outcome]:
        """Return the outcomes of time passing: losses, hold times, clearing."""
        outcomes = self._begin_outcomes(())
        for bed_id in self._evaluation.beds:
            outcomes += self._evaluation.evaluate_steps(
                bed_id, self._evaluation.steps.due_by_clock(bed_id, at)
            )
        by_s = self._clock.step_s(at)
        if by_s:
            for bed_id in self._evaluation.beds:
                outcomes += self._note_event(bed_id, BedState.CLOCK_STEPPED, step_words(by_s), at)
        for bed_id in (
            *self._evaluation.occupancy.forget_stopped(at),
            *self._evaluation.monitoring.changed_by_time(at),
        ):
            outcomes += self._evaluation.update_states(bed_id, at)
        for bed_id in self._evaluation.beds:
            outcomes += self._evaluation.pass_time(bed_id, at)
        return outcomes

    def follow(self, plan: WardPlan) -> list[Outcome]:
        """Use the response times of a ward file from now on; return the outcomes: none."""
        self._evaluation.follow(plan)
        return self._begin_outcomes(())

    def note_event(self, bed_id: str, state: BedState, words: str, at: Instant) -> list[Outcome]:
        """Return the outcomes of a single event in the monitoring of a bed.

        The bed's rules are not evaluated: their evaluation may be what failed.
        """
        return self._begin_outcomes(self._note_event(bed_id, state, words, at))

    def catch_up(self, bed_id: str, at: Instant, *, by_clock: bool) -> list[Outcome]:
        """Return the outcomes of a bed's due steps, and of nothing else.

        Parameters
        ----------
        by_clock
            True if no message came at `at`: steps that just ended wait for the next reading.
        """
        if bed_id not in self._evaluation.beds:
            return self._begin_outcomes(())
        due = self._evaluation.steps.due_by_clock if by_clock else self._evaluation.steps.due_before
        return self._begin_outcomes(self._evaluation.evaluate_steps(bed_id, due(bed_id, at)))

    def answer(self, command: Answer, at: Instant) -> list[Outcome]:
        """Return the outcomes of a person's answer to a bed's problem."""
        return self._command(command, answered(self._evaluation, command, at), at)

    def test_alert(self, command: AlertTest, at: Instant) -> list[Outcome]:
        """Return the outcomes of a person's test of the whole chain of an alert."""
        return self._command(command, tested(self._evaluation, command, at), at)

    def _command(
        self, command: Answer | AlertTest, effects: Iterable[Outcome], at: Instant
    ) -> list[Outcome]:
        """Return the outcomes of a command at a bed, after the steps that ended before it."""
        bed_id = command.bed_id
        if bed_id not in self._evaluation.beds:
            return self._begin_outcomes([_rejected(bed_id, self._no_bed(bed_id), at)])
        outcomes = self._begin_outcomes(self._evaluation.evaluate_until(bed_id, at))
        outcomes += effects
        return outcomes

    def enter(self, entry: PatientEntry, bed_id: str, at: Instant) -> list[Outcome]:
        """Return the outcomes of an entry about the patient of a bed."""
        if bed_id not in self._evaluation.beds and not self._evaluation.occupancy.may_leave(
            entry, bed_id
        ):
            reason = f"entry {entry.entry_id[:80]!r}: {self._no_bed(bed_id)}"
            return self._begin_outcomes([_rejected(bed_id, reason, at)])
        outcomes = self._begin_outcomes(self._evaluation.evaluate_until(bed_id, at))
        accepted = self._evaluation.occupancy.enter(entry, bed_id, at)
        if isinstance(accepted, str):
            return [*outcomes, _rejected(bed_id, accepted, at)]
        outcomes.append(BedEvent(bed_id, bed_id, ContextEntered(accepted.entry), at))
        if accepted.move is not None:
            outcomes += self._start_stays(accepted.move, at)
        if bed_id in self._evaluation.beds:
            self._evaluation.engine.set_context(bed_id, self._evaluation.context_log(bed_id))
            outcomes += self._evaluation.evaluate(bed_id, at)
        return outcomes

    def _start_stays(self, move: Move, at: Instant) -> Iterator[Outcome]:
        """Start over at the beds that a patient left and came to.

        The usual values and the open problems follow the patient. A bed that is no longer
        configured has neither.
        """
        bed_from, bed_to = (
            bed if bed in self._evaluation.beds else "" for bed in (move.bed_from, move.bed_to)
        )
        if bed_to:
            self._evaluation.engine.begin_stay(bed_to, at, bed_from)
        if bed_from:
            self._evaluation.engine.begin_stay(bed_from, at)
        yield from self._evaluation.book.move(bed_from, bed_to, at)
        for bed_id in filter(None, (bed_from, bed_to)):
            self._evaluation.normalisers[bed_id].forget_course()
            self._evaluation.monitoring.forget_patient(bed_id)
            self._evaluation.engine.set_context(bed_id, self._evaluation.context_log(bed_id))
            yield from self._evaluation.update_states(bed_id, at)

    def restore_entries(self, entries: Iterable[PatientEntry], now: Instant | None = None) -> None:
        """Restore the entries of earlier runs; see `Restorer.restore_entries`."""
        self._restorer.restore_entries(entries, now)

    def expect(self, places: Iterable[DevicePlace]) -> None:
        """Set the devices to expect, including those that have never sent anything."""
        for place in places:
            self._evaluation.monitoring.monitor(place.bed_id, place.device_id)

    def restore_monitors(self, accepted: Mapping[DevicePlace, MonitorAccepted]) -> None:
        """Restore the monitors that were accepted in earlier runs."""
        self._restorer.restore_monitors(accepted)

    def device_status(self) -> list[DeviceStatus]:
        """Return the status of every device that is expected or has sent something."""
        return [
            monitor.status(bed_id, device_id)
            for bed_id, monitors in self._evaluation.monitoring.monitors.items()
            for device_id, monitor in monitors.items()
        ]

    def assessments(self) -> dict[str, Assessment]:
        """Return the assessment of each bed; beds never evaluated are left out."""
        found = (
            (bed_id, self._evaluation.engine.assessment(bed_id)) for bed_id in self._evaluation.beds
        )
        return {bed_id: state for bed_id, state in found if state is not None}

    def due_reports(self, at: Instant) -> Iterator[BedReport]:
        """Yield the due reports on beds: at once after a change, otherwise every 10 s."""
        for bed_id, assessment in self.assessments().items():
            patient = patient_at(self._evaluation.occupancy, bed_id, at.utc_ns)
            if self._pace.is_due(bed_id, (assessment, patient), at.monotonic_ns):
                report = self._evaluation.engine.report(bed_id)
                assert report is not None, "a bed with a state was evaluated"
                yield replace(report, patient=patient)

    def snapshot(self, bed_id: str, at: Instant) -> BedSnapshot:
        """Return the state of a bed to store over a restart, to be encoded before it goes on."""
        return self._restorer.snapshot(bed_id, at)

    def restore(
        self,
        readings: Iterable[Readings],
        alerts: Iterable[Alert],
        snapshots: Mapping[str, BedSnapshot] = MappingProxyType({}),
    ) -> list[Outcome]:
        """Continue where the journal ends; see `Restorer.restore`."""
        return self._begin_outcomes(self._restorer.restore(readings, alerts, snapshots))

    def _note_event(
        self, bed_id: str, state: BedState, words: str, at: Instant
    ) -> Iterator[Outcome]:
        if self._evaluation.monitoring.note_event(bed_id, state, words, at):
            yield from self._evaluation.report_state(bed_id, state, at)

    def _begin_outcomes(self, first: Iterable[Outcome]) -> list[Outcome]:
        """Return a new list of outcomes that starts with `first`."""
        self.outcomes_so_far = []
        self.outcomes_so_far += first
        return self.outcomes_so_far

    def _no_bed(self, bed_id: str) -> str:
        return f"no bed {bed_id[:80]!r}; have {', '.join(self._evaluation.beds)}"


def _rejected(bed_id: str, reason: str, at: Instant) -> BedEvent:
    return BedEvent(bed_id, bed_id, CommandRejected(reason), at)
