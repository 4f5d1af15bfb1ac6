"""Points from bands of a value, and what a score can be while some of its inputs are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.detect.window import FloatArray

_HALF = 0.5 + 1e-9
"""A half counts as reached within 1e-9 steps: the mean of two tenths may fall that short of it."""


class Points(NamedTuple):
    """The lowest and highest points a term can have; equal where its input decides them."""

    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, slots=True)
class Bands:
    """A table of points by bands of one value."""

    starts: tuple[float, ...]
    """The lowest value of each band but the first, rising."""
    points: tuple[int, ...]
    """Of each band, the lowest band first: one more than `starts`."""
    steps_per_unit: int = 1
    """What the value is rounded to before it is scored: 1 for integers, 10 for tenths."""

    def __post_init__(self) -> None:
        if len(self.points) != len(self.starts) + 1:
            raise ValueError(f"{len(self.points)} points for {len(self.starts) + 1} bands")
        if any(a >= b for a, b in zip(self.starts, self.starts[1:], strict=False)):
            raise ValueError(f"bands start at {self.starts}; want rising values")


@dataclass(frozen=True, slots=True)
class BandedScore:
    """A score of n moments, term by term."""

    points: Mapping[str, FloatArray]
    """Of each term, shape (n,); NaN where the inputs do not decide them."""
    total: FloatArray
    """Shape (n,); NaN where the points of any term are."""
    low: FloatArray
    """The lowest total that the missing inputs allow, shape (n,), never NaN."""
    high: FloatArray
    """The highest total that the missing inputs allow, shape (n,), never NaN."""


def round_half_up(values: FloatArray, steps_per_unit: int) -> FloatArray:
    """Return values in whole steps, a half rounded up; the one place where scores round.

    Parameters
    ----------
    values
        Any shape; NaN stays NaN.
    steps_per_unit
        1 rounds to integers, 10 to tenths (38.04 becomes 380 steps, 38.05 becomes 381).
    """
    return np.asarray(np.floor(values * steps_per_unit + _HALF))


def band_points(bands: Bands, values: FloatArray) -> Points:
    """Return the points of values, shape (n,); where a value is NaN, all that the table has."""
    starts = round_half_up(np.asarray(bands.starts, dtype=np.float64), bands.steps_per_unit)
    places = np.searchsorted(starts, round_half_up(values, bands.steps_per_unit), side="right")
    points = np.asarray(bands.points, dtype=np.float64)[places]
    missing = np.isnan(values)
    return Points(
        np.where(missing, min(bands.points), points), np.where(missing, max(bands.points), points)
    )


def coded_points(table: tuple[Points, ...], codes: FloatArray) -> Points:
    """Return the points of codes by rows of a table; all its rows are possible where one is NaN.

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
    """Return a row for `coded_points`: points that hold for every moment."""
    return Points(np.asarray(low, float), np.asarray(low if high is None else high, float))


def add_up(terms: Mapping[str, Points]) -> BandedScore:
    """Return the score of its terms, each of shape (n,)."""
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
    """Refuse arrays that are not all of one shape (n,).

    Raises
    ------
    ValueError
        If one has another shape than the first, or any is not one-dimensional.
    """
    shapes = {name: array.shape for name, array in arrays.items()}
    if len(set(shapes.values())) != 1 or any(len(shape) != 1 for shape in shapes.values()):
        raise ValueError(f"shapes {shapes}; want one shape (n,)")
