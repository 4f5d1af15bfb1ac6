"""Formulas for the signals of each minute, from vital signs, baselines and context.

One set of formulas works on arrays of minutes, newest last. Live, the arrays hold the last half
hour and the last answer counts; over an archive they hold the whole stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from edge_agent.detect.conditions.kleene import INDETERMINATE, of_counts, of_truth
from edge_agent.detect.minutes.baseline import worn
from edge_agent.detect.scores.crs_score import score
from edge_agent.detect.scores.early_warning import Observations, news2
from edge_agent.detect.scores.indices import shock_index
from edge_agent.model.patient import CHILD_YEARS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.detect.arrays import BoolArray, FloatArray, IntArray
    from edge_agent.detect.conditions.kleene import Answers

WINDOW_MIN: Final = 31
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

_NEWS2_FROM_YEARS: Final = 16.0  # Royal College of Physicians, NEWS2, 2017
# Kirschen, Am J Emerg Med 2020 (7.2 beats per degree in adults); children about 10 per degree
# (WikEM, Pediatric vital signs)
_BEATS_PER_DEGREE: Final = 7.0
_BEATS_PER_DEGREE_CHILD: Final = 10.0
_HOURS_EXCUSED: Final = 4.0


def derived(inputs: FloatArray) -> dict[str, FloatArray]:
    """Return the minute signals, each of shape (n,).

    Parameters
    ----------
    inputs
        Rows as `INPUTS`, shape (len(INPUTS), n); one column for each minute.
    """
    row = {name: inputs[at] for name, at in ROW.items()}
    is_child = row["age_years"] < CHILD_YEARS
    over = worn(row["temperature"]) - row["base_temperature"]
    beats = np.where(is_child, _BEATS_PER_DEGREE_CHILD, _BEATS_PER_DEGREE)
    # An adult's usual values do not apply to a child.
    is_usual = ~is_child | (row["base_is_own"] > 0)
    excess = np.where(is_usual, row["heart_rate"] - row["base_heart_rate"] - beats * over, np.nan)
    index = shock_index(row["heart_rate"], row["systolic"])
    index_rise = index - shock_index(row["base_heart_rate"], row["base_systolic"])
    found = {
        "temperature_over_baseline": over,
        "temperature_slope": row["slope"],
        "temperature_shift": row["shift"],
        "baseline_is_own": row["base_is_own"],
        "heart_rate_excess": excess,
        "shock_index": index,
        "shock_index_rise": index_rise,
    }
    passed_on = ("cuff_overdue", "oxygen_raised", "vasopressors", "hours_since_infusion")
    since = ("hours_since_antipyretic", "hours_since_anticytokine", "hours_since_transfusion")
    found |= {name: row[name] for name in (*passed_on, *since)}
    found |= _news2(row)
    points, measured = score(crs_answers(row, found)), score(_measured_answers(row, found))
    return found | {
        "crs_score_low": points.low,
        "crs_score_high": points.high,
        "crs_score_high_measured": measured.high,
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


def crs_answers(
    row: Mapping[str, FloatArray], found: Mapping[str, FloatArray]
) -> dict[str, Answers]:
    """Return the answer of each term of the CRS suspicion score in each minute.

    Where nobody entered the product, oxygen or treatment, its term is at least INDETERMINATE: it
    may speak for CRS.

    Parameters
    ----------
    row
        Inputs by name.
    found
        Derived signals by name.
    """
    answers = _measured_answers(row, found)
    not_entered = {
        "time_likely": np.isnan(row["product_is_known"]),
        "low_oxygen": np.isnan(row["has_oxygen"]),
        "treated": np.isnan(row["treatment_is_known"]),
    }
    return answers | {
        name: np.where(is_missing, np.maximum(answers[name], INDETERMINATE), answers[name])
        for name, is_missing in not_entered.items()
    }


def _measured_answers(
    row: Mapping[str, FloatArray], found: Mapping[str, FloatArray]
) -> dict[str, Answers]:
    """Return the answer of each term of the CRS suspicion score by what was measured and entered.

    Where nobody entered the product, oxygen or treatment, its term counts as if there were none.

    Parameters
    ----------
    row
        Inputs by name.
    found
        Derived signals by name.
    """
    temperature, excess = worn(row["temperature"]), found["heart_rate_excess"]
    over, breaths = found["temperature_over_baseline"], row["respiratory_rate"]
    fever = lasting(temperature >= 38.0, temperature, 10, 15)
    warmer = lasting(over >= 0.75, over, 25, 30)
    oxygen = np.maximum(
        lasting(row["spo2"] <= 92, row["spo2"], 13, 15),
        lasting(row["base_spo2"] - row["spo2"] >= 3, row["spo2"] - row["base_spo2"], 13, 15),
    )
    age_years = row["age_years"]
    is_fast = (breaths >= 22) & ~(age_years < CHILD_YEARS)
    breathing = np.maximum(
        lasting(is_fast, breaths, 8, 10),
        lasting(breaths - row["base_respiratory_rate"] >= 6, breaths, 8, 10),
    )
    index = np.maximum(
        _now(found["shock_index"] >= _shock_index_limit(age_years), found["shock_index"]),
        _now(found["shock_index_rise"] >= 0.25, found["shock_index_rise"]),
    )
    return {
        **_time_answers(row),
        "fever": fever,
        "high_fever": lasting(temperature >= 39.0, temperature, 10, 15),
        "warmer": np.minimum(warmer, -fever),
        "rising": _now(row["slope"] >= 0.25, row["slope"]),
        "fast": lasting(excess >= 15, excess, 8, 10),
        "faster": lasting(excess >= 25, excess, 8, 10),
        "low_pressure": _now(row["is_low_twice"] > 0, row["is_low_twice"]),
        "falling_pressure": _now(row["pressure_fall"] >= 20, row["pressure_fall"]),
        "shock_index": index,
        "low_oxygen": np.maximum(oxygen, of_truth(row["oxygen_raised"] > 0)),
        "fast_breathing": breathing,
        "treated": of_truth(row["hours_since_anticytokine"] <= 7 * 24),
        "other_reason": _other_reason(row),
    }


def _shock_index_limit(age_years: FloatArray) -> FloatArray:
    """Return the shock index that counts as raised at each age, shape (n,); adults 0.9.

    Children: SIPA (paediatric shock index), up to 6 years 1.22, up to 12 years 1.0.
    """
    return np.where(age_years < 7, 1.22, np.where(age_years < 13, 1.0, 0.9))


def _time_answers(row: Mapping[str, FloatArray]) -> dict[str, Answers]:
    """Return the terms about the time since the product; all ABSENT without a product."""
    hours = row["hours_since_infusion"]
    is_likely = (hours >= row["onset_from_h"]) & (hours <= row["onset_to_h"])
    is_possible = ~is_likely & (hours >= 24) & (hours <= 14 * 24)
    is_unlikely = np.isfinite(hours) & ~is_likely & ((hours < 0) | (hours > 30 * 24))
    return {
        "time_likely": of_truth(is_likely),
        "time_possible": of_truth(is_possible),
        "time_unlikely": of_truth(is_unlikely),
    }


def _other_reason(row: Mapping[str, FloatArray]) -> Answers:
    """Return PRESENT where another reason than CRS explains fever or a fast heart."""
    since_infusion = row["hours_since_infusion"]
    return of_truth(
        ((since_infusion >= 0) & (since_infusion < _HOURS_EXCUSED))
        | (row["hours_since_transfusion"] < _HOURS_EXCUSED)
        | (row["hours_since_procedure"] < 1)
        | (row["is_cooled"] > 0)
    )


def lasting(is_so: BoolArray, values: FloatArray, needed: int, minutes: int) -> Answers:
    """Return the answer to "true in `needed` of the last `minutes` minutes", shape (n,)."""
    return of_counts(counted(is_so, minutes), counted(np.isnan(values), minutes), needed)


def counted(flags: BoolArray, length: int) -> IntArray:
    """Return the number of set flags among the last `length`, shape (n,); none is set before."""
    total = np.cumsum(flags, dtype=np.int64)
    total[length:] -= total[:-length]
    return total


def _now(is_so: BoolArray, values: FloatArray) -> Answers:
    """Return the answer of the present minute alone."""
    return lasting(is_so, values, 1, 1)
