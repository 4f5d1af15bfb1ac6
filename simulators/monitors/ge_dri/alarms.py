"""Alarm lines of a simulated S/5 or CARESCAPE monitor.

Source: GE Healthcare, DRI specification 8005313, alarm transmission, interface level 10 and up. The
wording is ours: a real monitor's depends on its language, software and settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from struct import pack
from typing import Final

from edge_agent.model.clock import Instant
from simulators.patients.vitals import TrueVitals

LINES: Final = 5
_TEXT_BYTES: Final = 80
LEAST_LEVEL: Final = 10
_PAUSE_S: Final = 2.0
"""Shortest time between two alarm messages, seconds."""
MESSAGE: Final = 1
"""Subrecord type of an alarm message."""


class Color(IntEnum):
    """Priority of an alarm line."""

    NONE = 0
    WHITE = 1
    YELLOW = 2
    RED = 3


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """One line of the alarm field."""

    text: str
    color: Color


@dataclass(frozen=True, slots=True)
class AlarmField:
    """Alarms on the screen at one moment."""

    lines: tuple[AlarmLine, ...]
    silence: int
    """Reason why alarms make no sound; 0 where they do."""


_NO_LINE: Final = AlarmLine("", Color.NONE)
_TEXTS: Final = {
    "en": {
        "asystole": "Asystole",
        "leads_off": "ECG leads off",
        "heart_rate_high": "HR high",
        "heart_rate_low": "HR low",
        "spo2_low": "SpO2 low",
        "probe_off": "SpO2 probe off",
        "cuff_high": "NIBP Sys high",
        "cuff_low": "NIBP Sys low",
        "temperature_high": "T1 high",
        "temperature_low": "T1 low",
    },
    "de": {
        "asystole": "Asystolie",
        "leads_off": "EKG-Elektroden ab",
        "heart_rate_high": "HF hoch",
        "heart_rate_low": "HF niedrig",
        "spo2_low": "SpO2 niedrig",
        "probe_off": "SpO2-Sensor ab",
        "cuff_high": "NIBD Sys zu groß",
        "cuff_low": "NIBD Sys zu klein",
        "temperature_high": "T1 zu groß",
        "temperature_low": "T1 zu klein",
    },
    "fr": {
        "asystole": "Asystolie",
        "leads_off": "Électrodes ECG débranchées",
        "heart_rate_high": "FC élevée",
        "heart_rate_low": "FC basse",
        "spo2_low": "SpO2 basse",
        "probe_off": "Capteur SpO2 débranché",
        "cuff_high": "PNI Sys élevée",
        "cuff_low": "PNI Sys basse",
        "temperature_high": "T1 élevée",
        "temperature_low": "T1 basse",
    },
}
LANGUAGES: Final = tuple(_TEXTS)
LOW_HEART_RATE: Final = 50
HIGH_HEART_RATE: Final = 120
_LOW_SPO2: Final = 90
_VERY_LOW_SPO2: Final = 85
_CUFF_LIMITS: Final = (90, 160)
_TEMPERATURE_LIMITS: Final = (36.0, 39.0)


def alarm_field(
    vitals: TrueVitals, language: str, silence: int, *, is_asystole: bool
) -> AlarmField:
    """Return the alarms on the screen, the most urgent first."""
    found = _heart(vitals, is_asystole=is_asystole) + _oxygen(vitals)
    if vitals.cuff:
        found += _limits("cuff", vitals.cuff.systolic, _CUFF_LIMITS)
    if vitals.temperature is not None:
        found += _limits("temperature", vitals.temperature, _TEMPERATURE_LIMITS)
    found.sort(key=lambda entry: -entry[1])
    texts = _TEXTS[language]
    lines = tuple(AlarmLine(texts[name], color) for name, color in found[:LINES])
    return AlarmField(lines, silence)


def alarm_message(field: AlarmField, before: AlarmField | None) -> bytes:
    """Return the body of an alarm message.

    Parameters
    ----------
    field
        Field on the screen now.
    before
        Field of the message before; None where there was none, so that everything is new.
    """
    is_sounding = bool(field.lines) and not field.silence
    body = pack("<hhhhh", 0, is_sounding, 0, 0, field.silence)
    shown = _padded(field.lines)
    known = _padded(before.lines if before else ())
    for line, old in zip(shown, known, strict=True):
        text = line.text.encode("latin-1").ljust(_TEXT_BYTES, b"\0")
        body += text + pack("<hhh", line.text != old.text, line.color, line.color != old.color)
        body += bytes(12)
    return body + bytes(10)


def _padded(lines: tuple[AlarmLine, ...]) -> tuple[AlarmLine, ...]:
    return lines + (_NO_LINE,) * (LINES - len(lines))


def _heart(vitals: TrueVitals, *, is_asystole: bool) -> list[tuple[str, Color]]:
    if vitals.heart_rate is None:
        return [("leads_off", Color.WHITE)]
    if is_asystole or vitals.heart_rate == 0:
        return [("asystole", Color.RED)]
    return _limits("heart_rate", vitals.heart_rate, (LOW_HEART_RATE, HIGH_HEART_RATE))


def _oxygen(vitals: TrueVitals) -> list[tuple[str, Color]]:
    if vitals.spo2 is None:
        return [("probe_off", Color.WHITE)]
    if vitals.spo2 < _VERY_LOW_SPO2:
        return [("spo2_low", Color.RED)]
    return [("spo2_low", Color.YELLOW)] if vitals.spo2 < _LOW_SPO2 else []


def _limits(name: str, value: float, limits: tuple[float, float]) -> list[tuple[str, Color]]:
    low, high = limits
    if value > high:
        return [(f"{name}_high", Color.YELLOW)]
    return [(f"{name}_low", Color.YELLOW)] if value < low else []


@dataclass(slots=True)
class AlarmReports:
    """Alarm reports that the host wants, and the last one sent."""

    is_differential: bool = False
    """True where every change is reported."""
    is_requested: bool = False
    """True where the present state is to be sent once."""
    newest: AlarmField | None = None  # None before the first report
    newest_at: Instant | None = None  # None before the first report

    @property
    def are_wanted(self) -> bool:
        """True where a message may become due."""
        return self.is_differential or self.is_requested

    def earliest(self, at: Instant) -> Instant:
        """Return the earliest moment of the next message."""
        return at if self.newest_at is None else max(at, self.newest_at.plus(_PAUSE_S))

    def is_due(self, field: AlarmField, at: Instant) -> bool:
        """Return whether a report of `field` is due now."""
        is_news = self.is_requested or (self.is_differential and field != self.newest)
        return is_news and self.earliest(at) <= at
