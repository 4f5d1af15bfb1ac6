"""Window statistics of the detector, and the same by polars, pandas and river."""

from __future__ import annotations

import os
from operator import ge, gt, le, lt
from typing import Any, Final

os.environ["POLARS_MAX_THREADS"] = "1"  # read when polars is first imported

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import polars as pl
from river import stats, utils

from edge_agent.batch.medians import layout_of, row_medians, step_medians
from edge_agent.batch.windows import in_window
from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.language.rule import Operator

_COMPARED: Final[Mapping[Operator, Callable[[Any, float], Any]]] = {
    Operator.BELOW: lt,
    Operator.AT_MOST: le,
    Operator.AT_LEAST: ge,
    Operator.ABOVE: gt,
}


@dataclass(frozen=True, slots=True)
class LimitWindow:
    """Number of the last steps of a vital that satisfy a limit."""

    vital: str
    operator: Operator
    limit: float
    length: int


@dataclass(frozen=True, slots=True)
class Day:
    """Input of the statistics."""

    values: Mapping[str, FloatArray]
    """Values at 1 Hz, by vital, shape (n,)."""
    windows: tuple[LimitWindow, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Results that all libraries must agree on."""

    steps: FloatArray
    """Medians of 10 s, shape (vitals, n / 10)."""
    minutes: FloatArray
    """Medians of the steps in each minute, shape (vitals, n / 60)."""
    counts: FloatArray
    """Count of each window at each step, shape (windows, n / 10)."""


def assert_equal(ours: Statistics, theirs: Statistics) -> None:
    """Refuse results that differ by more than 1e-9."""
    for name in ("steps", "minutes", "counts"):
        np.testing.assert_allclose(
            getattr(theirs, name), getattr(ours, name), rtol=0, atol=1e-9, equal_nan=True
        )


def ours_of(day: Day) -> Statistics:
    """Return the statistics as the detector calculates them over arrays."""
    size = next(iter(day.values.values())).size
    ends_s = np.arange(1, size // 10 + 1) * 10
    layout = layout_of(np.arange(1, size + 1), ends_s)
    steps = {name: step_medians(values, layout)[0] for name, values in day.values.items()}
    minutes = [row_medians(values.reshape(-1, 6)) for values in steps.values()]
    counts = [in_window(w.operator.compare(steps[w.vital], w.limit), w.length) for w in day.windows]
    return Statistics(
        np.array(list(steps.values())), np.array(minutes), np.array(counts, np.float64)
    )


def polars_of(day: Day) -> Statistics:
    """Return the statistics by polars."""
    size = next(iter(day.values.values())).size
    frame = pl.DataFrame({"second": np.arange(size), **day.values})
    frame = frame.with_columns(pl.exclude("second").fill_nan(None))
    steps = frame.group_by_dynamic("second", every="10i").agg(pl.exclude("second").median())
    minutes = steps.group_by_dynamic("second", every="60i").agg(pl.exclude("second").median())
    counts = steps.select(
        _COMPARED[w.operator](pl.col(w.vital), w.limit)
        .fill_null(value=False)
        .cast(pl.Float64)
        .rolling_sum(w.length, min_samples=1)
        .alias(str(place))
        for place, w in enumerate(day.windows)
    )
    names = list(day.values)
    return Statistics(
        steps.select(names).to_numpy().T, minutes.select(names).to_numpy().T, counts.to_numpy().T
    )


def pandas_of(day: Day) -> Statistics:
    """Return the statistics by pandas."""
    size = next(iter(day.values.values())).size
    index = pd.to_datetime(np.arange(size), unit="s")
    steps = pd.DataFrame(day.values, index).resample("10s").median()
    minutes = steps.resample("60s").median()
    counts = [
        _COMPARED[w.operator](steps[w.vital], w.limit)
        .astype(float)
        .rolling(w.length, min_periods=1)
        .sum()
        for w in day.windows
    ]
    return Statistics(
        steps.to_numpy().T, minutes.to_numpy().T, np.array([count.to_numpy() for count in counts])
    )


def river_of(day: Day) -> Statistics:
    """Return the statistics by river, value by value."""
    steps: dict[str, list[float]] = {name: [] for name in day.values}
    minutes: dict[str, list[float]] = {name: [] for name in day.values}
    counts: list[list[float]] = [[] for _ in day.windows]
    recent: list[Any] = [utils.Rolling(stats.Sum, window_size=w.length) for w in day.windows]
    for name, values in day.values.items():
        step: Any = stats.RollingQuantile(0.5, window_size=10)  # typed as giving None at times
        minute: Any = stats.RollingQuantile(0.5, window_size=6)
        windows = [(w, recent[i], counts[i]) for i, w in enumerate(day.windows) if w.vital == name]
        for second, value in enumerate(values.tolist(), start=1):
            step.update(value)
            if second % 10:
                continue
            median = step.get()
            steps[name].append(median)
            for window, total, count in windows:
                total.update(float(window.operator.holds(median, window.limit)))
                count.append(total.get())
            minute.update(median)
            if second % 60 == 0:
                minutes[name].append(minute.get())
    return Statistics(
        np.array(list(steps.values())), np.array(list(minutes.values())), np.array(counts)
    )
