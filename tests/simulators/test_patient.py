"""A patient is a pure function of scenario, seed and time, and keeps the scenario's promises."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import fmean, median, pstdev

import pytest

from simulators.keyframes import Course, Keyframe, SensorOff
from simulators.scenario_file import load_course

SEEDS = range(1, 21)
KEYFRAME = Keyframe(0.0, 37.0, 80.0, 97.0, 3.0, 16.0, 120.0, 75.0)
STEADY = Course("steady", "no alert", "core", 60.0, 300.0, (KEYFRAME,), (), seed=1)


def test_the_same_seed_gives_the_same_patient() -> None:
    first, second, other = (load_course("crs_grade_2", seed) for seed in (4, 4, 5))
    times = [float(t) for t in range(0, 3600, 7)]
    assert [first.vitals_at(t) for t in times] == [second.vitals_at(t) for t in times]
    assert [first.vitals_at(t) for t in times] != [other.vitals_at(t) for t in times]


def test_the_order_of_asking_does_not_matter() -> None:
    course = load_course("crs_grade_2", 4)
    late = course.vitals_at(1800.0)
    course.vitals_at(60.0)
    assert course.vitals_at(1800.0) == late


def test_noise_has_the_spread_of_recorded_numerics() -> None:
    vitals = [replace(STEADY, seed=seed).vitals_at(float(t)) for seed in SEEDS for t in range(480)]
    assert pstdev(v.heart_rate or 0 for v in vitals) == pytest.approx(1.5, abs=0.3)
    assert pstdev(v.spo2 or 0 for v in vitals) == pytest.approx(0.5, abs=0.2)
    assert pstdev(v.respiratory_rate or 0 for v in vitals) == pytest.approx(1.0, abs=0.25)
    assert pstdev(v.temperature or 0 for v in vitals) < 0.06


def test_noise_is_correlated_in_time() -> None:
    heart = [float(STEADY.vitals_at(float(t)).heart_rate or 0) for t in range(1200)]
    neighbours = [abs(b - a) for a, b in pairwise(heart)]
    distant = [abs(b - a) for a, b in zip(heart, heart[100:], strict=False)]
    assert fmean(neighbours) < 0.4 * fmean(distant)


def test_successive_cuff_readings_differ_as_real_ones_do() -> None:
    systolic = []
    for n in range(2000):
        cuff = STEADY.vitals_at(60.0 + 300.0 * n).cuff
        assert cuff is not None
        systolic.append(cuff.systolic)
    steps = [b - a for a, b in pairwise(systolic)]
    assert 5.0 <= pstdev(steps) <= 9.0


def test_fever_raises_the_heart_rate_by_seven_per_degree() -> None:
    hot = replace(STEADY, keyframes=(replace(KEYFRAME, temperature=39.0),))
    assert (hot.vitals_at(0.0).heart_rate or 0) - (STEADY.vitals_at(0.0).heart_rate or 0) == 14


def test_values_have_the_resolution_of_a_monitor() -> None:
    vitals = load_course("fever_only", 2).vitals_at(777.7)
    assert isinstance(vitals.heart_rate, int)
    assert vitals.temperature == round(vitals.temperature or 0, 1)
    assert vitals.perfusion_index == round(vitals.perfusion_index or 0, 1)


def test_saturation_never_passes_one_hundred() -> None:
    full = replace(STEADY, keyframes=(replace(KEYFRAME, spo2=100.0),))
    assert max(full.vitals_at(float(t)).spo2 or 0 for t in range(600)) == 100


def test_between_keyframes_the_signs_move_in_straight_lines_and_then_stay() -> None:
    later = replace(KEYFRAME, at_min=10.0, temperature=39.0, systolic=100.0)
    course = replace(STEADY, keyframes=(replace(KEYFRAME, at_min=5.0), later))
    means = [
        fmean(replace(course, seed=s).vitals_at(m * 60.0).temperature or 0 for s in SEEDS)
        for m in (0, 5, 7.5, 10, 60)
    ]
    assert means == pytest.approx([37.0, 37.0, 38.0, 39.0, 39.0], abs=0.05)


def test_the_cuff_measures_on_schedule_and_keeps_its_last_reading() -> None:
    assert STEADY.vitals_at(59.9).cuff is None
    first, same, second = (STEADY.vitals_at(t).cuff for t in (60.0, 359.9, 360.0))
    assert first == same
    assert first is not None
    assert second is not None
    assert (first.measured_at_s, second.measured_at_s) == (60.0, 360.0)
    assert first.diastolic < first.mean < first.systolic


@pytest.mark.parametrize(
    ("sensor", "lost"),
    [
        ("ecg", {"heart_rate", "respiratory_rate"}),
        ("spo2", {"spo2", "pulse_rate", "perfusion_index"}),
        ("temperature", {"temperature"}),
    ],
)
def test_a_sensor_that_is_off_takes_its_signs_along(sensor: str, lost: set[str]) -> None:
    course = replace(STEADY, sensors_off=(SensorOff(sensor, 1.0, 2.0),))
    off, back = course.vitals_at(60.0), course.vitals_at(120.0)
    names = {"heart_rate", "respiratory_rate", "spo2", "pulse_rate", "perfusion_index"}
    names.add("temperature")
    assert {name for name in names if getattr(off, name) is None} == lost
    assert {name for name in names if getattr(back, name) is None} == set()


def test_a_cuff_that_is_off_makes_no_new_reading() -> None:
    course = replace(STEADY, sensors_off=(SensorOff("cuff", 5.0, 12.0),))
    cuff = course.vitals_at(700.0).cuff
    assert cuff is not None
    assert cuff.measured_at_s == 60.0
    never = replace(STEADY, sensors_off=(SensorOff("cuff", 0.0, 60.0),))
    assert never.vitals_at(700.0).cuff is None


def minute(course: Course, at_min: float, sign: str) -> float:
    """Return the median of a sign in the minute that begins there."""
    return float(median(getattr(course.vitals_at(at_min * 60 + s), sign) for s in range(60)))


@pytest.mark.parametrize("seed", SEEDS)
def test_crs_grade_2_keeps_its_timeline_for_every_seed(seed: int) -> None:
    course = load_course("crs_grade_2", seed)
    temperatures = [minute(course, m, "temperature") for m in range(60)]
    assert max(temperatures[:5]) < 37.3
    assert next(m for m, t in enumerate(temperatures) if t >= 38.0) in {9, 10}
    assert all(t >= 38.0 for t in temperatures[11:])
    assert temperatures[18] == pytest.approx(39.2, abs=0.15)
    assert max(minute(course, m, "heart_rate") for m in range(5)) < 90
    assert min(minute(course, m, "heart_rate") for m in range(20, 60)) > 120
    assert minute(course, 20, "spo2") >= 94
    assert 89 <= minute(course, 30, "spo2") <= 91
    assert all(86 <= minute(course, m, "spo2") <= 88 for m in range(35, 60))


@pytest.mark.parametrize("seed", SEEDS)
def test_crs_grade_2_has_two_low_cuff_readings_by_thirty_seven_minutes(seed: int) -> None:
    course = load_course("crs_grade_2", seed)
    cuffs = [course.vitals_at(60.0 * m).cuff for m in range(2, 60, 5)]
    low = [c for c in cuffs if c is not None and c.systolic < 90 and c.mean < 65]
    assert [c.measured_at_s for c in cuffs if c] == [60.0 * m for m in range(2, 60, 5)]
    assert all(c.measured_at_s >= 22 * 60 for c in low)
    assert sum(c.measured_at_s <= 37 * 60 for c in low) >= 2
    assert all(c in low for c in cuffs[6:])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fever_without_organ_sign_stays_without_one(seed: int) -> None:
    course = load_course("fever_only", seed)
    assert minute(course, 20, "temperature") >= 38.8
    for m in range(0, 120, 5):
        vitals = course.vitals_at(m * 60.0)
        assert (vitals.spo2 or 0) >= 95
        assert vitals.cuff is None or vitals.cuff.systolic >= 100


@pytest.mark.parametrize("seed", SEEDS)
def test_the_baseline_crosses_no_limit(seed: int) -> None:
    course = load_course("baseline", seed)
    for m in range(180):
        vitals = course.vitals_at(m * 60.0)
        assert (vitals.temperature or 99) < 37.5
        assert 60 < (vitals.heart_rate or 0) < 100
        assert (vitals.spo2 or 0) >= 95


def test_the_probe_falls_off_at_five_minutes_and_is_back_at_twelve() -> None:
    course = load_course("probe_off", 1)
    off = [m for m in range(20) if course.vitals_at(m * 60.0).spo2 is None]
    assert off == list(range(5, 12))
    assert course.vitals_at(360.0).heart_rate is not None
