"""Alarms of a simulated HL7 device: simple limits, and the start, continuation and end of alarms.

Source of event codes and facets: IHE Patient Care Device, ACM profile (PCD-04), and an ORU^R40 of a
Mindray gateway; of priorities and texts: Philips, Efficia CM Series Data Export Guide, alarms.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from edge_agent.model.clock import Instant
from simulators.patients.vitals import TrueVitals

_LOW: Final = "196670^MDC_EVT_LO^MDC"
_HIGH: Final = "196648^MDC_EVT_HI^MDC"
_LEAD_OFF: Final = "196680^MDC_EVT_LEAD_OFF^MDC"
_CONTINUE_EVERY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Alarm limits of one sign, and its name in alarms."""

    low: float
    high: float
    words: str
    unit: str
    code: str
    part: str
    """Device and channel in the containment tree."""

    def side(self, value: float) -> str:
        """Return L below the limits, H above them, and an empty text between."""
        if value < self.low:
            return "L"
        return "H" if value > self.high else ""


LIMITS: Final = {
    "heart_rate": Limits(50, 120, "HR", "/min", "147842^MDC_ECG_HEART_RATE^MDC", "1.7.0"),
    "spo2": Limits(90, 100, "SpO₂", "%", "150456^MDC_PULS_OXIM_SAT_O2^MDC", "1.3.0"),
    "nibp_systolic": Limits(90, 160, "NBPs", "mmHg", "150301^MDC_PRESS_CUFF_SYS^MDC", "1.1.0"),
    "temperature": Limits(36, 39, "Temp", "°C", "150344^MDC_TEMP^MDC", "1.2.0"),
}
"""Alarm limits per sign, as a ward may set them."""


@dataclass(frozen=True, slots=True)
class AlarmCondition:
    """One alarm condition."""

    event: str
    source: str
    """Code of the sign; empty for a technical alarm."""
    part: str
    flags: str
    """OBX-8: abnormality, priority and kind."""

    @property
    def sub_id(self) -> str:
        """Place in the containment tree."""
        return f"{self.part}.{self.event.split('^')[0]}"

    @property
    def priority(self) -> str:
        """PM or PL."""
        return self.flags.split("~")[1]


class Phase(Enum):
    """Phase of an alarm in a message."""

    START = "start"
    CONTINUE = "continue"
    END = "end"


def present_alarms(vitals: TrueVitals) -> dict[AlarmCondition, str]:
    """Return the present alarms, each with its human-readable text."""
    found = {}
    for sign, value in _limited(vitals).items():
        limits = LIMITS[sign]
        side = limits.side(value)
        if side:
            event, word = (_LOW, "Low") if side == "L" else (_HIGH, "High")
            alarm = AlarmCondition(event, limits.code, limits.part, f"{side}~PM~SP")
            shown = f"{value:.1f}" if sign == "temperature" else f"{value:.0f}"
            found[alarm] = f"{limits.words} {word}, {limits.words}={shown} {limits.unit}"
    if vitals.heart_rate is None:
        found[AlarmCondition(_LEAD_OFF, "", "1.7.0", "A~PL~ST")] = "ECG  Leads Off"
    return found


def _limited(vitals: TrueVitals) -> dict[str, float]:
    values = {
        "heart_rate": vitals.heart_rate,
        "spo2": vitals.spo2,
        "nibp_systolic": vitals.cuff.systolic if vitals.cuff else None,
        "temperature": vitals.temperature,
    }
    return {sign: value for sign, value in values.items() if value is not None}


class AlarmLog:
    """The alarms reported so far."""

    def __init__(self) -> None:
        self._reported_at: dict[AlarmCondition, Instant] = {}

    def news(
        self, present: dict[AlarmCondition, str], at: Instant
    ) -> list[tuple[AlarmCondition, Phase]]:
        """Return the alarms to report now, given the present ones."""
        found = [(alarm, Phase.START) for alarm in present if alarm not in self._reported_at]
        for alarm, reported_at in self._reported_at.items():
            if alarm not in present:
                found.append((alarm, Phase.END))
            elif at.seconds_since(reported_at) >= _CONTINUE_EVERY_S:
                found.append((alarm, Phase.CONTINUE))
        for alarm, phase in found:
            if phase is Phase.END:
                del self._reported_at[alarm]
            else:
                self._reported_at[alarm] = at
        return found
