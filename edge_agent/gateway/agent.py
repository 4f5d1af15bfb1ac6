"""Assembly of an agent from its configuration: objects, connections between them, threads."""

from __future__ import annotations

import logging
import os
import uuid
from dataclasses import asdict
from importlib.metadata import version
from itertools import chain
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.config.gateway_file import config_hash
from edge_agent.gateway.journal_memory import Memory, despite_damage, known_alerts, remember_monitor
from edge_agent.gateway.pipeline_thread import FEED_AXIS, Hands, Judge
from edge_agent.gateway.status_file import (
    AssessedBed,
    GatewayStatus,
    RunState,
    SinkStatus,
    StatusFile,
    encode_status,
    process_key,
    status_paths,
)
from edge_agent.gateway.supervisor import Supervisor
from edge_agent.journal.entries import Entry, Lane, Sink
from edge_agent.journal.lane_delivery import DeliveryPolicy
from edge_agent.journal.recorder import JournalSettings
from edge_agent.journal.rows import sound
from edge_agent.journal.worker import DeliveryWorker
from edge_agent.journal.writer import Journal
from edge_agent.lines.opening import lines_of
from edge_agent.lines.serial_line import line_name
from edge_agent.model.bed_events import (
    BedEvent,
    CommandRejected,
    ContextEntered,
    JudgingFailed,
    MonitorAccepted,
)
from edge_agent.model.clock import Instant
from edge_agent.model.errors import JournalError
from edge_agent.model.measurements import Readings
from edge_agent.payloads.alerts import decode_alert, encode_alert
from edge_agent.payloads.events import encode_event, encode_report
from edge_agent.payloads.readings import encode_readings
from edge_agent.payloads.status import GatewayIdentity
from edge_agent.sinks.influx_sink import InfluxConfig, InfluxSink
from edge_agent.sinks.mqtt_sink import MqttCallbacks, MqttConfig, MqttSink
from edge_agent.ward.beds import Bed, Place
from edge_agent.ward.pipeline import Pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from edge_agent.config.gateway_file import (
        AgentConfig,
        InfluxSection,
        JournalSection,
        MqttSection,
    )
    from edge_agent.gateway.pipeline_thread import Message
    from edge_agent.journal.entries import DeliveryHealth
    from edge_agent.lines.opening import Line
    from edge_agent.model.alerts import Alert
    from edge_agent.model.clock import Clock
    from edge_agent.model.device_status import DeviceStatus
    from edge_agent.rulebook.rule_set import Rulebook
    from edge_agent.ward.beds import Outcome

    OpenLines = Callable[[AgentConfig, Clock, Callable[[Message], None]], Sequence[Line]]
    """Function that returns the lines of a configuration; they report to the callable."""

LOOK_EVERY_S: Final = 5.0
"""Ward seconds between two checks of the devices' status."""
ALERTS_AT_MOST: Final = 1_000_000
"""Most alert changes read back after a replay: far more than a ward has in a year."""
KEEP_EVERY_S: Final = 180.0
"""Wall seconds between snapshots of a bed; later messages are read from the journal at start."""
ENTRIES_SHARE: Final = 0.75
REJECTIONS_SHARE: Final = 0.5
"""Shares of the judge's queue for entries and for refusals, so that acknowledgements always fit."""
INFLUX_BATCH: Final = 500
"""Entries per write: some 5,000 lines, where a write costs least per line."""

_LOG = logging.getLogger(__name__)
_VERSION: Final = version("crswatch")
"""Version, read once: the package may be replaced while the agent runs."""
READ_BACK_S: Final = 3600.0
"""Longest part of the journal, in seconds, read at start for a bed whose course cannot continue:
alerts wait meanwhile, and longer windows start empty."""


