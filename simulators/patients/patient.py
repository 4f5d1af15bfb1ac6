"""A simulated patient: person, plan, and the signs that the sensors see at any moment.

Everything is a pure function of person, plan, seed and patient time. Signs are made in fixed blocks
of six hours, so that a live monitor and a cohort file show the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from math import floor, inf, nextafter
from typing import Final

import numpy as np

from simulators.patients.body import body
from simulators.patients.cuff import cuff_reading, cuff_times, is_cuff_off
from simulators.patients.cuff_faults import scattered, spoil_cuff
from simulators.patients.daily_life import daily_episodes, motion_faults
from simulators.patients.noise import Layer, Noise
from simulators.patients.person import SITES, SURFACE_SITES, Person
from simulators.patients.physiology import Physiology, Sensed
from simulators.patients.placed_chance import PlacedChance
from simulators.patients.plan import Cause, Plan, PlannedFault, Sensor
from simulators.patients.sensors import SECOND_BY_SECOND, Samples, pace, rounded, sensed, spoil
from simulators.patients.shapes import Float64
from simulators.patients.signs import Body
from simulators.patients.vitals import Cuff, TrueVitals

BLOCK_S: Final = 21_600
STEP_S: Final = 10
"""Seconds between the computed moments of the body; linear between them."""
_LONGEST_LAG_S: Final = 600
_BLOCKS_KEPT: Final = 2
_DRIFT_STREAM: Final = 1
_SECONDS_STREAM: Final = 2
_CUFF_STREAM: Final = 13
_CUFF_SENSORS: Final = frozenset({Sensor.CUFF, Sensor.ALL})

# Drift of the signs over minutes and hours; design start values, unvalidated
_DRIFT: Final = (
    Layer("temperature", 0.06, 7200),
    Layer("temperature", 0.03, 1200),
    Layer("heart_rate", 2.5, 3600),
    Layer("heart_rate", 1.5, 600),
    Layer("respiratory_rate", 0.8, 1800),
    Layer("spo2", 0.4, 3600),
    Layer("systolic", 4.0, 3600),
    Layer("systolic", 4.0, 600),
    Layer("diastolic", 2.5, 600),
    Layer("perfusion_index", 0.3, 1800),
)


class Patient:
    """One patient; the same person, plan and seed give the same signs in any order of queries.

    Parameters
    ----------
    person, plan
        The person, and the plan of the stay.
    seed
        Chooses the noise.
    physiology
        Body that makes the signs; None for the sums of curves of this package.
    """

    def __init__(
        self, person: Person, plan: Plan, seed: int, physiology: Physiology | None = None
    ) -> None:
        self.person = person
        self.plan = plan
        self.seed = seed
        self.physiology = physiology
        self._drift = Noise(_DRIFT, seed, _DRIFT_STREAM)
        self._seconds = Noise(SECOND_BY_SECOND, seed, _SECONDS_STREAM)
        self._block = lru_cache(maxsize=_BLOCKS_KEPT)(self._made)
        ends = [(fault.from_s, fault.to_s) for fault in plan.faults]
        self._fault_ends = np.array(ends).reshape(-1, 2).T
        self._cuff_chance = PlacedChance(seed, _CUFF_STREAM)
        self._last_cuff: tuple[float, Cuff | None] = (0.0, None)

    def course(self, t: Float64) -> Body:
        """Return the signs at patient times `t`, shape (n,), without noise and daily life."""
        if self.physiology is not None:
            return self.physiology.course(t)
        return body(self.person, self.plan, t, self.plan.episodes)

    def course_of_crs(self, t: Float64) -> Body:
        """Return the course with CRS alone, without other illnesses and episodes."""
        if self.physiology is not None:
            return self.physiology.course_of_crs(t)
        courses = tuple(i for i in self.plan.illnesses if i.cause is Cause.CRS)
        return body(self.person, replace(self.plan, illnesses=courses), t, ())

    def block(self, number: int) -> Samples:
        """Return the monitor's values in the block that starts at `number * BLOCK_S`."""
        return self._block(number)

    def vitals_at(self, patient_s: float) -> TrueVitals:
        """Return the signs that the sensors see `patient_s` seconds into the stay."""
        second = floor(patient_s)
        samples = self._block(second // BLOCK_S)
        now = {name: values[second - samples.from_s] for name, values in samples.channels.items()}
        return TrueVitals(
            heart_rate=_whole(now["heart_rate"]),
            pulse_rate=_whole(now["pulse_rate"]),
            spo2=_whole(now["spo2"]),
            perfusion_index=_shown(now["perfusion_index"], 1),
            respiratory_rate=_whole(now["respiratory_rate"]),
            temperature=_shown(now["temperature"], 1),
            temperature_site=self.person.temperature_site,
            cuff=self._newest_cuff(patient_s),
        )

    def _newest_cuff(self, patient_s: float) -> Cuff | None:
        """Return the newest reading at or before a moment; None before the first."""
        looked_until_s, newest = self._last_cuff
        if patient_s < looked_until_s:
            looked_until_s, newest = 0.0, None
        due = cuff_times(self.plan, looked_until_s, nextafter(patient_s, inf))
        taken = [at_s for at_s in due if not is_cuff_off(self.plan.faults, at_s)]
        if taken and (newest is None or newest.measured_at_s != taken[-1]):
            first = floor(taken[-1] / STEP_S) * STEP_S
            now = self._around(first, first + STEP_S)
            newest = self._cuff(now, taken[-1], self.plan.faults)
        self._last_cuff = (patient_s, newest)
        return newest

    def _around(self, from_s: int, to_s: int) -> Body:
        if self.physiology is not None:
            return self.physiology.around(from_s, to_s)
        return self._body(from_s, to_s)

    def _body(self, from_s: int, to_s: int) -> Body:
        """Return the body at every step from `from_s` to `to_s`, both included."""
        t = np.arange(from_s, to_s + STEP_S, STEP_S, dtype=np.float64)
        drift = self._drift.over(from_s, t.size, STEP_S) if self.person.daily_rhythm else {}
        daily = daily_episodes(self.person, self.seed, from_s, to_s)
        return body(self.person, self.plan, t, (*self.plan.episodes, *daily), drift)

    def _made(self, number: int) -> Samples:
        from_s = number * BLOCK_S
        to_s = from_s + BLOCK_S
        makes = self._sensed if self.physiology is None else self.physiology.sensed
        channels, now, motion = makes(from_s, to_s)
        rounded(channels)
        pace(channels, self.person.paced_per_min)
        during = (self._fault_ends[0] < to_s) & (self._fault_ends[1] > from_s)
        faults = [self.plan.faults[place] for place in np.flatnonzero(during).tolist()]
        spoil(channels, from_s, (*motion, *faults))
        for values in channels.values():
            values.flags.writeable = False
        due = cuff_times(self.plan, from_s, to_s)
        of_cuff = [fault for fault in faults if fault.sensor in _CUFF_SENSORS]
        cuffs = [self._cuff(now, t, of_cuff) for t in due if not is_cuff_off(of_cuff, t)]
        return Samples(from_s, channels, tuple(cuffs))

    def _cuff(self, now: Body, at_s: float, faults: Sequence[PlannedFault]) -> Cuff:
        """Return the reading at a moment, with the scatter and the faults of the ward."""
        draw = self._cuff_chance.at(round(at_s))
        reading = cuff_reading(now, at_s, faults, draw)
        scatter = self.plan.cuff_scatter_mmhg
        return spoil_cuff(scattered(reading, scatter, draw) if scatter else reading, faults)

    def _sensed(self, from_s: int, to_s: int) -> Sensed:
        """Return the signs of a span as the curves of this package make them."""
        before = self._body(from_s - _LONGEST_LAG_S, to_s)
        now = before.since(_LONGEST_LAG_S // STEP_S)
        noise = self._seconds.over(from_s, to_s - from_s, 1)
        channels = sensed(now, self._temperatures(before, now), STEP_S, noise)
        motion = motion_faults(self.person, self.seed, from_s, to_s)
        return Sensed(channels, now, tuple(motion))

    def _temperatures(self, before: Body, now: Body) -> Float64:
        """Return the temperature at the probe, with the delay and bias of its site, Celsius."""
        site = self.person.temperature_site
        begin = (_LONGEST_LAG_S - SITES[site].lag_s) // STEP_S
        late = before.temperature[begin : begin + now.t.size]
        surface = now.skin if site in SURFACE_SITES else 0.0
        return late + self.person.site_bias + now.probe + surface


def _shown(value: np.float32, decimals: int) -> float | None:
    return None if np.isnan(value) else round(float(value), decimals)


def _whole(value: np.float32) -> int | None:
    return None if np.isnan(value) else round(float(value))
