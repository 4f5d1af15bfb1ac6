"""Conversion of polled objects to numerics with the monitor's own verdict and times.

Layout after the Data Export Interface Programming Guide (4535 642 59271), attributes "Numeric
Observed Value", "Compound Numeric Observed Value" and the time stamps; MeasurementState and
FLOATType ibid.; validity words after ISO/IEEE 11073-10207 MeasurementValidity.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.philips_intellivue.codes import (
    METRIC_PARTITION,
    NAMES,
    UCUM,
    UNIT_PARTITION,
    term,
)
from edge_agent.drivers.philips_intellivue.polls import PolledObject
from edge_agent.drivers.philips_intellivue.reader import MalformedMessageError, Reader
from edge_agent.drivers.philips_intellivue.texts import shown
from edge_agent.drivers.philips_intellivue.times import TICK_NS, DeviceClock, wall_ns
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity

_OBSERVED: Final = 0x0950
_COMPOUND: Final = 0x094B
_ABSOLUTE_STAMP: Final = 0x0990
_RELATIVE_STAMP: Final = 0x0991
_OCCASIONAL: Final = frozenset({0x4A04, 0x4A05, 0x4A06, 0x4A07, 0xF0E5, 0xF140})
"""Readings that are repeated until the next one: NBP with its parts and its pulse, and predictive
temperature."""
_LABEL_STRING: Final = 0x0927

_VALUE: Final = struct.Struct(">HHHI")
"""Physio id, state, unit, FLOAT."""

_VERDICTS: Final = (
    (0x8000, Validity.INVALID),
    (0x2000, Validity.NOT_AVAILABLE),
    (0x1000, Validity.CALIBRATING),
    (0x0020, Validity.MEASURING),
    (0x4000, Validity.QUESTIONABLE),
    (0x0040, Validity.QUESTIONABLE),
)
"""MeasurementState bits, the gravest first; the first that is set decides."""

_MODES: Final = ((0x0800, GenerationMode.TEST), (0x0400, GenerationMode.DEMO))

_SPECIAL: Final = {
    0x7FFFFF: Validity.NOT_AVAILABLE,
    0x800000: Validity.NOT_AVAILABLE,
    0x800001: Validity.NOT_AVAILABLE,
    0x7FFFFE: Validity.ABOVE_RANGE,
    0x800002: Validity.BELOW_RANGE,
}
"""FLOAT mantissas that are not numbers: NaN, not at this resolution, reserved, +INF, -INF."""


@dataclass(frozen=True, slots=True)
class IntellivueFacts:
    """Facts that all numerics of one message share."""

    device_id: str
    clock: DeviceClock
    labels: Mapping[int, str]
    """The monitor's label, by handle."""
    device_now: DeviceTime
    at: Instant


def numerics_of(polled: PolledObject, origin: IntellivueFacts) -> tuple[Numeric, ...]:
    """Return every numeric of an object, in its order.

    Raises
    ------
    MalformedMessageError
        If a value is cut short.
    """
    return tuple(_numeric(polled, value, origin) for value in _values(polled))


def labels_of(polled: PolledObject) -> dict[int, str]:
    """Return the label string of an object by its handle; empty where it has none.

    Raises
    ------
    MalformedMessageError
        If the label is cut short.
    """
    value = polled.attributes.get(_LABEL_STRING)
    return {} if value is None else {polled.handle: shown(Reader(value).block()).rstrip(" ")}


def number(bits: int) -> float | None:
    """Return a FLOAT (exponent i8, mantissa i24), exact to the last decimal; None for no number."""
    mantissa = bits & 0xFFFFFF
    if mantissa in _SPECIAL:
        return None
    mantissa -= (mantissa & 0x800000) << 1
    exponent = (bits >> 24) - ((bits >> 31) << 8)
    return mantissa / 10**-exponent if exponent < 0 else float(mantissa * 10**exponent)


def validity(state: int, bits: int) -> Validity:
    """Return the monitor's verdict on a value; one that is not a number is never valid."""
    verdict = next((word for bit, word in _VERDICTS if state & bit), Validity.VALID)
    if verdict in {Validity.VALID, Validity.QUESTIONABLE}:
        return _SPECIAL.get(bits & 0xFFFFFF, verdict)
    return verdict


def _values(polled: PolledObject) -> list[bytes]:
    values = []
    if (single := polled.attributes.get(_OBSERVED)) is not None:
        values.append(single)
    if (compound := polled.attributes.get(_COMPOUND)) is not None:
        reader = Reader(compound)
        count = reader.u16()
        elements = Reader(reader.block())
        values += [elements.read(_VALUE.size) for _ in range(count)]
        elements.finish()
    return values


def _numeric(polled: PolledObject, value: bytes, origin: IntellivueFacts) -> Numeric:
    if len(value) != _VALUE.size:
        raise MalformedMessageError(f"an observed value has {len(value)} bytes, not {_VALUE.size}")
    physio_id, state, unit, bits = _VALUE.unpack(value)
    return Numeric(
        device_id=origin.device_id,
        channel=f"{polled.handle:04X}",
        code=term(METRIC_PARTITION, physio_id),
        label=NAMES.get(physio_id) or origin.labels.get(polled.handle, ""),
        value=number(bits),
        unit_code=term(UNIT_PARTITION, unit),
        unit=UCUM.get(unit, ""),
        state=state,
        validity=validity(state, bits),
        mode=next((mode for bit, mode in _MODES if state & bit), GenerationMode.REAL),
        measured_at=_measured_at(physio_id, polled.attributes, origin),
        received_at=origin.at,
    )


def _measured_at(
    physio_id: int, attributes: Mapping[int, bytes], origin: IntellivueFacts
) -> DeviceTime:
    """Return the object's own stamps where it has any, otherwise the times of the message.

    A reading that is repeated until the next one is as old as its stamp; the time of the message
    that repeats it must not make it look new.
    """
    relative, absolute = attributes.get(_RELATIVE_STAMP), attributes.get(_ABSOLUTE_STAMP)
    if relative is None and absolute is None:
        return DeviceTime() if physio_id in _OCCASIONAL else origin.device_now
    own = DeviceTime() if relative is None else origin.clock.at(Reader(relative).u32())
    return own if absolute is None else DeviceTime(own.elapsed_ns, wall_ns(absolute))


CSV_HEADER: Final = ("rel_ticks", "handle", "physio_id", "state", "unit", "value")


def csv_row(numeric: Numeric, device_now: DeviceTime) -> tuple[str, ...]:
    """Return one numeric as text: the ticks of its message, hexadecimal codes, NaN for missing."""
    ticks = (device_now.elapsed_ns or 0) // TICK_NS % 2**32
    return (
        str(ticks),
        numeric.channel,
        f"{numeric.code & 0xFFFF:04X}",
        f"{numeric.state:04X}",
        f"{numeric.unit_code & 0xFFFF:04X}",
        "NaN" if numeric.value is None else str(numeric.value),
    )
