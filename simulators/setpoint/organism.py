"""One whole body over one stay: forces, temperature, circulation and breathing together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from edge_agent.model.durations import HOUR_S, MINUTE_S
from simulators.patients.person import Person
from simulators.patients.plan import Episode, Treatment
from simulators.patients.shapes import Float64
from simulators.patients.signs import Body
from simulators.setpoint.breathing import Lung, own_shunt, spo2
from simulators.setpoint.circulation import Flow, Vessels, circulate
from simulators.setpoint.drugs import AIR, Support, fever_left, organs_left, relief, support
from simulators.setpoint.events import apply_events
from simulators.setpoint.forces import STEP_S, Forces, grid
from simulators.setpoint.heat import Core, follow
from simulators.setpoint.lags import lagged
from simulators.setpoint.nature import Nature
from simulators.setpoint.storm import Storm, drives

# design start values, unvalidated, unless said
EXCESS_DRIVE: Final = 5.0
"""Rise of the heart rate by cytokines besides fever, at their most, 1/min."""
_RIGOR_DRIVE: Final = 16.0
_RIGOR_SKIN: Final = -1.0
_FEVER_TONE: Final = -0.035
"""Widening of the vessels per degree: change of ln(vascular resistance)."""
LEAK_SHARE: Final = 0.3
"""Share of a storm's effect on vessels that is loss of volume, not of resistance."""
SHUNT_OF_LEAK: Final = 0.22
_BREATHS_PER_POINT: Final = 0.7
"""Rise of the respiratory rate per point of SpO2 below 95 %, 1/min."""
_BREATHS_IN_SHOCK: Final = 14.0
"""Rise per fall of ln(mean pressure) beyond 0.25 (lactic acid), 1/min."""
_DRIVE_PER_POINT: Final = 0.9
_NIGHT_DRIVE: Final = -0.09
_NIGHT_BREATHS: Final = -0.09
_NIGHT_POOR: Final = 0.03
_DAY_DRIVE: Final = 0.035
_SLEEP_BEGINS_S: Final = 25 * MINUTE_S
_BREATHES_S: Final = 150.0
_COURSES_KEPT: Final = 2
"""Courses that are remembered: the one that staff treat, and the treated one."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that decides a course without chance."""

    person: Person
    nature: Nature
    storms: tuple[Storm, ...]
    treatments: tuple[Treatment, ...] = ()
    episodes: tuple[Episode, ...] = ()


class Course(NamedTuple):
    """A course, and the steps from which its noisy version is made."""

    forces: Forces
    core: Core
    given: Support
    flow: Flow
    body: Body


def _forces_on(facts: Facts, t: Float64) -> Forces:
    """Return the forces of storms and episodes under treatment; antipyretics are left out."""
    forces = Forces.none(t.size)
    feverish = fever_left(facts.treatments, t)
    suffering = organs_left(facts.treatments, t)
    rise = np.zeros(t.size)
    for storm in facts.storms:
        effect = drives(storm, t)
        fever, organs = _withstood(feverish, storm), _withstood(suffering, storm)
        # Two storms do not add up to a fatal fever: the higher set point rules.
        rise = np.maximum(rise, effect.rise * fever)
        forces.drive += EXCESS_DRIVE * effect.activity * fever
        vessels = storm.tone * effect.vessels * organs
        forces.tone -= (1.0 - LEAK_SHARE) * vessels
        forces.filling -= LEAK_SHARE * vessels
        flooded = storm.leak * effect.lungs * organs
        forces.poor_lung += flooded
        forces.shunt += SHUNT_OF_LEAK * flooded**2
    forces.set_point += rise
    apply_events(forces, facts.episodes, t)
    return forces


def _withstood(left: Float64, storm: Storm) -> Float64:
    return 1.0 - (1.0 - left) * (1.0 - storm.resists)


def asleep(person: Person, t: Float64) -> Float64:
    """Return the depth of sleep, 0 to 1, with a lighter end of each night."""
    hours = np.mod(person.clock_at_start_h + t / HOUR_S - person.sleeps_from_h, 24.0)
    in_bed = (hours < person.sleeps_for_h).astype(np.float64)
    depth = in_bed * (1.0 - 0.3 * hours / person.sleeps_for_h)
    return lagged(depth, _SLEEP_BEGINS_S / STEP_S)


