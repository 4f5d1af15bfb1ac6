"""Conversion of the payload of a sound frame to a message; every field is checked again."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Final

from edge_agent.model.measurements import GenerationMode, Validity

SENSOR_OFF: Final = 0x01
SEARCHING: Final = 0x02
WEAK_SIGNAL: Final = 0x04
DEMO: Final = 0x08
SPO2_LOW: Final = 0x10
PULSE_LOW: Final = 0x20
_UNUSED: Final = 0xC0
"""Bits of the status byte; PT-1042 rev. C, table 3."""

_NO_VALUE: Final = 0xFF
_VALUES: Final = struct.Struct(">cIBBBB")  # V, seconds since start, status, three values
_TEMPERATURE: Final = struct.Struct(">cIH")  # T, seconds since start, tenths of a degree
_SERIAL: Final = re.compile(rb"I([0-9A-Z]{8})")
_TENTHS: Final = range(250, 451)

# source of codes and units: ISO/IEEE 11073-10101, partitions 2 and 4
PERCENT: Final = (262688, "%")
BEATS: Final = (264864, "/min")
CELSIUS: Final = (268192, "Cel")


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter of the oximeter."""

    label: str
    code: int
    """ISO/IEEE 11073-10101: partition x 65536 + term."""
    unit: tuple[int, str]
    """11073-10101 unit code and UCUM."""
    scale: float
    sent: range
    """Numbers that the oximeter can send; other numbers are damage."""


VALUE_ROWS: Final = (  # PT-1042 rev. C, table 4, in the order of the message
    Row("SpO2", 150456, PERCENT, 1.0, range(1, 101)),
    Row("Pulse rate", 149530, BEATS, 1.0, range(20, 251)),
    Row("Perfusion index", 150448, PERCENT, 0.1, range(201)),  # here 0 is a value: no flow
)
TEMPERATURE_ROW: Final = Row("Oral temperature", 188424, CELSIUS, 0.1, _TENTHS)


@dataclass(frozen=True, slots=True)
class Values:
    """Present measurements of the oximeter, sent every second."""

    elapsed_s: int
    status: int
    numbers: tuple[float | None, ...]
    """Numbers in the order of `VALUE_ROWS`; None where the oximeter sends none."""

    @property
    def validity(self) -> Validity:
        """Verdict of the status on a number that is there."""
        if self.status & (SENSOR_OFF | SEARCHING):
            return Validity.INVALID
        return Validity.QUESTIONABLE if self.status & WEAK_SIGNAL else Validity.VALID

    @property
    def mode(self) -> GenerationMode:
        """REAL for a patient, DEMO for a demonstration."""
        return GenerationMode.DEMO if self.status & DEMO else GenerationMode.REAL


@dataclass(frozen=True, slots=True)
class Temperature:
    """A reading of the thermometer, sent once after the measurement."""

    elapsed_s: int
    degrees: float


@dataclass(frozen=True, slots=True)
class Identity:
    """The serial number, sent on request."""

    serial: str


def parse(payload: bytes) -> Values | Temperature | Identity | str:
    """Return the message in a payload, or the reason for its rejection."""
    if serial := _SERIAL.fullmatch(payload):
        return Identity(serial[1].decode())
    if payload[:1] == b"T" and len(payload) == _TEMPERATURE.size:
        _, elapsed_s, tenths = _TEMPERATURE.unpack(payload)
        is_sound = tenths in _TENTHS
        return Temperature(elapsed_s, tenths / 10) if is_sound else "a temperature out of range"
    if payload[:1] == b"V" and len(payload) == _VALUES.size:
        return _values(payload)
    return "no message that PT-1042 knows"


def _values(payload: bytes) -> Values | str:
    _, elapsed_s, status, *sent = _VALUES.unpack(payload)
    if status & _UNUSED:
        return "bits are set that PT-1042 does not use"
    numbers: list[float | None] = []
    for row, number in zip(VALUE_ROWS, sent, strict=True):
        if number != _NO_VALUE and number not in row.sent:
            return f"{row.label} is out of its range"
        numbers.append(None if number == _NO_VALUE else round(number * row.scale, 1))
    return Values(elapsed_s, status, tuple(numbers))
