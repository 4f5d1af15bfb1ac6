"""Slopes and sums agree with slow, obvious formulas."""

from __future__ import annotations

import math
from itertools import combinations
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.detect.minutes.trend import shifts_over, slopes_over

NAN = math.nan
POINT_COUNT = 12
POINTS = st.lists(
    st.one_of(st.integers(360, 400).map(lambda tenth: tenth / 10), st.just(NAN)),
    min_size=POINT_COUNT,
    max_size=POINT_COUNT,
)


def span(points: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return two hours of minutes with these ten-minute medians."""
    return np.repeat(points, 10)


@given(POINTS)
def test_the_slope_is_the_median_of_all_pairs_per_hour(points: list[float]) -> None:
    known = [(i / 6, p) for i, p in enumerate(points) if not math.isnan(p)]
    got = float(slopes_over(span(points), np.array([120]), NAN)[0])
    if len(known) < POINT_COUNT / 2:
        assert math.isnan(got)
        return
    pairs = [(q - p) / (t - s) for (s, p), (t, q) in combinations(known, 2)]
    assert got == pytest.approx(median(pairs))


def test_a_slope_stands_until_the_next_ten_minutes_are_over() -> None:
    temperatures = np.concatenate((np.full(75, NAN), np.arange(70) / 100))
    got = slopes_over(temperatures, np.arange(116, 142), 9.0)
    assert got[:4].tolist() == [9.0] * 4
    assert np.isnan(got[4:14]).all()
    assert got[14:] == pytest.approx([0.6] * 12)
    assert slopes_over(temperatures[:120], np.array([121]), 9.0).tolist() == [9.0]


def test_a_block_without_a_value_has_no_median() -> None:
    minutes = np.repeat([37.0] * 6 + [NAN] * 6, 10)
    minutes[[9, 20]] = NAN, 99.0
    assert slopes_over(minutes, np.array([120]), NAN).tolist() == [0.0]
    minutes[50:60] = NAN
    assert np.isnan(slopes_over(minutes, np.array([120]), NAN)[0])


def sum_after(minutes: int, over: float, spread: float, before: float = 0.0) -> float:
    return float(shifts_over(np.full(minutes, over), np.full(minutes, spread), before)[-1])


def test_the_sum_grows_with_time_and_height_and_is_bounded() -> None:
    assert sum_after(60, over=0.7, spread=0.35) == pytest.approx(1.25)
    assert sum_after(1, 7.0, 0.35, before=2.999) == 3
    assert sum_after(1, 0.0, 0.35, before=0.001) == 0


def test_half_of_the_sum_is_gone_after_an_hour_without_values() -> None:
    assert sum_after(60, NAN, 0.35, before=2.0) == pytest.approx(1.0)
    assert sum_after(1, 1.0, NAN, before=2.0) < 2.0
    assert shifts_over(np.array([0.7, NAN]), np.array([0.35, 0.35]), 1.0)[0] > 1.0
