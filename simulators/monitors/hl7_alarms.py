"""The alarms of a simulated HL7 device: simple limits, and what is new, goes on and ends.

Source of event codes and facets: IHE Patient Care Device, ACM profile (PCD-04), and an ORU^R40 of
a Mindray gateway; of priorities and texts: Philips, Efficia CM Series Data Export Guide, alarms.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from edge_agent.model.clock import Instant
    from simulators.vitals import TrueVitals

_LOW: Final = "196670^MDC_EVT_LO^MDC"
_HIGH: Final = "196648^MDC_EVT_HI^MDC"
_LEAD_OFF: Final = "196680^MDC_EVT_LEAD_OFF^MDC"
_CONTINUE_EVERY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one sign may be without an alarm, and what it is called in alarms."""

    low: float
    high: float
    words: str
    unit: str
    code: str
    part: str
    """Device and channel in the containment tree."""

    def side(self, value: float) -> str:
        """Return L below the limits, H above them and nothing between."""
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
class Alarm:
    """One thing that is wrong."""

    event: str
    source: str
    """Code of what it is about, empty for the technique."""
    part: str
    flags: str
    """OBX-8: abnormality, priority and kind."""

    @property
    def sub_id(self) -> str:
        """Where it is in the containment tree."""
        return f"{self.part}.{self.event.split('^')[0]}"

    @property
    def priority(self) -> str:
        """PM or PL."""
        return self.flags.split("~")[1]


class Phase(Enum):
    """What a message says of an alarm."""

    START = "start"
    CONTINUE = "continue"
    END = "end"


def present_alarms(vitals: TrueVitals) -> dict[Alarm, str]:
    """Return the alarms of this moment, each with its text for people."""
    found = {}
    for sign, value in _limited(vitals).items():
        limits = LIMITS[sign]
        side = limits.side(value)
        if side:
            event, word = (_LOW, "Low") if side == "L" else (_HIGH, "High")
            alarm = Alarm(event, limits.code, limits.part, f"{side}~PM~SP")
            shown = f"{value:.1f}" if sign == "temperature" else f"{value:.0f}"
            found[alarm] = f"{limits.words} {word}, {limits.words}={shown} {limits.unit}"
    if vitals.heart_rate is None:
        found[Alarm(_LEAD_OFF, "", "1.7.0", "A~PL~ST")] = "ECG  Leads Off"
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
    """Remembers which alarms were reported."""

    def __init__(self) -> None:
        self._told_at: dict[Alarm, Instant] = {}

    def news(self, present: dict[Alarm, str], at: Instant) -> list[tuple[Alarm, Phase]]:
        """Return what is to be reported now that these are present."""
        found = [(alarm, Phase.START) for alarm in present if alarm not in self._told_at]
        for alarm, told_at in self._told_at.items():
            if alarm not in present:
                found.append((alarm, Phase.END))
            elif at.seconds_since(told_at) >= _CONTINUE_EVERY_S:
                found.append((alarm, Phase.CONTINUE))
        for alarm, phase in found:
            if phase is Phase.END:
                del self._told_at[alarm]
            else:
                self._told_at[alarm] = at
        return found
