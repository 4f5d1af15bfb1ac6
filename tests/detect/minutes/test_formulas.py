"""The CRS suspicion score and what it is made of, minute by minute."""

from __future__ import annotations

import math

import numpy as np
import pytest

from edge_agent.detect.language.needs import longest_window_s, needs_of
from edge_agent.detect.language.scored_rules import shipped_score
from edge_agent.detect.minutes.formulas import INPUTS, ROW, WINDOW_MIN, derived, temperature_fall
from edge_agent.detect.scores.crs_score import compiled
from edge_agent.detect.series.sites import agreed, combined
from edge_agent.model.measurements import VitalKind
from tests.support.detector_inputs import rule

NAN = math.nan
NORMAL = {
    "temperature": 36.8,
    "heart_rate": 80.0,
    "spo2": 97.0,
    "respiratory_rate": 16.0,
    "systolic": 120.0,
    "is_low_twice": 0.0,
    "pressure_fall": 0.0,
    "cuff_overdue": 0.0,
    "slope": 0.0,
    "shift": 0.0,
    "base_temperature": 36.8,
    "base_heart_rate": 80.0,
    "base_spo2": 97.0,
    "base_respiratory_rate": 16.0,
    "base_systolic": 120.0,
    "hours_since_infusion": math.inf,
    "onset_from_h": 24.0,
    "onset_to_h": 100.0,
    "hours_since_antipyretic": math.inf,
    "hours_since_anticytokine": math.inf,
    "hours_since_transfusion": math.inf,
    "hours_since_procedure": math.inf,
    "is_cooled": 0.0,
    "has_oxygen": 0.0,
    "oxygen_raised": 0.0,
    "vasopressors": 0.0,
    "consciousness": 0.0,
    "is_hypercapnic": 0.0,
    "age_years": 50.0,
}


def now(**other: float) -> dict[str, float]:
    """Return the signals after half an hour in which nothing changed."""
    inputs = np.full((len(INPUTS), WINDOW_MIN), 1.0)
    for name, value in (NORMAL | other).items():
        inputs[ROW[name]] = value
    return {
        name: float(values[-1])
        for name, values in derived(inputs, compiled(shipped_score())).items()
    }


@pytest.mark.parametrize(
    ("seen", "low", "high"),
    [
        ({}, 0, 0),
        ({"hours_since_infusion": 50.0}, 2, 2),
        ({"hours_since_infusion": 20.0}, 0, 0),
        ({"hours_since_infusion": 200.0}, 1, 1),
        ({"hours_since_infusion": 400.0}, 0, 0),
        ({"temperature": 38.0, "base_temperature": 38.0}, 3, 3),
        ({"temperature": 39.0, "base_temperature": 39.0}, 4, 4),
        ({"temperature": 37.6}, 1, 1),
        ({"slope": 0.25}, 1, 1),
        ({"heart_rate": 95.0}, 1, 1),
        ({"heart_rate": 105.0}, 2, 2),
        ({"is_low_twice": 1.0}, 3, 3),
        ({"pressure_fall": 20.0}, 1, 1),
        ({"systolic": 88.0}, 1, 1),
        ({"spo2": 92.0, "base_spo2": 92.0}, 2, 2),
        ({"spo2": 94.0}, 2, 2),
        ({"oxygen_raised": 1.0}, 2, 2),
        ({"respiratory_rate": 22.0, "base_respiratory_rate": 22.0}, 1, 1),
        ({"hours_since_anticytokine": 168.0}, 2, 2),
        ({"is_low_twice": 1.0, "is_cooled": 1.0}, 3, 3),
        ({"temperature": 38.0, "base_temperature": 38.0, "hours_since_transfusion": 3.9}, 1, 1),
        ({"temperature": 38.0, "base_temperature": 38.0, "hours_since_procedure": 0.9}, 1, 1),
        ({"temperature": NAN}, 0, 7),
        ({"respiratory_rate": NAN}, 0, 1),
        ({"is_low_twice": NAN}, 0, 3),
    ],
)
def test_each_term_has_its_points_and_what_is_missing_leaves_a_range(
    seen: dict[str, float], low: int, high: int
) -> None:
    found = now(**seen)
    assert (found["crs_score_low"], found["crs_score_high"]) == (low, high)