class Agent:
    """One gateway: its lines, its pipeline, its journal, its sinks.

    Parameters
    ----------
    config
        The checked configuration.
    book
        The checked rules.
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
        self._is_replay = clock.axis == FEED_AXIS
        """True for a feed: it starts with no memory, because the journal may hold later entries."""
        self._status_file = StatusFile(status_paths(config.journal.path))
        self._span_s = min(book.longest_span_s, READ_BACK_S)
        self._hash = config_hash(config, book.texts)
        self._states: Mapping[tuple[str, str], Alert] = {}
        """Newest reported alert of each bed and rule; replaced as a whole by the judge's thread."""
        self._pipeline = Pipeline(
            [Bed(bed.id, frozenset(bed.required_signals)) for bed in config.beds],
            book.rules,
            Place(config.gateway.site, config.gateway.ward, ZoneInfo(config.gateway.zone)),
            self._hash,
            clock.now(),
        )
        self._places = tuple(chain.from_iterable(bed.lines() for bed in config.beds))
        self._pipeline.expect(self._places)
        self._first_seq = 0  # number of the newest entry before this run
        self.readings_kept = 0
        """Number of messages with numerics that were journalled; counted by the judge's thread."""
        self._device_status = self._pipeline.device_status()
        self._assessments = self._pipeline.assessments()
        self._looked_at = clock.now()
        self._memory: Memory | None = None
        """None before the journal was read, and for a feed."""
        self._unrestored = ""
        self._kept_at: dict[str, Instant] = {}
        """Time of each bed's newest snapshot."""
        self.judge = Judge(
            self._pipeline,
            clock,
            Hands(self._restored, self._store_outcome, self._look, self._keep_all),
        )
        """Evaluates the messages; a replay puts those of its feeds."""
        self.lines = open_lines(config, clock, self.judge.put)
        """Serial lines of the beds, and addresses to which devices connect."""
        self._mqtt = self._mqtt_sink(config.mqtt) if config.mqtt is not None else None
        sinks: dict[Sink, DeliveryPolicy] = {}
        if self._mqtt is not None:
            sinks[self._mqtt] = DeliveryPolicy()
        if config.influx is not None:
            influx = InfluxSink(self._influx_config(config.influx))
            sinks[influx] = DeliveryPolicy(batch_size=INFLUX_BATCH)
        self._journal = Journal(
            JournalSettings(
                config.journal.path,
                tuple(sink.name for sink in sinks),
                self._retain_s(config.journal),
            )
        )
        workers = {
            sink: DeliveryWorker(self._journal, sink, how, lambda: clock.now().utc_ns)
            for sink, how in sinks.items()
        }
        self._workers = list(workers.values())
        self._mqtt_worker = workers[self._mqtt] if self._mqtt is not None else None
        self._supervisor = Supervisor(
            [self._journal, *self._workers, self.judge, *self.lines], self._part_died
        )

    def start(self) -> None:
        """Continue where the journal ends, and start monitoring."""
        self._journal.start()
        known = [alert for alert in self._known_alerts() if alert.is_signalled]
        self._states = {(alert.bed_id, alert.rule_id): alert for alert in known}
        if self._mqtt is not None and self._mqtt_worker is not None:
            self._mqtt.start(self._mqtt_worker.wake)
        self._supervisor.start()
        _LOG.info("monitoring %d beds", len(self._config.beds))

    def watch(self) -> None:
        """Restart the parts that died, and write the status file; call it about once a second."""
        self._supervisor.watch()
        if self._status_file.is_due():
            self._write_status(RunState.RUNNING)

    def stop(self) -> None:
        """Release the monitors, evaluate and store the remaining messages, and stop."""
        self._write_status(RunState.STOPPING)
        for line in self.lines:
            line.ask_to_leave()
        self._supervisor.stop()
        self._write_status(RunState.STOPPED)
        pending = self._journal.health().pending
        waiting = "; ".join(
            f"{health.waiting} entries wait for {health.sink}"
            for health in self.delivery_health()
            if health.waiting
        )
        _LOG.info("stopped: %d entries not written; %s", pending, waiting or "all delivered")

    def _write_status(self, state: RunState) -> None:
        self._supervisor.guard(
            "to leave a status",
            lambda: self._status_file.write(encode_status(self.status(state))),
        )

    def drain(self, wait_s: float) -> bool:
        """Return True when every sink has accepted everything, waiting up to `wait_s` for each."""
        self.judge.wait_until_idle()
        self._journal.flush()
        return all(worker.wait_until_idle(wait_s) for worker in self._workers)

    def told_alerts(self) -> list[Alert]:
        """Return the newest state of every reported alert."""
        return list(self._states.values())

    def alerts_told_since_start(self) -> list[Alert]:
        """Return every journalled change of a reported alert in this run, in order."""
        entries = self._journal.read(Lane.ALERTS, self._first_seq, ALERTS_AT_MOST)
        alerts = sound(entries, decode_alert, self._journal.note_damage)
        return [alert for alert in alerts if alert.is_signalled]

    def device_status(self) -> list[DeviceStatus]:
        """Return each device's status, at most `LOOK_EVERY_S` old while the judge works."""
        return self._device_status if self.judge.is_alive() else self._pipeline.device_status()

    def delivery_health(self) -> list[DeliveryHealth]:
        """Return the health of each sink's delivery."""
        return [worker.health() for worker in self._workers]

    def status(self, state: RunState = RunState.RUNNING) -> GatewayStatus:
        """Return the gateway's status."""
        health = self._journal.health()
        return GatewayStatus(
            gateway_id=self._config.gateway.id,
            version=_VERSION,
            started_at=self._started_at,
            written_at=self._clock.now(),
            restarts=self._supervisor.restarts,
            newest_death=self._supervisor.newest_death,
            mishaps=self.judge.mishaps.total,
            newest_mishap=self.judge.mishaps.newest,
            journal_fault=health.fault,
            journal_pending=health.pending,
            lost_readings=health.lost_readings,
            journal_lost_aside=health.lost_aside,
            journal_damaged_rows=health.damaged_rows,
            journal_damage=health.damage,
            journal_set_aside=tuple(path.name for path in health.set_aside),
            unrestored=self._unrestored,
            devices=tuple(self.device_status()),
            beds=tuple(AssessedBed(bed_id, state) for bed_id, state in self._assessments.items()),
            sinks=tuple(_sink_status(health) for health in self.delivery_health()),
            state=state,
            pid=os.getpid(),
            process_key=process_key(os.getpid()),
        )

    def _mqtt_sink(self, section: MqttSection) -> MqttSink:
        place = self._config.gateway
        callbacks = MqttCallbacks(
            retained_alerts=self.told_alerts,
            on_acknowledge=lambda _bed_id, command: self.judge.offer(command),
            on_rejected=self._report_rejection,
            now_ns=lambda: self._clock.now().utc_ns,
            on_entry=lambda entry: self.judge.offer(entry, ENTRIES_SHARE),
        )
        config = MqttConfig(
            **asdict(section),
            site=place.site,
            ward=place.ward,
            gateway_id=place.id,
            client_id=f"crswatch-{place.id}",
            bed_ids=frozenset(bed.id for bed in self._config.beds),
            # A feed has no memory of earlier alerts, so it must not clear those that are open now.
            clears_alerts=not self._is_replay,
        )
        identity = GatewayIdentity(place.id, _VERSION, uuid.uuid4().hex, self._hash)
        return MqttSink(config, identity, callbacks)

    def _retain_s(self, section: JournalSection) -> float:
        """Return the storage time of delivered journal entries, s on the machine's clock."""
        factor = 1.0 if self._is_replay else self._clock.factor
        return section.retention_h * 3600 / factor

    def _influx_config(self, section: InfluxSection) -> InfluxConfig:
        place = self._config.gateway
        return InfluxConfig(**asdict(section), site=place.site, ward=place.ward)

    def _known_alerts(self) -> list[Alert]:
        try:
            self._first_seq = self._journal.newest_seq()
            if self._is_replay:
                return []
            return despite_damage(lambda: known_alerts(self._journal))
        except JournalError as error:
            _LOG.error("%s; the alerts of before the start are not known", error)
            if self._mqtt is not None:
                self._mqtt.leave_unknown()
            return []

    def _restored(self) -> list[Outcome]:
        """Return the outcomes of restoring the pipeline from the journal; on the judge's thread."""
        if self._is_replay:
            return []
        try:
            maker = f"{_VERSION} {self._hash}"
            memory = despite_damage(lambda: Memory(self._journal, self._clock, maker))
            known = despite_damage(lambda: memory.remembered(self._places))
            self._memory = memory
            self._pipeline.know_entries(known.entries, self._clock.now())
            self._pipeline.know_monitors(known.monitors)
            bed_ids = [bed.id for bed in self._config.beds]
            readings = memory.readings(bed_ids, self._span_s, known.snapshots)
            return self._pipeline.restore(readings, known.alerts, known.snapshots)
        except JournalError as error:
            _LOG.error(
                "%s; memory of before the start is not read: restart once the disk answers", error
            )
            self._unrestored = str(error)
            return []

    def _part_died(self, part: str) -> None:
        """Report at every bed that a part of the agent died; must not block."""
        at = self._clock.now()
        failed = JudgingFailed(part, "died", self._supervisor.restarts + 1)
        for bed in self._config.beds:
            body = encode_event(BedEvent(bed.id, bed.id, failed, at))
            self._journal.append(Lane.EVENTS, bed.id, at.utc_ns, body)
        bed_id = next((p.bed_id for p in self._places if part == line_name(p)), "")
        self.judge.report_failure(f"{part} stopped and was restarted", bed_id)

    def _store_outcome(self, outcome: Outcome) -> None:
        """Store and report one outcome; on the judge's thread."""
        match outcome:
            case AlertChange():
                self._store_alert(outcome)
            case Readings():
                self.readings_kept += 1
                at_ns = outcome.received_at.utc_ns
                self._journal.append(Lane.READINGS, outcome.bed_id, at_ns, encode_readings(outcome))
            case BedEvent():
                self._store_event(outcome)

    def _store_event(self, outcome: BedEvent) -> None:
        at_ns = outcome.at.utc_ns
        is_urgent = isinstance(outcome.event, ContextEntered)
        body = encode_event(outcome)
        self._journal.append(Lane.EVENTS, outcome.bed_id, at_ns, body, urgent=is_urgent)
        if isinstance(outcome.event, MonitorAccepted):
            remember_monitor(self._journal, outcome.device_id, outcome.event)
        if isinstance(outcome.event, ContextEntered | MonitorAccepted):
            self._kept_at.clear()  # the snapshots may be of another patient

    def _look(self) -> None:
        """Store and report the status that changes with time; on the judge's thread."""
        now = self._clock.now()
        if now.seconds_since(self._looked_at) >= LOOK_EVERY_S:
            self._looked_at, self._device_status = now, self._pipeline.device_status()
            self._assessments = self._pipeline.assessments()
        self._report_beds(now)
        self._keep_due(now)

    def _report_beds(self, now: Instant) -> None:
        """Report the beds' assessments, after everything urgent."""
        if self._mqtt_worker is None:
            return
        for report in self._pipeline.due_reports(now):
            body = encode_report(report)
            entry = Entry(0, Lane.EVENTS, report.bed_id, report.at.utc_ns, body)
            self._mqtt_worker.offer_state(entry)

    def _keep_due(self, now: Instant) -> None:
        """Store a snapshot of one bed that has none newer than `KEEP_EVERY_S`."""
        every_s = KEEP_EVERY_S * self._clock.factor
        for bed in self._config.beds:
            kept_at = self._kept_at.get(bed.id)
            if kept_at is None or now.seconds_since(kept_at) >= every_s:
                self._keep(bed.id, now)
                return

    def _keep_all(self) -> None:
        for bed in self._config.beds:
            self._keep(bed.id, self._clock.now())

    def _keep(self, bed_id: str, now: Instant) -> None:
        self._kept_at[bed_id] = now
        if self._memory is not None:
            self._memory.keep(bed_id, self._pipeline.snapshot(bed_id, now))

    def _store_alert(self, change: AlertChange) -> None:
        alert = change.alert
        at_ns = alert.changed_at.utc_ns
        body = encode_alert(alert)
        if change.is_signalled:
            self._states = {**self._states, (alert.bed_id, alert.rule_id): alert}
            entry = Entry(0, Lane.ALERTS, alert.bed_id, at_ns, body)
            for worker in self._workers:
                worker.offer(entry)
            _LOG.info("%s %s is %s", alert.bed_id, alert.rule_id, alert.state.value)
        self._journal.append(Lane.ALERTS, alert.bed_id, at_ns, body, urgent=True)

    def _report_rejection(self, bed_id: str, reason: str) -> bool:
        rejected = CommandRejected(reason)
        event = BedEvent(bed_id, bed_id, rejected, self._clock.now())
        return self.judge.offer(event, REJECTIONS_SHARE)


def _sink_status(health: DeliveryHealth) -> SinkStatus:
    return SinkStatus(
        name=health.sink,
        fault=health.fault,
        since=Instant(0, health.since_ns) if health.since_ns else None,
        waiting=health.waiting,
        oldest_alert_at=Instant(0, health.oldest_alert_ns) if health.oldest_alert_ns else None,
        refused=health.quarantined,
        refused_reason=health.reason,
        taken=health.delivered,
    )
