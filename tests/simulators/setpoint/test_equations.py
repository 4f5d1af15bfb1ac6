"""Heat, circulation, breathing and drugs follow their physics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulators.patients.person import Person
from simulators.patients.plan import Treatment, TreatmentKind
from simulators.patients.shapes import Float64
from simulators.setpoint.breathing import Lung, own_shunt, saturation, spo2
from simulators.setpoint.circulation import Flow, Vessels, circulate
from simulators.setpoint.drugs import AIR, LADDER, device_of, fever_left, relief, support
from simulators.setpoint.forces import grid
from simulators.setpoint.heat import follow
from simulators.setpoint.nature import Nature, draw_person

DAY_S = 86_400.0
T = grid(DAY_S)
NONE = np.zeros(T.size)


def somebody(seed: int = 1, age_years: float = 50.0) -> tuple[Person, Nature]:
    person, nature = draw_person(
        age_years=age_years,
        product="axi-cel",
        clock_at_start_h=10.0,
        temperature_site="tympanic",
        beta_blocked=0.0,
        draw=np.random.default_rng(seed),
    )
    return person, replace(nature, paced_at=None)


PERSON, NATURE = somebody()
PRONE = replace(NATURE, is_rigor_prone=True)
CALM = replace(NATURE, is_rigor_prone=False)


@pytest.mark.parametrize(("nature", "most_per_h"), [(PRONE, 3.0), (CALM, 1.3)])
def test_the_core_never_warms_or_cools_faster_than_a_body_can(
    nature: Nature, most_per_h: float
) -> None:
    rise = np.where((T > 20_000) & (T < 50_000), 3.0, 0.0)
    steps = np.diff(follow(PERSON, nature, T, rise).temperature)
    assert steps.max() == pytest.approx(most_per_h / 60)
    assert steps.min() == pytest.approx(-1.2 / 60)


def test_the_core_reaches_its_set_point_and_shivers_on_the_way() -> None:
    rise = np.where(T > 20_000, 2.0, 0.0)
    core = follow(PERSON, PRONE, T, rise)
    assert core.temperature[-1] == pytest.approx(core.usual[-1] + 2.0, abs=0.1)
    assert core.shiver[(T > 20_000) & (T < 21_000)].max() == 1.0
    assert core.shiver[(T < 20_000) | (T > 40_000)].max() == 0.0
    assert follow(PERSON, CALM, T, rise).shiver.max() == 0.0
    assert core.temperature.max() < (core.usual + rise).max() + 0.01


def flow(
    resistance: Float64 = NONE,
    filling: Float64 = NONE,
    treatments: tuple[Treatment, ...] = (),
    person: Person = PERSON,
) -> Flow:
    rate = np.full(T.size, person.baseline.heart_rate)
    given = support(treatments, T)
    return circulate(person, NATURE, rate, Vessels(resistance, filling), given)


def test_a_body_at_rest_has_its_usual_pressure_and_rate() -> None:
    rest, usual = flow(), PERSON.baseline
    assert rest.systolic == pytest.approx(usual.systolic)
    assert rest.diastolic == pytest.approx(usual.diastolic)
    assert rest.heart_rate == pytest.approx(usual.heart_rate)


def test_wide_vessels_lower_the_pressure_and_the_reflex_answers_with_the_heart() -> None:
    fallen = flow(np.where(T > 30_000, -0.7, 0.0))
    mean = fallen.mean[-1]
    assert -0.7 < mean < -0.25
    assert fallen.heart_rate[-1] > 1.1 * PERSON.baseline.heart_rate
    first = int(np.searchsorted(T, 30_000)) + 1
    assert fallen.mean[first] < mean, "the pressure falls at once, the reflex comes later"
    usual = PERSON.baseline
    fall_of_systolic = fallen.systolic[-1] / usual.systolic
    assert fallen.diastolic[-1] / usual.diastolic < fall_of_systolic < 1.0
    blocked = replace(PERSON, heart_rate_response=0.35)
    slow = flow(np.where(T > 30_000, -0.7, 0.0), person=blocked)
    assert slow.heart_rate[-1] < fallen.heart_rate[-1]
    assert slow.systolic[-1] < fallen.systolic[-1]


def test_pressures_stay_in_order_however_deep_the_fall() -> None:
    for depth in (-3.0, -1.0, 0.0, 0.5):
        for filling in (-1.2, 0.0, 0.3):
            found = flow(np.full(T.size, depth), np.full(T.size, filling))
            assert (found.systolic > found.diastolic + 5.0).all()
            assert (found.diastolic > 0.0).all()


def test_pressors_restore_the_target_and_no_more() -> None:
    pressor = Treatment(TreatmentKind.VASOPRESSOR, 40_000.0, 80_000.0, "noradrenaline", 1.0)
    fallen = np.full(T.size, -1.0)
    found = flow(fallen, treatments=(pressor,))
    middle = (found.systolic + 2.0 * found.diastolic) / 3.0
    running = (T > 45_000) & (T < 79_000)
    assert middle[running] == pytest.approx(68.0, abs=1.5)
    assert (middle[~running & (T < 40_000)] < 65.0).all()
    assert found.systolic_untreated == pytest.approx(flow(fallen).systolic, abs=0.1)


def test_fluids_raise_the_pressure_for_hours() -> None:
    litre = Treatment(TreatmentKind.FLUIDS, 40_000.0, 40_000.0, "saline", 1.0)
    found = flow(np.full(T.size, -0.6), treatments=(litre,))
    before, soon, late = (int(np.searchsorted(T, s)) for s in (39_000, 44_000, 85_000))
    assert 3.0 < found.systolic[soon] - found.systolic[before] < 15.0
    assert found.systolic[late] - found.systolic[before] < 3.0


@pytest.mark.parametrize(
    ("pressure", "percent"),
    # Severinghaus, J Appl Physiol 1979;46:599, table 1
    [(10.0, 9.6), (26.9, 50.0), (40.0, 74.9), (60.0, 90.7), (100.0, 97.7)],
)
def test_the_curve_of_oxygen_passes_known_points(pressure: float, percent: float) -> None:
    assert 100.0 * saturation(np.array([pressure]))[0] == pytest.approx(percent, abs=0.5)


def test_the_well_lung_gives_the_usual_saturation() -> None:
    for usual in (93.0, 95.0, 96.5, 97.2):
        lung = Lung(np.array([own_shunt(NATURE, usual)]), np.array([0.0]))
        assert spo2(NATURE, lung, AIR.fraction, np.zeros(1))[0] == pytest.approx(usual, abs=0.2)


def test_oxygen_helps_a_poor_lung_and_little_against_a_shunt() -> None:
    cold = np.zeros(1)
    poor, shunted = (
        [float(spo2(NATURE, lung, share, cold)[0]) for share in (0.21, 0.36, 0.8)]
        for lung in (
            Lung(np.array([0.03]), np.array([0.5])),
            Lung(np.array([0.35]), np.array([0.0])),
        )
    )
    assert poor[0] < 90.0
    assert poor[1] > 94.0
    assert shunted[1] - shunted[0] < 0.5 * (poor[1] - poor[0])


def test_no_lung_gives_more_than_all_and_fever_and_anaemia_cost_oxygen() -> None:
    shares = np.linspace(-0.1, 1.2, 30)
    for shunt in (0.0, 0.3, 0.9):
        found = spo2(NATURE, Lung(np.full(30, shunt), shares), 1.0, np.full(30, 3.0))
        assert (found <= 100.0).all()
        assert (found >= 30.0).all()
    lung = Lung(np.array([0.15]), np.array([0.1]))
    well = spo2(NATURE, lung, 0.21, np.zeros(1))[0]
    assert spo2(NATURE, lung, 0.21, np.array([3.0]))[0] < well
    assert spo2(replace(NATURE, haemoglobin=6.8), lung, 0.21, np.zeros(1))[0] < well


def test_paracetamol_acts_within_half_an_hour_and_is_gone_after_seven() -> None:
    dose = Treatment(TreatmentKind.ANTIPYRETIC, 10_000.0, 10_000.0, "paracetamol", 1.2)
    fall = relief((dose,), T)
    at = {hours: fall[int(np.searchsorted(T, 10_000 + 3600 * hours))] for hours in (0.1, 0.5, 3, 7)}
    assert at[0.1] == 0.0
    assert 0.2 < at[0.5] < at[3] <= 1.2
    assert at[7] < 0.15
    assert relief((dose, replace(dose, at_s=12_000.0)), T).max() <= 1.2


def test_tocilizumab_takes_most_of_a_fever_within_twelve_hours() -> None:
    dose = Treatment(TreatmentKind.TOCILIZUMAB, 10_000.0, 10_000.0, "tocilizumab", 0.9)
    left = fever_left((dose,), T)
    after = {hours: left[int(np.searchsorted(T, 10_000 + 3600 * hours))] for hours in (1, 4, 12)}
    assert after[1] > 0.98
    assert 0.4 < after[4] < 0.7
    assert after[12] < 0.25


def test_each_device_is_found_by_name_and_flow() -> None:
    for device in LADDER[1:]:
        given = Treatment(TreatmentKind.OXYGEN, 0.0, 10.0, device.name, device.flow)
        assert device_of(given) == device
