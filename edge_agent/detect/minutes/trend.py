"""Slope of the temperature, and how far and long it has been above its usual value."""

from __future__ import annotations

from math import nan
from typing import Final

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np

from edge_agent.detect.arrays import FloatArray, IntArray

_SLOPE_EVERY_MIN: Final = 10
_SLOPE_POINTS: Final = 12
"""Number of ten-minute medians: two hours."""
SLOPE_MIN: Final = _SLOPE_EVERY_MIN * _SLOPE_POINTS
_LEAST_POINTS: Final = 6
_FIRST, _SECOND = np.triu_indices(_SLOPE_POINTS, 1)
_HOURS: Final = (_SECOND - _FIRST) * _SLOPE_EVERY_MIN / 60

_SLACK: Final = 0.75  # spreads above the baseline; design start value, unvalidated
_CAP_H: Final = 3.0  # highest sum, hours; design start value, unvalidated
_DECAY: Final = 0.5 ** (1 / 60)
"""Factor for each minute without a value: half is left after an hour; design start value,
unvalidated."""


def _ten_minute_medians(minutes: FloatArray) -> FloatArray:
    """Return the medians of blocks of ten minutes, NaN where a block is empty.

    Parameters
    ----------
    minutes
        Shape (10 n,), NaN where missing.
    """
    blocks = minutes.reshape(-1, _SLOPE_EVERY_MIN)
    return np.asarray(bn.nanmedian(blocks, axis=1), np.float64)


def slopes_over(temperatures: FloatArray, minutes: IntArray, before: float) -> FloatArray:
    """Return the newest slope at each minute, one slope every ten minutes, shape (n,).

    Parameters
    ----------
    temperatures
        Temperatures of the minutes and of the `SLOPE_MIN` - 1 before, NaN where missing.
    minutes
        Numbers of the minutes, in a row, shape (n,).
    before
        Slope so far, NaN where it is unknown.
    """
    is_due = minutes % _SLOPE_EVERY_MIN == 0
    if not is_due.any():
        return np.full(minutes.size, before)
    spans = np.lib.stride_tricks.sliding_window_view(temperatures, SLOPE_MIN)[is_due]
    found = _slopes(_ten_minute_medians(spans.ravel()).reshape(-1, _SLOPE_POINTS))
    return np.asarray(np.append(before, found)[np.cumsum(is_due)])


def _slopes(points: FloatArray) -> FloatArray:
    """Return the median of all pairwise slopes of each row, per hour (Theil-Sen).

    Parameters
    ----------
    points
        Rows of ten-minute medians, newest last, shape (n, _SLOPE_POINTS); NaN where missing. Fewer
        than half of them give NaN.
    """
    pairs = (points[:, _SECOND] - points[:, _FIRST]) / _HOURS
    found = np.asarray(bn.nanmedian(pairs, axis=1), np.float64)
    known = np.count_nonzero(~np.isnan(points), axis=1)
    return np.where(known >= _LEAST_POINTS, found, nan)


def shifts_over(over: FloatArray, spreads: FloatArray, before: float) -> FloatArray:
    """Return the one-sided cumulative sum at each minute, in hours of one spread, shape (n,).

    Parameters
    ----------
    over
        Value minus baseline; NaN where missing: the sum decays.
    spreads
        Spread of the patient's own baseline, > 0; NaN where it is unknown: the sum decays.
    before
        The sum so far, 0 at first.
    """
    sums, total = [], before
    for rise in ((over / spreads - _SLACK) / 60).tolist():
        # Comparisons alone: this loop runs over every minute of a recorded stay.
        total = total * _DECAY if rise != rise else total + rise  # noqa: PLR0124 - NaN is not itself
        total = 0.0 if total < 0 else _CAP_H if total > _CAP_H else total
        sums.append(total)
    return np.array(sums)
