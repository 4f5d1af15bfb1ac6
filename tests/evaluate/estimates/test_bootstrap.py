"""Figures and their intervals."""

from __future__ import annotations

from math import isnan, log

import pytest

from edge_agent.evaluate.estimates.bootstrap import median, rate, share


def test_a_ratio_is_of_sums_and_its_interval_holds_it() -> None:
    estimate = share([1, 0, 3, 2], [2, 2, 4, 2])
    assert estimate.value == pytest.approx(0.6)
    assert 0.0 <= estimate.low <= 0.6 <= estimate.high <= 1.0
    assert estimate == rate([1, 0, 3, 2], [2, 2, 4, 2])
    assert estimate.patients == 4


def test_patients_who_are_alike_leave_no_doubt() -> None:
    estimate = rate([1.0] * 20, [2.0] * 20)
    assert (estimate.low, estimate.value, estimate.high) == (0.5, 0.5, 0.5)


def test_the_interval_is_about_as_wide_as_that_of_a_share() -> None:
    estimate = share([1.0, 0.0] * 200, [1.0] * 400)
    assert estimate.low == pytest.approx(0.451, abs=0.012)
    assert estimate.high == pytest.approx(0.549, abs=0.012)


def test_a_median_counts_values_and_draws_patients() -> None:
    estimate = median([[1.0, 2.0], [], [10.0]])
    assert (estimate.value, estimate.n) == (2.0, 3)
    assert (estimate.low, estimate.high) == (1.5, 10.0)


def test_nothing_to_count_is_no_number() -> None:
    assert isnan(share([], []).value)
    assert isnan(rate([1.0], [0.0]).value)
    assert isnan(median([[], []]).value)


def test_all_or_none_leave_the_doubt_of_the_number_of_patients() -> None:
    every = share([3.0, 1.0, 0.0, 2.0], [3.0, 1.0, 0.0, 2.0])
    assert (every.value, every.high, every.patients) == (1.0, 1.0, 3)
    assert every.low == pytest.approx(0.2924, abs=1e-4)  # Clopper and Pearson, 3 of 3
    none = share([0.0] * 10, [5.0] * 10)
    assert (none.value, none.low) == (0.0, 0.0)
    assert none.high == pytest.approx(0.3085, abs=1e-4)  # 0 of 10
    never = rate([0.0] * 4, [14.0] * 4)
    assert (never.value, never.low) == (0.0, 0.0)
    assert never.high == pytest.approx(-log(0.025) / 56.0)
