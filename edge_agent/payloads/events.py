"""Events of a bed as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from edge_agent.model.assessment import (
    AssessmentState,
    BedReport,
    InputAge,
    PatientAtBed,
    PointRange,
    RiskMarker,
    ShownGrade,
    ShownScore,
    TermPoints,
    UsualBand,
)
from edge_agent.model.bed_events import (
    BedEvent,
    ClockCompared,
    CommandRejected,
    ContextEntered,
    EvaluationFailed,
    MonitorAccepted,
    PersonUnreachable,
    ReadingsLost,
)
from edge_agent.model.patient import PatientEntry
from edge_agent.model.session_events import (
    AlarmLimits,
    AlarmLimitsChanged,
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    LinkChanged,
    LinkState,
)
from edge_agent.payloads.checkpoints import CheckpointEvent
from edge_agent.payloads.common import SCHEMA, encode_json, record_of, rfc3339


class LinkEvent(msgspec.Struct, frozen=True, tag_field="event", tag="link"):
    """Change of state in the dialogue with a device of a bed."""

    bed_id: str
    device_id: str
    state: LinkState
    reason: str
    at: str


class DeviceEvent(msgspec.Struct, frozen=True, tag_field="event", tag="device"):
    """Identity of a device."""

    bed_id: str
    device_id: str
    manufacturer: str
    model: str
    serial: str
    at: str


class DeviceAlarmsEvent(msgspec.Struct, frozen=True, tag_field="event", tag="device_alarms"):
    """The monitor's own list of alarms after a change."""

    bed_id: str
    device_id: str
    alarms: tuple[DeviceAlarm, ...]
    at: str


class AlarmLimitsEvent(msgspec.Struct, frozen=True, tag_field="event", tag="alarm_limits"):
    """The monitor's alarm limits after a change."""

    bed_id: str
    device_id: str
    limits: tuple[AlarmLimits, ...]
    at: str


class MonitorEvent(msgspec.Struct, frozen=True, tag_field="event", tag="monitor_accepted"):
    """From now on the bed's known monitor; `by` is empty for the first monitor of a bed."""

    bed_id: str
    device_id: str
    manufacturer: str
    model: str
    serial: str
    by: str
    at: str


class ClockEvent(msgspec.Struct, frozen=True, tag_field="event", tag="monitor_clock"):
    """A monitor's wall clock minus the gateway's; positive where the monitor is ahead."""

    bed_id: str
    device_id: str
    offset_s: float
    drift_s_per_day: float | None
    is_step: bool
    at: str


class RejectedCommandEvent(msgspec.Struct, frozen=True, tag_field="event", tag="command_rejected"):
    """Refusal of a person's command."""

    bed_id: str
    reason: str
    at: str
    alert_ids: tuple[str, ...] = ()
    answer_id: str = ""


class ContextEvent(msgspec.Struct, frozen=True, tag_field="event", tag="context_entered"):
    """An entry about a patient; `entered_utc_ns` is the time when the gateway accepted it."""

    bed_id: str
    entry: PatientEntry
    at: str


class EvaluationFailedEvent(msgspec.Struct, frozen=True, tag_field="event", tag="judging_failed"):
    """A message or step of a bed that failed and was discarded; `times` since the start."""

    bed_id: str
    what: str
    error: str
    times: int
    at: str


class PersonUnreachableEvent(
    msgspec.Struct, frozen=True, tag_field="event", tag="person_unreachable"
):
    """A person on duty for the bed to whom no way out works."""

    bed_id: str
    person_id: str
    ways: tuple[str, ...]
    shift: str
    at: str


class ReadingsLostEvent(msgspec.Struct, frozen=True, tag_field="event", tag="readings_lost"):
    """Messages whose readings were evaluated but not stored, because the disk was too slow."""

    bed_id: str
    messages: int
    since: str
    until: str
    at: str


class AssessmentEvent(msgspec.Struct, frozen=True, tag_field="event", tag="assessment"):
    """A bed's assessment with its inputs; published and never journalled."""

    bed_id: str
    at: str
    state: AssessmentState
    reason: str
    missing: tuple[str, ...]
    since: str
    inputs: tuple[InputAge, ...]
    crs_score: PointRange | None
    terms: tuple[TermPoints, ...]
    news2: PointRange | None
    scores: tuple[ShownScore, ...]
    risk_markers: tuple[RiskMarker, ...]
    shock_index: float | None
    mean_pressure_mmhg: float | None
    grade: ShownGrade
    other_grades: tuple[ShownGrade, ...]
    usual: tuple[UsualBand, ...] = ()
    temperature_slope_per_h: float | None = None
    patient: PatientAtBed | None = None


EventRecord = (
    LinkEvent
    | DeviceEvent
    | DeviceAlarmsEvent
    | AlarmLimitsEvent
    | MonitorEvent
    | ClockEvent
    | RejectedCommandEvent
    | ContextEvent
    | AssessmentEvent
    | EvaluationFailedEvent
    | PersonUnreachableEvent
    | ReadingsLostEvent
    | CheckpointEvent
)
_RECORDS: Final[Mapping[type, type[EventRecord]]] = {
    LinkChanged: LinkEvent,
    DeviceIdentified: DeviceEvent,
    DeviceAlarmsChanged: DeviceAlarmsEvent,
    AlarmLimitsChanged: AlarmLimitsEvent,
    MonitorAccepted: MonitorEvent,
    ClockCompared: ClockEvent,
    CommandRejected: RejectedCommandEvent,
    ContextEntered: ContextEvent,
    EvaluationFailed: EvaluationFailedEvent,
    PersonUnreachable: PersonUnreachableEvent,
    ReadingsLost: ReadingsLostEvent,
}
_event_decoder: Final[msgspec.json.Decoder[EventRecord]] = msgspec.json.Decoder(EventRecord)


def encode_event(bed_event: BedEvent) -> bytes:
    """Return the journal's record of an event at a bed."""
    event = bed_event.event
    sources: tuple[object, ...] = (bed_event, event)
    own = {"at": rfc3339(bed_event.at.utc_ns)}
    if isinstance(event, MonitorAccepted):
        sources += (event.identity,)
    elif isinstance(event, ReadingsLost):
        own |= {"since": rfc3339(event.since_utc_ns), "until": rfc3339(event.until_utc_ns)}
    return encode_json(record_of(_RECORDS[type(event)], *sources, **own))


_accepted_decoder: Final = msgspec.json.Decoder(MonitorAccepted)


def encode_accepted(accepted: MonitorAccepted) -> bytes:
    """Return the journal's record of a bed's monitor."""
    return encode_json(accepted)


def decode_accepted(body: bytes) -> MonitorAccepted:
    """Return the monitor that `encode_accepted` encoded; raise MsgspecError for another body."""
    return _accepted_decoder.decode(body)


def decode_event(body: bytes) -> EventRecord:
    """Return the event in a journalled body.

    Raises
    ------
    msgspec.MsgspecError
        If the body is not such a record.
    """
    return _event_decoder.decode(body)


def event_message(event: EventRecord, gateway_id: str, seq: int) -> bytes:
    """Return an event for subscribers; (gateway_id, seq) identifies repeats."""
    origin = {"schema": SCHEMA, "gateway_id": gateway_id, "seq": seq}
    return encode_json(origin | msgspec.to_builtins(event))


def encode_report(report: BedReport) -> bytes:
    """Return the report on a bed's assessment as JSON."""
    since = rfc3339(report.assessment.since.utc_ns)
    at = rfc3339(report.at.utc_ns)
    return encode_json(record_of(AssessmentEvent, report, report.assessment, at=at, since=since))
