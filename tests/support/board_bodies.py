"""Bodies for a board as gateways send them, made from plain numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from edge_agent.board.feed import BodyKind, FeedBody
from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState, SignalReason
from edge_agent.model.assessment import (
    Assessment,
    AssessmentState,
    BedReport,
    PointRange,
    ShownGrade,
)
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Evidence
from edge_agent.model.measurements import (
    DeviceTime,
    GenerationMode,
    Readings,
    Validity,
    Vital,
    VitalKind,
)
from edge_agent.model.session_events import LinkState
from edge_agent.payloads.alerts import alert_message
from edge_agent.payloads.calls import call_message, encode_call, encode_pulse
from edge_agent.payloads.events import AssessmentEvent, LinkEvent, decode_event, encode_report
from edge_agent.payloads.readings import vitals_message
from edge_agent.payloads.status import status_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.model.calls import Call
    from edge_agent.model.oversight import AuditorPulse


GATEWAY = "gw-1"


def instant(now_ms: int) -> Instant:
    """Return the moment of UTC milliseconds."""
    return Instant(now_ms * 1_000_000, now_ms * 1_000_000)


def vital(bed_id: str, kind: VitalKind, value: float | None, now_ms: int, site: str = "") -> Vital:
    """Return one reading; without a value the sensor is off."""
    at = instant(now_ms)
    validity = Validity.NOT_AVAILABLE if value is None else Validity.VALID
    return Vital(
        bed_id=bed_id,
        kind=kind,
        value=value,
        validity=validity,
        mode=GenerationMode.REAL,
        reason="" if value is not None else "sensor off or no signal",
        site=site,
        device_id=bed_id,
        code=0,
        device_time=DeviceTime(),
        measured_at=at,
        received_at=at,
        stored_ns=at.utc_ns,
    )


def vitals_body(
    bed_id: str,
    values: Mapping[VitalKind, float | None],
    now_ms: int,
    gateway_id: str = GATEWAY,
    *,
    historical: bool = False,
) -> FeedBody:
    """Return the vitals of one message of a bed's monitor."""
    vitals = tuple(vital(bed_id, kind, value, now_ms) for kind, value in values.items())
    return body_of_vitals(bed_id, vitals, now_ms, gateway_id, historical=historical)


def body_of_vitals(
    bed_id: str,
    vitals: tuple[Vital, ...],
    now_ms: int,
    gateway_id: str = GATEWAY,
    *,
    historical: bool = False,
) -> FeedBody:
    """Return some vitals as one message."""
    readings = Readings(bed_id, bed_id, instant(now_ms), (), vitals)
    payload = vitals_message(readings, gateway_id, 0, historical=historical)
    return FeedBody(BodyKind.VITALS, gateway_id, bed_id, payload)


def report(bed_id: str, now_ms: int, **own: object) -> BedReport:
    """Return a report on an assessed bed with nothing to say."""
    at = instant(now_ms)
    quiet = BedReport(
        bed_id=bed_id,
        at=at,
        assessment=Assessment(AssessmentState.ASSESSING, "", (), at),
        inputs=(),
        crs_score=PointRange(0, 1),
        terms=(),
        news2=None,
        scores=(),
        risk_markers=(),
        shock_index=None,
        mean_pressure_mmhg=None,
        grade=ShownGrade("astct", 0, 0, "", (), ""),
        other_grades=(),
    )
    return replace(quiet, **own)  # type: ignore[arg-type]


def status_body(
    report: BedReport, link: LinkState = LinkState.CONNECTED, gateway_id: str = GATEWAY
) -> FeedBody:
    """Return the status of a bed; its link has been as it is since its assessment."""
    event = decode_event(encode_report(report))
    assert isinstance(event, AssessmentEvent)
    links = [LinkEvent(report.bed_id, report.bed_id, link, "", event.since)]
    payload = status_message(report.bed_id, links, event)
    return FeedBody(BodyKind.STATUS, gateway_id, report.bed_id, payload)


def alert(bed_id: str, rule_id: str, now_ms: int, **own: object) -> Alert:
    """Return a raised alert that people were alerted to."""
    at = instant(now_ms)
    raised = Alert(
        alert_id=f"{bed_id}/{rule_id}/{now_ms}",
        n=1,
        bed_id=bed_id,
        rule_id=rule_id,
        rule_version=1,
        kind=AlertKind.PHYSIOLOGICAL,
        priority=AlertPriority.HIGH,
        text="See the patient now.",
        state=AlertState.RAISED,
        pending_since=at,
        changed_at=at,
        evidence=(),
        config_hash="c0ffee",
        raised_at=at,
        is_signalled=True,
        signal=SignalReason.FIRST,
        signal_n=1,
        signalled_at=at,
    )
    return replace(raised, **own)  # type: ignore[arg-type]


def evidence(kind: str, value: float, unit: str, now_ms: int) -> Evidence:
    """Return one value behind an alert."""
    return Evidence(kind, "latest", value, unit, 60.0, 1.0, 0.0, instant(now_ms))


def alert_body(alert: Alert, gateway_id: str = GATEWAY) -> FeedBody:
    """Return an alert's state."""
    payload = alert_message(alert, gateway_id)
    return FeedBody(BodyKind.ALERTS, gateway_id, alert.bed_id, payload, alert.rule_id)


def call_body(call: Call, gateway_id: str = GATEWAY) -> FeedBody:
    """Return the call for a bed's problem."""
    payload = call_message(encode_call(call), gateway_id)
    return FeedBody(BodyKind.CALLS, gateway_id, call.bed_id, payload)


def model_body(
    kind: BodyKind, content: object, bed_id: str = "", subject: str = "", gateway_id: str = GATEWAY
) -> FeedBody:
    """Return the health of a way out."""
    return FeedBody(kind, gateway_id, bed_id, msgspec.json.encode(content), subject)


def pulse_body(pulse: AuditorPulse, gateway_id: str = GATEWAY) -> FeedBody:
    """Return the newest word of an auditor."""
    payload = call_message(encode_pulse(pulse), gateway_id)
    return FeedBody(BodyKind.AUDITOR, gateway_id, "", payload)


def gateway_body(state: str, beds: tuple[str, ...] = (), gateway_id: str = GATEWAY) -> FeedBody:
    """Return the birth, end or loss of a gateway."""
    content = {"gateway_id": gateway_id, "state": state, "beds": beds}
    return FeedBody(BodyKind.GATEWAY, gateway_id, "", msgspec.json.encode(content))
