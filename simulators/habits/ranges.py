"""Ranges that the rates of a simulated ward are drawn from, each with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Range:
    """Range of one rate."""

    low: float
    high: float
    source: str
    is_log: bool = False
    """True where the logarithm is drawn evenly, for rates that differ by powers of ten."""
    steps: tuple[float, ...] = ()
    """Values that staff choose among; empty where any value of the range is drawn."""

    def at(self, share: float) -> float:
        """Return the value at a share of the range, 0 to 1, 1 excluded."""
        if self.steps:
            return self.steps[int(share * len(self.steps))]
        if self.is_log:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + (self.high - self.low) * share


_START: Final = "design start value, unvalidated"
# Measured by `python -m benchmarks.ward_rates`; the figure of each set stands in the text.
_EICU: Final = "eICU demo 2.0, 120 stays, 14,250 cuff readings, measured: "
_BIDMC: Final = "BIDMC, 53 recordings of 8 min at 1 Hz, measured: "
_MIMIC2: Final = "MIMIC-II numerics s00001, one patient, 32 h, measured: "
_CINC: Final = "PhysioNet/CinC 2019 B, 1,000 stays, hourly, measured: "
_MIMIC3: Final = "MIMIC-III demo 1.4, charts, measured: "

RANGES: Final[Mapping[str, Range]] = MappingProxyType(
    {
        "cuff_every_min": Range(
            15, 60, _EICU + "15, 30 and 60 min are two thirds of the intervals", steps=(15, 30, 60)
        ),
        "cuff_changes_per_day": Range(
            0.5, 5, _EICU + "1.1, of which some are no change", is_log=True
        ),
        "cuff_missed_share": Range(0.003, 0.04, _EICU + "0.019 skip one reading", is_log=True),
        "cuff_off_per_day": Range(0.05, 1.2, _EICU + "1.2 gaps of 3 usual intervals", is_log=True),
        "cuff_deep_share": Range(
            0.0015, 0.025, _EICU + "0.003 by 40 mmHg, 0.01 by 25", is_log=True
        ),
        "cuff_high_share": Range(
            0.001, 0.012, _EICU + "0.002 by 40 mmHg, 0.008 by 25", is_log=True
        ),
        "cuff_narrow_share": Range(0.001, 0.012, _EICU + "0.005", is_log=True),
        "cuff_swapped_share": Range(0.0001, 0.003, _EICU + "none; " + _START, is_log=True),
        "cuff_failed_share": Range(0.002, 0.028, _EICU + "0.004 without a systolic", is_log=True),
        "cuff_retry_share": Range(0.4, 1.0, _START),
        "cuff_check_share": Range(
            0.2, 0.8, _EICU + "0.44 of readings below 75 within 10 min, else 0.12"
        ),
        "cuff_repeat_wrong_share": Range(0.0, 0.1, _EICU + "0.07 below 60 are below 60 again"),
        "cuff_scatter_mmhg": Range(0.0, 6.0, _EICU + "successive readings differ by SD 14.8"),
        "spo2_off_per_day": Range(
            0.3,
            3,
            _MIMIC2 + "9, a restless patient of such a ward; " + _CINC + "1.3 gaps",
            is_log=True,
        ),
        "spo2_off_median_min": Range(2, 12, _MIMIC2 + "10", is_log=True),
        "spo2_zero_share": Range(0.0, 0.4, _MIMIC2 + "all of one monitor; " + _START),
        "spo2_flat_per_day": Range(0.01, 0.3, _START, is_log=True),
        "motion_per_h": Range(0.2, 6, _BIDMC + "13 stretches of HR - PULSE > 10", is_log=True),
        "motion_hides_share": Range(0.01, 0.1, _BIDMC + "no fall of 8 points in 5 s in 7 h"),
        "leads_off_per_day": Range(
            0.2, 2, _MIMIC2 + "5, as above; " + _CINC + "1.2 gaps", is_log=True
        ),
        "leads_off_median_min": Range(1, 8, _MIMIC2 + "4", is_log=True),
        "temperature_off_per_day": Range(0.05, 1, _START, is_log=True),
        "temperature_slipped_per_day": Range(0.03, 0.6, _START, is_log=True),
        "temperature_warmed_per_day": Range(0.05, 0.6, _START, is_log=True),
        "temperature_cooled_per_day": Range(0.03, 0.4, _START, is_log=True),
        "disconnected_per_day": Range(0.1, 1.5, _CINC + "1.2 gaps of HR a day", is_log=True),
        "disconnected_median_min": Range(2, 20, _START, is_log=True),
        "transport_per_day": Range(0.02, 0.3, _START, is_log=True),
        "transport_entered_share": Range(0.0, 0.8, _START),
        "probe_tympanic": Range(0.1, 1.0, _START),
        "probe_bladder": Range(0.0, 0.6, _START),
        "probe_oesophageal": Range(0.0, 0.3, _START),
        "hand_share": Range(0.0, 1.0, _START),
        "hand_every_h": Range(
            1, 8, _MIMIC3 + "1 and 4 h; every 2 to 8 h, " + _START, steps=(1, 2, 4, 6, 8)
        ),
        "hand_jitter_min": Range(5, 30, _START),
        "hand_missed_share": Range(0.0, 0.12, _START),
        "hand_oral": Range(0.0, 1.0, _START),
        "hand_tympanic": Range(0.1, 1.0, _START),
        "hand_axillary": Range(0.0, 0.5, _START),
        "entry_delay_median_min": Range(3, 40, _MIMIC3 + "19", is_log=True),
        "entry_delay_spread": Range(0.8, 1.6, _MIMIC3 + "1.4"),
        "entry_missing_share": Range(0.0, 0.15, _START),
        "low_pressure_share": Range(0.01, 0.1, _START),
        "low_pressure_entered_share": Range(0.0, 0.8, _START),
        "fast_heart_share": Range(0.02, 0.12, _START),
        "anaemia_share": Range(0.1, 0.5, _START),
        "apnoea_share": Range(0.02, 0.15, _START),
        "pacemaker_share": Range(0.01, 0.06, _START),
        "pacemaker_entered_share": Range(0.2, 1.0, _START),
        "pain_per_day": Range(0.05, 1.0, _START, is_log=True),
        "procedures_per_day": Range(0.05, 0.6, _START, is_log=True),
        "pain_entered_share": Range(0.0, 0.6, _START),
        "answer_median_min": Range(1, 60, _START, is_log=True),
        "answer_spread": Range(0.4, 1.2, _START),
        "answer_never_share": Range(0.0, 0.25, _START),
    }
)
"""Range of every rate of `WardHabits`, by its name."""
