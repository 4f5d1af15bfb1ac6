"""Daily life of a body: slow wandering, walks, breathing pauses, and movements of the finger."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S
from simulators.patients.plan import EpisodeKind, FaultKind, PlannedFault, Sensor
from simulators.patients.sensors import Float32
from simulators.patients.shapes import Float64
from simulators.setpoint.forces import STEP_S, Forces, grid
from simulators.setpoint.lags import lagged, wander
from simulators.setpoint.organism import Facts, asleep

# (standard deviation, time constant in steps) of each slow process; a mixture of a few makes a
# memory of hours as 1/f noise has it. Pressure is fitted to successive cuff readings that differ
# by 9 to 10 mmHg (eICU demo 2.0); others: design start values, unvalidated
_PRESSURE: Final = ((0.042, 4.0), (0.030, 40.0), (0.018, 300.0))
_HEART: Final = ((1.3, 10.0), (2.2, 60.0), (2.0, 400.0))
_BREATHS: Final = ((0.6, 6.0), (0.8, 45.0))
_LUNG: Final = ((0.012, 12.0), (0.014, 100.0))
_WARMTH: Final = ((0.03, 20.0), (0.04, 140.0), (0.05, 700.0))
_WALK_LASTS: Final = (3, 13)
_WALK_DRIVE: Final = (10.0, 32.0)
_WALK_TONE_PER_BEAT: Final = 0.004
_WALK_BREATHS_PER_BEAT: Final = 0.14
_WALK_COMES: Final = 1.2
"""Time constant with which the body answers a walk, steps."""
_AWAKE_BELOW: Final = 0.15
_NIGHT_WALKS: Final = 0.12
"""Share of the walks in bed time that still take place."""
_PAUSE_S: Final = (15, 70)
_PAUSE_DEPTH: Final = (3.0, 13.0)
_PAUSES_IN_BRADYCARDIA: Final = 2.5
"""Pauses per hour while the sleeping heart is slow."""
_MOTION_S: Final = (5.0, 60.0)
_MOTION_READS: Final = (70.0, 88.0)
_MOTION_FAILS: Final = 0.35
"""Share of movements in which SpO2 is wrong too."""


@dataclass(frozen=True, slots=True)
class Wandering:
    """Chance of one stay: additional forces, and a wandering core temperature."""

    forces: Forces
    warmth: Float64
    """Difference of the core temperature, Celsius."""


def draw_wandering(facts: Facts, t: Float64, draw: np.random.Generator) -> Wandering:
    """Return the chance of a stay of even steps `t`."""
    nature = facts.nature
    size, restless = t.size, nature.restlessness
    more = Forces.none(size)
    # the reflex answers a change of the vessels; the drawn spread is the one that is left
    gain = 1.0 + nature.vessel_reflex + 0.4 * nature.heart_reflex
    more.tone += restless * gain * _mixture(_PRESSURE, size, draw)
    more.drive += restless * _mixture(_HEART, size, draw)
    more.breaths += restless * _mixture(_BREATHS, size, draw)
    more.poor_lung += np.maximum(_mixture(_LUNG, size, draw), -0.02)
    warmth = _mixture(_WARMTH, size, draw)
    walking = _walks(facts, t, draw)
    more.drive += walking
    more.tone += _WALK_TONE_PER_BEAT * walking
    more.breaths += _WALK_BREATHS_PER_BEAT * walking
    return Wandering(more, warmth)


def with_wandering(forces: Forces, wandering: Wandering) -> Forces:
    """Return forces and their chance together."""
    more = wandering.forces
    both = {
        field.name: getattr(forces, field.name) + getattr(more, field.name)
        for field in fields(Forces)
    }
    return Forces(**both)


def add_pauses(
    channels: dict[str, Float32], facts: Facts, from_s: int, draw: np.random.Generator
) -> None:
    """Add the breathing pauses of a span to the second-by-second signs, in place."""
    seconds = channels["spo2"].size
    minutes = from_s + grid(seconds - STEP_S)
    per_h = facts.nature.apnoeas_per_h * _in_bed(facts, minutes)
    for episode in facts.episodes:
        if episode.kind is EpisodeKind.SLEEP_BRADYCARDIA:
            during = (minutes >= episode.from_s) & (minutes < episode.to_s)
            per_h = per_h + _PAUSES_IN_BRADYCARDIA * during
    if not per_h.any():
        return
    begins = np.flatnonzero(draw.uniform(size=minutes.size) < per_h * (STEP_S / HOUR_S))
    for begin in begins.tolist():
        first = int(begin * STEP_S) + int(draw.integers(int(STEP_S)))
        length = int(draw.integers(*_PAUSE_S))
        depth = draw.uniform(*_PAUSE_DEPTH) * min(1.0, length / 40.0)
        _pause(channels, first, length, np.float32(depth))


def movements(
    facts: Facts, from_s: int, to_s: int, draw: np.random.Generator
) -> tuple[PlannedFault, ...]:
    """Return the movements of the finger in a span."""
    hours = (to_s - from_s) / HOUR_S
    begins = from_s + (to_s - from_s) * np.sort(
        draw.uniform(size=int(draw.poisson(facts.person.motion_per_h * hours)))
    )
    found = []
    for begin in begins.tolist():
        length = draw.uniform(*_MOTION_S)
        reads = draw.uniform(*_MOTION_READS) if draw.uniform() < _MOTION_FAILS else 0.0
        found.append(PlannedFault(FaultKind.MOTION, Sensor.SPO2, begin, begin + length, reads))
    return tuple(found)


def _in_bed(facts: Facts, t: Float64) -> Float64:
    """Return 1 in the hours of sleep, the first half hour left out, and 0 in all others."""
    person = facts.person
    hours = np.mod(person.clock_at_start_h + t / HOUR_S - person.sleeps_from_h, 24.0)
    return np.where((hours > 0.5) & (hours < person.sleeps_for_h), 1.0, 0.0)


def _mixture(
    parts: tuple[tuple[float, float], ...], size: int, draw: np.random.Generator
) -> Float64:
    total = np.zeros(size)
    for spread, steps in parts:
        total += wander(draw, size, steps, spread)
    return total


def _walks(facts: Facts, t: Float64, draw: np.random.Generator) -> Float64:
    """Return the drive of walks and other efforts, 1/min."""
    days = t.size * STEP_S / DAY_S
    count = int(draw.poisson(1.5 * facts.nature.walks_per_day * days))
    begins = draw.integers(0, t.size, count)
    lengths = draw.integers(*_WALK_LASTS, count)
    drive = draw.uniform(*_WALK_DRIVE, count)
    sleepy = asleep(facts.person, t)[begins] > _AWAKE_BELOW
    happens = ~sleepy | (draw.uniform(size=count) < _NIGHT_WALKS)
    steps = np.zeros(t.size + 1)
    np.add.at(steps, begins[happens], drive[happens])
    np.add.at(steps, np.minimum(begins + lengths, t.size)[happens], -drive[happens])
    return lagged(np.minimum(np.cumsum(steps[:-1]), 40.0), _WALK_COMES, start=0.0)


def _pause(channels: dict[str, Float32], first: int, length: int, depth: np.float32) -> None:
    """Let the saturation fall after a pause and recover faster; the heart slows, then races."""
    size = channels["spo2"].size
    falls, recovers = length + 15, 18
    end = min(first + falls + recovers, size)
    seconds = np.arange(end - first, dtype=np.float32)
    down = np.clip(seconds / np.float32(falls), 0.0, 1.0)
    up = np.clip((seconds - np.float32(falls)) / np.float32(recovers), 0.0, 1.0)
    channels["spo2"][first:end] -= depth * (down - up)
    turn = np.sin(np.float32(2.0 * np.pi) * seconds / np.float32(falls + recovers))
    channels["heart_rate"][first:end] -= np.float32(4.0) * turn
    channels["pulse_rate"][first:end] -= np.float32(4.0) * turn
    still = min(first + length, size)
    channels["respiratory_rate"][first:still] *= np.float32(0.6)
