"""Medians of short rows, many at a time, and of the readings in each step of a recorded stay.

For the readings of a single step `series.tracks.median` is ten times as fast, or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import nan
from typing import Final, NamedTuple

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np

from edge_agent.detect.arrays import BoolArray, FloatArray, IntArray
from edge_agent.detect.series.tracks import median

LONGEST: Final = 16
"""Longest row for the comparisons; for longer ones, selecting row by row is as fast."""
_AT_ONCE: Final = 4096
"""Rows compared together: their columns fit into a core's cache."""


class Exchange(NamedTuple):
    """A comparison of two rows: the lower number goes to the first, the higher to the second."""

    low: int
    high: int
    is_low_wanted: bool
    """True if a later comparison or the median reads the lower one."""
    is_high_wanted: bool


@lru_cache(maxsize=LONGEST)
def exchanges(length: int) -> tuple[Exchange, ...]:
    """Return the comparisons that sort the middle of a row, in order.

    It is Batcher's odd-even merge sort (1968), without the comparisons that only sort the ends.
    """
    pairs: list[tuple[int, int]] = []
    run = 1
    while run < length:
        apart = run
        while apart:
            for begin in range(apart % run, length - apart, 2 * apart):
                pairs += [
                    (low, low + apart)
                    for low in range(begin, min(begin + apart, length - apart))
                    if low // (2 * run) == (low + apart) // (2 * run)
                ]
            apart //= 2
        run *= 2
    wanted = {(length - 1) // 2, length // 2}
    needed: list[Exchange] = []
    for low, high in reversed(pairs):
        if wanted & {low, high}:
            needed.append(Exchange(low, high, low in wanted, high in wanted))
            wanted |= {low, high}
    return tuple(reversed(needed))


def row_medians(table: FloatArray) -> FloatArray:
    """Return the median of the known values of each row; NaN where a row has none.

    Parameters
    ----------
    table
        Shape (n, m); NaN where missing.
    """
    length = table.shape[1]
    if not 0 < length <= LONGEST:
        return np.asarray(bn.nanmedian(table, axis=1), np.float64)
    medians = np.empty(table.shape[0])
    for begin in range(0, medians.size, _AT_ONCE):
        rows = slice(begin, begin + _AT_ONCE)
        medians[rows] = _middle(list(table[rows].T.copy()))
    gaps = np.flatnonzero(np.isnan(medians))
    if gaps.size:
        medians[gaps] = bn.nanmedian(table[gaps], axis=1)
    return medians


def _middle(columns: list[FloatArray]) -> FloatArray:
    """Return each row's median, NaN where any value is missing; overwrite the columns.

    NaN propagates through minimum and maximum, so one missing value makes the median NaN.
    """
    spare = np.empty_like(columns[0])
    for low, high, is_low_wanted, is_high_wanted in exchanges(len(columns)):
        one, other = columns[low], columns[high]
        if is_low_wanted and is_high_wanted:
            np.minimum(one, other, out=spare)
            np.maximum(one, other, out=other)
            columns[low], spare = spare, one
        elif is_low_wanted:
            np.minimum(one, other, out=one)
        else:
            np.maximum(one, other, out=other)
    lower, upper = columns[(len(columns) - 1) // 2], columns[len(columns) // 2]
    lower += upper
    lower /= 2
    return lower


@dataclass(frozen=True, slots=True)
class Layout:
    """The step in which each reading of a series lies."""

    times_ns: IntArray
    """Times of the readings, oldest first."""
    known: IntArray
    """Number of readings up to the end of each step, shape (n steps,)."""
    counts: IntArray
    """Number of readings in each step, shape (n steps,)."""


def layout_of(times_ns: IntArray, ends_ns: IntArray) -> Layout:
    """Return the number of readings in each step; older readings go into the first.

    Parameters
    ----------
    times_ns
        Times of the readings, oldest first.
    ends_ns
        Ends of the steps.
    """
    known = times_ns.searchsorted(ends_ns, side="right")
    return Layout(times_ns, known, np.diff(known, prepend=0))


def step_medians(values: FloatArray, layout: Layout) -> tuple[FloatArray, BoolArray]:
    """Return each step's median, NaN without a usable reading, and if the step has any reading."""
    counts = layout.counts
    values = values[: layout.known[-1]]
    between = counts[1:-1]
    if between.size and between[0] and bool((between == between[0]).all()):
        # Only the first and the last step may have more readings, or fewer.
        inner, last = np.split(values[counts[0] :], [int(between.sum())])
        medians = (
            [median(values[: counts[0]].tolist())],
            row_medians(inner.reshape(between.size, -1)),
            [median(last.tolist())],
        )
        return np.concatenate(medians), counts > 0
    table = np.full((counts.size, int(counts.max())), nan)
    steps = np.arange(counts.size).repeat(counts)
    table[steps, np.arange(steps.size) - (layout.known - counts)[steps]] = values
    return row_medians(table), counts > 0
