"""Window statistics agree with a slow reference."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.detect.rule import Operator
from edge_agent.detect.statistics import age_s, bin_medians, coverage, deciding_value, latest

VALUES = st.floats(30, 43, allow_nan=False)


@given(st.lists(st.tuples(st.integers(0, 59), VALUES), max_size=80), st.sampled_from([1, 5, 10]))
def test_coverage_matches_counting_the_seconds_of_filled_bins(
    readings: list[tuple[int, float]], bin_s: int
) -> None:
    ages = np.array([age for age, _ in readings], dtype=np.int64) * 10**9
    values = np.array([value for _, value in readings], dtype=np.float64)
    covered_s = {s for age, _ in readings for s in range(60) if s // bin_s == age // bin_s}
    medians = bin_medians(ages, values, bin_s * 10**9, 60 // bin_s)
    assert coverage(medians) == pytest.approx(len(covered_s) / 60)


@given(st.lists(st.tuples(st.integers(0, 59), VALUES), max_size=80), st.sampled_from([1, 5, 10]))
def test_bin_medians_match_the_median_of_each_bin(
    readings: list[tuple[int, float]], bin_s: int
) -> None:
    bins = 60 // bin_s
    ages = np.array([age for age, _ in readings], dtype=np.int64) * 10**9
    values = np.array([value for _, value in readings], dtype=np.float64)
    got = bin_medians(ages, values, bin_s * 10**9, bins)
    for place in range(bins):
        inside = [value for age, value in readings if age // bin_s == place]
        if inside:
            assert got[place] == pytest.approx(statistics.median(inside))
        else:
            assert math.isnan(got[place])


@given(
    st.lists(st.one_of(VALUES, st.just(math.nan)), min_size=1, max_size=12),
    st.integers(1, 12),
    VALUES,
    st.sampled_from([Operator.BELOW, Operator.ABOVE]),
)
def test_the_deciding_value_satisfies_a_limit_when_enough_bins_do(
    medians: list[float], at_least: int, limit: float, operator: Operator
) -> None:
    got = deciding_value(np.array(medians), at_least, low_is_bad=operator.low_is_bad)
    enough = operator.count(np.array(medians), limit) >= at_least
    if got is None:
        assert sum(not math.isnan(m) for m in medians) < at_least
    else:
        assert bool(operator.count(np.array([got]), limit)) == enough


@given(st.lists(st.one_of(VALUES, st.just(math.nan)), max_size=12), st.integers(1, 5))
def test_latest_gives_the_newest_usable_values(values: list[float], count: int) -> None:
    usable = [value for value in values if not math.isnan(value)]
    assert latest(np.array(values), count).tolist() == usable[-count:]


def test_a_reading_from_the_future_is_new() -> None:
    assert age_s(5 * 10**9, 7 * 10**9) == pytest.approx(2.0)
    assert age_s(9 * 10**9, 7 * 10**9) == 0
