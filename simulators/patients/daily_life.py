"""Walks by day, dips of oxygen by night and moving fingers, drawn day by day from the seed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import numpy as np

from simulators.patients.person import Person
from simulators.patients.plan import Episode, EpisodeKind, FaultKind, PlannedFault, Sensor

DAY_S: Final = 86_400
HOUR_S: Final = 3600
_DAYS_STREAM: Final = 11
_MOTION_STREAM: Final = 12
_DAYS_KEPT: Final = 64
"""Days kept for the next block of the same patient; three for each of twenty live beds."""
_MEAN_MOTION_S: Final = 25.0
# pulse and ECG rate differ by more than 10 in 1.9 % of seconds (BIDMC, PhysioNet); share of these
# in which SpO2 falls, too: design start value, unvalidated
_MOTION_HIDES_SPO2: Final = 0.15

# design start values, unvalidated
_WALKS_A_DAY: Final = (4, 9)
_WALK_S: Final = (300.0, 1200.0)
_WALK_HEART_RATE: Final = (8.0, 22.0)
_DIP_S: Final = (40.0, 120.0)
_DIP_POINTS: Final = (2.0, 6.0)


def daily_episodes(person: Person, seed: int, from_s: float, to_s: float) -> Iterator[Episode]:
    """Yield the walks and night dips that touch a span of patient time."""
    if person.daily_rhythm == 0.0:
        return
    for day in range(int(from_s // DAY_S) - 1, int(to_s // DAY_S) + 1):
        for episode in _of_day(person, seed, day):
            if episode.from_s < to_s and episode.to_s > from_s:
                yield episode


def motion_faults(person: Person, seed: int, from_s: float, to_s: float) -> Iterator[PlannedFault]:
    """Yield the spans in which a moving finger falsifies the oximeter, in patient time."""
    if person.motion_per_h == 0.0:
        return
    for hour in range(int(from_s // HOUR_S) - 1, int(to_s // HOUR_S) + 1):
        draw = _generator(seed, _MOTION_STREAM, hour)
        for _ in range(int(draw.poisson(person.motion_per_h))):
            begin = hour * HOUR_S + float(draw.uniform(0, HOUR_S))
            length = float(np.clip(draw.exponential(_MEAN_MOTION_S), 5.0, 60.0))
            hides = draw.uniform() < _MOTION_HIDES_SPO2
            size = float(draw.uniform(70.0, 88.0)) if hides else 0.0
            if begin < to_s and begin + length > from_s:
                yield PlannedFault(FaultKind.MOTION, Sensor.SPO2, begin, begin + length, size)


@lru_cache(maxsize=_DAYS_KEPT)
def _of_day(person: Person, seed: int, day: int) -> tuple[Episode, ...]:
    return tuple(_drawn_day(person, seed, day))


def _drawn_day(person: Person, seed: int, day: int) -> Iterator[Episode]:
    draw = _generator(seed, _DAYS_STREAM, day)
    midnight_s = day * DAY_S - person.clock_at_start_h * HOUR_S
    wakes_h = person.sleeps_from_h + person.sleeps_for_h - 24.0
    for _ in range(int(draw.integers(*_WALKS_A_DAY))):
        begin = midnight_s + HOUR_S * draw.uniform(wakes_h + 0.5, person.sleeps_from_h - 0.5)
        yield Episode(
            EpisodeKind.WALK,
            float(begin),
            float(begin + draw.uniform(*_WALK_S)),
            float(person.daily_rhythm * draw.uniform(*_WALK_HEART_RATE)),
        )
    for _ in range(int(draw.poisson(person.dips_a_night))):
        begin = midnight_s + HOUR_S * (
            person.sleeps_from_h + draw.uniform(0.5, person.sleeps_for_h - 0.5)
        )
        yield Episode(
            EpisodeKind.DESATURATION,
            float(begin),
            float(begin + draw.uniform(*_DIP_S)),
            float(person.daily_rhythm * draw.uniform(*_DIP_POINTS)),
        )


def _generator(seed: int, stream: int, unit: int) -> np.random.Generator:
    key = (seed & 0xFFFFFFFFFFFFFFFF) | (stream << 64)
    return np.random.Generator(np.random.Philox(key=key, counter=(unit & 0xFFFFFFFF) << 64))
