"""The blood pressure cuff: its schedule and its readings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from simulators.patients.plan import FaultKind, Plan, PlannedFault, Sensor
from simulators.patients.signs import Body
from simulators.patients.vitals import Cuff

_SCATTER_MMHG: Final = 4.5
"""Scatter of a single reading, mmHg, standard deviation. With the drift of the pressure itself,
successive readings differ with a standard deviation of about 9 (eICU demo 2.0: 9 to 14)."""
_DIASTOLIC_SCATTER: Final = 0.6
_NARROW_MMHG: Final = 9.0
_SCATTER_LIMIT_SD: Final = 2.5
_NO_READING: Final = frozenset({FaultKind.PROBE_OFF, FaultKind.CUFF_FAILED, FaultKind.CUFF_MISSED})
_AWAY: Final = frozenset({FaultKind.LOSS, FaultKind.TRANSPORT})


def cuff_times(plan: Plan, from_s: float, to_s: float) -> Iterator[float]:
    """Yield the times of cuff measurements in [from, to), in order, requests included."""
    times = [t for t in plan.cuff_requests_s if from_s <= t < to_s]
    for index, part in enumerate(plan.cuff):
        until_s = plan.cuff[index + 1].from_s if index + 1 < len(plan.cuff) else np.inf
        begin = max(0, int(np.ceil((from_s - part.from_s) / part.every_s)))
        end = int(np.ceil((min(to_s, until_s) - part.from_s) / part.every_s))
        times += [part.from_s + n * part.every_s for n in range(begin, end)]
    yield from sorted(set(times))


def is_cuff_off(faults: Iterable[PlannedFault], at_s: float) -> bool:
    """Return whether a reading due at `at_s` is missing."""
    return any(
        fault.from_s <= at_s < fault.to_s
        for fault in faults
        if (fault.sensor is Sensor.CUFF and fault.kind in _NO_READING)
        or (fault.sensor is Sensor.ALL and fault.kind in _AWAY)
    )


def cuff_reading(
    now: Body, at_s: float, faults: Iterable[PlannedFault], draw: np.random.Generator
) -> Cuff:
    """Return the reading at `at_s`, which lies within the body's times."""
    first, second = (
        min(_SCATTER_LIMIT_SD, max(-_SCATTER_LIMIT_SD, by))
        for by in draw.standard_normal(2).tolist()
    )
    systolic = float(np.interp(at_s, now.t, now.systolic)) + _SCATTER_MMHG * first
    diastolic = float(np.interp(at_s, now.t, now.diastolic)) + _SCATTER_MMHG * (
        _DIASTOLIC_SCATTER * (0.6 * first + 0.8 * second)
    )
    error = _error_at(faults, at_s)
    if error is not None:
        systolic += error.size
        diastolic = diastolic if error.size else systolic - _NARROW_MMHG
    diastolic = min(diastolic, systolic - _NARROW_MMHG)
    mean = diastolic + (systolic - diastolic) / 3
    return Cuff(round(systolic), round(mean), round(diastolic), at_s)


def _error_at(faults: Iterable[PlannedFault], at_s: float) -> PlannedFault | None:
    return next(
        (
            fault
            for fault in faults
            if fault.kind is FaultKind.CUFF_ERROR and fault.from_s <= at_s < fault.to_s
        ),
        None,
    )
