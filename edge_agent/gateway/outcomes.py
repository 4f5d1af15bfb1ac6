"""Outcomes of the pipeline: what is journalled, reported and stored, and how often."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.gateway.journal_memory import Memory, remember_monitor
from edge_agent.gateway.ward_bodies import WardBodies
from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.worker import DeliveryWorker
from edge_agent.journal.writer import Journal
from edge_agent.model.alerts import Alert
from edge_agent.model.bed_events import BedEvent, ContextEntered, MonitorAccepted
from edge_agent.model.calls import Call, Receipt
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.measurements import Readings
from edge_agent.model.oversight import AuditorPulse, WayHealth
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.calls import encode_call, encode_pulse, encode_receipt
from edge_agent.payloads.events import encode_event, encode_report
from edge_agent.payloads.readings import encode_readings
from edge_agent.ward.beds import Outcome
from edge_agent.ward.pipeline import Pipeline

STATUS_EVERY_S: Final = 5.0
"""Ward seconds between two checks of the devices' status."""
SNAPSHOT_EVERY_S: Final = 180.0
"""Wall seconds between snapshots of a bed; later messages are read from the journal at start."""
_LOG = logging.getLogger(__name__)


class Outcomes:
    """Journals, reports and stores what the pipeline's thread hands on, each as often as is due.

    Parameters
    ----------
    pipeline
        Its thread calls everything here that does not say otherwise.
    workers
        Deliver alerts at once.
    mqtt_worker
        Delivers the states of the beds; None without a broker.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        clock: Clock,
        journal: Journal,
        workers: Sequence[DeliveryWorker],
        mqtt_worker: DeliveryWorker | None,
    ) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self.journal = journal
        """Journal of the agent."""
        self._workers = workers
        self._mqtt_worker = mqtt_worker
        self.states: Mapping[tuple[str, str], Alert] = {}
        """Newest reported alert by bed and rule; replaced as a whole by the pipeline's thread."""
        self.readings_stored = 0
        """Messages with numerics that went to the journal."""
        self.device_status = pipeline.device_status()
        self.assessments = pipeline.assessments()
        self._status_at = clock.now()
        self.memory: Memory | None = None
        """None before the journal was read, and for a feed."""
        self.bodies: WardBodies | None = None
        """Hands everything to the boards of this process; None for no board."""
        self.on_alert: Callable[[Alert], object] = _ignore
        """Takes each reported change of an alert without waiting; calls people for it."""
        self.worded: Callable[[Alert], Alert] = lambda alert: alert
        """Puts an alert into the site's words; set it before the pipeline's thread starts."""
        self._snapshot_at: dict[str, Instant] = {}
        """When each bed was stored last."""

    def reported_alerts(self) -> list[Alert]:
        """Return the newest state of every reported alert."""
        return list(self.states.values())

    def store_outcome(self, outcome: Outcome) -> None:
        """Store and report one outcome; on the pipeline's thread."""
        if isinstance(outcome, AlertChange):
            outcome = replace(outcome, alert=self.worded(outcome.alert))
        match outcome:
            case AlertChange():
                self._store_alert(outcome)
            case Readings():
                self.readings_stored += 1
                at_ns = outcome.received_at.utc_ns
                self.journal.append(Lane.READINGS, outcome.bed_id, at_ns, encode_readings(outcome))
            case BedEvent():
                self.store_event(outcome)
        if self.bodies is not None:
            self.bodies.put_outcome(outcome)

    def store_event(self, outcome: BedEvent) -> None:
        """Store an event; on any thread for one that nobody enters or confirms."""
        at_ns = outcome.at.utc_ns
        is_urgent = isinstance(outcome.event, ContextEntered)
        body = encode_event(outcome)
        self.journal.append(Lane.EVENTS, outcome.bed_id, at_ns, body, urgent=is_urgent)
        if isinstance(outcome.event, MonitorAccepted):
            remember_monitor(self.journal, outcome.device_id, outcome.event)
        if isinstance(outcome.event, ContextEntered | MonitorAccepted):
            self._snapshot_at.clear()  # the snapshots may be of another patient

    def _store_alert(self, change: AlertChange) -> None:
        alert = change.alert
        at_ns = alert.changed_at.utc_ns
        body = encode_alert(alert)
        if change.is_signalled:
            self.states = {**self.states, (alert.bed_id, alert.rule_id): alert}
            entry = JournalEntry(0, Lane.ALERTS, alert.bed_id, at_ns, body)
            for worker in self._workers:
                worker.offer(entry)
            why = alert.signal if alert.signal_n == alert.n else "no signal"
            _LOG.info("%s %s is %s: %s", alert.bed_id, alert.rule_id, alert.state.value, why)
        self.journal.append(Lane.ALERTS, alert.bed_id, at_ns, body, urgent=True)
        if change.is_signalled:
            self.on_alert(alert)

    def store_call(self, found: Call | Receipt) -> None:
        """Store a change of a call, or a receipt, and show it; on any thread."""
        at_ns = found.changed_at.utc_ns if isinstance(found, Call) else found.at.utc_ns
        body = encode_call(found) if isinstance(found, Call) else encode_receipt(found)
        self.journal.append(Lane.CALLS, found.bed_id, at_ns, body, urgent=True)
        if isinstance(found, Call):
            self.show_call(found)

    def show_call(self, call: Call) -> None:
        """Show a call on the boards of this process; on any thread."""
        if self.bodies is not None:
            self.bodies.put_call(call)

    def show_way(self, health: WayHealth) -> None:
        """Show the health of a way out on the boards of this process; on any thread."""
        if self.bodies is not None:
            self.bodies.put_way(health)

    def show_pulse(self, pulse: AuditorPulse) -> None:
        """Show and publish the newest word of the auditor, which is not stored; on any thread."""
        if self.bodies is not None:
            self.bodies.put_pulse(pulse)
        if self._mqtt_worker is not None:
            at_ns = self._clock.now().utc_ns
            entry = JournalEntry(0, Lane.CALLS, "", at_ns, encode_pulse(pulse))
            self._mqtt_worker.offer_state(entry)

    def update(self) -> None:
        """Store and report the status that changes with time; on the pipeline's thread."""
        now = self._clock.now()
        if now.seconds_since(self._status_at) >= STATUS_EVERY_S:
            self._status_at, self.device_status = now, self._pipeline.device_status()
            self.assessments = self._pipeline.assessments()
        self._report_beds(now)
        self._store_due_snapshot(now)

    def _report_beds(self, now: Instant) -> None:
        """Report the beds' assessments, after everything urgent."""
        for report in self._pipeline.due_reports(now):
            if self.bodies is not None:
                self.bodies.put_report(report)
            if self._mqtt_worker is not None:
                body = encode_report(report)
                entry = JournalEntry(0, Lane.EVENTS, report.bed_id, report.at.utc_ns, body)
                self._mqtt_worker.offer_state(entry)

    def _store_due_snapshot(self, now: Instant) -> None:
        """Store a snapshot of one bed that has none newer than `SNAPSHOT_EVERY_S`."""
        every_s = SNAPSHOT_EVERY_S * self._clock.factor
        for bed_id in self._pipeline.bed_ids:
            snapshot_at = self._snapshot_at.get(bed_id)
            if snapshot_at is None or now.seconds_since(snapshot_at) >= every_s:
                self._store_snapshot(bed_id, now)
                return

    def store_snapshots(self) -> None:
        """Store every bed for a restart; on the pipeline's thread."""
        for bed_id in self._pipeline.bed_ids:
            self._store_snapshot(bed_id, self._clock.now())

    def _store_snapshot(self, bed_id: str, now: Instant) -> None:
        self._snapshot_at[bed_id] = now
        if self.memory is not None:
            self.memory.store_snapshot(bed_id, self._pipeline.snapshot(bed_id, now))


def _ignore(_alert: Alert) -> None:
    pass
