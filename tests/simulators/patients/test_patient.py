"""A patient is a pure function of person, plan, seed and time, and keeps a plan's promises."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from statistics import fmean, median, pstdev

import numpy as np
import pytest

from simulators.patients.patient import BLOCK_S, Patient
from simulators.patients.person import draw_person
from simulators.patients.plan import (
    CuffPlan,
    Episode,
    EpisodeKind,
    FaultKind,
    Plan,
    PlannedFault,
    Sensor,
)
from simulators.scenarios.scenario_file import load_scenario

SEEDS = range(1, 21)
STEADY = load_scenario("baseline", 1).patient
HOUR_S = 3600.0


def patient(name: str, seed: int) -> Patient:
    return load_scenario(name, seed).patient


def changed(plan: Plan, base: Patient = STEADY, seed: int = 1) -> Patient:
    return Patient(base.person, plan, seed)


def faulty(*faults: PlannedFault) -> Patient:
    return changed(replace(STEADY.plan, faults=faults))


def on_a_ward(seed: int) -> Patient:
    """Return a patient with days and nights."""
    draw = np.random.Generator(np.random.Philox(seed))
    person = draw_person(
        age_years=55.0,
        product="axi-cel",
        infused_s=0.0,
        clock_at_start_h=10.0,
        temperature_site="tympanic",
        draw=draw,
    )
    return Patient(person, Plan(5 * 86_400.0, (CuffPlan(0.0, 900.0),)), seed)


def minute(course: Patient, at_min: float, sign: str) -> float:
    """Return the median of a sign in the minute that begins there."""
    return float(median(getattr(course.vitals_at(at_min * 60 + s), sign) for s in range(60)))


def test_the_same_seed_gives_the_same_patient() -> None:
    first, second, other = (patient("crs_grade_2", seed) for seed in (4, 4, 5))
    times = [float(t) for t in range(0, 3600, 7)]
    assert [first.vitals_at(t) for t in times] == [second.vitals_at(t) for t in times]
    assert [first.vitals_at(t) for t in times] != [other.vitals_at(t) for t in times]


def test_the_order_of_asking_does_not_matter() -> None:
    ward = on_a_ward(3)
    times = [7.0, 90_000.0, 3.5 * 86_400, 1.0, BLOCK_S - 0.5, float(BLOCK_S), 40_000.0]
    seen = {t: ward.vitals_at(t) for t in times}
    again = on_a_ward(3)
    assert {t: again.vitals_at(t) for t in sorted(times)} == seen


def test_the_whole_seconds_of_a_block_are_what_a_live_monitor_shows() -> None:
    ward = on_a_ward(5)
    block = ward.block(1)
    for second in (0, 1, 599, 600, BLOCK_S - 1):
        vitals = on_a_ward(5).vitals_at(float(BLOCK_S + second))
        assert vitals.heart_rate == block.channels["heart_rate"][second]
        assert vitals.temperature == pytest.approx(block.channels["temperature"][second], abs=1e-5)


def test_the_cuffs_of_a_block_are_what_a_live_monitor_shows() -> None:
    ward = on_a_ward(5)
    for cuff in ward.block(1).cuffs:
        assert on_a_ward(5).vitals_at(cuff.measured_at_s).cuff == cuff
    assert len(ward.block(1).cuffs) == BLOCK_S / 900


def test_noise_has_the_spread_of_recorded_numerics() -> None:
    blocks = [changed(STEADY.plan, seed=seed).block(0) for seed in SEEDS]

    def spread(sign: str) -> float:
        eight_minutes = [
            b.channels[sign][480 * n : 480 * (n + 1)] for b in blocks for n in range(9)
        ]
        return float(np.median([np.std(values) for values in eight_minutes]))

    assert spread("heart_rate") == pytest.approx(1.5, abs=0.3)
    assert spread("pulse_rate") == pytest.approx(1.5, abs=0.3)
    assert spread("spo2") == pytest.approx(0.5, abs=0.2)
    assert spread("respiratory_rate") == pytest.approx(1.0, abs=0.25)
    assert spread("temperature") < 0.06


def test_noise_is_correlated_in_time() -> None:
    heart = STEADY.block(0).channels["heart_rate"][:1200]
    assert np.abs(np.diff(heart)).mean() < 0.4 * np.abs(heart[100:] - heart[:-100]).mean()


def test_successive_cuff_readings_differ_as_real_ones_do() -> None:
    ward = on_a_ward(2)
    systolic = [cuff.systolic for n in range(16) for cuff in ward.block(n).cuffs]
    assert 8.0 <= pstdev(b - a for a, b in pairwise(systolic)) <= 14.0


def test_fever_raises_the_heart_rate_by_seven_per_degree() -> None:
    hot = replace(STEADY.person, baseline=STEADY.person.baseline)
    (illness,) = patient("fever_only", 1).plan.illnesses
    calm = replace(illness, excess_heart_rate=0.0, has_rigors=False, peak=2.0)
    feverish = Patient(hot, replace(STEADY.plan, illnesses=(calm,)), 1)
    t = np.array([HOUR_S])
    gained = feverish.course(t).heart_rate - STEADY.course(t).heart_rate
    assert gained == pytest.approx(14.0)


def test_values_have_the_resolution_of_a_monitor() -> None:
    vitals = patient("fever_only", 2).vitals_at(777.7)
    assert isinstance(vitals.heart_rate, int)
    assert vitals.temperature == round(vitals.temperature or 0, 1)
    assert vitals.perfusion_index == round(vitals.perfusion_index or 0, 1)


def test_saturation_never_passes_one_hundred() -> None:
    full = replace(STEADY.person, baseline=replace(STEADY.person.baseline, spo2=100.0))
    assert Patient(full, STEADY.plan, 1).block(0).channels["spo2"].max() == 100


def test_the_day_has_a_warm_evening_and_a_slow_night() -> None:
    days = [on_a_ward(seed).block for seed in range(8)]
    evening = fmean(float(b(1).channels["temperature"].mean()) for b in days)  # 16 to 22 o'clock
    night = fmean(float(b(2).channels["temperature"].mean()) for b in days)
    assert evening - night > 0.2
    asleep = fmean(float(b(2).channels["heart_rate"].mean()) for b in days)
    assert fmean(float(b(0).channels["heart_rate"].mean()) for b in days) - asleep > 4


def test_the_cuff_shows_its_newest_reading_with_its_own_time() -> None:
    course = changed(replace(STEADY.plan, cuff=(CuffPlan(60.0, 300.0), CuffPlan(700.0, 60.0))))
    assert course.vitals_at(59.9).cuff is None
    first, same, second = (course.vitals_at(t).cuff for t in (60.0, 359.9, 360.0))
    assert first == same != second
    closer = [course.vitals_at(t).cuff for t in (699.0, 700.0, 760.0)]
    assert [c.measured_at_s for c in closer if c] == [660.0, 700.0, 760.0]


def test_a_reading_that_staff_ask_for_comes_between() -> None:
    course = changed(replace(STEADY.plan, cuff_requests_s=(500.0,)))
    cuff = course.vitals_at(501.0).cuff
    assert cuff is not None
    assert cuff.measured_at_s == 500.0


def test_sensors_that_are_off_show_nothing_and_the_others_go_on() -> None:
    course = faulty(
        PlannedFault(FaultKind.PROBE_OFF, Sensor.SPO2, 60, 120),
        PlannedFault(FaultKind.PROBE_OFF, Sensor.CUFF, 400, 500),
        PlannedFault(FaultKind.LOSS, Sensor.ALL, 900, 960),
    )
    off, back, lost = (course.vitals_at(t) for t in (60.0, 120.0, 930.0))
    assert (off.spo2, off.pulse_rate, off.perfusion_index) == (None, None, None)
    assert off.heart_rate is not None
    assert back.spo2 is not None
    assert (lost.heart_rate, lost.temperature, lost.respiratory_rate) == (None, None, None)
    cuff = course.vitals_at(500.0).cuff
    assert cuff is not None
    assert cuff.measured_at_s == 120.0


def test_each_fault_of_a_sensor_shows_as_it_does_on_a_ward() -> None:
    course = faulty(
        PlannedFault(FaultKind.PROBE_ZERO, Sensor.SPO2, 100, 200),
        PlannedFault(FaultKind.PROBE_FLAT, Sensor.SPO2, 300, 400),
        PlannedFault(FaultKind.MOTION, Sensor.SPO2, 500, 560, 76.0),
        PlannedFault(FaultKind.STUCK, Sensor.TEMPERATURE, 600, 700, 37.7),
        PlannedFault(FaultKind.DRIFT_OFF, Sensor.TEMPERATURE, 1000, 3000),
        PlannedFault(FaultKind.FAHRENHEIT, Sensor.TEMPERATURE, 4000, 4100),
    )
    assert course.vitals_at(150.0).spo2 == 0
    flat = course.vitals_at(350.0)
    assert (flat.spo2, flat.pulse_rate, flat.perfusion_index) == (100, None, 0.1)
    moving = course.vitals_at(530.0)
    assert moving.spo2 == 76
    assert abs((moving.pulse_rate or 0) - (moving.heart_rate or 0)) > 10
    assert course.vitals_at(650.0).temperature == 37.7
    cooled = [course.vitals_at(1000.0 + 300 * n).temperature or 0 for n in range(4)]
    assert all(a - b > 0.5 for a, b in pairwise(cooled))
    assert course.vitals_at(3500.0).temperature == pytest.approx(36.9, abs=0.2)
    assert course.vitals_at(4050.0).temperature == pytest.approx(98.4, abs=0.3)


@pytest.mark.parametrize("jump", [-45.0, 0.0])
def test_an_odd_cuff_reading_is_odd_once(jump: float) -> None:
    course = faulty(PlannedFault(FaultKind.CUFF_ERROR, Sensor.CUFF, 400, 500, jump))
    before, odd, after = (course.vitals_at(t).cuff for t in (399.0, 421.0, 721.0))
    assert before is not None
    assert odd is not None
    assert after is not None
    if jump:
        assert odd.systolic < before.systolic - 25
    else:
        assert odd.systolic - odd.diastolic < 15
    assert after.systolic - after.diastolic > 25


def test_atrial_fibrillation_has_a_pulse_deficit_and_no_fever() -> None:
    course = changed(
        replace(STEADY.plan, episodes=(Episode(EpisodeKind.ATRIAL_FIBRILLATION, 600, 3000, 150.0),))
    )
    assert minute(course, 20, "heart_rate") == pytest.approx(150, abs=8)
    assert minute(course, 20, "pulse_rate") < minute(course, 20, "heart_rate") - 10
    assert minute(course, 20, "temperature") < 37.2
    assert minute(course, 5, "heart_rate") < 85


@pytest.mark.untraced
@pytest.mark.parametrize("seed", SEEDS)
def test_crs_grade_2_keeps_its_timeline_for_every_seed(seed: int) -> None:
    course = patient("crs_grade_2", seed)
    temperatures = [minute(course, m, "temperature") for m in range(60)]
    assert max(temperatures[:5]) < 37.3
    assert next(m for m, t in enumerate(temperatures) if t >= 38.0) in {9, 10, 11, 12}
    assert all(t >= 38.0 for t in temperatures[13:])
    assert temperatures[18] == pytest.approx(39.2, abs=0.15)
    assert max(minute(course, m, "heart_rate") for m in range(5)) < 90
    assert min(minute(course, m, "heart_rate") for m in range(20, 60)) > 120
    assert minute(course, 20, "spo2") >= 94
    assert all(85 <= minute(course, m, "spo2") <= 89 for m in range(35, 60))


@pytest.mark.parametrize("seed", SEEDS)
def test_crs_grade_2_has_two_low_cuff_readings_by_thirty_seven_minutes(seed: int) -> None:
    course = patient("crs_grade_2", seed)
    cuffs = [course.vitals_at(60.0 * m).cuff for m in range(2, 60, 5)]
    low = [c for c in cuffs if c is not None and c.systolic < 90 and c.mean < 65]
    assert [c.measured_at_s for c in cuffs if c] == [60.0 * m for m in range(2, 60, 5)]
    assert all(c.measured_at_s >= 22 * 60 for c in low)
    assert sum(c.measured_at_s <= 37 * 60 for c in low) >= 2
    assert all(c in low for c in cuffs[6:])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fever_without_organ_sign_stays_without_one(seed: int) -> None:
    course = patient("fever_only", seed)
    assert minute(course, 20, "temperature") >= 38.8
    for m in range(0, 120, 5):
        vitals = course.vitals_at(m * 60.0)
        assert (vitals.spo2 or 0) >= 95
        assert vitals.cuff is None or vitals.cuff.systolic >= 100


@pytest.mark.parametrize("seed", SEEDS)
def test_the_baseline_crosses_no_limit(seed: int) -> None:
    course = patient("baseline", seed)
    for m in range(180):
        vitals = course.vitals_at(m * 60.0)
        assert (vitals.temperature or 99) < 37.5
        assert 60 < (vitals.heart_rate or 0) < 100
        assert (vitals.spo2 or 0) >= 94


def test_the_probe_falls_off_at_five_minutes_and_is_back_at_twelve() -> None:
    course = patient("probe_off", 1)
    off = [m for m in range(20) if course.vitals_at(m * 60.0).spo2 is None]
    assert off == list(range(5, 12))
    assert course.vitals_at(360.0).heart_rate is not None
