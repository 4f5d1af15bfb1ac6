"""Medians of the readings in each step of a recorded stay."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np

from edge_agent.batch.medians import row_medians
from edge_agent.detect.arrays import BoolArray, FloatArray, IntArray
from edge_agent.detect.grid import STEP_NS
from edge_agent.detect.series.tracks import median


@dataclass(frozen=True, slots=True)
class Layout:
    """The step in which each reading of a series lies."""

    places: IntArray
    """Step of each reading up to the last step, counted from 0."""
    counts: IntArray
    """Number of readings in each step, shape (n steps,)."""


def layout_of(times_ns: IntArray, closed_before: int, count: int) -> Layout:
    """Return the step of each reading among `count` steps; older readings go into the first."""
    places = np.maximum((times_ns + (STEP_NS - 1)) // STEP_NS - (closed_before + 1), 0)
    places = places[: places.searchsorted(count)]
    return Layout(places, np.bincount(places, minlength=count))


def step_medians(values: FloatArray, layout: Layout) -> tuple[FloatArray, BoolArray]:
    """Return each step's median, NaN without a usable reading, and if the step has any reading."""
    places, counts = layout.places, layout.counts
    values = values[: places.size]
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
    table = np.full((counts.size, int(counts.max(initial=0))), nan)
    starts = counts.cumsum() - counts
    table[places, np.arange(places.size) - starts[places]] = values
    return row_medians(table), counts > 0
