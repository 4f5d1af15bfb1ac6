"""Slopes and sums agree with slow, obvious formulas."""

from __future__ import annotations

import math
from itertools import combinations
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.detect.minutes.trend import SLOPE_POINTS, shift, slopes, ten_minute_medians

NAN = math.nan
POINTS = st.lists(
    st.one_of(st.integers(360, 400).map(lambda tenth: tenth / 10), st.just(NAN)),
    min_size=SLOPE_POINTS,
    max_size=SLOPE_POINTS,
)


@given(POINTS)
def test_the_slope_is_the_median_of_all_pairs_per_hour(points: list[float]) -> None:
    known = [(i / 6, p) for i, p in enumerate(points) if not math.isnan(p)]
    got = float(slopes(np.array([points]))[0])
    if len(known) < SLOPE_POINTS / 2:
        assert math.isnan(got)
        return
    pairs = [(q - p) / (t - s) for (s, p), (t, q) in combinations(known, 2)]
    assert got == pytest.approx(median(pairs))


def test_a_block_without_a_value_has_no_median() -> None:
    minutes = np.array([37.0] * 9 + [NAN] + [NAN] * 10)
    assert np.array_equal(ten_minute_medians(minutes), [37.0, NAN], equal_nan=True)


def test_the_sum_grows_with_time_and_height_and_is_bounded() -> None:
    total = 0.0
    for _ in range(60):
        total = shift(total, over=0.7, spread=0.35)
    assert total == pytest.approx(1.25)
    assert shift(2.999, 7.0, 0.35) == 3
    assert shift(0.001, 0.0, 0.35) == 0


def test_half_of_the_sum_is_gone_after_an_hour_without_values() -> None:
    total = 2.0
    for _ in range(60):
        total = shift(total, NAN, 0.35)
    assert total == pytest.approx(1.0)
    assert shift(2.0, 1.0, NAN) < 2.0