def course_of(facts: Facts, t: Float64) -> Course:
    """Return the course at even steps of `STEP_S` from 0, without chance; not to be changed."""
    return _course_of(facts, t.size)


@lru_cache(maxsize=_COURSES_KEPT)
def _course_of(facts: Facts, steps: int) -> Course:
    t = grid(STEP_S * (steps - 1))
    forces = _forces_on(facts, t)
    forces.set_point = np.maximum(forces.set_point - relief(facts.treatments, t), 0.0)
    core = follow(facts.person, facts.nature, t, forces.set_point)
    given = support(facts.treatments, t)
    flow, body = respond(facts, t, forces, core, given)
    return Course(forces, core, given, flow, body)


def respond(
    facts: Facts, t: Float64, forces: Forces, core: Core, given: Support
) -> tuple[Flow, Body]:
    """Return circulation and all signs under given forces and temperature."""
    person, nature = facts.person, facts.nature
    elevation = core.temperature - core.usual
    sleep = asleep(person, t)
    poor = forces.poor_lung + given.flooded * (forces.tone < -0.1) + _NIGHT_POOR * sleep
    shunt = own_shunt(nature, person.baseline.spo2) + forces.shunt
    on_air = spo2(nature, Lung(shunt, poor), AIR.fraction, elevation)
    opened = Lung(shunt, poor * (1.0 - given.recruits))
    treated = spo2(nature, opened, given.fraction, elevation)
    lacking = np.maximum(95.0 - treated, 0.0)
    resistance = forces.tone + _FEVER_TONE * elevation - _dip(nature, person, sleep)
    rate = _rate(facts, forces, core, sleep, _DRIVE_PER_POINT * lacking)
    flow = circulate(person, nature, rate, Vessels(resistance, forces.filling), given)
    breaths = nature.breaths_per_celsius * elevation + _BREATHS_PER_POINT * lacking
    breaths += forces.breaths + 1.5 * core.shiver
    breaths += _BREATHS_IN_SHOCK * np.maximum(-flow.mean - 0.25, 0.0)
    usual = person.baseline.respiratory_rate
    pinched = 0.8 * core.shiver + 0.9 * np.maximum(-forces.filling, 0.0)
    return flow, Body(
        t=t,
        temperature=core.temperature,
        skin=forces.skin + _RIGOR_SKIN * core.shiver,
        probe=forces.probe,
        heart_rate=flow.heart_rate,
        irregularity=np.where(forces.flutter > 0.0, 0.11 * flow.heart_rate, 0.0),
        pulse_deficit=np.where(forces.flutter > 0.0, 0.10 * flow.heart_rate, 0.0),
        respiratory_rate=lagged(
            usual * (1.0 + _NIGHT_BREATHS * sleep) + breaths * usual / 16.0, _BREATHES_S / STEP_S
        ),
        spo2=treated,
        systolic=flow.systolic,
        diastolic=flow.diastolic,
        perfusion_index=person.baseline.perfusion_index * np.exp(-pinched + 0.25 * core.sweat),
        elevation=elevation,
        systolic_untreated=flow.systolic_untreated,
        spo2_on_air=on_air,
    )


def _rate(facts: Facts, forces: Forces, core: Core, sleep: Float64, alarm: Float64) -> Float64:
    """Return the heart rate before the baroreflex, 1/min; `alarm` is the drive by low oxygen."""
    person, nature = facts.person, facts.nature
    usual = person.baseline.heart_rate
    if nature.paced_at is not None:
        return np.full(sleep.size, nature.paced_at)
    day = (core.usual - person.baseline.temperature) / person.circadian_temperature
    rate = _DAY_DRIVE * usual * day + _NIGHT_DRIVE * usual * sleep
    rate += nature.heart_per_celsius * (core.temperature - core.usual)
    rate += forces.drive + _RIGOR_DRIVE * core.shiver + alarm
    rate = np.maximum(usual + person.heart_rate_response * rate, 34.0)
    return np.where(forces.flutter > 0.0, np.maximum(forces.flutter, rate), rate)


def _dip(nature: Nature, person: Person, sleep: Float64) -> Float64:
    """Return the fall of ln(resistance) that the reflex turns into the nightly dip of pressure."""
    # the reflex answers a dip of the vessels, which sleep resets; hence the gain
    gain = 1.0 + nature.vessel_reflex + 0.4 * nature.heart_reflex * person.heart_rate_response
    return nature.night_dip * gain * sleep * 0.5
