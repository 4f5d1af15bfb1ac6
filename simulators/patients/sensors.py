"""Sensors: conversion of the body to a monitor's values per second, with noise and faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from simulators.patients.noise import Layer
from simulators.patients.plan import FaultKind, PlannedFault, Sensor
from simulators.patients.shapes import Float64, plateau
from simulators.patients.signs import Body
from simulators.patients.vitals import Cuff

Float32 = npt.NDArray[np.float32]

# Spread of 1 Hz numerics over minutes as in the BIDMC recordings (PhysioNet, ODC-By 1.0), medians
# of 53 patients: heart rate 1.5, pulse 1.4, breaths 1.0, SpO2 0.5
SECOND_BY_SECOND: Final = (
    Layer("heart_rate", 1.1, 12),
    Layer("heart_rate", 0.8, 60),
    Layer("pulse_rate", 0.75, 10),
    Layer("respiratory_rate", 0.9, 20),
    Layer("respiratory_rate", 0.5, 60),
    Layer("spo2", 0.45, 20),
    Layer("perfusion_index", 0.2, 20),
    Layer("temperature", 0.03, 120),
    Layer("irregular", 1.0, 4),
)

CHANNELS: Final = (
    "heart_rate",
    "pulse_rate",
    "spo2",
    "perfusion_index",
    "respiratory_rate",
    "temperature",
)
_DECIMALS: Final = MappingProxyType({"perfusion_index": 1, "temperature": 1})
_BOUNDS: Final = MappingProxyType(  # range of a monitor's values for a living patient
    {
        "heart_rate": (20.0, 250.0),
        "pulse_rate": (20.0, 250.0),
        "spo2": (40.0, 100.0),
        "perfusion_index": (0.1, 20.0),
        "respiratory_rate": (4.0, 70.0),
        "temperature": (25.0, 43.0),
    }
)
_OF_SENSOR: Final = MappingProxyType(
    {
        Sensor.ECG: ("heart_rate", "respiratory_rate"),
        Sensor.SPO2: ("spo2", "pulse_rate", "perfusion_index"),
        Sensor.TEMPERATURE: ("temperature",),
        Sensor.CUFF: (),
        Sensor.ALL: CHANNELS,
    }
)
_PULSE_IN_MOTION: Final = (25.0, -18.0)
"""Offsets of the pulse rate under a moving finger, 1/min, of which one applies; design start
value."""
_COOLS_PER_S: Final = 0.8 / 300.0
"""Cooling of a probe that slipped off, Celsius/s; more than 0.5 degrees in 5 min."""
_ROOM: Final = 5.5
"""Difference between a probe on the patient and one in the bed, Celsius."""
_SETTLES_S: Final = 480.0
"""Time constant with which a slipped probe settles, seconds; design start value."""
_WARMS_S: Final = 600.0
"""Time in which a warmed or cooled probe follows, seconds; design start value."""


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A monitor's values in each second from `from_s` on; NaN where it shows no value."""

    from_s: int
    channels: Mapping[str, Float32]
    """Values by kind (keys of `CHANNELS`), each of shape (n,), at the monitor's resolution."""
    cuffs: tuple[Cuff, ...]
    """Cuff readings of these seconds, in order."""


def sensed(
    now: Body, temperatures: Float64, per_step: int, noise: Mapping[str, Float32]
) -> dict[str, Float32]:
    """Return the signs second by second, before rounding.

    Parameters
    ----------
    now
        Body at steps of `per_step` seconds, with one step more than there are seconds.
    temperatures
        Temperature at the probe at the same steps, Celsius.
    noise
        Noise of `SECOND_BY_SECOND`, each of shape (n,).
    """
    heart = spread(now.heart_rate, per_step)
    beats = heart + noise["heart_rate"]
    if now.irregularity.any():
        beats = beats + spread(now.irregularity, per_step) * noise["irregular"]
    pulse = beats + noise["pulse_rate"]
    if now.pulse_deficit.any():
        pulse = pulse - spread(now.pulse_deficit, per_step)
    return {
        "heart_rate": beats,
        "pulse_rate": pulse,
        "spo2": spread(now.spo2, per_step) + noise["spo2"],
        "perfusion_index": spread(now.perfusion_index, per_step) + noise["perfusion_index"],
        "respiratory_rate": spread(now.respiratory_rate, per_step) + noise["respiratory_rate"],
        "temperature": spread(temperatures, per_step) + noise["temperature"],
    }


def rounded(channels: dict[str, Float32]) -> None:
    """Bound and round every sign as a monitor shows it, in place."""
    for name, values in channels.items():
        low, high = _BOUNDS[name]
        np.clip(values, low, high, out=values)
        np.round(values, _DECIMALS.get(name, 0), out=values)


def pace(channels: Mapping[str, Float32], per_min: float) -> None:
    """Let the heart beat at a pacemaker's rate wherever its own is slower, in place; 0 for none."""
    if per_min:
        for name in ("heart_rate", "pulse_rate"):
            np.maximum(channels[name], np.float32(per_min), out=channels[name])


