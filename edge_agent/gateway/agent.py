"""Assembly of an agent from its configuration: objects, connections between them, threads."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from importlib.metadata import version
from itertools import chain
from typing import Final

from edge_agent.config.gateway_file import AgentConfig, config_hash
from edge_agent.gateway.agent_status import Observed, status_of
from edge_agent.gateway.alert_words import alert_words
from edge_agent.gateway.nearby import Nearby
from edge_agent.gateway.outcomes import Outcomes
from edge_agent.gateway.pipeline_thread import (
    FEED_AXIS,
    PipelineCallbacks,
    PipelineMessage,
    PipelineThread,
)
from edge_agent.gateway.pulse import Pulse, pulse_of
from edge_agent.gateway.recall import Recall, Scope
from edge_agent.gateway.staff import Staff
from edge_agent.gateway.status_file import (
    GatewayStatus,
    RunState,
    StatusFile,
    encode_status,
    status_paths,
)
from edge_agent.gateway.supervisor import Part, Supervisor
from edge_agent.gateway.ward_people import WardPeople
from edge_agent.gateway.ward_pipeline import pipeline_of
from edge_agent.gateway.ward_sinks import mqtt_sink, sinks_of
from edge_agent.journal.entries import DeliveryHealth, Lane
from edge_agent.journal.rows import sound
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.worker import DeliveryWorker
from edge_agent.journal.writer import Journal
from edge_agent.lines.opening import Line, lines_of
from edge_agent.lines.serial_line import line_name
from edge_agent.model.alerts import Alert
from edge_agent.model.bed_events import BedEvent, CommandRejected, EvaluationFailed
from edge_agent.model.clock import Clock
from edge_agent.model.device_status import DeviceStatus
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.events import encode_event
from edge_agent.payloads.status import GatewayIdentity
from edge_agent.rulebook.rule_set import Rulebook
from edge_agent.sinks.mqtt_sink import MqttCallbacks

OpenLines = Callable[[AgentConfig, Clock, Callable[[PipelineMessage], None]], Sequence[Line]]
"""Function that returns the lines of a configuration; they report to the callable."""

_ALERTS_AT_MOST: Final = 1_000_000
"""Most alert changes read back after a replay: far more than a ward has in a year."""
_ENTRIES_SHARE: Final = 0.75
_REJECTIONS_SHARE: Final = 0.5
"""Shares of the queue for entries and for refusals, so that answers always fit."""

_MQTT: Final = "mqtt"
_LOG = logging.getLogger(__name__)
_VERSION: Final = version("crswatch")
"""Version, read once: the package may be replaced while the agent runs."""


class Agent:
    """One gateway: its lines, its pipeline, its journal, its sinks.

    Parameters
    ----------
    clock
        The ward's time; the pace of all time-outs.
    open_lines
        Function that returns the lines, instead of the ports in the configuration.

    Raises
    ------
    LinkError
        If a port's address is one that no port has.
    """

    def __init__(
        self,
        config: AgentConfig,
        book: Rulebook,
        clock: Clock,
        open_lines: OpenLines = lines_of,
    ) -> None:
        self._config = config
        self._clock = clock
        self._started_at = clock.now()
        self._status_file = StatusFile(status_paths(config.journal.path))
        settings_hash = config_hash(config, book.texts)
        self._pipeline = pipeline_of(config, book, settings_hash, clock.now())
        self._places = tuple(chain.from_iterable(bed.lines() for bed in config.beds))
        self._pipeline.expect(self._places)
        identity = self._identity = GatewayIdentity(
            config.gateway.id, _VERSION, uuid.uuid4().hex, settings_hash
        )
        # A feed has no memory of earlier alerts, so it must not clear those that are open now.
        is_feed = clock.axis == FEED_AXIS
        self._mqtt = mqtt_sink(config, identity, self._callbacks(), clears_alerts=not is_feed)
        sinks = sinks_of(config, self._mqtt)
        names = tuple(sink.name for sink in sinks)
        self._journal = Journal(JournalSettings(config.journal.path, names, self._retain_s()))
        workers = {
            sink: DeliveryWorker(self._journal, sink, how, lambda: clock.now().utc_ns)
            for sink, how in sinks.items()
        }
        self._workers = list(workers.values())
        self._mqtt_worker = workers[self._mqtt] if self._mqtt is not None else None
        self._outcomes = Outcomes(
            self._pipeline, clock, self._journal, self._workers, self._mqtt_worker
        )
        self._outcomes.worded = alert_words(config.gateway, book.words)
        scope = Scope(self._places, book.longest_span_s, f"{_VERSION} {settings_hash}")
        self._recall = Recall(self._journal, clock, self._pipeline, self._outcomes, scope)
        self.pipeline_thread = PipelineThread(
            self._pipeline,
            clock,
            PipelineCallbacks(
                self._recall.restored,
                self._outcomes.store_outcome,
                self._outcomes.update,
                self._outcomes.store_snapshots,
            ),
        )
        """Evaluates the messages; a replay puts those of its feeds."""
        self.staff = Staff(config, clock, self._journal, identity, self.pipeline_thread)
        """Takes people's commands, and keeps the trail of what they did."""
        self.lines = open_lines(config, clock, self.pipeline_thread.put)
        """Serial lines of the beds, and addresses to which devices connect."""
        self._nearby = Nearby(
            config, identity, self.staff, book.words, self._outcomes.reported_alerts
        )
        self._outcomes.bodies = self._nearby.bodies
        self._people = WardPeople(config, self._outcomes, self.staff, book.words)
        self._people.look_at(self._nearby.screens)
        self._nearby.send_receipts(self._people.note_receipt)
        self._supervisor = Supervisor(self._parts(), self._part_died)

    def _parts(self) -> list[Part]:
        parts: list[Part] = [self._journal, *self._workers, *self.staff.parts]
        parts += [*self._people.parts, self.pipeline_thread, *self.lines, *self._nearby.parts]
        return parts

    def start(self) -> None:
        """Continue where the journal ends, and start monitoring."""
        self._journal.start()
        alerts = self._recall.known_alerts()
        known = [alert for alert in alerts or () if alert.is_signalled]
        self._outcomes.states = {(alert.bed_id, alert.rule_id): alert for alert in known}
        self._nearby.begin(known)
        self._people.begin()
        self._pipeline.follow(self._people.plan)  # before its thread begins
        if self._mqtt is not None and alerts is None:
            self._mqtt.leave_unknown()
        if self._mqtt is not None and self._mqtt_worker is not None:
            self._mqtt.start(self._mqtt_worker.wake)
        self._supervisor.start()
        _LOG.info("monitoring %d beds", len(self._config.beds))

    def supervise(self) -> None:
        """Restart the parts that died, and write the status file; call it about once a second."""
        self._supervisor.supervise()
        self._supervisor.guard("to look after the calls", self._people.supervise)
        if self._status_file.is_due():
            self._write_status(RunState.RUNNING)

    def stop(self) -> None:
        """Release the monitors, evaluate and store the remaining messages, and stop."""
        self._write_status(RunState.STOPPING)
        for line in self.lines:
            line.begin_release()
        self._supervisor.stop()
        self._write_status(RunState.STOPPED)
        pending = self._journal.health().pending
        waiting = "; ".join(
            f"{health.waiting} entries wait for {health.sink}"
            for health in self.delivery_health()
            if health.waiting
        )
        _LOG.info("stopped: %d entries not written; %s", pending, waiting or "all delivered")

    def pulse(self) -> Pulse:
        """Return the progress of what watches the patients; it never waits."""
        return pulse_of(self._recall, self.pipeline_thread, self.lines, self._workers)

    def _write_status(self, state: RunState) -> None:
        self._supervisor.guard(
            "to leave a status",
            lambda: self._status_file.write(encode_status(self.status(state))),
        )

    @property
    def board_url(self) -> str:
        """Address of the board for a browser on this machine; empty without one."""
        return self._nearby.board_url

    def drain(self, wait_s: float) -> bool:
        """Return True when the journal and every sink have everything, waiting `wait_s` for each.

        Raises
        ------
        JournalError
            While the journal's file cannot be written.
        """
        self.pipeline_thread.wait_until_idle()
        self._journal.flush(wait_s)
        return all(worker.wait_until_idle(wait_s) for worker in self._workers)

    @property
    def readings_stored(self) -> int:
        """Messages with numerics that went to the journal."""
        return self._outcomes.readings_stored

    def reported_alerts(self) -> list[Alert]:
        """Return the newest state of every alert that was reported."""
        return self._outcomes.reported_alerts()

    def alerts_reported_since_start(self) -> list[Alert]:
        """Return every journalled change of a reported alert in this run, in order."""
        entries = self._journal.read(Lane.ALERTS, self._recall.first_seq, _ALERTS_AT_MOST)
        alerts = sound(entries, decode_alert, self._journal.note_damage)
        return [alert for alert in alerts if alert.is_signalled]

    def device_status(self) -> list[DeviceStatus]:
        """Return each device's status, at most `STATUS_EVERY_S` old while the pipeline runs."""
        return (
            self._outcomes.device_status
            if self.pipeline_thread.is_alive()
            else self._pipeline.device_status()
        )

    def delivery_health(self) -> list[DeliveryHealth]:
        """Return the health of each sink's delivery."""
        return [worker.health() for worker in self._workers]

    def status(self, state: RunState = RunState.RUNNING) -> GatewayStatus:
        """Return the gateway's status; it waits for no disk."""
        observed = Observed(
            self._identity,
            self._clock,
            self._started_at,
            self._supervisor,
            self.pipeline_thread,
            self._journal,
            self._recall,
            self.staff,
            self._outcomes,
            self._workers,
        )
        return status_of(observed, state, self.device_status())

    def _callbacks(self) -> MqttCallbacks:
        return MqttCallbacks(
            retained_alerts=self.reported_alerts,
            on_answer=lambda answer: self.staff.command(answer, _MQTT),
            on_rejected=self._report_rejection,
            now_ns=lambda: self._clock.now().utc_ns,
            on_entry=lambda entry: self.staff.command(entry, _MQTT, share=_ENTRIES_SHARE),
            on_screens=self._take_report,
        )

    def _retain_s(self) -> float:
        """Return the storage time of delivered journal entries, s on the machine's clock."""
        factor = 1.0 if self._clock.axis == FEED_AXIS else self._clock.factor
        return self._config.journal.retention_h * 3600 / factor

    def _part_died(self, part: str) -> None:
        """Report at every bed that a part of the agent died; must not block."""
        at = self._clock.now()
        failed = EvaluationFailed(part, "died", self._supervisor.restarts + 1)
        for bed in self._config.beds:
            body = encode_event(BedEvent(bed.id, bed.id, failed, at))
            self._journal.append(Lane.EVENTS, bed.id, at.utc_ns, body)
        bed_id = next((p.bed_id for p in self._places if part == line_name(p)), "")
        self.pipeline_thread.report_failure(f"{part} stopped and was restarted", bed_id)

    def _take_report(self, board_id: str, payload: bytes) -> None:
        self._nearby.take_report(board_id, payload)

    def _report_rejection(self, bed_id: str, reason: str) -> bool:
        rejected = CommandRejected(reason)
        event = BedEvent(bed_id, bed_id, rejected, self._clock.now())
        return self.pipeline_thread.offer(event, _REJECTIONS_SHARE)
