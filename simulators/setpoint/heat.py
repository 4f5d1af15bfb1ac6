"""Body temperature: heat is made and lost within limits until the core reaches its set point."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from edge_agent.model.durations import HOUR_S
from simulators.patients.person import Person
from simulators.patients.shapes import Float64
from simulators.setpoint.forces import STEP_S
from simulators.setpoint.nature import Nature

# Heat balance; design start values, unvalidated. A rigor can triple or more the production of
# heat, sweating and flushing lose it more slowly: the core rises faster than it falls.
_FOLLOWS_H: Final = 0.45
"""Time constant with which the core follows a near set point, hours."""
_MOST_RISE_PER_H: Final = 3.0
"""Fastest warming, in a rigor, Celsius/h."""
_QUIET_RISE_PER_H: Final = 1.3
"""Fastest warming by narrow vessels alone, Celsius/h."""
_MOST_FALL_PER_H: Final = 1.2
"""Fastest cooling, in full sweat, Celsius/h."""
_SHIVERS_FROM: Final = 0.20
"""Distance to the set point at which a rigor begins, Celsius."""
_SHIVERS_FULLY_BY: Final = 0.45
"""Additional distance at which it is at its worst, Celsius."""


class Core(NamedTuple):
    """Course of the core temperature."""

    usual: Float64
    """Temperature of the well body at each time of day, Celsius."""
    temperature: Float64
    shiver: Float64
    """Strength of a rigor, 0 to 1."""
    sweat: Float64
    """Strength of sweating, 0 to 1."""


def usual_set_point(person: Person, nature: Nature, t: Float64) -> Float64:
    """Return the well body's set point: two harmonics of the day about the person's mean."""
    angle = 2.0 * np.pi * (person.clock_at_start_h + t / HOUR_S - person.acrophase_h) / 24.0
    day = np.cos(angle) + nature.evening_share * np.cos(2.0 * angle + 0.8)
    usual: Float64 = person.baseline.temperature + person.circadian_temperature * day
    return usual


def follow(person: Person, nature: Nature, t: Float64, rise: Float64) -> Core:
    """Return the core temperature that follows a set point `rise` above the usual one.

    Parameters
    ----------
    t, rise
        Steps of `STEP_S` seconds, and the rise of the set point, Celsius; shape (n,).
    """
    usual = usual_set_point(person, nature, t)
    step_h = STEP_S / HOUR_S
    share = step_h / _FOLLOWS_H
    loss = -_MOST_FALL_PER_H * step_h
    most = (_MOST_RISE_PER_H if nature.is_rigor_prone else _QUIET_RISE_PER_H) * step_h
    core = float(usual[0])
    course: list[float] = []
    remember = course.append
    for wanted in (usual + rise).tolist():
        gap = wanted - core
        change = share * gap
        if change > most:
            change = most
        elif change < loss:
            change = loss
        core += change
        remember(core)
    temperature = np.array(course)
    gap = usual + rise - temperature
    shiver = np.clip((gap - _SHIVERS_FROM) / _SHIVERS_FULLY_BY, 0.0, 1.0)
    return Core(
        usual=usual,
        temperature=temperature,
        shiver=shiver * float(nature.is_rigor_prone),
        sweat=np.clip((-gap - 0.2) / 0.5, 0.0, 1.0),
    )
