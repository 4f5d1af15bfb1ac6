"""Fitting of a storm: the depth at which vessels and lungs reach a chosen worst moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from edge_agent.model.durations import HOUR_S
from simulators.patients.shapes import Float64
from simulators.setpoint.breathing import Lung, own_shunt, spo2
from simulators.setpoint.circulation import pressures, reflex_gain
from simulators.setpoint.organism import (
    LEAK_SHARE,
    SHUNT_OF_LEAK,
    Course,
    Facts,
    course_of,
)
from simulators.setpoint.storm import Storm, drives

_EVERY: Final = 10
"""Steps from one fitted moment to the next; both reflex and lungs are steady within them."""
_HALVINGS: Final = 14
_MOST_TONE: Final = 2.4
_MOST_LEAK: Final = 0.93
_ANY_OXYGEN: Final = (100.0, 0.21)
"""The whole lung."""


def fitted(
    facts: Facts, storm: Storm, t: Float64, pressure: float | None, oxygen: tuple[float, float]
) -> Storm:
    """Return the storm whose worst moments without treatment are as wanted.

    Parameters
    ----------
    pressure
        Lowest systolic pressure as a share of the patient's limit of hypotension; None leaves the
        vessels alone.
    oxygen
        Lowest SpO2, percent, at an inspired fraction of oxygen; the whole lung where it is 100.

    Returns
    -------
    Storm
        The storm; one that begins after the stay leaves vessels and lungs alone.
    """
    calm = replace(storm, tone=0.0, leak=0.0)
    if storm.fever_at_s > t[-1] - HOUR_S:
        return calm
    course = course_of(replace(facts, storms=(calm,)), t)
    effect = drives(calm, t)
    after = slice(int(np.searchsorted(t, storm.fever_at_s)), None, _EVERY)
    tone, leak = 0.0, 0.0
    if pressure is not None:
        tone = _tone(facts, course, effect.vessels[after], after, pressure)
    if oxygen[0] < 100.0:
        leak = _leak(facts, course, effect.lungs[after], after, oxygen)
    return replace(storm, tone=tone, leak=leak)


def refitted(storm: Storm, was: Facts, now: Facts, t: Float64) -> Storm:
    """Return the storm that is as deep in another body, as a share of that body's own limit.

    Parameters
    ----------
    was, now
        The body to which the storm is fitted, and the one that it strikes.
    """
    if not storm.tone:
        return storm
    was, now = (replace(facts, treatments=(), episodes=()) for facts in (was, now))
    alone = course_of(replace(was, storms=(storm,)), t)
    after = slice(int(np.searchsorted(t, storm.fever_at_s)), None)
    lowest = float(alone.flow.systolic_untreated[after].min()) / was.person.hypotension_limit
    return replace(fitted(now, storm, t, lowest, _ANY_OXYGEN), leak=storm.leak)


def _tone(facts: Facts, course: Course, vessels: Float64, after: slice, pressure: float) -> float:
    person = facts.person
    speed = 1.0 + reflex_gain(person, facts.nature)
    mean = course.flow.mean_untreated[after]
    filling = course.forces.filling[after]
    limit = person.hypotension_limit

    def is_deep(tone: float) -> bool:
        fallen = mean - tone * vessels / speed
        systolic = pressures(person, fallen, filling - LEAK_SHARE * tone * vessels).systolic
        return bool(systolic.min() < pressure * limit)

    return _least(is_deep, _MOST_TONE)


def _leak(
    facts: Facts, course: Course, lungs: Float64, after: slice, oxygen: tuple[float, float]
) -> float:
    lowest, fraction = oxygen
    nature = facts.nature
    own = own_shunt(nature, facts.person.baseline.spo2)
    heat = course.body.elevation[after]

    def is_deep(leak: float) -> bool:
        flooded = leak * lungs
        lung = Lung(own + SHUNT_OF_LEAK * flooded**2, flooded)
        return bool(spo2(nature, lung, fraction, heat).min() < lowest)

    return _least(is_deep, _MOST_LEAK)


def _least(is_deep: Callable[[float], bool], most: float) -> float:
    """Return the least amount that is deep enough, or the most."""
    low, high = 0.0, most
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if is_deep(middle) else (middle, high)
    return high
