"""Slope of the temperature, and how far and long it has been above its usual value."""

from __future__ import annotations

from math import isnan, nan
from typing import Final

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np

from edge_agent.detect.arrays import FloatArray

SLOPE_EVERY_MIN: Final = 10
SLOPE_POINTS: Final = 12
"""Number of ten-minute medians: two hours."""
_LEAST_POINTS: Final = 6
_FIRST, _SECOND = np.triu_indices(SLOPE_POINTS, 1)
_HOURS: Final = (_SECOND - _FIRST) * SLOPE_EVERY_MIN / 60

_SLACK: Final = 0.75
_CAP_H: Final = 3.0
_DECAY: Final = 0.5 ** (1 / 60)
"""Factor for each minute without a value: half is left after an hour; design start value,
unvalidated."""


def ten_minute_medians(minutes: FloatArray) -> FloatArray:
    """Return the medians of blocks of ten minutes, NaN where a block is empty.

    Parameters
    ----------
    minutes
        Shape (10 n,), NaN where missing.
    """
    blocks = minutes.reshape(-1, SLOPE_EVERY_MIN)
    return np.asarray(bn.nanmedian(blocks, axis=1), np.float64)


def slopes(points: FloatArray) -> FloatArray:
    """Return the median of all pairwise slopes of each row, per hour (Theil-Sen).

    Parameters
    ----------
    points
        Rows of ten-minute medians, newest last, shape (n, SLOPE_POINTS); NaN where missing. Fewer
        than half of them give NaN.
    """
    pairs = (points[:, _SECOND] - points[:, _FIRST]) / _HOURS
    found = np.asarray(bn.nanmedian(pairs, axis=1), np.float64)
    known = np.count_nonzero(~np.isnan(points), axis=1)
    return np.where(known >= _LEAST_POINTS, found, nan)


def shift(before: float, over: float, spread: float) -> float:
    """Return the one-sided cumulative sum after one more minute, in hours of one spread.

    Parameters
    ----------
    before
        The sum so far, 0 at first.
    over
        Value minus baseline; NaN where missing: the sum decays.
    spread
        Spread of the patient's own baseline, > 0; NaN where it is unknown: the sum decays.
    """
    z = over / spread
    if isnan(z):
        return before * _DECAY
    return min(_CAP_H, max(0.0, before + (z - _SLACK) / 60))
