"""Cuff readings of a stay as a ward takes them: due times, wrong readings and repeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S, MINUTE_S
from simulators.habits.ward_habits import WardHabits
from simulators.patients.cuff import cuff_times
from simulators.patients.plan import CuffPlan, FaultKind, Plan, PlannedFault, Sensor

_CHOICES_MIN: Final = (5.0, 15.0, 30.0, 60.0, 120.0, 240.0)
"""Intervals that nurses set (eICU demo 2.0: 15, 30 and 60 min are most); 120 and 240: design start
value, unvalidated."""
_CHANGED_FOR_S: Final = (HOUR_S, 12 * HOUR_S)
_JUMP_MMHG: Final = (40.0, 60.0)
"""Error of a deep or high reading (eICU demo 2.0: 0.3 and 0.2 % of readings are 40 mmHg and more
off both neighbours); largest: design start value, unvalidated."""
_PULSE_MMHG: Final = (5.0, 14.0)
_RETRY_S: Final = (60.0, 180.0)
"""Time after which a monitor repeats a failed reading, seconds; design start value."""
_CHECK_S: Final = (120.0, 600.0)
"""Time after which a nurse repeats an odd reading, seconds; design start value."""
_OFF_S: Final = (2 * HOUR_S, 6 * HOUR_S)
_LEAST_APART_S: Final = 30.0
"""Shortest time between two readings of one cuff, seconds."""


@dataclass(frozen=True, slots=True)
class CuffDays:
    """Cuff readings of a stay, planned."""

    parts: tuple[CuffPlan, ...]
    """Intervals in order of time."""
    repeats_s: tuple[float, ...]
    """Times of repeats after failed and odd readings."""
    faults: tuple[PlannedFault, ...]
    """One for each wrong reading, in order of time, and long ones of a cuff that is off."""


def draw_cuff_days(
    ward: WardHabits, needed: Sequence[CuffPlan], length_s: float, draw: np.random.Generator
) -> CuffDays:
    """Return the cuff readings of a stay.

    Parameters
    ----------
    needed
        Intervals that the patient's care calls for, in order of time, the routine first; a shorter
        one stays where the ward's own is longer.
    """
    parts = _parts(ward, needed, length_s, draw)
    due = np.array([*cuff_times(Plan(length_s, parts), 0.0, length_s)])
    kinds = _kinds(ward, draw.uniform(size=due.size))
    odds: list[PlannedFault] = []
    repeats: list[float] = []
    for kind, at_s, next_s in zip(kinds, due.tolist(), [*due[1:].tolist(), inf], strict=False):
        if kind is None:
            continue
        odds.append(_wrong(kind, at_s, draw))
        again_s = at_s + _repeated_after_s(ward, kind, draw)
        if again_s < next_s - _LEAST_APART_S and again_s < length_s:
            repeats.append(again_s)
            if draw.uniform() < ward.cuff_repeat_wrong_share:
                odds.append(PlannedFault(kind, Sensor.CUFF, again_s, again_s + 1.0, odds[-1].size))
    off = []
    for _ in range(draw.poisson(ward.cuff_off_per_day * length_s / DAY_S)):
        begin_s = float(draw.uniform(0.0, length_s))
        end_s = begin_s + float(draw.uniform(*_OFF_S))
        off.append(PlannedFault(FaultKind.PROBE_OFF, Sensor.CUFF, begin_s, end_s))
    return CuffDays(parts, tuple(repeats), (*odds, *off))


def _parts(
    ward: WardHabits, needed: Sequence[CuffPlan], length_s: float, draw: np.random.Generator
) -> tuple[CuffPlan, ...]:
    """Return the intervals: the ward's routine, changed by nurses for some hours now and then."""
    routine_s = ward.cuff_every_min * MINUTE_S
    # a change and its end are two changes
    times = int(draw.poisson(0.5 * ward.cuff_changes_per_day * length_s / DAY_S))
    begins = np.sort(draw.uniform(0.0, length_s, times))
    changed = [(0.0, float(draw.uniform(0.0, routine_s)), routine_s)]
    for begin_s in begins.tolist():
        every_s = float(draw.choice(_CHOICES_MIN)) * MINUTE_S
        end_s = begin_s + float(draw.uniform(*_CHANGED_FOR_S))
        changed += [(begin_s, begin_s, every_s), (end_s, end_s, routine_s)]
    changed.sort()
    set_s = [CuffPlan(from_s, every_s) for _, from_s, every_s in changed]
    return _closest(set_s, needed)


def _closest(set_s: Sequence[CuffPlan], needed: Sequence[CuffPlan]) -> tuple[CuffPlan, ...]:
    """Return the shorter interval at every time, where care calls for one below its routine."""
    routine_s = needed[0].every_s if needed else inf
    starts = sorted({part.from_s for part in (*set_s, *needed[1:])})
    parts: list[CuffPlan] = []
    for from_s in starts:
        own_s, need_s = _at(set_s, from_s), _at(needed, from_s)
        every_s = min(own_s, need_s) if need_s < routine_s else own_s
        if not parts or parts[-1].every_s != every_s:
            parts.append(CuffPlan(from_s, every_s))
    return tuple(parts)


def _at(parts: Sequence[CuffPlan], at_s: float) -> float:
    return next((p.every_s for p in reversed(parts) if p.from_s <= at_s), inf)


def _kinds(
    ward: WardHabits, chance: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> list[FaultKind | None]:
    shares = (
        (FaultKind.CUFF_MISSED, ward.cuff_missed_share),
        (FaultKind.CUFF_FAILED, ward.cuff_failed_share),
        (FaultKind.CUFF_DEEP, ward.cuff_deep_share),
        (FaultKind.CUFF_HIGH, ward.cuff_high_share),
        (FaultKind.CUFF_NARROW, ward.cuff_narrow_share),
        (FaultKind.CUFF_SWAPPED, ward.cuff_swapped_share),
    )
    kinds: list[FaultKind | None] = [kind for kind, _ in shares]
    kinds.append(None)
    places = np.searchsorted(np.cumsum([share for _, share in shares]), chance, side="right")
    return [kinds[place] for place in places]


def _wrong(kind: FaultKind, at_s: float, draw: np.random.Generator) -> PlannedFault:
    size = 0.0
    if kind is FaultKind.CUFF_DEEP:
        size = -float(draw.uniform(*_JUMP_MMHG))
    elif kind is FaultKind.CUFF_HIGH:
        size = float(draw.uniform(*_JUMP_MMHG))
    elif kind is FaultKind.CUFF_NARROW:
        size = float(draw.uniform(*_PULSE_MMHG))
    return PlannedFault(kind, Sensor.CUFF, at_s, at_s + 1.0, size)


def _repeated_after_s(ward: WardHabits, kind: FaultKind, draw: np.random.Generator) -> float:
    """Return the time until somebody or the monitor repeats a reading; infinite for never."""
    if kind is FaultKind.CUFF_MISSED:
        return inf
    share, ends = (
        (ward.cuff_retry_share, _RETRY_S)
        if kind is FaultKind.CUFF_FAILED
        else (ward.cuff_check_share, _CHECK_S)
    )
    return float(draw.uniform(*ends)) if draw.uniform() < share else inf
