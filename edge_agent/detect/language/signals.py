"""The signals that rules read: vital signs, and signals derived from them.

A running signal has one value for each step of 10 s, or for each minute; an event signal has a
value for each single reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from edge_agent.model.measurements import CANONICAL_UNITS, VitalKind


class Pace(Enum):
    """Frequency of a signal's values."""

    STEP = "step"
    MINUTE = "minute"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class _ScoreSignal:
    """One value a minute that the terms of the CRS suspicion score read."""

    unit: str
    """UCUM code."""
    words: str
    """Name in a term's text; alone for a flag, whose name opens with is_."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal."""

    unit: str
    """UCUM code."""
    pace: Pace
    meaning: str


CUFF: Final = (VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_MEAN, VitalKind.NIBP_DIASTOLIC)

EVENT_SITES: Final = frozenset(
    {(VitalKind.PULSE_RATE, "nibp"), (VitalKind.TEMPERATURE, "predictive")}
)
"""Sites of running vitals where single readings are taken."""


def _minute(unit: str, meaning: str) -> Signal:
    return Signal(unit, Pace.MINUTE, meaning)


_DOUBTED: Final = "that is shown but doubted"
_OVER: Final = "above the baseline"
DERIVED: Final[Mapping[str, Signal]] = MappingProxyType(
    {
        "heart_rate_agreed": Signal(
            "/min", Pace.STEP, "heart rate, where the pulse rate is within 20 of it or missing"
        ),
        "spo2_agreed": Signal(
            "%", Pace.STEP, "SpO2, where the pulse rate is within 20 of the heart rate or missing"
        ),
        "heart_rate_doubted": Signal(
            "/min",
            Pace.STEP,
            "heart rate that is shown but doubted, or contradicted by the pulse rate",
        ),
        "spo2_doubted": Signal("%", Pace.STEP, f"SpO2 {_DOUBTED}"),
        "respiratory_rate_doubted": Signal("/min", Pace.STEP, f"respiratory rate {_DOUBTED}"),
        "temperature_doubted": Signal("Cel", Pace.STEP, f"temperature {_DOUBTED}"),
        "art_systolic_doubted": Signal(
            "mm[Hg]", Pace.STEP, f"systolic of an arterial line {_DOUBTED}"
        ),
        "art_mean_doubted": Signal("mm[Hg]", Pace.STEP, f"mean of an arterial line {_DOUBTED}"),
        "nibp_systolic_as_measured": Signal(
            "mm[Hg]", Pace.EVENT, "a cuff's systolic pressure, doubted or not"
        ),
        "nibp_mean_as_measured": Signal(
            "mm[Hg]", Pace.EVENT, "a cuff's mean pressure, doubted or not"
        ),
        "last_temperature": Signal("Cel", Pace.STEP, "newest temperature, however old"),
        "last_heart_rate": Signal("/min", Pace.STEP, "newest heart rate, however old"),
        "last_spo2": Signal("%", Pace.STEP, "newest SpO2, however old"),
        "spot_temperature": Signal(
            "Cel", Pace.EVENT, "temperature as a single reading, by hand or by a device"
        ),
        "systolic_share_of_baseline": Signal(
            "%", Pace.EVENT, "a cuff's systolic pressure as a share of the baseline"
        ),
        "temperature_by_minute": _minute("Cel", "temperature of each minute"),
        "temperature_over_baseline": _minute(
            "Cel", f"temperature {_OVER}; unknown below 35 Cel, where a probe has slipped off"
        ),
        "baseline_is_own": _minute("1", "1 where the temperature's baseline is the patient's own"),
        "temperature_slope": _minute("Cel/h", "slope of the temperature over the last 2 h"),
        "temperature_shift": _minute(
            "h",
            "how far and how long the temperature has been above the patient's baseline (CUSUM)",
        ),
        "temperature_fall": _minute(
            "Cel", "how far the temperature is below its highest minute of the last 20"
        ),
        "heart_rate_by_minute": _minute("/min", "heart rate of each minute"),
        "heart_rate_over_baseline": _minute("/min", f"heart rate {_OVER}"),
        "heart_rate_excess": _minute(
            "/min",
            f"heart rate {_OVER}, less what the temperature explains; unknown below 35 Cel, where "
            "a probe has slipped off",
        ),
        "shock_index": _minute("1", "heart rate over systolic pressure"),
        "shock_index_rise": _minute("1", f"shock index {_OVER}"),
        "cuff_overdue": _minute("s", "time for which the next cuff reading has been overdue"),
        "news2": _minute("{score}", "NEWS2 with all inputs fresh"),
        "crs_score_low": _minute(
            "{score}",
            "CRS suspicion score, missing inputs at their best; what nobody entered changes no "
            "points",
        ),
        "crs_score_high": _minute(
            "{score}", "CRS suspicion score, missing inputs and what nobody entered at their worst"
        ),
        "crs_score_high_measured": _minute(
            "{score}",
            "the same, but products, oxygen and treatments that nobody entered count as not given",
        ),
        "oxygen_raised": _minute(
            "1", "1 where more oxygen is given than at some time in the last 6 h"
        ),
        "vasopressors": _minute("1", "number of running vasopressors"),
        "hours_since_infusion": _minute("h", "since the product was given"),
        "hours_since_antipyretic": _minute("h", "since an antipyretic was given"),
        "hours_since_anticytokine": _minute("h", "since tocilizumab or a steroid was given"),
        "hours_since_transfusion": _minute("h", "since a transfusion ran"),
        "away": _minute("1", "1 while the patient is marked as away"),
        "gone_while_away": _minute(
            "1", "1 in minutes of such an absence without a heart rate and an SpO2"
        ),
    }
)
"""Derived signals by name."""

