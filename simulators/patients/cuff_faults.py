"""Faults of single cuff readings: each changes a reading, whatever body it was taken on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from simulators.patients.plan import FaultKind, PlannedFault
from simulators.patients.vitals import Cuff

_SCATTER_LIMIT_SD: Final = 2.5
_DIASTOLIC_SHARE: Final = 0.6
"""Share of a jump of the systolic value by which the diastolic moves; design start value."""
_LEAST_PULSE_MMHG: Final = 9
_SYSTOLIC_MMHG: Final = (30, 250)
"""Range of a monitor's systolic values."""


def scattered(cuff: Cuff, spread_mmhg: float, draw: np.random.Generator) -> Cuff:
    """Return the reading with added scatter of a standard deviation."""
    by = float(draw.standard_normal())
    return _moved(cuff, spread_mmhg * min(_SCATTER_LIMIT_SD, max(-_SCATTER_LIMIT_SD, by)))


def spoil_cuff(cuff: Cuff, faults: Iterable[PlannedFault]) -> Cuff:
    """Return the reading as the faults at its time make it."""
    for fault in faults:
        spoiler = _SPOILERS.get(fault.kind)
        if spoiler is not None and fault.from_s <= cuff.measured_at_s < fault.to_s:
            cuff = spoiler(cuff, fault)
    return cuff


def _moved(cuff: Cuff, by_mmhg: float) -> Cuff:
    low, high = _SYSTOLIC_MMHG
    systolic = min(high, max(low, round(cuff.systolic + by_mmhg)))
    diastolic = round(cuff.diastolic + _DIASTOLIC_SHARE * by_mmhg)
    return _reading(systolic, min(diastolic, systolic - _LEAST_PULSE_MMHG), cuff.measured_at_s)


def _jump(cuff: Cuff, fault: PlannedFault) -> Cuff:
    return _moved(cuff, fault.size)


def _narrow(cuff: Cuff, fault: PlannedFault) -> Cuff:
    return _reading(cuff.systolic, cuff.systolic - round(fault.size), cuff.measured_at_s)


def _swap(cuff: Cuff, _fault: PlannedFault) -> Cuff:
    return Cuff(cuff.diastolic, cuff.mean, cuff.systolic, cuff.measured_at_s)


def _reading(systolic: int, diastolic: int, at_s: float) -> Cuff:
    return Cuff(systolic, round(diastolic + (systolic - diastolic) / 3), diastolic, at_s)


_SPOILERS: Final[Mapping[FaultKind, Callable[[Cuff, PlannedFault], Cuff]]] = MappingProxyType(
    {
        FaultKind.CUFF_DEEP: _jump,
        FaultKind.CUFF_HIGH: _jump,
        FaultKind.CUFF_NARROW: _narrow,
        FaultKind.CUFF_SWAPPED: _swap,
    }
)
