"""The body: vital signs before any sensor, as a pure function of time, person and plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from edge_agent.model.durations import HOUR_S
from simulators.patients.episodes import apply_episodes
from simulators.patients.noise import Float32
from simulators.patients.person import Person
from simulators.patients.plan import Episode, Illness, LimbCourse, Plan
from simulators.patients.shapes import Float64, bump, plateau
from simulators.patients.signs import Body
from simulators.patients.therapy import (
    antipyretic_relief,
    fever_left,
    limb_left,
    oxygen_made_good,
    pressure_made_good,
)

# design start values, unvalidated, unless said
_BREATHS_PER_CELSIUS: Final = 2.0  # 1.4 to 2.3 (Jensen et al., Acute Med 2019)
_CIRCADIAN_HEART_RATE: Final = 3.0
_CIRCADIAN_SYSTOLIC: Final = 3.0
_SLEEP_HEART_RATE: Final = -6.0
_SLEEP_SYSTOLIC: Final = -0.07
"""Share of the patient's own pressure."""
_SLEEP_BREATHS: Final = -1.5
_SLEEP_SPO2: Final = -0.7
_SLEEP_ONSET_S: Final = 1800.0
_DIASTOLIC_SHARE: Final = 0.75
"""Share of a systolic fall by which diastolic pressure falls; relative to its smaller value a
larger fall, so the pulse pressure widens."""
_RIGOR_S: Final = 1500.0
_RIGOR_HEART_RATE: Final = 15.0
_RIGOR_SKIN: Final = -0.8
_SLOW_WAVE: Final = 0.43
"""Frequency of a fever's second wave relative to the first; makes its spikes differ."""
_RIGOR_BEFORE_SPIKE_S: Final = 2.0 * HOUR_S


def body(
    person: Person,
    plan: Plan,
    t: Float64,
    episodes: Sequence[Episode],
    drift: Mapping[str, Float32] = MappingProxyType({}),
) -> Body:
    """Return the signs at the times `t`.

    Parameters
    ----------
    person, plan
        Person and plan of the stay.
    t
        Patient times in seconds, shape (n,), increasing.
    episodes
        Episodes besides the illness within `t`.
    drift
        Slow noise of each sign, shape (n,); empty for the course without noise.
    """
    now = _well(person, t)
    for sign, noise in drift.items():
        values = getattr(now, sign)
        values += person.daily_rhythm * noise
    fever_free = now.temperature.copy()
    pressure_fall, oxygen_fall = np.zeros_like(t), np.zeros_like(t)
    if plan.illnesses:
        left = limb_left(plan.treatments, t)
        fever = np.zeros_like(t)
        for illness in plan.illnesses:
            if illness.onset_s <= t[-1] and illness.end_s >= t[0]:
                pressure_fall += left * _limb(illness.hypotension, t)
                oxygen_fall += left * _limb(illness.hypoxia, t)
                # Two illnesses do not add up to a fatal fever: the higher fever shows.
                shown = _sicken(now, illness, person, fever_left(plan.treatments, t))
                fever = np.maximum(fever, shown)
                _strain(now, illness, left)
        now.temperature += fever - antipyretic_relief(plan.treatments, t, fever)
    apply_episodes(now, episodes, person)
    now.elevation = now.temperature - fever_free
    now.heart_rate += person.heart_rate_per_celsius * now.elevation
    now.respiratory_rate += _BREATHS_PER_CELSIUS * now.elevation
    now.systolic_untreated = now.systolic - pressure_fall
    now.spo2_on_air = now.spo2 - oxygen_fall
    left_to_fall = pressure_fall * (1.0 - pressure_made_good(plan.treatments, t))
    now.systolic -= left_to_fall
    now.diastolic -= _DIASTOLIC_SHARE * left_to_fall
    now.spo2 -= oxygen_fall * (1.0 - oxygen_made_good(plan.treatments, t))
    return now


