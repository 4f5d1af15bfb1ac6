"""A body on a ward has the ward's traits and feels its pains; its illness stays the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from simulators.habits.people import Traits
from simulators.patients.patient import BLOCK_S, Patient
from simulators.patients.plan import Episode, EpisodeKind
from simulators.patients.shapes import Float64
from simulators.patients.truth import truth_of
from simulators.setpoint.fitting import refitted
from simulators.setpoint.forces import grid
from simulators.setpoint.nature import draw_person, peculiar
from simulators.setpoint.organism import Facts, course_of
from simulators.setpoint.stay import NO_WARD, Admission, Stay, WardLife, draw_stay

HOUR_S, DAY_S = 3600.0, 86_400.0
DAYS = 10.0
LOW = Traits(systolic=97.0, names=("low_pressure",))
FAST = Traits(heart_rate_added=18.0, names=("fast_heart",))
ANAEMIC = Traits(heart_rate_added=8.0, names=("anaemia",))
APNOEA = Traits(dips_a_night=120.0, names=("apnoea",))
PACED = Traits(paced_per_min=80.0, names=("pacemaker",))
PAINS = tuple(
    Episode(EpisodeKind.PAIN, at_h * HOUR_S, (at_h + 0.5) * HOUR_S, 26.0) for at_h in (3.0, 27.0)
)


def stay(seed: int, grade: int = 0, life: WardLife = NO_WARD, **confounders: float) -> Stay:
    draw = np.random.Generator(np.random.Philox(key=17, counter=seed << 64))
    age_years = float(draw.uniform(20, 80))
    admission = Admission(age_years, "axi-cel", 11.0, "core", 0.0, DAYS, grade, confounders)
    return draw_stay(admission, draw, life)


def with_traits(*traits: Traits) -> Iterable[tuple[Patient, Patient]]:
    """Yield unpaced patients without and with traits."""
    for seed in range(6):
        for one in traits:
            plain, other = stay(seed).patient, stay(seed, 0, WardLife(one, ())).patient
            if plain.person.heart_rate_response:
                yield plain, other


def apart(plain: Patient, other: Patient, name: str) -> Float64:
    """Return the difference in the course of a sign over a day."""
    t = grid(DAY_S)
    difference: Float64 = getattr(other.course(t), name) - getattr(plain.course(t), name)
    return difference


def test_a_low_pressure_is_lower_all_day_and_beats_no_faster() -> None:
    for plain, low in with_traits(LOW):
        usual = plain.person.baseline.systolic
        assert apart(plain, low, "systolic").mean() == pytest.approx(97.0 - usual, abs=4.0)
        assert np.abs(apart(plain, low, "heart_rate")).max() < 4.0
        assert truth_of(low).of("hypotension") == ()


def test_fast_and_anaemic_hearts_are_faster_all_day_at_the_same_pressure() -> None:
    for plain, fast in with_traits(FAST, ANAEMIC):
        assert apart(plain, fast, "heart_rate").min() > 6.0
        assert np.abs(apart(plain, fast, "systolic")).max() < 4.0


def test_anaemia_leaves_less_oxygen_to_a_sick_lung() -> None:
    plain = stay(1, pulmonary_embolism=1.0).patient
    anaemic = stay(1, 0, WardLife(ANAEMIC, ()), pulmonary_embolism=1.0).patient
    t = grid(DAYS * DAY_S)
    [label] = truth_of(plain).of("confounder:pulmonary_embolism")
    difference = anaemic.course(t).spo2_on_air - plain.course(t).spo2_on_air
    assert np.abs(difference[t < label.from_s]).max() < 0.5
    assert difference.min() < -0.2


def test_apnoea_dips_the_oxygen_by_night() -> None:
    dips = []
    for plain, other in with_traits(APNOEA):
        night = [one.block(2).channels["spo2"] for one in (plain, other)]
        assert night[1].min() < 94
        dips.append([float(np.mean(values < values.max() - 4)) for values in night])
    before, after = np.array(dips).T
    assert (after >= before).all(), "who has apnoea already has no less of it"
    assert np.median(after - before) > 0.01


def test_a_pacemaker_never_lets_the_heart_beat_more_slowly() -> None:
    for plain, other in with_traits(PACED):
        assert plain.block(2).channels["heart_rate"].min() < 80
        assert other.block(2).channels["heart_rate"].min() == 80


def test_a_heart_that_is_paced_already_becomes_no_faster() -> None:
    person, nature = draw_person(
        age_years=60.0,
        product="axi-cel",
        clock_at_start_h=12.0,
        temperature_site="tympanic",
        beta_blocked=0.0,
        draw=np.random.default_rng(1),
    )
    paced = replace(nature, paced_at=person.baseline.heart_rate)
    assert peculiar(person, paced, FAST) == (person, paced)
    assert peculiar(person, nature, Traits()) == (person, nature)


def test_pain_raises_heart_rate_and_pressure_and_ends_by_itself() -> None:
    for seed in range(6):
        plain, other = stay(seed).patient, stay(seed, 0, WardLife(Traits(), PAINS)).patient
        response = plain.person.heart_rate_response
        at_s = np.array([PAINS[0].to_s - 60.0, PAINS[0].to_s + 2 * HOUR_S])
        calm, hurts = plain.course(at_s), other.course(at_s)
        assert hurts.heart_rate[0] - calm.heart_rate[0] > 10.0 * response - 0.1
        assert hurts.systolic[0] - calm.systolic[0] > 4.0
        assert hurts.heart_rate[1] == pytest.approx(calm.heart_rate[1], abs=0.5)
        assert np.array_equal(hurts.temperature, calm.temperature)
        assert other.plan.episodes == plain.plan.episodes, "the ward adds the pains to the plan"


def test_pain_reaches_the_monitor() -> None:
    plain, other = stay(2).patient, stay(2, 0, WardLife(Traits(), PAINS)).patient
    during = slice(int(PAINS[0].from_s) + 600, int(PAINS[0].to_s))
    rates = [one.block(0).channels["heart_rate"][during].mean() for one in (plain, other)]
    assert rates[1] - rates[0] > 8.0
    assert during.stop < BLOCK_S


@pytest.mark.untraced
@pytest.mark.parametrize("traits", [LOW, FAST, ANAEMIC])
@pytest.mark.parametrize("grade", [1, 2, 3])
def test_the_illness_is_the_same_in_another_body(grade: int, traits: Traits) -> None:
    for seed in range(3):
        plain = stay(seed, grade, infection=0.5, pain=0.5)
        other = stay(seed, grade, WardLife(traits, PAINS), infection=0.5, pain=0.5)
        assert other.grade == plain.grade
        assert other.marks == plain.marks
        assert other.patient.seed == plain.patient.seed
        assert other.patient.plan.episodes == plain.patient.plan.episodes
        starts = [
            [(one.cause, one.onset_s, one.peak) for one in each.patient.plan.illnesses]
            for each in (plain, other)
        ]
        assert starts[0] == starts[1]


def test_a_storm_is_as_deep_below_the_limit_of_another_body() -> None:
    sick = stay(4, 2).patient.physiology
    assert sick is not None
    facts: Facts = sick.facts  # type: ignore[attr-defined]  # the body of this package
    [storm] = facts.storms
    person, nature = peculiar(facts.person, facts.nature, LOW)
    other = replace(facts, person=person, nature=nature)
    t = grid(DAYS * DAY_S)
    again = refitted(storm, facts, other, t)
    assert again.leak == storm.leak
    shares = [
        course_of(replace(one, storms=(is_hit,), treatments=()), t).flow.systolic_untreated.min()
        / one.person.hypotension_limit
        for one, is_hit in ((facts, storm), (other, again))
    ]
    assert shares[0] == pytest.approx(shares[1], abs=0.02)
    calm = replace(storm, tone=0.0)
    assert refitted(calm, facts, other, t) == calm
