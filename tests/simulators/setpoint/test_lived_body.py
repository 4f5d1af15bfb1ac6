"""The lived body repeats itself by seed, keeps to physics, and shows what its truth says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulators.patients.patient import BLOCK_S, Patient
from simulators.patients.sensors import CHANNELS
from simulators.patients.shapes import Float64
from simulators.patients.signs import Body
from simulators.patients.truth import truth_of
from simulators.setpoint.forces import grid
from simulators.setpoint.lived_body import LivedBody
from simulators.setpoint.nature import draw_person
from simulators.setpoint.organism import Facts
from simulators.setpoint.stay import Admission, Stay, draw_stay

HOUR_S, DAY_S = 3600.0, 86_400.0
DAYS = 4.0
BLOCKS = int(DAYS * 4)


def stay(seed: int, grade: int = 0, site: str = "core", **confounders: float) -> Stay:
    draw = np.random.Generator(np.random.Philox(key=11, counter=seed << 64))
    age_years = float(draw.uniform(2, 80))
    admission = Admission(age_years, "ide-cel", 11.0, site, 0.1, DAYS, grade, confounders)
    return draw_stay(admission, draw)


def shown(patient: Patient, name: str, every: int = 1) -> Float64:
    parts = [patient.block(n).channels[name][::every] for n in range(BLOCKS)]
    return np.concatenate(parts).astype(np.float64)


def well(seed: int = 1, apnoeas_per_h: float = 0.0) -> Facts:
    person, nature = draw_person(
        age_years=60.0,
        product="axi-cel",
        clock_at_start_h=12.0,
        temperature_site="tympanic",
        beta_blocked=0.0,
        draw=np.random.default_rng(seed),
    )
    return Facts(person, replace(nature, apnoeas_per_h=apnoeas_per_h, paced_at=None), ())


def test_the_same_seed_gives_the_same_signs_in_any_order() -> None:
    forwards, backwards = stay(3, 2).patient, stay(3, 2).patient
    found = {n: forwards.block(n) for n in range(4)}
    for number in (3, 0, 2, 1):
        again = backwards.block(number)
        assert again.cuffs == found[number].cuffs
        for name in CHANNELS:
            assert np.array_equal(again.channels[name], found[number].channels[name])
    assert forwards.plan == backwards.plan
    assert truth_of(forwards) == truth_of(backwards)
    assert forwards.vitals_at(7000.0) == backwards.vitals_at(7000.0)


def test_another_seed_gives_other_noise_about_the_same_course() -> None:
    facts = well()
    one, other = (LivedBody(facts, DAY_S, seed) for seed in (1, 2))
    t = grid(DAY_S)
    assert np.array_equal(one.course(t).heart_rate, other.course(t).heart_rate)
    mine, theirs = (body.sensed(0, BLOCK_S).channels["heart_rate"] for body in (one, other))
    assert not np.array_equal(mine, theirs)
    assert mine.mean() == pytest.approx(theirs.mean(), abs=8.0)


def test_the_signs_go_on_from_block_to_block() -> None:
    body = LivedBody(well(), DAY_S, 4)
    left, right = (body.sensed(n * BLOCK_S, (n + 1) * BLOCK_S).channels for n in (0, 1))
    for name in ("temperature", "perfusion_index", "spo2"):
        steps = np.abs(np.diff(left[name]))
        assert abs(right[name][0] - left[name][-1]) < steps.max() + 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_no_sign_leaves_what_a_body_can_do(seed: int) -> None:
    patient = stay(seed, seed % 5).patient
    body = patient.course(grid(DAYS * DAY_S))
    change_per_h = np.abs(np.diff(body.temperature)) * 60.0
    assert change_per_h.max() <= 3.0 + 1e-6
    assert (body.systolic > body.diastolic + 5.0).all()
    assert (body.diastolic > 15.0).all()
    assert (body.spo2 <= 100.0).all()
    assert (body.spo2 >= body.spo2_on_air - 0.5).all()
    assert ((body.heart_rate > 30.0) & (body.heart_rate < 220.0)).all()
    assert ((body.respiratory_rate > 6.0) & (body.respiratory_rate < 60.0)).all()
    assert ((body.temperature > 35.0) & (body.temperature < 41.6)).all()
    warm = shown(patient, "temperature")
    assert np.abs(warm[600:] - warm[:-600]).max() < 1.2, "more than a body can in ten minutes"
    assert np.nanmax(shown(patient, "spo2")) <= 100.0


@pytest.mark.parametrize("seed", range(4))
def test_the_signs_show_what_the_truth_says(seed: int) -> None:
    patient = stay(seed, 1 + seed % 3).patient
    truth, warm = truth_of(patient), shown(patient, "temperature", 60)
    t = 60.0 * np.arange(warm.size)
    fever = np.zeros(warm.size, bool)
    for span in truth.of("fever"):
        fever |= (t >= span.from_s) & (t < span.to_s)
    bias = patient.person.site_bias
    assert np.mean(warm[~fever] - bias < 38.2) > 0.99
    if fever.any():
        assert np.mean(warm[fever] - bias > 37.6) > 0.8
        onset_s = truth.of("fever")[0].from_s
        first_s = t[np.argmax(warm - bias >= 38.0)]
        assert first_s == pytest.approx(onset_s, abs=1.5 * HOUR_S)
    for span in truth.of("hypotension"):
        middle = patient.course(np.array([0.5 * (span.from_s + span.to_s)]))
        assert middle.systolic_untreated[0] < 1.12 * 90.0


def test_crs_alone_leaves_out_everything_else() -> None:
    sick = stay(2, 1, infection=1.0, pain=1.0).patient
    t = grid(DAYS * DAY_S)
    alone = sick.course_of_crs(t)
    assert (alone.temperature <= sick.course(t).temperature + 1e-9).all()
    assert not np.array_equal(alone.heart_rate, sick.course(t).heart_rate)
    calm = stay(2, 1).patient
    assert np.array_equal(calm.course_of_crs(t).temperature, calm.course(t).temperature)


def test_the_course_lies_between_its_steps_too() -> None:
    body = LivedBody(well(), DAY_S, 1)
    between = body.course(np.array([30.0, 90.0]))
    steps: Body = body.course(grid(120.0))
    assert between.temperature[0] == pytest.approx(steps.temperature[:2].mean())
    assert between.t.tolist() == [30.0, 90.0]


def test_a_pacemaker_is_steady_and_others_are_not() -> None:
    paced = replace(well(), person=replace(well().person, heart_rate_response=0.0))
    paced = replace(paced, nature=replace(paced.nature, paced_at=70.0))
    rate = LivedBody(paced, DAY_S, 5).sensed(0, BLOCK_S).channels["heart_rate"]
    assert np.abs(rate - 70.0).max() < 0.5
    own = LivedBody(well(), DAY_S, 5).sensed(0, BLOCK_S).channels["heart_rate"]
    assert own.std() > 1.0


def test_breathing_pauses_lower_the_oxygen_in_sleep_only() -> None:
    body, without = (LivedBody(one, 2 * DAY_S, 6) for one in (well(apnoeas_per_h=30.0), well()))
    lower = []
    for number in range(4):
        span = (number * BLOCK_S, (number + 1) * BLOCK_S)
        apart = without.sensed(*span).channels["spo2"] - body.sensed(*span).channels["spo2"]
        lower.append(float(apart.max()))
    assert lower[0] < 1.0, "noon to six"
    assert max(lower[1:3]) > 4.0, "the night"


def test_a_probe_follows_the_core_late_and_shows_its_bias() -> None:
    core, late = (stay(7, 2, site).patient for site in ("core", "skin"))
    assert late.person.site_bias != 0.0
    t = grid(DAYS * DAY_S)
    rising = np.argmax(core.course(t).temperature)
    first = max(0, int(rising) - 60)
    probe = shown(late, "temperature", 60)[first] - late.person.site_bias
    assert probe < core.course(t).temperature[first] + 0.5


def test_the_last_step_stays_beyond_the_end() -> None:
    body = LivedBody(well(), 0.5 * DAY_S, 3)
    after = body.around(int(DAY_S), int(DAY_S) + 10)
    assert after.t.tolist() == [DAY_S, DAY_S + 60.0]
    assert np.ptp(after.systolic) == 0.0