def asleep(person: Person, t: Float64) -> Float64:
    """Return the depth of sleep, 0 to 1; `daily_rhythm` scales it."""
    hours = np.mod(person.clock_at_start_h + t / HOUR_S - person.sleeps_from_h, 24.0)
    fades_h = _SLEEP_ONSET_S / HOUR_S
    sleeps = np.clip(hours / fades_h, 0.0, 1.0) * np.clip(
        (person.sleeps_for_h - hours) / fades_h, 0.0, 1.0
    )
    return person.daily_rhythm * sleeps


def _well(person: Person, t: Float64) -> Body:
    usual = person.baseline
    hours = person.clock_at_start_h + t / HOUR_S - person.acrophase_h
    circadian = person.daily_rhythm * np.cos(2.0 * np.pi * hours / 24.0)
    sleep = asleep(person, t)
    zeros = np.zeros((5, t.size))
    systolic = usual.systolic + _CIRCADIAN_SYSTOLIC * circadian
    systolic += _SLEEP_SYSTOLIC * usual.systolic * sleep
    response = person.heart_rate_response
    return Body(
        t=t,
        temperature=usual.temperature + person.circadian_temperature * circadian,
        skin=zeros[0],
        probe=zeros[1],
        heart_rate=usual.heart_rate
        + response * (_CIRCADIAN_HEART_RATE * circadian + _SLEEP_HEART_RATE * sleep),
        irregularity=zeros[2],
        pulse_deficit=zeros[3],
        respiratory_rate=usual.respiratory_rate + _SLEEP_BREATHS * sleep,
        spo2=usual.spo2 + _SLEEP_SPO2 * sleep,
        systolic=systolic,
        diastolic=usual.diastolic + 0.6 * (systolic - usual.systolic),
        perfusion_index=np.full_like(t, usual.perfusion_index),
        elevation=zeros[4],
        systolic_untreated=systolic,
        spo2_on_air=systolic,
    )


def _limb(limb: LimbCourse | None, t: Float64) -> Float64:
    if limb is None:
        return np.zeros_like(t)
    return limb.depth * plateau(t, (limb.onset_s, limb.end_s), limb.rise_s, limb.fall_s)


def _sicken(now: Body, illness: Illness, person: Person, left: Float64) -> Float64:
    """Add the effects of the fever; return its height above the patient's baseline, Celsius."""
    t = now.t
    span = (illness.onset_s, illness.end_s)
    course = plateau(t, span, illness.rise_s, illness.fall_s)
    first_spike_s = illness.onset_s + illness.rise_s
    phase = 2.0 * np.pi * (t - first_spike_s) / illness.spike_every_s
    waves = 0.75 * np.cos(phase) + 0.25 * np.cos(_SLOW_WAVE * phase)
    valley = illness.valley * (0.5 - 0.5 * waves) * (t > first_spike_s)
    now.heart_rate += person.heart_rate_response * illness.excess_heart_rate * course * left
    now.perfusion_index *= 1.0 - 0.3 * course
    if illness.has_rigors:
        for spike_s in np.arange(first_spike_s, illness.end_s, illness.spike_every_s):
            rigor_s = spike_s - _RIGOR_BEFORE_SPIKE_S
            if t[0] - 2 * _RIGOR_S < rigor_s < t[-1] + 2 * _RIGOR_S:
                shake = bump(t, rigor_s, _RIGOR_S) * left
                now.heart_rate += _RIGOR_HEART_RATE * person.heart_rate_response * shake
                now.skin += _RIGOR_SKIN * shake
                now.perfusion_index *= 1.0 - 0.5 * shake
    return illness.peak * course * (1.0 - valley) * left


def _strain(now: Body, illness: Illness, left: Float64) -> None:
    """Add the response of heart and breathing to falling pressure and oxygen."""
    if illness.hypotension is not None:
        share = left * _limb(illness.hypotension, now.t) / illness.hypotension.depth
        now.heart_rate += illness.shock_heart_rate * share
        now.perfusion_index *= 1.0 - 0.4 * share
    if illness.hypoxia is not None:
        share = left * _limb(illness.hypoxia, now.t) / illness.hypoxia.depth
        now.respiratory_rate += illness.hypoxia_breaths * share
        now.heart_rate += 6.0 * share
