"""One alert and one message of readings, for tests of what carries them."""

from __future__ import annotations

from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState
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

AT = Instant(5_000_000_001, 1_700_000_000_123_456_789)


def an_alert(acknowledged_by: str = "") -> Alert:
    evidence = Evidence("temperature", "latest", 38.4, "Cel", 900.0, 1.0, 38.0, AT)
    return Alert(
        alert_id="a-1",
        n=2,
        bed_id="bed-1",
        rule_id="crs.fever",
        rule_version=1,
        kind=AlertKind.PHYSIOLOGICAL,
        priority=AlertPriority.HIGH,
        text="Fever",
        state=AlertState.RAISED,
        pending_since=AT,
        changed_at=AT,
        evidence=(evidence,),
        config_hash="c0ffee",
        raised_at=AT,
        acknowledged_by=acknowledged_by,
        is_signalled=True,
    )


def some_readings(value: float | None = 0.0, bed_id: str = "bed-1") -> Readings:
    validity = Validity.VALID if value is not None else Validity.NOT_AVAILABLE
    vital = Vital(
        bed_id=bed_id,
        kind=VitalKind.HEART_RATE,
        value=value,
        validity=validity,
        mode=GenerationMode.REAL,
        reason="" if value is not None else "leads off",
        site="",
        device_id="monitor",
        code=147842,
        device_time=DeviceTime(7, None),
        measured_at=AT,
        received_at=AT,
        stored_ns=AT.utc_ns,
    )
    return Readings(bed_id, "monitor", AT, (), (vital,))
