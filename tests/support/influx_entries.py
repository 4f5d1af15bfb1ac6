"""Entries for the InfluxDB sink, and the token of its server."""

from __future__ import annotations

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import (
    DeviceTime,
    GenerationMode,
    Readings,
    Validity,
    Vital,
    VitalKind,
)
from edge_agent.payloads.readings import encode_readings

TOKEN = "s3cret-token"
AT = Instant(5_000_000_000, 1_790_000_000_123_456_789)
VITAL = Vital(
    bed_id="bed 07,west=1",
    kind=VitalKind.TEMPERATURE,
    value=38.25,
    validity=Validity.VALID,
    mode=GenerationMode.REAL,
    reason="",
    site="core",
    device_id="mp90",
    code=150368,
    device_time=DeviceTime(),
    measured_at=AT.plus(-2),
    received_at=AT,
    stored_ns=AT.utc_ns + 3,
)


def entry(seq: int, *vitals: Vital) -> JournalEntry:
    readings = Readings(VITAL.bed_id, VITAL.device_id, AT, (), vitals)
    body = encode_readings(readings)
    return JournalEntry(seq, Lane.READINGS, VITAL.bed_id, AT.utc_ns, body)
