"""Confidence intervals of figures, by seeded resampling of whole patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Final

import numpy as np

_RESAMPLES: Final = 500
_SEED: Final = 20_190_401
_RANGE: Final = (2.5, 97.5)
"""Percentiles that bound a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; NaN where there is nothing to count."""

    value: float
    low: float
    high: float
    n: int
    """Number of patients, episodes or alerts that the figure rests on."""


NOTHING: Final = Estimate(nan, nan, nan, 0)


def exact(value: float | None, n: int = 0) -> Estimate:
    """Return a figure that no other sample would change; None: there is nothing to count."""
    return NOTHING if value is None else Estimate(float(value), float(value), float(value), n)


def ratio(tops: Sequence[float], bottoms: Sequence[float]) -> Estimate:
    """Return the sum of `tops` over the sum of `bottoms`; both hold one number for each patient."""
    top, bottom = np.array(tops, np.float64), np.array(bottoms, np.float64)
    if not bottom.sum() > 0:
        return NOTHING
    draw = np.random.Generator(np.random.Philox(key=_SEED))
    chosen = draw.integers(0, top.size, (_RESAMPLES, top.size))
    above, below = top[chosen].sum(axis=1), bottom[chosen].sum(axis=1)
    low, high = np.percentile(above[below > 0] / below[below > 0], _RANGE)
    return Estimate(float(top.sum() / bottom.sum()), float(low), float(high), int(bottom.sum()))


def median(values: Sequence[Sequence[float]]) -> Estimate:
    """Return the median of all values, which are grouped by patient."""
    flat = np.array([value for of_one in values for value in of_one], np.float64)
    if not flat.size:
        return NOTHING
    sizes = [len(of_one) for of_one in values]
    order = flat.argsort()
    flat, owner = flat[order], np.repeat(np.arange(len(sizes)), sizes)[order]
    draw = np.random.Generator(np.random.Philox(key=_SEED))
    found = []
    for _ in range(_RESAMPLES):
        times = np.bincount(draw.integers(0, len(sizes), len(sizes)), minlength=len(sizes))
        chosen = np.repeat(flat, times[owner])
        if chosen.size:
            found.append((chosen[(chosen.size - 1) // 2] + chosen[chosen.size // 2]) / 2)
    low, high = np.percentile(found, _RANGE)
    return Estimate(float(np.median(flat)), float(low), float(high), flat.size)
