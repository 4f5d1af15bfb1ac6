"""Filters for the readings of a recorded stay, by the same rules as for live ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np

from edge_agent.batch.extremes import jump_indices, may_be_flat
from edge_agent.batch.known import NO_AGE, age_numbers
from edge_agent.detect.arrays import BoolArray, FloatArray, IntArray
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind
from edge_agent.vitals.canonical import KINDS, KindRow, StepLimit
from edge_agent.vitals.normalise import PULSE_FRESH_S
from edge_agent.vitals.plausibility import (
    LEAST_PERFUSION_PERCENT,
    PACED_WITHIN_PER_MIN,
    PRESSURES,
    Course,
    agrees,
    are_in_order,
    is_flat,
    is_paced,
    is_pulse_too_small,
)

Series = tuple[VitalKind, str]
_NOTHING_STEADY: Final[Mapping[VitalKind, Sequence[tuple[int, int | None]]]] = MappingProxyType({})
_NEVER_NS: Final = np.iinfo(np.int64).max
_OCCASIONAL: Final = frozenset({(VitalKind.TEMPERATURE, "predictive")})
"""Sites of running vitals where single readings are taken."""


@dataclass(frozen=True, slots=True)
class TimedValues:
    """Readings of one vital at one site, oldest first, shape (n,)."""

    times_ns: IntArray
    values: FloatArray
    """Values in the canonical unit; NaN where there is none or it is doubted."""


def believed(
    columns: Mapping[Series, TimedValues],
    steady_ns: Mapping[VitalKind, Sequence[tuple[int, int | None]]] = _NOTHING_STEADY,
    ages: Sequence[tuple[int, float | None]] = NO_AGE,
) -> dict[Series, FloatArray]:
    """Return the values, NaN where the rules must not use one, each of shape (n,).

    A column of which no value is doubted is returned as it is, not copied. A zero counts as
    missing, except in the perfusion index: files have no mark by which the device vouches for it.

    Parameters
    ----------
    steady_ns
        By vital, the spans in which a device sets it and it may be constant; None: no known end.
    ages
        Ages of the patient in years, None where nobody entered it, each with its start.
    """
    found = {series: _in_range(series[0], column, ages) for series, column in columns.items()}
    _doubt_pressures(found)
    _doubt_perfusion(found)
    for series, column in found.items():
        row, kept = KINDS[series[0]], column
        if series in _OCCASIONAL:
            continue
        beside = _pulses(found) if series[0] is VitalKind.HEART_RATE else []
        if row.step is not None:
            kept = _hold_steps(kept, row.step, beside)
        if row.flat_s is not None:
            kept = _doubt_flat(kept, row, steady_ns.get(series[0], ()), beside)
        found[series] = kept
    return {series: column.values for series, column in found.items()}


def _pulses(found: Mapping[Series, TimedValues]) -> list[TimedValues]:
    return [
        column
        for (kind, site), column in found.items()
        if kind is VitalKind.PULSE_RATE and site != "nibp"
    ]


def _without(column: TimedValues, usable: TimedValues, doubted: IntArray) -> TimedValues:
    """Return a column with NaN for some of its readings; the same column if there are none.

    Parameters
    ----------
    usable
        Usable readings of the column.
    doubted
        Indices among the usable readings.
    """
    if not doubted.size:
        return column
    values = column.values.copy()
    is_whole = usable is column
    values[doubted if is_whole else np.flatnonzero(~np.isnan(values))[doubted]] = np.nan
    return TimedValues(column.times_ns, values)


def _in_range(
    kind: VitalKind, column: TimedValues, ages: Sequence[tuple[int, float | None]]
) -> TimedValues:
    row = KINDS[kind]
    limits = np.array([(row.lowest_at(years), row.highest_at(years)) for _, years in ages]).T
    values, is_zero_good = column.values, kind is VitalKind.PERFUSION_INDEX
    least, most = np.fmin.reduce(values, initial=np.inf), np.fmax.reduce(values, initial=-np.inf)
    if (is_zero_good or least > 0) and least >= limits[0].max() and most <= limits[1].min():
        return column
    lowest, highest = limits[:, :1]
    if (limits != limits[:, :1]).any():
        lowest, highest = limits[:, age_numbers(ages, column.times_ns)]
    is_good = (values >= lowest) & (values <= highest) & (is_zero_good | (values != 0))
    return TimedValues(column.times_ns, np.where(is_good, values, np.nan))


def _doubt_pressures(found: dict[Series, TimedValues]) -> None:
    """Set pressures of one moment to NaN if they contradict each other."""
    groups: dict[tuple[str, str], dict[str, Series]] = {}
    for kind, site in found:
        if kind in PRESSURES:
            source, part = PRESSURES[kind]
            groups.setdefault((source, site), {})[part] = kind, site
    for (source, _), parts in groups.items():
        if "systolic" not in parts or "diastolic" not in parts:
            continue
        systolic, diastolic = found[parts["systolic"]], found[parts["diastolic"]]
        low = _at(diastolic, systolic.times_ns)
        middle = (systolic.values + low) / 2
        if "mean" in parts:
            measured = _at(found[parts["mean"]], systolic.times_ns)
            middle = np.where(np.isnan(measured), middle, measured)
        is_odd = ~np.asarray(are_in_order(systolic.values, middle, low))
        is_odd |= is_pulse_too_small(source, systolic.values, low)
        odd = systolic.times_ns[is_odd & ~np.isnan(systolic.values) & ~np.isnan(low)]
        for series in parts.values():
            found[series] = _without_moments(found[series], odd)


def _without_moments(column: TimedValues, moments_ns: IntArray) -> TimedValues:
    """Return a column with NaN at certain moments."""
    if not (moments_ns.size and column.times_ns.size):
        return column
    index = column.times_ns.searchsorted(moments_ns)
    is_there = column.times_ns.take(index, mode="clip") == moments_ns
    return _without(column, column, index[is_there])


def _at(column: TimedValues, times_ns: IntArray) -> FloatArray:
    """Return the values at exactly these times, NaN at times without one."""
    index = column.times_ns.searchsorted(times_ns)
    is_there = np.append(column.times_ns, -1)[index] == times_ns
    return np.where(is_there, np.append(column.values, np.nan)[index], np.nan)


def _doubt_perfusion(found: dict[Series, TimedValues]) -> None:
    """Set oximetry to NaN at moments when hardly any pulse reaches the probe."""
    low = [
        c.times_ns[c.values < LEAST_PERFUSION_PERCENT]
        for (kind, _), c in found.items()
        if kind is VitalKind.PERFUSION_INDEX
    ]
    faint = np.concatenate([np.empty(0, np.int64), *low])
    for series, column in found.items():
        if series[0] in {VitalKind.SPO2, VitalKind.PERFUSION_INDEX}:
            found[series] = _without_moments(column, faint)


def _hold_steps(
    column: TimedValues, limit: StepLimit, pulses: Sequence[TimedValues]
) -> TimedValues:
    """Set values to NaN after a jump until it has lasted; follow only readings near jumps."""
    usable = _usable(column)
    times_ns, values = usable.times_ns, usable.values
    within_ns = round(limit.within_s * 1e9)
    if times_ns.size < 2:
        return column
    length = min(within_ns // int((times_ns[1:] - times_ns[:-1]).min()) + 1, times_ns.size)
    if length < 2:
        return column
    jumps = jump_indices(values, length, limit.size, falls_only=limit.falls_only)
    held: list[int] = []
    end = -1
    for first in jumps.tolist():
        if first > end:
            begin = int(times_ns.searchsorted(times_ns[first] - within_ns))
            found = _follow(usable, (begin, first), (jumps, length), limit, pulses)
            held += found.indices
            end = found.end
    return _without(column, usable, np.array(held, np.int64))


def _usable(column: TimedValues) -> TimedValues:
    """Return the usable readings of a column; the same column where all are."""
    if not bn.anynan(column.values):
        return column
    is_usable = ~np.isnan(column.values)
    return TimedValues(column.times_ns[is_usable], column.values[is_usable])


@dataclass(frozen=True, slots=True)
class _Held:
    """Result of following a jump."""

    indices: list[int]
    """Indices of the readings that are held."""
    end: int
    """Index of the last reading followed."""


def _follow(
    readings: TimedValues,
    span: tuple[int, int],
    coming: tuple[IntArray, int],
    limit: StepLimit,
    pulses: Sequence[TimedValues],
) -> _Held:
    """Follow the readings one by one, from before a jump until none is held and no jump is near.

    Parameters
    ----------
    span
        Index to begin at, and index of the possible jump.
    coming
        Indices of all possible jumps, and most readings from the start of a course to its jump.
    """
    (begin, first), (jumps, length) = span, coming
    course, held = Course(), []
    for index in range(begin, readings.times_ns.size):
        at = Instant(int(readings.times_ns[index]), 0)
        value = float(readings.values[index])
        if agrees(value, _fresh(pulses, at.monotonic_ns)):
            course.forget()
        if not course.admit(at, value, limit):
            held.append(index)
        following = jumps[jumps.searchsorted(index, side="right") :][:1]
        is_near = bool(following.size) and int(following[0]) <= index + length
        if index >= first and course.held_since is None and not is_near:
            return _Held(held, index)
    return _Held(held, readings.times_ns.size)


def _doubt_flat(
    column: TimedValues,
    row: KindRow,
    steady_ns: Sequence[tuple[int, int | None]],
    pulses: Sequence[TimedValues],
) -> TimedValues:
    """Set values to NaN that have not changed for longer than a patient's can."""
    if not may_be_flat(column.values, row.flat_readings):
        return column
    usable = _usable(column)
    values, times_ns = usable.values, usable.times_ns
    begins = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    lengths = np.diff(np.append(begins, values.size))
    lengths_s = (times_ns[begins + lengths - 1] - times_ns[begins]) / 1e9
    flat = np.flatnonzero(is_flat(row, values[begins], lengths, lengths_s))
    doubted = [np.empty(0, np.int64)]
    for begin, length in zip(begins[flat].tolist(), lengths[flat].tolist(), strict=True):
        run = np.arange(begin, begin + length)
        ages_s = (times_ns[run] - times_ns[begin]) / 1e9
        is_doubted = np.asarray(is_flat(row, values[begin], run - begin + 1, ages_s))
        is_beside = _is_beside(pulses, times_ns[run], values[begin])
        paced = is_beside.cumsum(dtype=np.int64)
        is_doubted &= ~np.asarray(is_paced(values[begin], paced, run - begin + 1))
        for from_ns, to_ns in steady_ns:
            is_doubted &= (times_ns[run] <= from_ns) | (times_ns[run] >= (to_ns or _NEVER_NS))
        doubted.append(run[is_doubted])
    return _without(column, usable, np.concatenate(doubted))


