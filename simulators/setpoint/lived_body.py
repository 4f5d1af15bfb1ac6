"""The body as it lives: the course of one stay with chance, second by second."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from math import ceil
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from simulators.patients.person import SITES, SURFACE_SITES
from simulators.patients.physiology import PossibleCrs, Sensed
from simulators.patients.plan import Cause
from simulators.patients.sensors import Float32, spread
from simulators.patients.shapes import Float64
from simulators.patients.signs import Body
from simulators.setpoint.daily_life import (
    add_pauses,
    draw_wandering,
    movements,
    with_wandering,
)
from simulators.setpoint.draw_storm import CORE_FOLLOWS_S, draw_onset
from simulators.setpoint.forces import STEP_S, grid
from simulators.setpoint.lags import coloured, lagged
from simulators.setpoint.organism import Facts, course_of, respond
from simulators.setpoint.storm import drift_s

_Numbers = npt.NDArray[np.int64]

_STEP: Final = int(STEP_S)
_WANDERING_STREAM: Final = 71
_SECONDS_STREAM: Final = 72
_NOISE_STREAM: Final = 73
_STAYS_KEPT: Final = 4
"""Stays of which every step is remembered, each about 6 MB; others are made anew when asked."""
_REPEATS_S: Final = 131_072
"""Seconds after which the noise within minutes repeats; not near a multiple of a day."""
_SLOWEST_S: Final = 600
"""Longest period of the noise within seconds; slower ones are in the steps."""
# Spread within minutes as in the BIDMC recordings (PhysioNet, ODC-By 1.0), medians of 53
# patients: heart rate 1.5, pulse 1.4, breaths 1.0, SpO2 0.5, less what wanders over minutes
_HEART_SD: Final = 0.90
_PULSE_SD: Final = 0.3
_BREATHS_SD: Final = 0.95
_SPO2_SD: Final = 0.42
_WARMTH_SD: Final = 0.02
_PERFUSION_SD: Final = 0.12
_HEART_SLOPE: Final = 1.0
"""Exponent of the spectrum of heart rate (Kobayashi and Musha, IEEE Trans Biomed Eng 1982)."""
_OTHER_SLOPE: Final = 0.8
_PULSE_MEAN_S: Final = 8
"""Seconds over which an oximeter averages the pulse."""


class _Lived(NamedTuple):
    """A stay with chance."""

    body: Body
    probe: Float64
    """Temperature at the probe at each step, Celsius, shape (n,)."""
    noise: Float32
    """Noise per second of heart, oxygen, breath and blood flow, shape (4, `_REPEATS_S`)."""


class LivedBody:
    """A body over one stay; it implements `Physiology`.

    Parameters
    ----------
    facts
        Everything that decides the course.
    length_s
        Length of the stay, seconds; later moments repeat its last step.
    seed
        Chooses the noise.
    """

    def __init__(self, facts: Facts, length_s: float, seed: int) -> None:
        self.facts = facts
        self._seed = seed & 0xFFFFFFFFFFFFFFFF
        self._t = grid(length_s)

    @property
    def shiver(self) -> Float64:
        """Strength of rigors at each step of the stay, 0 to 1."""
        return course_of(self.facts, self._t).core.shiver

    def course(self, t: Float64) -> Body:
        """Return the signs at patient times `t`, shape (n,), without noise and daily life."""
        return _at(course_of(self.facts, self._t).body, t)

    def course_of_crs(self, t: Float64) -> Body:
        """Return the course with CRS alone, without other illnesses and episodes."""
        storms = tuple(storm for storm in self.facts.storms if storm.cause is Cause.CRS)
        alone = replace(self.facts, storms=storms, episodes=())
        return _at(course_of(alone, self._t).body, t)

    def possible_crs(self, draw: np.random.Generator) -> PossibleCrs:
        """Return the onset that a mild CRS after this patient's product could have."""
        storm = draw_onset(self.facts, 1, draw)
        return PossibleCrs(drift_s(storm, self._t), storm.fever_at_s + CORE_FOLLOWS_S)

    def around(self, from_s: int, to_s: int) -> Body:
        """Return the body with noise at even steps around a span, both ends included."""
        return _part(_lived(self).body, _steps(from_s, to_s))

    def sensed(self, from_s: int, to_s: int) -> Sensed:
        """Return the signs in the seconds from `from_s` up to `to_s`, with noise.

        Both are whole minutes.
        """
        numbers = _steps(from_s, to_s)
        lived = _lived(self)
        body = _part(lived.body, numbers)
        noise = lived.noise[:, np.arange(from_s, to_s) % _REPEATS_S]
        probe = lived.probe[np.clip(numbers, 0, self._t.size - 1)]
        channels = _seconds(body, probe, self.facts, noise)
        draw = self._chance(_SECONDS_STREAM, from_s)
        add_pauses(channels, self.facts, from_s, draw)
        return Sensed(channels, body, movements(self.facts, from_s, to_s, draw))

    def lived(self) -> _Lived:
        """Return the stay with chance, made anew."""
        facts, person, course = self.facts, self.facts.person, course_of(self.facts, self._t)
        wandering = draw_wandering(facts, self._t, self._chance(_WANDERING_STREAM, 0))
        core = course.core._replace(temperature=course.core.temperature + wandering.warmth)
        forces = with_wandering(course.forces, wandering)
        body = respond(facts, self._t, forces, core, course.given)[1]
        site = person.temperature_site
        late = lagged(body.temperature, SITES[site].lag_s / STEP_S)
        surface = body.skin if site in SURFACE_SITES else 0.0
        draw = self._chance(_NOISE_STREAM, 0)
        noise = [
            coloured(draw, _REPEATS_S, _SLOWEST_S, slope) for slope in (_HEART_SLOPE, _OTHER_SLOPE)
        ]
        return _Lived(body, late + person.site_bias + body.probe + surface, np.concatenate(noise))

    def _chance(self, stream: int, number: int) -> np.random.Generator:
        key = self._seed | (stream << 64)
        bits = np.random.Philox(key=key, counter=(number & 0xFFFFFFFF) << 64)
        return np.random.Generator(bits)


