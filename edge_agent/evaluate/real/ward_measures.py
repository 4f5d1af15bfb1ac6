"""Rates of faults and habits measured on recordings, the same way on real and simulated ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge_agent.evaluate.stays.spans import Bools, Float64, first_and_after

_LOW: Final = 90.0
_DEPTHS: Final = (90, 75, 60)
_OUTLIER_MMHG: Final = 40.0
_NARROW_MMHG: Final = 15.0
_SOON_MIN: Final = 10.0
_USUAL_OF: Final = 7
"""Number of intervals whose median is the usual one."""
_SET_MIN: Final = (5, 10, 15, 20, 30, 60, 120, 240)
_CHANGE_MIN: Final = 5.0
_SKIPPED: Final = (1.8, 2.6)
"""Length of an interval that misses one reading, in usual intervals; beyond it is a gap."""
_LONG_GAP_MIN: Final = 5
"""Length of a gap that has to be reported, minutes."""
_APART: Final = 10.0
_FALL: Final = 8.0
_FALL_S: Final = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured rate."""

    value: float
    """NaN where nothing could be counted."""
    n: int
    """Number that it rests on."""


@dataclass(frozen=True, slots=True)
class CuffStay:
    """Cuff readings of one stay, oldest first."""

    minutes: Float64
    systolic: Float64
    diastolic: Float64


Measures = dict[str, Measured]
"""Rates by key."""


def cuff_measures(stays: Sequence[CuffStay]) -> Measures:
    """Return rates of odd cuff readings, of repeats, and of intervals."""
    return _depths(stays) | _shapes(stays) | _intervals(stays)


def _depths(stays: Sequence[CuffStay]) -> Measures:
    """Return the share of first low readings whose next one is at 90 or above, by depth."""
    found = {}
    for depth in _DEPTHS:
        next_after = np.concatenate(
            [s.systolic[1:][_first_low(s.systolic)[:-1] & (s.systolic[:-1] < depth)] for s in stays]
        )
        found[f"cuff_first_below_{depth}_unconfirmed"] = _share(next_after >= _LOW)
    return found


def _first_low(systolic: Float64) -> Bools:
    is_low = systolic < _LOW
    return np.asarray(is_low & ~np.concatenate(([False], is_low[:-1])), np.bool_)


def _shapes(stays: Sequence[CuffStay]) -> Measures:
    below, above, steps, soon_after_low, soon_after_usual = ([] for _ in range(5))
    for stay in stays:
        step, gap = np.diff(stay.systolic), np.diff(stay.minutes)
        steps.append(step)
        below.append((step[:-1] < -_OUTLIER_MMHG) & (step[1:] > _OUTLIER_MMHG))
        above.append((step[:-1] > _OUTLIER_MMHG) & (step[1:] < -_OUTLIER_MMHG))
        soon_after_low.append((gap <= _SOON_MIN)[stay.systolic[:-1] < _DEPTHS[1]])
        soon_after_usual.append((gap <= _SOON_MIN)[stay.systolic[:-1] >= _LOW])
    pulse = np.concatenate([stay.systolic - stay.diastolic for stay in stays])
    jumps = np.concatenate(steps)
    jumps = jumps[~np.isnan(jumps)]
    return {
        "cuff_deep": _share(np.concatenate(below)),
        "cuff_high": _share(np.concatenate(above)),
        "cuff_narrow": _share((pulse < _NARROW_MMHG) & (pulse > 0)),
        "cuff_swapped": _share(pulse <= 0),
        "cuff_step_sd_mmhg": Measured(float(np.std(jumps)), jumps.size),
        "cuff_soon_after_low": _share(np.concatenate(soon_after_low)),
        "cuff_soon_after_usual": _share(np.concatenate(soon_after_usual)),
    }


