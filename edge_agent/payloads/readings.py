"""Readings as JSON, on the wire and in the journal."""

from __future__ import annotations

from typing import Final

import msgspec

from edge_agent.model.measurements import (
    CANONICAL_UNITS,
    GenerationMode,
    Readings,
    Validity,
    Vital,
    VitalKind,
)
from edge_agent.payloads.common import SCHEMA, encode_json, rfc3339

_readings_decoder: Final = msgspec.json.Decoder(Readings)


def encode_readings(readings: Readings) -> bytes:
    """Return the journal's record of one device message, complete and exact."""
    return encode_json(readings)


def decode_readings(body: bytes) -> Readings:
    """Return the readings that `encode_readings` encoded.

    Raises
    ------
    msgspec.MsgspecError
        If the body is not such a record.
    """
    return _readings_decoder.decode(body)


class VitalWire(msgspec.Struct, frozen=True):
    """One vital, for subscribers."""

    kind: VitalKind
    value: float | None
    unit: str
    code: int
    validity: Validity
    mode: GenerationMode
    reason: str
    site: str
    device_id: str
    measured_at: str
    received_at: str
    stored_ns: int


class VitalsWire(msgspec.Struct, frozen=True):
    """The vitals of one device message, for subscribers."""

    gateway_id: str
    seq: int
    bed_id: str
    device_id: str
    historical: bool
    vitals: tuple[VitalWire, ...]
    schema: int = SCHEMA


def vitals_message(readings: Readings, gateway_id: str, seq: int, *, historical: bool) -> bytes:
    """Return the vitals of one device message for subscribers.

    Parameters
    ----------
    seq
        Number in the gateway's journal: consumers discard a (gateway_id, seq) they have seen.
    historical
        True if it was measured during an outage and must not count as live.
    """
    wires = tuple(_vital_wire(v) for v in readings.vitals)
    return encode_json(
        VitalsWire(gateway_id, seq, readings.bed_id, readings.device_id, historical, wires)
    )


_vitals_decoder: Final = msgspec.json.Decoder(VitalsWire)


def decode_vitals_message(payload: bytes) -> VitalsWire:
    """Return the content of a received message; raise MsgspecError for another payload."""
    return _vitals_decoder.decode(payload)


def _vital_wire(vital: Vital) -> VitalWire:
    return VitalWire(
        kind=vital.kind,
        value=vital.value,
        unit=CANONICAL_UNITS[vital.kind],
        code=vital.code,
        validity=vital.validity,
        mode=vital.mode,
        reason=vital.reason,
        site=vital.site,
        device_id=vital.device_id,
        measured_at=rfc3339(vital.measured_at.utc_ns),
        received_at=rfc3339(vital.received_at.utc_ns),
        stored_ns=vital.stored_ns,
    )
