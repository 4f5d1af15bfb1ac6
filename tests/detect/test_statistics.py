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


def covered(times_s: list[int], window_s: int, hold_s: int) -> float:
    good = {s for t in times_s for s in range(window_s - t, min(window_s - t + hold_s, window_s))}
    return len(good) / window_s


@given(st.lists(st.integers(0, 120), max_size=20), st.integers(1, 60))
def test_coverage_matches_counting_seconds(times_s: list[int], hold_s: int) -> None:
    oldest_first = sorted(times_s, reverse=True)
    got = coverage(np.array(oldest_first, dtype=np.float64), 120, hold_s)
    assert got == pytest.approx(covered(times_s, 120, hold_s))


@pytest.mark.parametrize(("window_s", "hold_s"), [(0, 1), (1, 0), (-1, 1)])
def test_coverage_refuses_lengths_that_are_not_positive(window_s: float, hold_s: float) -> None:
    with pytest.raises(ValueError, match="must be > 0"):
        coverage(np.array([0.0]), window_s, hold_s)


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