@lru_cache(maxsize=_STAYS_KEPT)
def _lived(body: LivedBody) -> _Lived:
    return body.lived()


def _at(body: Body, t: Float64) -> Body:
    """Return the signs between the steps."""
    if t.size and t.size <= body.t.size and np.array_equal(body.t[: t.size], t):
        return Body(**{f.name: getattr(body, f.name)[: t.size].copy() for f in fields(Body)})
    signs = {f.name: np.interp(t, body.t, getattr(body, f.name)) for f in fields(Body)}
    return Body(**{**signs, "t": t})


def _steps(from_s: int, to_s: int) -> _Numbers:
    return np.arange(from_s // _STEP, ceil(to_s / _STEP) + 1)


def _part(body: Body, numbers: _Numbers) -> Body:
    """Return the signs at some steps; beyond the end of the stay the last ones stay."""
    steps = np.clip(numbers, 0, body.t.size - 1)
    signs = {f.name: getattr(body, f.name)[steps] for f in fields(Body)}
    return Body(**{**signs, "t": STEP_S * numbers})


def _seconds(body: Body, probe: Float64, facts: Facts, noise: Float32) -> dict[str, Float32]:
    """Return the signs second by second, before pauses and rounding."""
    restless = np.float32(facts.nature.restlessness)
    heart, oxygen, breath, flow = noise
    beats = spread(body.heart_rate, _STEP)
    if facts.nature.paced_at is None:
        beats = beats + np.float32(_HEART_SD) * restless * heart
    if body.irregularity.any():
        beats = beats + spread(body.irregularity, _STEP) * _hasty(breath)
    pulse = _averaged(beats) + np.float32(_PULSE_SD) * breath[::-1]
    pulse -= spread(body.pulse_deficit, _STEP)
    pressed = np.exp(np.float32(_PERFUSION_SD) * flow)
    breaths = spread(body.respiratory_rate, _STEP)
    return {
        "heart_rate": beats,
        "pulse_rate": pulse,
        "spo2": spread(body.spo2, _STEP) + np.float32(_SPO2_SD) * oxygen,
        "perfusion_index": spread(body.perfusion_index, _STEP) * pressed,
        "respiratory_rate": breaths + np.float32(_BREATHS_SD) * restless * breath,
        "temperature": spread(probe, _STEP) + np.float32(_WARMTH_SD) * flow[::-1],
    }


def _hasty(noise: Float32) -> Float32:
    """Return a signal without slow parts: atrial fibrillation jumps from beat to beat."""
    jumps = np.diff(noise, prepend=noise[:1])
    scaled: Float32 = jumps / max(np.float32(1e-6), jumps.std())
    return scaled


def _averaged(beats: Float32) -> Float32:
    """Return the mean of the last seconds."""
    padded = np.concatenate((np.full(_PULSE_MEAN_S, beats[0], np.float64), beats))
    total = np.cumsum(padded)
    mean = (total[_PULSE_MEAN_S:] - total[:-_PULSE_MEAN_S]) / _PULSE_MEAN_S
    return mean.astype(np.float32)