def _is_beside(pulses: Sequence[TimedValues], times_ns: IntArray, value: float) -> BoolArray:
    """Return True at the times at which a fresh pulse rate is the same as a heart rate."""
    found = np.zeros(times_ns.size, np.bool_)
    for pulse in pulses:
        usable = ~np.isnan(pulse.values)
        known_ns, rates = pulse.times_ns[usable], pulse.values[usable]
        after = known_ns.searchsorted(times_ns, side="right")
        newest_ns, newest = np.append(known_ns, 0)[after - 1], np.append(rates, np.nan)[after - 1]
        is_fresh = (after > 0) & (times_ns - newest_ns <= round(PULSE_FRESH_S * 1e9))
        found |= is_fresh & (np.abs(newest - value) <= PACED_WITHIN_PER_MIN)
    return found


def _fresh(pulses: Sequence[TimedValues], now_ns: int) -> list[float]:
    """Return the newest pulse rate of each site, without those that are no longer fresh."""
    begin_ns, found = now_ns - round(PULSE_FRESH_S * 1e9), []
    for pulse in pulses:
        end = pulse.times_ns.searchsorted(now_ns, side="right")
        recent = pulse.values[pulse.times_ns.searchsorted(begin_ns) : end]
        found += recent[~np.isnan(recent)][-1:].tolist()
    return found