def _intervals(stays: Sequence[CuffStay]) -> Measures:
    gaps, skipped, days, changes, long_gaps = [], [], 0.0, 0, 0
    for stay in stays:
        gap = np.diff(stay.minutes)
        if gap.size < _USUAL_OF:
            continue
        windows = np.lib.stride_tricks.sliding_window_view(gap, _USUAL_OF)
        usual = np.median(windows, axis=1)
        middle = gap[_USUAL_OF // 2 : gap.size - _USUAL_OF // 2]
        gaps.append(gap)
        skipped.append((middle > _SKIPPED[0] * usual) & (middle < _SKIPPED[1] * usual))
        long_gaps += int(np.count_nonzero(middle >= _SKIPPED[1] * usual))
        settled = usual[np.isin(np.round(usual), _SET_MIN)]
        changes += int(np.count_nonzero(np.abs(np.diff(settled)) >= _CHANGE_MIN))
        days += float(gap.sum()) / 1440.0
    every = np.concatenate(gaps) if gaps else np.array([])
    return {
        "cuff_interval_median_min": percentile(every, 50),
        "cuff_skipped": _share(np.concatenate(skipped) if skipped else np.array([], np.bool_)),
        "cuff_gaps_per_day": per(long_gaps, days),
        "cuff_changes_per_day": per(changes, days),
    }


def rates_measures(pieces: Iterable[tuple[Float64, Float64]]) -> Measures:
    """Return the disagreement of heart and pulse rate at 1 Hz."""
    apart, lengths, seconds = 0, [], 0
    for heart, pulse in pieces:
        both = ~(np.isnan(heart) | np.isnan(pulse)) & (heart > 0) & (pulse > 0)
        is_apart = both & (np.abs(heart - pulse) > _APART)
        apart += int(is_apart.sum())
        seconds += int(both.sum())
        edges = first_and_after(is_apart)
        lengths += (edges[:, 1] - edges[:, 0]).tolist()
    return {
        "rates_apart": Measured(apart / seconds if seconds else np.nan, seconds),
        "rates_apart_per_h": per(len(lengths), seconds / 3600.0),
        "rates_apart_median_s": percentile(np.array(lengths), 50),
    }


def oxygen_measures(pieces: Iterable[Float64]) -> Measures:
    """Return the sudden falls of SpO2 at 1 Hz, and its share below 90 %."""
    falls, low, seconds = 0, 0, 0
    for spo2 in pieces:
        known = ~np.isnan(spo2) & (spo2 > 0)
        fell = spo2[:-_FALL_S] - spo2[_FALL_S:] > _FALL
        fell &= known[:-_FALL_S] & known[_FALL_S:]
        falls += len(first_and_after(fell))
        low += int(np.count_nonzero(spo2[known] < _LOW))
        seconds += int(known.sum())
    return {
        "spo2_falls_per_h": per(falls, seconds / 3600.0),
        "spo2_below_90": Measured(low / seconds if seconds else np.nan, seconds),
    }


def gap_measures(name: str, stays: Iterable[Float64]) -> Measures:
    """Return share, frequency and length of the gaps of a signal read once a minute.

    Parameters
    ----------
    stays
        Values of each stay, shape (minutes,); NaN and 0 where there is none.
    """
    missing, minutes, lengths = 0, 0, []
    for values in stays:
        is_gone = np.isnan(values) | (values == 0.0)
        edges = first_and_after(is_gone)
        lengths += (edges[:, 1] - edges[:, 0]).tolist()
        missing += int(is_gone.sum())
        minutes += values.size
    return {
        f"{name}_missing": Measured(missing / minutes if minutes else np.nan, minutes),
        f"{name}_gaps_per_day": per(len(lengths), minutes / 1440.0),
        f"{name}_long_gaps_per_day": per(
            sum(length >= _LONG_GAP_MIN for length in lengths), minutes / 1440.0
        ),
        f"{name}_gap_median_min": percentile(np.array(lengths), 50),
        f"{name}_gap_p90_min": percentile(np.array(lengths), 90),
    }


def hour_measures(stays: Mapping[str, Sequence[Bools]]) -> Measures:
    """Return the share of hours without a value and the gaps between two hours with one.

    Parameters
    ----------
    stays
        By signal, for each stay True in every hour that has a value.
    """
    found: Measures = {}
    for name, seen in stays.items():
        hours, gaps = 0, 0
        for has_value in seen:
            hours += has_value.size
            known = np.flatnonzero(has_value)
            gaps += int(np.count_nonzero(np.diff(known) > 1))
        filled = sum(int(has_value.sum()) for has_value in seen)
        found[f"{name}_hours_without"] = Measured(1 - filled / hours if hours else np.nan, hours)
        found[f"{name}_hourly_gaps_per_day"] = per(gaps, hours / 24.0)
    return found


def interval_measures(name: str, minutes: Float64) -> Measures:
    """Return the quartiles of intervals or delays, minutes."""
    return {f"{name}_p{q}_min": percentile(minutes, q) for q in (25, 50, 75)}


def percentile(values: Float64, share: float) -> Measured:
    """Return a percentile; NaN of no values."""
    return Measured(float(np.percentile(values, share)) if values.size else np.nan, values.size)


def per(count: int, amount: float) -> Measured:
    """Return a count per amount, and the count as its number."""
    return Measured(count / amount if amount else np.nan, count)


def _share(is_so: Bools) -> Measured:
    return Measured(float(np.mean(is_so)) if is_so.size else np.nan, is_so.size)
