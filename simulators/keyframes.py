"""A small patient: vital signs as a pure function of patient time, seed and scenario.

A scenario is a TOML file of keyframes; between them the signs move in straight lines, with noise
that is correlated in time and bounded, so that what a scenario promises holds for every seed.
Spread of the noise: 1 Hz numerics of the BIDMC recordings (PhysioNet, ODC-By 1.0).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from math import floor, hypot
from statistics import NormalDist
from typing import Final

from simulators.vitals import Cuff, TrueVitals

_NORMAL: Final = NormalDist()
_NOISE_LIMIT_SD: Final = 2.5
HEART_RATE_PER_CELSIUS: Final = 7.0  # Kirschen et al., Am J Emerg Med 2020: 7.2 /min per degree
NORMAL_TEMPERATURE: Final = 37.0

_SPREAD: Final = {  # signal: standard deviation in its unit, time scale in s
    "heart_rate": (1.5, 15.0),
    "pulse_rate": (0.7, 10.0),
    "spo2": (0.5, 15.0),
    "perfusion_index": (0.2, 20.0),
    "respiratory_rate": (1.0, 15.0),
    "temperature": (0.03, 120.0),
    "cuff": (4.5, 1.0),  # successive readings differ with SD 6.4 mmHg
}


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The patient's signs at one moment, without noise."""

    at_min: float
    temperature: float
    """Celsius."""
    heart_rate_at_37: float
    """Beats per minute without the part that fever adds."""
    spo2: float
    perfusion_index: float
    respiratory_rate: float
    systolic: float
    diastolic: float


@dataclass(frozen=True, slots=True)
class SensorOff:
    """A sensor is off the patient for a while."""

    sensor: str
    """ecg, spo2, temperature or cuff."""
    from_min: float
    to_min: float


@dataclass(frozen=True, slots=True)
class Course:
    """A patient's course; the same seed gives the same patient."""

    title: str
    truth: str
    """What the right answer to this course is, for people."""
    temperature_site: str
    cuff_first_s: float
    cuff_every_s: float
    keyframes: tuple[Keyframe, ...]
    sensors_off: tuple[SensorOff, ...]
    seed: int

    def vitals_at(self, patient_s: float) -> TrueVitals:
        """Return what the sensors see `patient_s` seconds into the course."""
        now = self._without_noise(patient_s)
        heart_rate = self._noisy("heart_rate", _heart_rate(now), patient_s)
        pulse_rate = self._noisy("pulse_rate", heart_rate, patient_s)
        spo2 = min(100.0, self._noisy("spo2", now.spo2, patient_s))
        perfusion = max(0.1, self._noisy("perfusion_index", now.perfusion_index, patient_s))
        breaths = self._noisy("respiratory_rate", now.respiratory_rate, patient_s)
        temperature = self._noisy("temperature", now.temperature, patient_s)
        ecg_on = not self._is_off("ecg", patient_s)
        spo2_on = not self._is_off("spo2", patient_s)
        return TrueVitals(
            heart_rate=round(heart_rate) if ecg_on else None,
            pulse_rate=round(pulse_rate) if spo2_on else None,
            spo2=round(spo2) if spo2_on else None,
            perfusion_index=round(perfusion, 1) if spo2_on else None,
            respiratory_rate=round(breaths) if ecg_on else None,
            temperature=(None if self._is_off("temperature", patient_s) else round(temperature, 1)),
            temperature_site=self.temperature_site,
            cuff=self._newest_cuff(patient_s),
        )

    def _is_off(self, sensor: str, patient_s: float) -> bool:
        return any(
            off.sensor == sensor and off.from_min * 60 <= patient_s < off.to_min * 60
            for off in self.sensors_off
        )

    def _newest_cuff(self, patient_s: float) -> Cuff | None:
        for count in range(floor((patient_s - self.cuff_first_s) / self.cuff_every_s), -1, -1):
            at_s = self.cuff_first_s + count * self.cuff_every_s
            if not self._is_off("cuff", at_s):
                return self._cuff_reading(at_s, count)
        return None

    def _cuff_reading(self, at_s: float, count: int) -> Cuff:
        now = self._without_noise(at_s)
        shift = self._noise("cuff", float(count))
        systolic = now.systolic + shift
        diastolic = now.diastolic + shift / 2
        mean = diastolic + (systolic - diastolic) / 3
        return Cuff(round(systolic), round(mean), round(diastolic), at_s)

    def _without_noise(self, patient_s: float) -> Keyframe:
        at_min = patient_s / 60
        after = bisect_right(self.keyframes, at_min, key=lambda frame: frame.at_min)
        if after == 0:
            return self.keyframes[0]
        if after == len(self.keyframes):
            return self.keyframes[-1]
        return _between(self.keyframes[after - 1], self.keyframes[after], at_min)

    def _noisy(self, signal: str, value: float, patient_s: float) -> float:
        _, scale_s = _SPREAD[signal]
        return value + self._noise(signal, patient_s / scale_s)

    def _noise(self, signal: str, position: float) -> float:
        spread, _ = _SPREAD[signal]
        knot = floor(position)
        right = position - knot
        left = 1.0 - right
        mixed = left * self._knot(signal, knot) + right * self._knot(signal, knot + 1)
        return spread * mixed / hypot(left, right)  # keeps the spread between the knots

    def _knot(self, signal: str, knot: int) -> float:
        digest = hashlib.blake2b(f"{self.seed}:{signal}:{knot}".encode(), digest_size=8).digest()
        share = (int.from_bytes(digest, "big") + 0.5) / 2**64
        limit = _NOISE_LIMIT_SD / 2**0.5  # mixing two knots raises a peak by up to sqrt 2
        return max(-limit, min(limit, _NORMAL.inv_cdf(share)))


def _heart_rate(now: Keyframe) -> float:
    fever = now.temperature - NORMAL_TEMPERATURE
    return now.heart_rate_at_37 + HEART_RATE_PER_CELSIUS * fever


def _between(before: Keyframe, after: Keyframe, at_min: float) -> Keyframe:
    share = (at_min - before.at_min) / (after.at_min - before.at_min)

    def mix(first: float, second: float) -> float:
        return first + share * (second - first)

    return Keyframe(
        at_min=at_min,
        temperature=mix(before.temperature, after.temperature),
        heart_rate_at_37=mix(before.heart_rate_at_37, after.heart_rate_at_37),
        spo2=mix(before.spo2, after.spo2),
        perfusion_index=mix(before.perfusion_index, after.perfusion_index),
        respiratory_rate=mix(before.respiratory_rate, after.respiratory_rate),
        systolic=mix(before.systolic, after.systolic),
        diastolic=mix(before.diastolic, after.diastolic),
    )
