"""Confidence intervals of figures, by seeded resampling of whole patients.

Resampling knows nothing of what was never seen: where all or none were found, the interval is the
exact one instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log, nan
from typing import Final

import numpy as np

_RESAMPLES: Final = 500
_SEED: Final = 20_190_401
_RANGE: Final = (2.5, 97.5)
"""Percentiles that bound a 95 % interval."""
_TAIL: Final = 0.025
"""Probability beyond each end of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; NaN where there is nothing to count."""

    value: float
    low: float
    high: float
    n: int
    """Number of patients, episodes or alerts that the figure rests on."""
    patients: int | None = None
    """Number of patients with something to count; None where no other sample would change it."""


NOTHING: Final = Estimate(nan, nan, nan, 0)


def exact(value: float | None, n: int = 0) -> Estimate:
    """Return a figure that no other sample would change; None: there is nothing to count."""
    return NOTHING if value is None else Estimate(float(value), float(value), float(value), n)


def share(found: Sequence[float], of: Sequence[float]) -> Estimate:
    """Return the share that was found; both hold one number for each patient.

    Where all or none were found, the interval is that of Clopper and Pearson (Biometrika 1934) on
    the number of patients: what one patient has several of is no independent evidence.
    """
    estimate = _ratio(found, of)
    if not estimate.patients or estimate.value not in {0.0, 1.0}:
        return estimate
    far = _TAIL ** (1.0 / estimate.patients)
    if estimate.value == 1.0:
        return replace(estimate, low=far)
    return replace(estimate, high=1.0 - far)


def rate(counts: Sequence[float], amounts: Sequence[float]) -> Estimate:
    """Return the number per day or hour; both hold one number for each patient.

    Where nothing was counted, the interval is the exact one of a Poisson count of 0.
    """
    estimate = _ratio(counts, amounts)
    if estimate.value == 0.0:
        return replace(estimate, high=-log(_TAIL) / sum(amounts))
    return estimate


def _ratio(tops: Sequence[float], bottoms: Sequence[float]) -> Estimate:
    """Return the sum of `tops` over the sum of `bottoms`, with an interval by resampling."""
    top, bottom = np.array(tops, np.float64), np.array(bottoms, np.float64)
    if not bottom.sum() > 0:
        return NOTHING
    draw = np.random.Generator(np.random.Philox(key=_SEED))
    chosen = draw.integers(0, top.size, (_RESAMPLES, top.size))
    above, below = top[chosen].sum(axis=1), bottom[chosen].sum(axis=1)
    low, high = np.percentile(above[below > 0] / below[below > 0], _RANGE)
    value, patients = float(top.sum() / bottom.sum()), int(np.count_nonzero(bottom))
    return Estimate(value, float(low), float(high), int(bottom.sum()), patients)


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
    patients = int(np.count_nonzero(sizes))
    return Estimate(float(np.median(flat)), float(low), float(high), flat.size, patients)