SIGNALS: Final[Mapping[str, Signal]] = MappingProxyType(
    {
        **{
            kind.value: Signal(
                CANONICAL_UNITS[kind], Pace.EVENT if kind in CUFF else Pace.STEP, "as measured"
            )
            for kind in VitalKind
        },
        **DERIVED,
    }
)
"""All signals by name."""

RUNNING: Final = tuple(kind for kind in VitalKind if kind not in CUFF)

_OVER_OWN: Final = "above the baseline"
SCORED: Final[Mapping[str, _ScoreSignal]] = MappingProxyType(
    {
        "temperature": _ScoreSignal("Cel", "temperature"),
        "heart_rate": _ScoreSignal("/min", "heart rate"),
        "spo2": _ScoreSignal("%", "SpO2"),
        "respiratory_rate": _ScoreSignal("/min", "respiratory rate"),
        "temperature_over_baseline": _ScoreSignal("Cel", f"temperature {_OVER_OWN}"),
        "temperature_slope": _ScoreSignal("Cel/h", "rise of the temperature"),
        "heart_rate_excess": _ScoreSignal(
            "/min", "heart rate above that expected for the temperature"
        ),
        "shock_index": _ScoreSignal("1", "heart rate over systolic"),
        "shock_index_rise": _ScoreSignal("1", f"heart rate over systolic {_OVER_OWN}"),
        "systolic": _ScoreSignal("mm[Hg]", "systolic"),
        "is_low_twice": _ScoreSignal(
            "1", "systolic low for the age (adults: also for the baseline), two readings"
        ),
        "pressure_fall": _ScoreSignal("mm[Hg]", "systolic fall since 3 to 6 h before"),
        "spo2_below_baseline": _ScoreSignal("%", "SpO2 below the baseline"),
        "respiratory_rate_over_baseline": _ScoreSignal("/min", f"respiratory rate {_OVER_OWN}"),
        "is_oxygen_raised": _ScoreSignal("1", "more oxygen given"),
        "is_usual_onset": _ScoreSignal("1", "inside the usual time of onset after the product"),
        "is_infusion_entered": _ScoreSignal("1", "product entered"),
        "hours_since_infusion": _ScoreSignal("h", "time since the product"),
        "hours_since_anticytokine": _ScoreSignal("h", "time since tocilizumab or a steroid"),
        "hours_since_transfusion": _ScoreSignal("h", "time since a transfusion"),
        "hours_since_procedure": _ScoreSignal("h", "time since a procedure"),
        "is_cooled": _ScoreSignal("1", "cooling"),
    }
)
"""Vitals and signals that the score reads, by name; vitals are medians of the minute."""
