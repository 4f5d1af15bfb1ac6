"""From session events to outcomes: readings in, alert changes out; no I/O.

A bed is evaluated at the end of each step of event time (`detect.grid`), and at once after a
change of a link or a monitor and after an acknowledgement.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import Origin
from edge_agent.detect.engine import Engine
from edge_agent.detect.grid import StepGrid
from edge_agent.detect.language.rule import StateCondition
from edge_agent.detect.report.assessment import ReportPace
from edge_agent.model.alerts import AlertKind, AlertState
from edge_agent.model.bed_events import (
    BedEvent,
    BedState,
    CommandRejected,
    ContextEntered,
    MonitorAccepted,
)
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import ANOTHER_MONITOR, FORMER_PATIENT, Readings, Validity
from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    NumericsReceived,
)
from edge_agent.patient.age import age_of
from edge_agent.patient.steady import SteadyKinds
from edge_agent.vitals.normalise import Normaliser
from edge_agent.ward.beds import Outcome
from edge_agent.ward.gateway_clock import GatewayClock, step_words
from edge_agent.ward.occupancy import Occupancy, says_of_patient
from edge_agent.ward.restored_alerts import Watch, settled
from edge_agent.ward.snapshot import BedCourse, BedSnapshot
from edge_agent.ward.watching import TOLD_EACH, Watching

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from edge_agent.detect.language.rule import Rule
    from edge_agent.model.alerts import Acknowledgement, Alert
    from edge_agent.model.assessment import Assessment, BedReport
    from edge_agent.model.bed_events import DevicePlace
    from edge_agent.model.device_status import DeviceStatus
    from edge_agent.model.findings import Finding
    from edge_agent.model.measurements import Vital
    from edge_agent.model.patient import PatientEntry
    from edge_agent.model.session_events import SessionEvent
    from edge_agent.patient.context import ContextLog
    from edge_agent.patient.stays import Move
    from edge_agent.ward.beds import Bed, Place
    from edge_agent.ward.monitor import Monitor

_NEVER: Final = Instant(-(2**63), 0)


class Pipeline:
    """Normalises the readings and evaluates the alerts of all beds; owned by one thread.

    Parameters
    ----------
    beds
        The monitored beds.
    rules
        The checked rule set.
    place
        Site and ward.
    config_hash
        Hash of the settings and rules in force; every alert carries it.
    watched_since
        Start of monitoring; a signal never received counts as lost from then on.
    """

    def __init__(
        self,
        beds: Sequence[Bed],
        rules: Sequence[Rule],
        place: Place,
        config_hash: str,
        watched_since: Instant,
    ) -> None:
        self._beds = {bed.bed_id: bed for bed in beds}
        self._evaluated_at = {
            bed.bed_id: frozenset(
                rule.rule_id for rule in rules if rule.signal in bed.required_signals | {""}
            )
            for bed in beds
        }
        """Rules evaluated at each bed."""
        self._normalisers = {bed.bed_id: Normaliser(bed.bed_id) for bed in beds}
        self._steady_kinds = {bed.bed_id: SteadyKinds() for bed in beds}
        self._engine = Engine(rules, watched_since, place.zone)
        self._pace = ReportPace()
        origin = Origin(place.site, place.ward, config_hash)
        self._going_along = frozenset(
            r.rule_id
            for r in rules
            if r.policy.goes_along and r.policy.kind is AlertKind.PHYSIOLOGICAL
        )
        self._of_patients = frozenset(r.rule_id for r in rules if says_of_patient(r))
        self._book = AlertBook([rule.policy for rule in rules], origin, self._of_patients)
        self._rule_ids = frozenset(rule.rule_id for rule in rules)
        self._watched_since = watched_since
        self._steps = StepGrid(watched_since)
        self._watching = Watching(self._beds, rules)
        self._clock = GatewayClock()
        self._occupancy = Occupancy(rules)
        self._received_until: dict[str, dict[str, Instant]] = {bed.bed_id: {} for bed in beds}
        """Time of the newest message that was evaluated or restored, by bed and device."""
        self._trusted_from_ns: dict[str, int] = {}
        """Time from which a bed's monitors and patient are known; earlier readings are not
        evaluated again."""
        self.followed: list[Outcome] = []
        """Outcomes of the newest call, also of the part before it raised an error."""
        self._confirming = {
            rule.rule_id
            for rule in rules
            if StateCondition(BedState.MONITOR_CHANGED) in tuple(rule.leaves())
        }

    @property
    def bed_ids(self) -> tuple[str, ...]:
        """Ids of the monitored beds."""
        return tuple(self._beds)

    def receive(
        self, place: DevicePlace, events: Sequence[SessionEvent], at: Instant
    ) -> list[Outcome]:
        """Return the outcomes of a device's session events."""
        bed_id, device_id = place.bed_id, place.device_id
        monitor = self._watching.monitor(bed_id, device_id)
        outcomes = self._new_outcomes(self._judge_until(bed_id, at))
        for event in events:
            outcomes += self._note_event(place, monitor, event, at)
            match event:
                case NumericsReceived():
                    outcomes += self._receive_numerics(place, monitor, event)
                case FrameRejected():
                    monitor.rejected(event, at)
                case DeviceAlarmsChanged() if monitor.alarmed(event):
                    outcomes += self._update_states(bed_id, at)
                case DeviceIdentified():
                    outcomes += self._receive_identity(place, monitor, event)
                case LinkChanged():
                    outcomes += self._receive_link(place, monitor, event)
        return outcomes

    def tick(self, at: Instant) -> list[Outcome]:
        """Return the outcomes of time passing: losses, hold times, clearing."""
        outcomes = self._new_outcomes(())
        for bed_id in self._beds:
            outcomes += self._judge_steps(bed_id, self._steps.due_by_clock(bed_id, at))
        by_s = self._clock.step_s(at)
        if by_s:
            for bed_id in self._beds:
                outcomes += self._happened(bed_id, BedState.CLOCK_STEPPED, step_words(by_s), at)
        for bed_id in (*self._occupancy.quieted(at), *self._watching.quieted(at)):
            outcomes += self._update_states(bed_id, at)
        return outcomes

    def happened(self, bed_id: str, state: BedState, words: str, at: Instant) -> list[Outcome]:
        """Return the outcomes of a single event in the monitoring of a bed.

        The bed's rules are not evaluated: their evaluation may be what failed.
        """
        return self._new_outcomes(self._happened(bed_id, state, words, at))

    def catch_up(self, bed_id: str, at: Instant, *, by_clock: bool) -> list[Outcome]:
        """Return the outcomes of a bed's due steps, and of nothing else.

        Parameters
        ----------
        by_clock
            True if no message came at `at`: steps that just ended wait for the next reading.
        """
        if bed_id not in self._beds:
            return self._new_outcomes(())
        due = self._steps.due_by_clock if by_clock else self._steps.due_before
        return self._new_outcomes(self._judge_steps(bed_id, due(bed_id, at)))

    def acknowledge(self, command: Acknowledgement, at: Instant) -> list[Outcome]:
        """Return the outcomes of a person's acknowledgement of an alert."""
        bed_id = command.bed_id
        if bed_id not in self._beds:
            return self._new_outcomes([_rejected(bed_id, self._no_bed(bed_id), at)])
        outcomes = self._new_outcomes(self._judge_steps(bed_id, self._steps.due_before(bed_id, at)))
        answer = self._book.acknowledge(command, at)
        if isinstance(answer, str):
            return [*outcomes, _rejected(bed_id, answer, at)]
        outcomes += answer
        if any(
            change.alert.alert_id == command.alert_id and change.alert.rule_id in self._confirming
            for change in answer
        ):
            outcomes += self._confirm_monitors(command, at)
        return outcomes

    def enter(self, entry: PatientEntry, bed_id: str, at: Instant) -> list[Outcome]:
        """Return the outcomes of an entry about the patient of a bed."""
        if bed_id not in self._beds and not self._occupancy.may_leave(entry, bed_id):
            reason = f"entry {entry.entry_id[:80]!r}: {self._no_bed(bed_id)}"
            return self._new_outcomes([_rejected(bed_id, reason, at)])
        outcomes = self._new_outcomes(self._judge_until(bed_id, at))
        taken = self._occupancy.enter(entry, bed_id, at)
        if isinstance(taken, str):
            return [*outcomes, _rejected(bed_id, taken, at)]
        outcomes.append(BedEvent(bed_id, bed_id, ContextEntered(taken.entry), at))
        if taken.move is not None:
            outcomes += self.stay_moved(taken.move, at)
        if bed_id in self._beds:
            self._engine.set_context(bed_id, self.context_log(bed_id))
            outcomes += self._evaluate(bed_id, at)
        return outcomes

    def stay_moved(self, move: Move, at: Instant) -> Iterator[Outcome]:
        """Start over at the beds that a patient left and came to.

        The usual values and the open problems follow the patient. A bed that is no longer
        configured has neither.
        """
        bed_from, bed_to = (
            bed if bed in self._beds else "" for bed in (move.bed_from, move.bed_to)
        )
        if bed_to:
            self._engine.begin_stay(bed_to, at, bed_from)
        if bed_from:
            self._engine.begin_stay(bed_from, at)
        yield from self._book.move(bed_from, bed_to, at)
        for bed_id in filter(None, (bed_from, bed_to)):
            self._normalisers[bed_id].forget_course()
            self._watching.patient_changed(bed_id)
            self._engine.set_context(bed_id, self.context_log(bed_id))
            yield from self._update_states(bed_id, at)

    def _normalised(self, bed_id: str, event: NumericsReceived) -> tuple[Vital, ...]:
        """Return the vitals of a message, checked as those of the bed's present patient."""
        log = self.context_log(bed_id)
        steady = self._steady_kinds[bed_id].at(log, event.at.utc_ns)
        return self._normalisers[bed_id].normalise(event, steady, age_of(log))

    def context_log(self, bed_id: str) -> ContextLog:
        """Return the entries about the patient in a bed."""
        return self._occupancy.stays.log_at(bed_id)

    def know_entries(self, entries: Iterable[PatientEntry], now: Instant | None = None) -> None:
        """Set the entries about the patients, in the order of entry.

        Parameters
        ----------
        now
            Present moment, to find entries whose clock was set back since; None: no clock was.
        """
        self._occupancy.restore(entries, now or self._watched_since, knows_clock=now is not None)
        for bed_id, change in self._occupancy.changes.items():
            self._trust_from(bed_id, change.at.utc_ns)
        for bed_id in self._beds:
            self._engine.set_context(bed_id, self.context_log(bed_id))

    def expect(self, places: Iterable[DevicePlace]) -> None:
        """Set the devices to expect, including those that have never sent anything."""
        for place in places:
            self._watching.monitor(place.bed_id, place.device_id)

    def know_monitors(self, accepted: Mapping[DevicePlace, MonitorAccepted]) -> None:
        """Set the known monitor of each device of a bed, and since when it is known."""
        for place, monitor in accepted.items():
            self._watching.monitor(place.bed_id, place.device_id).known = monitor.identity
            self._trust_from(place.bed_id, monitor.at.utc_ns)

    def device_status(self) -> list[DeviceStatus]:
        """Return the status of every device that is expected or has sent something."""
        return [
            monitor.status(bed_id, device_id)
            for bed_id, monitors in self._watching.monitors.items()
            for device_id, monitor in monitors.items()
        ]

    def assessments(self) -> dict[str, Assessment]:
        """Return the assessment of each bed; beds never evaluated are left out."""
        found = ((bed_id, self._engine.assessment(bed_id)) for bed_id in self._beds)
        return {bed_id: state for bed_id, state in found if state is not None}

    def due_reports(self, at: Instant) -> Iterator[BedReport]:
        """Yield the due reports on beds: at once after a change, otherwise every 10 s."""
        for bed_id, assessment in self.assessments().items():
            if self._pace.is_due(bed_id, assessment, at.monotonic_ns):
                report = self._engine.report(bed_id)
                assert report is not None, "a bed with a state was evaluated"
                yield report

    def snapshot(self, bed_id: str, at: Instant) -> BedSnapshot:
        """Return the snapshot of a bed for a restart; encode it before the next message."""
        course = BedCourse(
            judged_ns=self._steps.judged_ns(bed_id),
            taken_until=self._received_until[bed_id],
            normaliser=self._normalisers[bed_id],
            windows=self._engine.window_record(bed_id),
            assessment=self._engine.assessment(bed_id),
            alerts=tuple(self._book.alerts(bed_id)),
        )
        return BedSnapshot(at, self._engine.patient_record(bed_id), course, bed_id)

    def restore(
        self,
        readings: Iterable[Readings],
        alerts: Iterable[Alert],
        snapshots: Mapping[str, BedSnapshot] = MappingProxyType({}),
    ) -> list[Outcome]:
        """Continue where the journal ends: known alerts, filled windows, running hold times.

        Readings after a bed's snapshot are evaluated again; without one, those since an alert
        became pending. Returns changes that the program had not stored before it ended.

        Parameters
        ----------
        readings
            The journalled readings of at least the longest window, oldest first; for a bed with a
            snapshot, those since it are enough.
        alerts
            The newest journalled state of each alert.
        snapshots
            Snapshots by bed; one of an earlier patient is ignored.
        """
        courses = dict(self._restored_courses(snapshots))
        outcomes = self._new_outcomes(self._restore_alerts(list(alerts), courses))
        newest: dict[str, Instant] = {}
        for batch in readings:
            if batch.bed_id in self._beds:
                newest[batch.bed_id] = batch.received_at
                outcomes += self._restore(batch, is_followed=batch.bed_id in courses)
        for bed_id, at in newest.items():
            outcomes += self._judge_again(bed_id, self._steps.due_with(bed_id, at))
        self._steps.come_forward()
        return outcomes

    def open_alerts(self) -> list[Alert]:
        """Return the open alerts of all beds."""
        return self._book.open_alerts()

    def _restored_courses(
        self, snapshots: Mapping[str, BedSnapshot]
    ) -> Iterator[tuple[str, BedCourse]]:
        """Restore the beds with a snapshot; yield the courses that continue."""
        for bed_id, kept in snapshots.items():
            if bed_id not in self._beds or kept.at.utc_ns < self._trusted_from_ns.get(bed_id, 0):
                continue
            course = kept.course
            if course is None:
                self._engine.take_up(bed_id, kept.patient, None, None)
                continue
            self._engine.take_up(bed_id, kept.patient, course.windows, course.assessment)
            self._normalisers[bed_id] = course.normaliser
            self._received_until[bed_id] = course.taken_until
            yield bed_id, course

    def _restore_alerts(
        self, journalled: list[Alert], courses: Mapping[str, BedCourse]
    ) -> list[Outcome]:
        """Restore the known alerts; return changes that the journal does not have.

        A bed is evaluated again from its snapshot on, or from the time when its first alert became
        pending.
        """
        changes = self._occupancy.changes
        watch = Watch(
            self._evaluated_at, self._rule_ids, self._of_patients, self._going_along, changes
        )
        untold = settled(journalled, watch, self._watched_since)
        known = [a for a in (*journalled, *(c.alert for c in untold)) if a.bed_id in self._beds]
        self._book.restore(known)
        self._engine.restore(a for a in known if a.bed_id not in courses and watch.remembers(a))
        pending = sorted((a.changed_at, a.bed_id) for a in known if a.state is AlertState.PENDING)
        for since, bed_id in reversed(pending):
            self._steps.go_back(bed_id, since)
        outcomes: list[Outcome] = list(untold)
        for bed_id, course in courses.items():
            outcomes += self._book.take_up(course.alerts)
            self._steps.go_back(bed_id, Instant(course.judged_ns + 1, 0))
        return outcomes

    def _restore(self, batch: Readings, *, is_followed: bool) -> Iterator[Outcome]:
        """Restore one batch, and evaluate the steps before it that are due again."""
        bed_id, at = batch.bed_id, batch.received_at
        taken_until = self._received_until[bed_id]
        if is_followed and at <= taken_until.get(batch.device_id, _NEVER):
            return
        taken_until[batch.device_id] = at
        if is_followed:
            event = NumericsReceived(batch.numerics, batch.device_now, at)
            self._normalised(bed_id, event)
        else:
            self._normalisers[bed_id].restore(batch.vitals)
        if at.utc_ns < self._trusted_from_ns.get(bed_id, 0):
            return  # possibly of an earlier patient or another monitor
        yield from self._judge_again(bed_id, self._steps.due_before(bed_id, at))
        for vital in batch.vitals:
            self._engine.observe(vital)

    def _trust_from(self, bed_id: str, since_ns: int) -> None:
        self._trusted_from_ns[bed_id] = max(self._trusted_from_ns.get(bed_id, 0), since_ns)

    def _receive_numerics(
        self, place: DevicePlace, monitor: Monitor, event: NumericsReceived
    ) -> Iterator[Outcome]:
        """Store a message's vitals, doubted where they may be another patient's."""
        self._received_until[place.bed_id][place.device_id] = event.at
        vitals = self._normalised(place.bed_id, event)
        if not monitor.is_confirmed:
            vitals = tuple(_doubted(vital, ANOTHER_MONITOR) for vital in vitals)
        vitals = tuple(
            _doubted(vital, FORMER_PATIENT)
            if self._occupancy.is_former(place.bed_id, vital)
            else vital
            for vital in vitals
        )
        yield Readings(
            place.bed_id, place.device_id, event.at, event.numerics, vitals, event.device_now
        )
        clock = monitor.heard(event)
        if clock is not None:
            yield BedEvent(place.bed_id, place.device_id, clock, event.at)
        self._watching.note(place.bed_id, vitals)
        for vital in vitals:
            self._engine.observe(vital)
        if self._occupancy.heard(place.bed_id, vitals, event.at):
            yield from self._update_states(place.bed_id, event.at)

    def _receive_identity(
        self, place: DevicePlace, monitor: Monitor, event: DeviceIdentified
    ) -> Iterator[Outcome]:
        """Note the monitor's identity, and update the states if it is another monitor."""
        was_confirmed = monitor.is_confirmed
        known = monitor.identified(event)
        if known is not None:
            accepted = MonitorAccepted(known, "", event.at)
            yield BedEvent(place.bed_id, place.device_id, accepted, event.at)
        if monitor.is_confirmed == was_confirmed:
            return
        # A difference between two monitors must not count as a jump of one of them.
        self._normalisers[place.bed_id].forget_course()
        yield from self._update_states(place.bed_id, event.at)

    def _note_event(
        self, place: DevicePlace, monitor: Monitor, event: SessionEvent, at: Instant
    ) -> Iterator[Outcome]:
        """Yield the event to journal; restore a lost link if data arrived over it."""
        if not isinstance(event, NumericsReceived | FrameRejected):
            yield BedEvent(place.bed_id, place.device_id, event, at)
        is_by_time = isinstance(event, DeviceAlarmsChanged) and event.is_by_time
        if is_by_time or isinstance(event, LinkChanged | FrameRejected):
            return
        change = monitor.talks(at)
        if change is not None:
            yield BedEvent(place.bed_id, place.device_id, change, at)
            yield from self._update_states(place.bed_id, at)

    def _happened(self, bed_id: str, state: BedState, words: str, at: Instant) -> Iterator[Outcome]:
        if self._watching.happened(bed_id, state, words, at):
            self._engine.set_state(bed_id, state, at)
            for finding in self._watching.findings(bed_id, state, at):
                yield from self._book.apply(self._occupancy.asked(bed_id, [finding]))

    def _receive_link(
        self, place: DevicePlace, monitor: Monitor, change: LinkChanged
    ) -> Iterator[Outcome]:
        monitor.linked(change)
        yield from self._update_states(place.bed_id, change.at)

    def _update_states(self, bed_id: str, at: Instant) -> Iterator[Outcome]:
        """Set the bed's monitoring states (link lost, monitor changed) and evaluate the rules."""
        matters = set(self._watching.matters(bed_id))
        if self._occupancy.is_unassigned(bed_id):
            matters.add(BedState.PATIENT_NOT_ASSIGNED)
        if any(self._watching.is_news(bed_id, alert) for alert in self._book.alerts(bed_id)):
            # An alert names its causes; clear the states so that a cause it does not name is new.
            for state in TOLD_EACH:
                self._engine.clear_state(bed_id, state)
            yield from self._evaluate(bed_id, at)
        for state in BedState:
            if state in matters:
                self._engine.set_state(bed_id, state, at)
            else:
                self._engine.clear_state(bed_id, state)
        yield from self._evaluate(bed_id, at)

    def _confirm_monitors(self, command: Acknowledgement, at: Instant) -> Iterator[Outcome]:
        for device_id, monitor in self._watching.monitors[command.bed_id].items():
            if not monitor.is_confirmed and monitor.present is not None:
                monitor.known = monitor.present
                accepted = MonitorAccepted(monitor.present, command.by, at)
                yield BedEvent(command.bed_id, device_id, accepted, at)
        self._engine.forget_readings(command.bed_id)
        yield from self._update_states(command.bed_id, at)

    def _new_outcomes(self, first: Iterable[Outcome]) -> list[Outcome]:
        """Return a new list of outcomes that starts with `first`."""
        self.followed = []
        self.followed += first
        return self.followed

    def _no_bed(self, bed_id: str) -> str:
        return f"no bed {bed_id[:80]!r}; have {', '.join(self._beds)}"

    def _judge_until(self, bed_id: str, at: Instant) -> Iterator[Outcome]:
        """Evaluate a bed's steps that ended before a moment; do nothing for an unconfigured bed."""
        if bed_id in self._beds:
            yield from self._judge_steps(bed_id, self._steps.due_before(bed_id, at))

    def _judge_steps(self, bed_id: str, ends: Iterable[Instant]) -> Iterator[Outcome]:
        for end in ends:
            yield from self._evaluate(bed_id, end)

    def _judge_again(self, bed_id: str, ends: Iterable[Instant]) -> Iterator[Outcome]:
        """Evaluate steps again that were evaluated before a restart; alerts reported then stay."""
        for end in ends:
            findings = self._findings(bed_id, end)
            yield from self._book.apply(
                [f for f in findings if not self._book.is_told_since(bed_id, f.rule_id, end)]
            )

    def _evaluate(self, bed_id: str, at: Instant) -> list[Outcome]:
        return list(self._book.apply(self._findings(bed_id, at)))

    def _findings(self, bed_id: str, at: Instant) -> list[Finding]:
        """Return the findings of the rules that are evaluated at a bed, with their words."""
        asked = self._evaluated_at[bed_id]
        findings = [
            finding
            for finding in self._engine.evaluate(
                bed_id, at, self._book.clearing(bed_id), self._book.told(bed_id)
            )
            if finding.rule_id in asked
        ]
        findings = self._occupancy.asked(bed_id, findings)
        return [self._watching.worded(finding, at) for finding in findings]


def _rejected(bed_id: str, reason: str, at: Instant) -> BedEvent:
    return BedEvent(bed_id, bed_id, CommandRejected(reason), at)


def _doubted(vital: Vital, why: str) -> Vital:
    """Return a vital that may be another patient's: shown, but never used by rules."""
    if vital.value is None:
        return vital
    is_valid = vital.validity is Validity.VALID
    validity = Validity.QUESTIONABLE if is_valid else vital.validity
    reason = "; ".join(filter(None, (why, vital.reason)))
    return replace(vital, validity=validity, reason=reason)
