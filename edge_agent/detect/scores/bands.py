"""Points from bands of a value, and the range of a score while inputs are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from edge_agent.detect.arrays import FloatArray

_HALF = 0.5 + 1e-9
"""Half a step, counted as reached from 1e-9 steps below: the mean of two tenths may fall that
short."""


class Points(NamedTuple):
    """Lowest and highest points of a term; equal where its input decides them."""

    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Bands:
    """Table of points by bands of one value."""

    starts: tuple[float, ...]
    """Lowest value of each band but the first, rising."""
    points: tuple[int, ...]
    """Points of each band, lowest band first; one more than `starts`."""
    steps_per_unit: int = 1
    """Steps that the value is rounded to before scoring: 1 for integers, 10 for tenths."""

    def __post_init__(self) -> None:
        if len(self.points) != len(self.starts) + 1:
            raise ValueError(f"{len(self.points)} points for {len(self.starts) + 1} bands")
        if any(a >= b for a, b in zip(self.starts, self.starts[1:], strict=False)):
            raise ValueError(f"bands start at {self.starts}; want rising values")


@dataclass(frozen=True, slots=True)
class BandedScore:
    """Score of n moments, term by term."""

    points: Mapping[str, FloatArray]
    """Points of each term, shape (n,); NaN where the inputs do not decide them."""
    total: FloatArray
    """Total, shape (n,); NaN where the points of any term are."""
    low: FloatArray
    """Lowest total that the missing inputs allow, shape (n,), never NaN."""
    high: FloatArray
    """Highest total that the missing inputs allow, shape (n,), never NaN."""


def round_half_up(values: FloatArray, steps_per_unit: int) -> FloatArray:
    """Return the values in whole steps, halves rounded up; all scores round here.

    Parameters
    ----------
    values
        Any shape; NaN stays NaN.
    steps_per_unit
        1 rounds to integers, 10 to tenths (38.04 becomes 380 steps, 38.05 becomes 381).
    """
    return np.asarray(np.floor(values * steps_per_unit + _HALF))


def band_points(bands: Bands, values: FloatArray) -> Points:
    """Return the points of the values, shape (n,); for NaN, the whole range of the table."""
    starts = round_half_up(np.asarray(bands.starts, dtype=np.float64), bands.steps_per_unit)
    band = np.searchsorted(starts, round_half_up(values, bands.steps_per_unit), side="right")
    points = np.asarray(bands.points, dtype=np.float64)[band]
    missing = np.isnan(values)
    return Points(
        np.where(missing, min(bands.points), points), np.where(missing, max(bands.points), points)
    )


def coded_points(table: tuple[Points, ...], codes: FloatArray) -> Points:
    """Return the points of codes by rows of a table; where a code is NaN, the range of all rows.

    Parameters
    ----------
    table
        One row per code, counted from 0; each of shape () or (n,).
    codes
        Shape (n,); whole numbers that have a row, or NaN.

    Raises
    ------
    ValueError
        For a code without a row.
    """
    missing = np.isnan(codes)
    if not np.isin(codes[~missing], np.arange(len(table))).all():
        raise ValueError(f"codes {np.unique(codes[~missing])}; want 0 to {len(table) - 1} or NaN")
    low = np.min([row.low for row in table], axis=0)
    high = np.max([row.high for row in table], axis=0)
    low, high = np.broadcast_to(low, codes.shape), np.broadcast_to(high, codes.shape)
    for code, row in enumerate(table):
        low = np.where(codes == code, row.low, low)
        high = np.where(codes == code, row.high, high)
    return Points(low, high)


def fixed_points(low: int, high: int | None = None) -> Points:
    """Return a row for `coded_points` with the same points at every moment."""
    return Points(np.asarray(low, float), np.asarray(low if high is None else high, float))


def add_up(terms: Mapping[str, Points]) -> BandedScore:
    """Return the sum of a score's terms, each of shape (n,)."""
    points = {
        name: np.where(term.low == term.high, term.low, np.nan) for name, term in terms.items()
    }
    return BandedScore(
        points=points,
        total=np.sum(list(points.values()), axis=0),
        low=np.sum([term.low for term in terms.values()], axis=0),
        high=np.sum([term.high for term in terms.values()], axis=0),
    )


def check_shapes(arrays: Mapping[str, FloatArray]) -> None:
    """Raise an error unless all arrays have one shape (n,).

    Raises
    ------
    ValueError
        If the shapes differ, or any array is not one-dimensional.
    """
    shapes = {name: array.shape for name, array in arrays.items()}
    if len(set(shapes.values())) != 1 or any(len(shape) != 1 for shape in shapes.values()):
        raise ValueError(f"shapes {shapes}; want one shape (n,)")