def test_temperature_explains_seven_beats_of_an_adult_and_ten_of_a_child() -> None:
    assert now(temperature=37.8, heart_rate=87.0)["heart_rate_excess"] == pytest.approx(0)
    child = now(temperature=37.8, heart_rate=90.0, age_years=5.0)
    assert child["heart_rate_excess"] == pytest.approx(0)
    assert child["heart_rate_over_baseline"] == pytest.approx(10)
    unknown = now(heart_rate=90.0, age_years=5.0, base_is_own=0.0)
    assert math.isnan(unknown["heart_rate_over_baseline"])
    assert math.isnan(unknown["heart_rate_excess"])
    assert now(heart_rate=90.0, base_is_own=0.0)["heart_rate_over_baseline"] == pytest.approx(10)


def test_a_probe_that_slipped_off_explains_no_heart_rate_and_shows_no_fever_and_none() -> None:
    cold = now(temperature=34.9, heart_rate=92.0)
    assert math.isnan(cold["heart_rate_excess"])
    assert math.isnan(cold["temperature_over_baseline"])
    missing = now(temperature=NAN, heart_rate=92.0)
    assert (cold["crs_score_low"], cold["crs_score_high"]) == (0, 7)
    assert missing["crs_score_high"] == cold["crs_score_high"]
    assert cold["news2"] == 4
    without_slipped = now(temperature=35.0, heart_rate=92.0)
    assert without_slipped["heart_rate_excess"] == pytest.approx(24.6)
    assert without_slipped["temperature_over_baseline"] == pytest.approx(-1.8)
    assert without_slipped["crs_score_high"] == 1


def test_the_fall_of_the_temperature_is_from_the_highest_minute_of_the_last_twenty() -> None:
    course = np.array([37.0, NAN, *[36.5] * 19, 34.0])
    fall = temperature_fall(course)
    assert fall[:3] == pytest.approx([0.0, NAN, 0.5], nan_ok=True)
    assert fall[19] == pytest.approx(0.5)  # the first minute still counts
    assert fall[20] == 0.0
    assert fall[21] == pytest.approx(2.5)
    assert temperature_fall(course[:1]) == pytest.approx([0.0])


def test_children_have_no_news2() -> None:
    assert now()["news2"] == 0
    assert math.isnan(now(age_years=15.9)["news2"])
    assert math.isnan(now(spo2=NAN)["news2"])


def test_of_several_places_the_worse_one_counts() -> None:
    one, two = np.array([37.0, NAN, NAN]), np.array([38.0, 36.0, NAN])
    warm = combined(VitalKind.TEMPERATURE, [one, two])
    slow = combined(VitalKind.HEART_RATE, [one, two])
    assert np.array_equal(warm, [38, 36, NAN], equal_nan=True)
    assert np.array_equal(slow, [37, 36, NAN], equal_nan=True)


def test_a_value_counts_where_heart_and_pulse_do_not_contradict() -> None:
    spo2, heart = np.full(4, 80.0), np.array([90.0, 90, 90, NAN])
    pulse = np.array([110.0, 111, NAN, 60])
    assert np.array_equal(agreed(spo2, heart, pulse), [80, NAN, 80, 80], equal_nan=True)


def test_a_rule_set_keeps_what_its_longest_conditions_ask_for() -> None:
    low = '{ vital = "spo2", op = "<", value = 90, unit = "%", at_least_s = 10, window_s = 600 }'
    index = '{ signal = "news2", op = ">", value = 1, unit = "{score}", window_s = 300 }'
    lost = '{ vital = "any", statistic = "age", op = ">", value = 900, unit = "s" }'
    rules = [rule(f"all = [{low}, {index}, {lost}]"), rule(f"all = [{index}]", rule_id="a.b")]
    needs = needs_of(rules)
    assert (needs.step_length, needs.minute_length) == (60, 5)
    assert [c.signal for c in needs.firsts[VitalKind.SPO2]] == ["spo2"]
    assert longest_window_s(rules) == 900
    assert longest_window_s([]) == 0


def test_what_nobody_entered_is_at_its_worst_in_the_highest_score_alone() -> None:
    nobody = now(product_is_known=math.nan, treatment_is_known=math.nan, has_oxygen=math.nan)
    assert (nobody["crs_score_low"], nobody["crs_score_high"]) == (0, 6)
    assert nobody["crs_score_high_measured"] == 0
    said = now(hours_since_anticytokine=3.0, oxygen_raised=1.0, hours_since_infusion=50.0)
    assert said["crs_score_low"] == said["crs_score_high"] == said["crs_score_high_measured"] == 6
