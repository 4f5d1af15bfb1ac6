"""Rates of wards are counted as their names say, and real ones are those that ranges quote."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge_agent.evaluate.real.ward_measures import (
    CuffStay,
    cuff_measures,
    gap_measures,
    hour_measures,
    interval_measures,
    oxygen_measures,
    rates_measures,
)
from edge_agent.evaluate.real.ward_rates import rows_of_rates
from edge_agent.evaluate.real.ward_recordings import measured, simulated
from simulators.cohorts.cohort_file import load_cohort
from simulators.habits.drawn_wards import shipped_wards
from simulators.habits.ranges import RANGES
from tests.support.shared_data import shared_data


def cuffs(systolic: str, every_min: float = 15.0, pulse: float = 40.0) -> CuffStay:
    values = np.array([float(value) for value in systolic.split()])
    return CuffStay(np.arange(values.size, dtype=np.float64) * every_min, values, values - pulse)


def test_a_first_low_reading_is_confirmed_by_a_next_one_below_ninety() -> None:
    found = cuff_measures([cuffs("120 85 110 88 86 84 120 70 82 120 55 91")])
    assert found["cuff_first_below_90_unconfirmed"].n == 4
    assert found["cuff_first_below_90_unconfirmed"].value == 0.5
    assert found["cuff_first_below_75_unconfirmed"].n == 2
    assert found["cuff_first_below_75_unconfirmed"].value == 0.5
    assert found["cuff_first_below_60_unconfirmed"].value == 1.0


def test_an_outlier_stands_off_both_neighbours() -> None:
    found = cuff_measures([cuffs("120 70 118 165 120 60 65 120 120 120 120 120")])
    assert found["cuff_deep"].value == pytest.approx(1 / 10)
    assert found["cuff_high"].value == pytest.approx(1 / 10)


def test_narrow_and_swapped_pairs_are_two_things() -> None:
    narrow, swapped = cuffs("120 120", pulse=10.0), cuffs("75 75", pulse=-45.0)
    found = cuff_measures([narrow, swapped])
    assert found["cuff_narrow"].value == 0.5
    assert found["cuff_swapped"].value == 0.5


def test_intervals_skips_gaps_and_changes_are_counted() -> None:
    minutes = np.cumsum([0.0] + [15.0] * 20 + [30.0] + [15.0] * 20 + [120.0] + [15.0] * 10)
    steady = np.full(minutes.size, 120.0)
    found = cuff_measures([CuffStay(minutes, steady, steady - 40)])
    assert found["cuff_interval_median_min"].value == 15.0
    assert found["cuff_skipped"].value == pytest.approx(1 / 46)
    assert found["cuff_gaps_per_day"].n == 1
    assert found["cuff_changes_per_day"].n == 0
    changed = np.cumsum([0.0] + [15.0] * 20 + [60.0] * 20)
    flat = np.full(changed.size, 120.0)
    assert cuff_measures([CuffStay(changed, flat, flat - 40)])["cuff_changes_per_day"].n == 1


def test_rates_apart_are_seconds_and_stretches() -> None:
    heart, pulse = np.full(3600, 80.0), np.full(3600, 80.0)
    pulse[100:110] = 95.0
    pulse[200:204] = 60.0
    pulse[300:400] = np.nan
    found = rates_measures([(heart, pulse)])
    assert found["rates_apart"].value == pytest.approx(14 / 3500)
    assert found["rates_apart_per_h"].n == 2
    assert found["rates_apart_median_s"].value == 7.0


def test_a_sudden_fall_of_oxygen_is_one_fall() -> None:
    spo2 = np.full(7200, 97.0)
    spo2[1000:1020] = 80.0
    spo2[3000:3600] = 0.0
    found = oxygen_measures([spo2])
    assert found["spo2_falls_per_h"].n == 1
    assert found["spo2_below_90"].value == pytest.approx(20 / 6600)


def test_zeros_and_missing_values_are_gaps() -> None:
    values = np.full(1440, 97.0)
    values[10:20] = 0.0
    values[100:120] = np.nan
    found = gap_measures("spo2", [values])
    assert found["spo2_missing"].value == pytest.approx(30 / 1440)
    assert found["spo2_gaps_per_day"].value == 2.0
    assert found["spo2_gap_median_min"].value == 15.0
    values[500:503] = np.nan
    assert gap_measures("spo2", [values])["spo2_gaps_per_day"].value == 3.0
    assert gap_measures("spo2", [values])["spo2_long_gaps_per_day"].value == 2.0


def test_an_hour_without_a_value_is_missing() -> None:
    seen = [np.array([True, False, False, True, True, False])]
    found = hour_measures({"heart_rate": seen})
    assert found["heart_rate_hours_without"].value == 0.5
    assert found["heart_rate_hourly_gaps_per_day"].n == 1
    assert interval_measures("x", np.array([]))["x_p50_min"].n == 0


def test_without_real_sets_the_simulated_rates_stand_alone(tmp_path: Path) -> None:
    spec = replace(load_cohort("tune"), ward=shipped_wards("tune")[0], days=0.25)
    rows = rows_of_rates(tmp_path, [simulated([spec.patient(0)])])
    assert {row.real for row in rows} == {None}
    assert all(len(row.cells()) == 7 for row in rows)


@pytest.mark.untraced
def test_real_rates_are_those_that_the_ranges_quote() -> None:
    real = {key: m for _, found in measured(shared_data("clinical")) for key, m in found.items()}
    quoted = {
        "cuff_first_below_90_unconfirmed": 0.606,
        "cuff_first_below_75_unconfirmed": 0.55,
        "cuff_deep": 0.0028,
        "cuff_high": 0.0017,
        "cuff_narrow": 0.0051,
        "cuff_skipped": 0.0192,
        "cuff_changes_per_day": 1.08,
        "cuff_gaps_per_day": 1.25,
        "spo2_gaps_per_day": 8.93,
        "spo2_gap_median_min": 10.0,
        "heart_rate_gaps_per_day": 5.21,
        "rates_apart_per_h": 13.3,
        "entry_delay_p50_min": 19.0,
        "temperature_interval_p50_min": 240.0,
    }
    for key, value in quoted.items():
        assert real[key].value == pytest.approx(value, rel=0.02), key
    for name in ("cuff_deep_share", "cuff_high_share", "cuff_narrow_share"):
        spread = RANGES[name]
        assert spread.low < real[name.removesuffix("_share")].value < spread.high
