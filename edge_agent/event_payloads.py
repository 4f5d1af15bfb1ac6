"""Events of a bed and the state of gateway and links as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import msgspec

from edge_agent.gap_payloads import JudgingFailedEvent, ReadingsLostEvent, gap_event
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
from edge_agent.payloads import NOTE, SCHEMA, encode_json, rfc3339


class LinkEvent(msgspec.Struct, frozen=True, tag_field="event", tag="link"):
    """The dialogue with a device of a bed entered another state."""

    bed_id: str
    device_id: str
    state: LinkState
    reason: str
    at: str


class DeviceEvent(msgspec.Struct, frozen=True, tag_field="event", tag="device"):
    """A device said what it is."""

    bed_id: str
    device_id: str
    manufacturer: str
    model: str
    serial: str
    at: str


class DeviceAlarmsEvent(msgspec.Struct, frozen=True, tag_field="event", tag="device_alarms"):
    """The monitor's own list of alarms is now this one."""

    bed_id: str
    device_id: str
    alarms: tuple[DeviceAlarm, ...]
    at: str


class AlarmLimitsEvent(msgspec.Struct, frozen=True, tag_field="event", tag="alarm_limits"):
    """The monitor's alarm limits are now these."""

    bed_id: str
    device_id: str
    limits: tuple[AlarmLimits, ...]
    at: str


class MonitorEvent(msgspec.Struct, frozen=True, tag_field="event", tag="monitor_accepted"):
    """A bed's monitor is known from now on; `by` is empty for the first monitor of a bed."""

    bed_id: str
    device_id: str
    manufacturer: str
    model: str
    serial: str
    by: str
    at: str


class ClockEvent(msgspec.Struct, frozen=True, tag_field="event", tag="monitor_clock"):
    """How a monitor's wall clock stands to the gateway's; positive where it is ahead."""

    bed_id: str
    device_id: str
    offset_s: float
    drift_s_per_day: float | None
    is_step: bool
    at: str


class RejectedCommandEvent(msgspec.Struct, frozen=True, tag_field="event", tag="command_rejected"):
    """Somebody asked for what could not be done."""

    bed_id: str
    reason: str
    at: str


class ContextEvent(msgspec.Struct, frozen=True, tag_field="event", tag="context_entered"):
    """Somebody entered something of a patient; `entered_utc_ns` is when the gateway took it."""

    bed_id: str
    entry: PatientEntry
    at: str


class AssessmentEvent(msgspec.Struct, frozen=True, tag_field="event", tag="assessment"):
    """Whether a bed is assessed, and what goes into it; told and never kept."""

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
    | JudgingFailedEvent
    | ReadingsLostEvent
)
_event_decoder: Final[msgspec.json.Decoder[EventRecord]] = msgspec.json.Decoder(EventRecord)


def encode_event(bed_event: BedEvent) -> bytes:
    """Return the journal's record of what happened at a bed."""
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
    """Return the record of what people did, or wanted to."""
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
    """Return what the journal remembers of a bed's monitor."""
    return encode_json(accepted)


def decode_accepted(body: bytes) -> MonitorAccepted:
    """Return what `encode_accepted` was given; raises MsgspecError where it is something else."""
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
    """Return an event as subscribers see it; (gateway_id, seq) tells repeats."""
    origin = {"schema": SCHEMA, "gateway_id": gateway_id, "seq": seq}
    return encode_json(origin | msgspec.to_builtins(event))


def encode_report(report: BedReport) -> bytes:
    """Return what is told of the assessment of a bed."""
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


class _LinkWire(msgspec.Struct, frozen=True):
    device_id: str
    state: LinkState
    reason: str
    since: str


class StatusWire(msgspec.Struct, frozen=True):
    """What holds at a bed now, as subscribers see it."""

    bed_id: str
    links: tuple[_LinkWire, ...]
    assessment: AssessmentEvent | None
    """None before the first."""
    note: str = NOTE
    schema: int = SCHEMA


_status_decoder: Final = msgspec.json.Decoder(StatusWire)


def status_message(
    bed_id: str, links: Sequence[LinkEvent], assessment: AssessmentEvent | None = None
) -> bytes:
    """Return the present state of every link of a bed, and of its assessment."""
    devices = tuple(_LinkWire(link.device_id, link.state, link.reason, link.at) for link in links)
    return encode_json(StatusWire(bed_id, devices, assessment))


def decode_status_message(payload: bytes) -> StatusWire:
    """Return what a subscriber received; raises MsgspecError where it is something else."""
    return _status_decoder.decode(payload)


@dataclass(frozen=True, slots=True)
class GatewayIdentity:
    """What a gateway says about itself at birth."""

    gateway_id: str
    version: str
    boot_id: str
    config_hash: str


def gateway_message(identity: GatewayIdentity, state: str) -> bytes:
    """Return birth (`online`), last will (`lost`) or a clean goodbye (`stopped`)."""
    return encode_json({"schema": SCHEMA, "state": state, "note": NOTE} | asdict(identity))


class _Boot(msgspec.Struct, frozen=True):
    boot_id: str


_boot_decoder: Final = msgspec.json.Decoder(_Boot)


def boot_of(payload: bytes) -> str | None:
    """Return which run of a gateway a `gateway_message` is of; None where it is none."""
    try:
        return _boot_decoder.decode(payload).boot_id
    except msgspec.MsgspecError:
        return None
