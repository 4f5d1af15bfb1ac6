"""Signs from a cuff's readings: confirmed, falling, overdue."""

from __future__ import annotations

import math

import numpy as np
import pytest

from edge_agent.detect.minutes.cuff import (
    cuff_facts,
    has_fallen,
    interval_ns,
    overdue_s,
    pressure_baseline,
)

MINUTE = 60 * 10**9
HOUR = 60 * MINUTE
NAN = math.nan


def times(*minutes: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([round(m * MINUTE) for m in minutes], np.int64)


@pytest.mark.parametrize(
    ("values", "baseline", "is_low_twice"),
    [
        ([90, 90], NAN, 1),
        ([91, 90], NAN, 0),
        ([90, 91], NAN, 0),
        ([90], NAN, NAN),
        ([91], NAN, 0),
        ([90, NAN, 88], NAN, 1),
        ([96, 96], 120, 1),
        ([97, 96], 120, 0),
        ([90, 90], 100, 1),
    ],
)
def test_low_twice_needs_two_usable_readings(
    values: list[float], baseline: float, is_low_twice: float
) -> None:
    facts = cuff_facts(times(*range(len(values))), np.array(values), baseline, NAN)
    assert facts is not None
    assert facts.is_low_twice == pytest.approx(is_low_twice, nan_ok=True)
    assert facts.systolic == values[-1]


@pytest.mark.parametrize(
    ("age_years", "limit"),
    [(0.0, 60), (0.07, 60), (0.08, 70), (0.9, 70), (1.0, 72), (5.0, 80), (10.0, 90), (17.9, 90)],
)
def test_a_low_pressure_of_a_child_is_one_of_its_age(age_years: float, limit: float) -> None:
    for systolic, is_low in ((limit, 1), (limit + 1, 0)):
        facts = cuff_facts(times(0, 1), np.array([systolic] * 2), 120.0, age_years)
        assert facts is not None
        assert facts.is_low_twice == is_low


@pytest.mark.parametrize(
    ("systolic", "baseline", "age_years", "expected"),
    [
        (90, 100, NAN, True),
        (91, 100, NAN, False),  # not low for an adult
        (90, 99, NAN, False),  # more than 90 % of the patient's own
        (96, 120, NAN, True),
        (97, 120, NAN, False),
        (70, NAN, NAN, False),  # nobody knows the patient's own
        (80, 90, 5.0, True),
        (81, 90, 5.0, False),
    ],
)
def test_a_fall_is_low_for_the_age_and_for_the_patient(
    systolic: float, baseline: float, age_years: float, *, expected: bool
) -> None:
    assert has_fallen(systolic, baseline, age_years) is expected


def test_without_a_usable_reading_nothing_is_said() -> None:
    assert cuff_facts(times(1), np.array([NAN]), NAN, NAN) is None
    assert overdue_s(None, 0, times(90, 91)).tolist() == [0, 60]


def test_the_fall_is_from_the_readings_three_to_six_hours_before() -> None:
    at = times(0, 60, 200, 360)
    values = np.array([130.0, 126.0, 119.0, 101.0])
    facts = cuff_facts(at, values, NAN, NAN)
    assert facts is not None
    assert facts.fall == 128 - 101
    several = cuff_facts(
        times(0, 60, 240, 270, 360), np.array([130.0, 126, 90, 105, 101]), NAN, NAN
    )
    assert several is not None
    assert several.fall == 128 - 103  # those of the last hour and a half: 105 and 101
    young = cuff_facts(at[2:], values[2:], NAN, NAN)
    assert young is not None
    assert math.isnan(young.fall)


@pytest.mark.parametrize(
    ("minutes", "interval_min"),
    [
        ([0], 60),
        ([0, 30], 30),
        ([0, 1], 60),  # a repeat is no interval
        ([0, 4], 5),
        ([0, 300], 240),
        ([0, 200, 400, 600], 200),
        ([0, 30, 60, 90, 120], 30),
        ([0, 30, 60, 120, 150], 30),  # one was not taken
        ([0, 30, 60, 90, 92, 120], 30),  # one was repeated
        ([0, 30, 60, 105], 30),
        ([0, 15, 30, 45, 105], 60),  # made longer, or silent for an hour
        ([0, 15, 30, 45, 60, 300], 60),
        ([0, 15, 30, 45, 60, 300, 540], 240),
        ([0, 15, 30, 270, 285, 300], 60),
        ([0, 15, 30, 270, 285, 300, 315], 15),  # forgotten
        ([0, 60, 120, 180, 195, 210], 60),  # made shorter: learnt after three readings
        ([0, 60, 120, 180, 195, 210, 225], 15),
    ],
)
def test_the_interval_is_what_the_newest_gaps_confirm(
    minutes: list[float], interval_min: int
) -> None:
    assert interval_ns(times(*minutes)) == interval_min * MINUTE


def due_min(minutes: list[float], values: list[float], baseline: float = NAN) -> float:
    facts = cuff_facts(times(*minutes), np.array(values), baseline, NAN)
    assert facts is not None
    return facts.due_ns / MINUTE


def test_a_reading_is_overdue_after_two_intervals_and_a_grace() -> None:
    facts = cuff_facts(times(0, 30), np.array([120.0, 118.0]), NAN, NAN)
    late = overdue_s(facts, 0, times(95, 96))
    assert late.tolist() == [0, 60]


def test_a_failed_reading_is_none_but_shows_that_the_cuff_works() -> None:
    assert due_min([0, 30, 60], [120, 118, NAN]) == 30 + 3 * 30 + 5
    assert due_min([0, 30, 60, 90], [120, 118, NAN, NAN]) == 30 + 3 * 30 + 5
    assert due_min([0, 30, 60, 90], [120, NAN, NAN, 118]) == 90 + 2 * 30 + 5


@pytest.mark.parametrize(
    ("every_min", "systolic", "baseline", "wait_min"),
    [
        (60, 91, NAN, 120),
        (60, 90, NAN, 60),
        (15, 90, NAN, 30),
        (20, 90, NAN, 30),
        (5, 90, NAN, 10),
        (60, 90, 100, 60),
        (60, 90, 99, 120),  # usual for the patient
    ],
)
def test_after_a_low_reading_the_next_is_overdue_sooner(
    every_min: float, systolic: float, baseline: float, wait_min: float
) -> None:
    assert due_min([0, every_min], [120, systolic], baseline) == every_min + wait_min + 5


def test_the_own_pressure_is_known_from_six_readings_that_are_old_enough() -> None:
    at = times(*range(0, 60 * 7, 60))
    values = np.array([110.0, 112, 114, 116, 118, 120, 180])
    assert pressure_baseline(at, values, int(at[5]) + 6 * HOUR) == 115
    assert math.isnan(pressure_baseline(at[:5], values[:5], int(at[5]) + 6 * HOUR))
    assert math.isnan(pressure_baseline(at, values, int(at[-1])))
    assert math.isnan(pressure_baseline(at, values, 100 * HOUR))