def spoil(channels: Mapping[str, Float32], from_s: int, faults: Iterable[PlannedFault]) -> None:
    """Apply sensor faults to rounded signs, in place; `from_s` is the time of the first value."""
    seconds = next(iter(channels.values())).size
    for fault in faults:
        spoiler = _SPOILERS.get(fault.kind)
        if spoiler is None:
            continue
        begin = max(0, ceil(fault.from_s) - from_s)
        end = min(seconds, ceil(min(fault.to_s, from_s + seconds)) - from_s)
        if begin < end:
            spoiler(channels, slice(begin, end), fault, from_s)


def spread(grid: Float64, per_step: int) -> Float32:
    """Return linear values between the steps, shape ((n - 1) * per_step,)."""
    left = grid[:-1].astype(np.float32)
    rise = np.diff(grid).astype(np.float32)
    share = np.arange(per_step, dtype=np.float32) / np.float32(per_step)
    return (left[:, None] + rise[:, None] * share).ravel()


def _show_none(
    channels: Mapping[str, Float32], span: slice, fault: PlannedFault, _from_s: int
) -> None:
    for name in _OF_SENSOR[fault.sensor]:
        channels[name][span] = np.nan


def _show_zero(
    channels: Mapping[str, Float32], span: slice, fault: PlannedFault, _from_s: int
) -> None:
    for name in _OF_SENSOR[fault.sensor]:
        channels[name][span] = 0.0


def _show_flat(
    channels: Mapping[str, Float32], span: slice, _fault: PlannedFault, _from_s: int
) -> None:
    channels["spo2"][span] = 100.0
    channels["pulse_rate"][span] = np.nan
    channels["perfusion_index"][span] = 0.1


def _stay(channels: Mapping[str, Float32], span: slice, fault: PlannedFault, _from_s: int) -> None:
    channels[_OF_SENSOR[fault.sensor][0]][span] = np.float32(fault.size)


def _move(channels: Mapping[str, Float32], span: slice, fault: PlannedFault, _from_s: int) -> None:
    off = _PULSE_IN_MOTION[int(fault.from_s) % 2]
    pulse = channels["pulse_rate"][span]
    low, high = _BOUNDS["pulse_rate"]
    np.minimum(np.maximum(pulse + np.float32(off), low), high, out=pulse)
    channels["perfusion_index"][span] = 0.4
    if fault.size:
        channels["spo2"][span] = np.round(np.float32(fault.size))


def _cool(channels: Mapping[str, Float32], span: slice, fault: PlannedFault, from_s: int) -> None:
    seconds = np.arange(span.start, span.stop, dtype=np.float32) + np.float32(from_s - fault.from_s)
    lost = np.minimum(np.float32(_COOLS_PER_S) * seconds, np.float32(_ROOM))
    warm = channels["temperature"]
    warm[span] = np.round(warm[span] - lost, 1)


def _slip(channels: Mapping[str, Float32], span: slice, fault: PlannedFault, from_s: int) -> None:
    seconds = np.arange(span.start, span.stop, dtype=np.float32) + np.float32(from_s - fault.from_s)
    lost = np.float32(fault.size) * (1 - np.exp(-seconds / np.float32(_SETTLES_S)))
    warm = channels["temperature"]
    warm[span] = np.round(warm[span] - lost, 1)


def _warm(channels: Mapping[str, Float32], span: slice, fault: PlannedFault, from_s: int) -> None:
    t = np.arange(span.start, span.stop, dtype=np.float64) + from_s
    follows_s = min(_WARMS_S, 0.3 * (fault.to_s - fault.from_s))
    gained = fault.size * plateau(t, (fault.from_s, fault.to_s), follows_s, follows_s)
    sign = -1.0 if fault.kind is FaultKind.PROBE_COOLED else 1.0
    warm = channels["temperature"]
    warm[span] = np.round(warm[span] + (sign * gained).astype(np.float32), 1)


def _mistake_unit(
    channels: Mapping[str, Float32], span: slice, _fault: PlannedFault, _from_s: int
) -> None:
    warm = channels["temperature"]
    warm[span] = np.round(warm[span] * np.float32(1.8) + np.float32(32.0), 1)


_SPOILERS: Final[
    Mapping[FaultKind, Callable[[Mapping[str, Float32], slice, PlannedFault, int], None]]
] = MappingProxyType(
    {
        FaultKind.PROBE_OFF: _show_none,
        FaultKind.LOSS: _show_none,
        FaultKind.TRANSPORT: _show_none,
        FaultKind.NO_PROBE: _show_none,
        FaultKind.PROBE_ZERO: _show_zero,
        FaultKind.PROBE_FLAT: _show_flat,
        FaultKind.STUCK: _stay,
        FaultKind.MOTION: _move,
        FaultKind.DRIFT_OFF: _cool,
        FaultKind.PROBE_SLIPPED: _slip,
        FaultKind.PROBE_WARMED: _warm,
        FaultKind.PROBE_COOLED: _warm,
        FaultKind.FAHRENHEIT: _mistake_unit,
    }
)
"""Effect of each sensor fault; the cuff has its own, and the remaining kinds act between monitor
and gateway."""
