"""Events of a bed as JSON."""

from __future__ import annotations

from typing import Final

import msgspec

from edge_agent.model.assessment import (
    AssessmentState,
    BedReport,
    GradeShown,
    InputAge,
    PointRange,
    RiskMarker,
    ScoreShown,
    TermPoints,
)
from edge_agent.model.bed_events import (
    BedEvent,
    ClockCompared,
    CommandRejected,
    ContextEntered,
    MonitorAccepted,
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
from edge_agent.payloads.common import SCHEMA, encode_json, rfc3339
from edge_agent.payloads.gaps import EvaluationFailedEvent, ReadingsLostEvent, gap_event


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


class ContextEvent(msgspec.Struct, frozen=True, tag_field="event", tag="context_entered"):
    """An entry about a patient; `entered_utc_ns` is the time when the gateway accepted it."""

    bed_id: str
    entry: PatientEntry
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
    scores: tuple[ScoreShown, ...]
    risk_markers: tuple[RiskMarker, ...]
    shock_index: float | None
    mean_pressure_mmhg: float | None
    grade: GradeShown
    other_grades: tuple[GradeShown, ...]


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
    | ReadingsLostEvent
)
_event_decoder: Final[msgspec.json.Decoder[EventRecord]] = msgspec.json.Decoder(EventRecord)


def encode_event(bed_event: BedEvent) -> bytes:
    """Return the journal's record of an event at a bed."""
    bed, device, event = bed_event.bed_id, bed_event.device_id, bed_event.event
    at = rfc3339(bed_event.at.utc_ns)
    record: EventRecord
    match event:
        case LinkChanged():
            record = LinkEvent(bed, device, event.state, event.reason, at)
        case DeviceIdentified():
            record = DeviceEvent(bed, device, event.manufacturer, event.model, event.serial, at)
        case DeviceAlarmsChanged():
            record = DeviceAlarmsEvent(bed, device, event.alarms, at)
        case AlarmLimitsChanged():
            record = AlarmLimitsEvent(bed, device, event.limits, at)
        case ClockCompared():
            offset_s, drift, is_step = event.offset_s, event.drift_s_per_day, event.is_step
            record = ClockEvent(bed, device, offset_s, drift, is_step, at)
        case MonitorAccepted() | CommandRejected() | ContextEntered():
            record = _of_people(bed, device, event, at)
        case _:
            record = gap_event(bed, event, at)
    return encode_json(record)


def _of_people(
    bed: str, device: str, event: MonitorAccepted | CommandRejected | ContextEntered, at: str
) -> MonitorEvent | RejectedCommandEvent | ContextEvent:
    """Return the record of a person's action or refused command."""
    match event:
        case MonitorAccepted(identity=identity):
            made_by, model, serial = identity.manufacturer, identity.model, identity.serial
            return MonitorEvent(bed, device, made_by, model, serial, event.by, at)
        case CommandRejected():
            return RejectedCommandEvent(bed, event.reason, at)
        case ContextEntered():
            return ContextEvent(bed, event.entry, at)


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
    assessment = report.assessment
    return encode_json(
        AssessmentEvent(
            bed_id=report.bed_id,
            at=rfc3339(report.at.utc_ns),
            state=assessment.state,
            reason=assessment.reason,
            missing=assessment.missing,
            since=rfc3339(assessment.since.utc_ns),
            inputs=report.inputs,
            crs_score=report.crs_score,
            terms=report.terms,
            news2=report.news2,
            scores=report.scores,
            risk_markers=report.risk_markers,
            shock_index=report.shock_index,
            mean_pressure_mmhg=report.mean_pressure_mmhg,
            grade=report.grade,
            other_grades=report.other_grades,
        )
    )
