"""Formulas for the signals of each minute, from vital signs, baselines and context.

One set of formulas works on arrays of minutes, newest last. Live, the arrays hold the last half
hour and the last answer counts; over an archive they hold the whole stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np

from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.language.score_table import LONGEST_MIN
from edge_agent.detect.minutes.baseline import without_slipped
from edge_agent.detect.scores.crs_score import CrsScore
from edge_agent.detect.scores.early_warning import Observations, news2
from edge_agent.detect.scores.indices import shock_index
from edge_agent.model.patient import CHILD_YEARS

WINDOW_MIN: Final = LONGEST_MIN + 1
"""Minutes that the formulas look back, and one more for a difference of counts."""

MEASURED: Final = ("temperature", "heart_rate", "spo2", "respiratory_rate")
"""Medians of the minute, in the units of the vitals."""
PRESSURE: Final = ("systolic", "is_low_twice", "pressure_fall", "cuff_overdue")
"""Systolic pressure in mm[Hg], 1 if low twice else 0, and fall in mm[Hg], each NaN once the next
reading is overdue; seconds overdue."""
TREND: Final = ("slope", "shift")
"""Slope of the temperature in Cel/h, and its CUSUM above the baseline in h."""
BASELINE: Final = (*(f"base_{name}" for name in (*MEASURED, "systolic")), "base_is_own")
"""Usual values; the last is 1 where the usual temperature is the patient's own, 0 where another
value stands in."""
CONTEXT: Final = (
    "hours_since_infusion",
    "onset_from_h",
    "onset_to_h",
    "hours_since_antipyretic",
    "hours_since_anticytokine",
    "hours_since_transfusion",
    "hours_since_procedure",
    "is_cooled",
    "away",
    "has_oxygen",
    "oxygen_raised",
    "vasopressors",
    "consciousness",
    "is_hypercapnic",
    "age_years",
    "product_is_known",
    "treatment_is_known",
)
"""Inputs from the entries. Hours are infinite if the event never occurred; NaN stands for what
nobody entered. The last two are 1 where somebody entered something about the product, or about
tocilizumab or steroids."""
INPUTS: Final = (*MEASURED, *PRESSURE, *TREND, *BASELINE, *CONTEXT)
"""Rows of the formulas' inputs."""
ROW: Final[Mapping[str, int]] = {name: row for row, name in enumerate(INPUTS)}

_FALL_MIN: Final = 20
_NEWS2_FROM_YEARS: Final = 16.0  # Royal College of Physicians, NEWS2, 2017
# Kirschen, Am J Emerg Med 2020 (7.2 beats per degree in adults); children about 10 per degree
# (WikEM, Pediatric vital signs)
_BEATS_PER_DEGREE: Final = 7.0
_BEATS_PER_DEGREE_CHILD: Final = 10.0


def derived(inputs: FloatArray, score: CrsScore) -> dict[str, FloatArray]:
    """Return the minute signals, each of shape (n,).

    Parameters
    ----------
    inputs
        Rows as `INPUTS`, shape (len(INPUTS), n); one column for each minute.
    """
    row = {name: inputs[index] for name, index in ROW.items()}
    is_child = row["age_years"] < CHILD_YEARS
    above_usual = without_slipped(row["temperature"]) - row["base_temperature"]
    beats_per_degree = np.where(is_child, _BEATS_PER_DEGREE_CHILD, _BEATS_PER_DEGREE)
    # An adult's usual values do not apply to a child.
    is_usual = ~is_child | (row["base_is_own"] > 0)
    heart_above_usual = np.where(is_usual, row["heart_rate"] - row["base_heart_rate"], np.nan)
    index = shock_index(row["heart_rate"], row["systolic"])
    index_rise = index - shock_index(row["base_heart_rate"], row["base_systolic"])
    found = {
        "temperature_by_minute": row["temperature"],
        "temperature_over_baseline": above_usual,
        "temperature_slope": row["slope"],
        "temperature_shift": row["shift"],
        "temperature_fall": temperature_fall(row["temperature"]),
        "baseline_is_own": row["base_is_own"],
        "heart_rate_by_minute": row["heart_rate"],
        "heart_rate_over_baseline": heart_above_usual,
        "heart_rate_excess": heart_above_usual - beats_per_degree * above_usual,
        "shock_index": index,
        "shock_index_rise": index_rise,
    }
    unchanged = ("cuff_overdue", "oxygen_raised", "vasopressors", "hours_since_infusion", "away")
    since = ("hours_since_antipyretic", "hours_since_anticytokine", "hours_since_transfusion")
    found |= {name: row[name] for name in (*unchanged, *since)}
    is_silent = np.isnan(row["heart_rate"]) & np.isnan(row["spo2"])
    found["gone_while_away"] = ((row["away"] > 0) & is_silent).astype(np.float64)
    found |= _news2(row)
    signals = score_signals(row, found)
    measured = score.answers(signals)
    points = score.total(score.with_unknown(measured, signals))
    return found | {
        "crs_score_low": points.low,
        "crs_score_high": points.high,
        "crs_score_high_measured": score.total(measured).high,
    }


def temperature_fall(temperature: FloatArray) -> FloatArray:
    """Return how far the temperature is below its highest minute of the last 20, shape (n,)."""
    highest = bn.move_max(temperature, min(_FALL_MIN, temperature.size), min_count=1)
    return np.asarray(highest - temperature)


def score_signals(
    row: Mapping[str, FloatArray], found: Mapping[str, FloatArray]
) -> dict[str, FloatArray]:
    """Return the values that the score reads in each minute, among others.

    Parameters
    ----------
    row
        Inputs by name.
    found
        Derived signals by name.
    """
    hours = row["hours_since_infusion"]
    is_usual = (hours >= row["onset_from_h"]) & (hours <= row["onset_to_h"])
    breaths = row["respiratory_rate"]
    return {
        **row,
        **found,
        "temperature": without_slipped(row["temperature"]),
        "spo2_below_baseline": row["base_spo2"] - row["spo2"],
        "respiratory_rate_over_baseline": breaths - row["base_respiratory_rate"],
        "is_oxygen_raised": row["oxygen_raised"],
        "is_usual_onset": is_usual.astype(np.float64),
        "is_infusion_entered": np.isfinite(hours).astype(np.float64),
    }


def observations(row: Mapping[str, FloatArray]) -> Observations:
    """Return the inputs of minutes as observations for the scores of adults."""
    return Observations(
        respiratory_rate=row["respiratory_rate"],
        spo2=row["spo2"],
        on_oxygen=row["has_oxygen"],
        systolic=row["systolic"],
        pulse=row["heart_rate"],
        consciousness=row["consciousness"],
        temperature=row["temperature"],
    )


def _news2(row: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return NEWS2 where all inputs are fresh, and its range; NaN for children."""
    banded = news2(observations(row), scale_2=row["is_hypercapnic"] > 0)
    is_child = row["age_years"] < _NEWS2_FROM_YEARS
    return {
        "news2": np.where(is_child, np.nan, banded.total),
        "news2_low": np.where(is_child, np.nan, banded.low),
        "news2_high": np.where(is_child, np.nan, banded.high),
    }
