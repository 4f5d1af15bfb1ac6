"""Series keep a bounded span in order of time; windows are views that never change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.detect.window import VitalSeries
from tests.detect.builders import START, at

SPAN_NS = 100 * 10**9


def times_s(series: VitalSeries, end_s: float, length_s: float) -> list[int]:
    window = series.window(at(end_s).monotonic_ns, round(length_s * 1e9))
    return [round((int(t) - START.monotonic_ns) / 1e9) for t in window.times_ns]


@given(st.lists(st.integers(0, 400), max_size=200), st.integers(0, 400), st.integers(1, 100))
def test_a_window_holds_what_a_slow_search_finds(
    moments: list[int], end_s: int, length_s: int
) -> None:
    series = VitalSeries(SPAN_NS)
    for moment in moments:
        series.append(at(moment), float(moment), moment)
    newest = max(moments, default=0)
    wanted = sorted(
        m for m in moments if end_s - length_s < m <= end_s and newest - m < SPAN_NS / 1e9
    )
    got = [m for m in times_s(series, end_s, length_s) if newest - m < SPAN_NS / 1e9]
    assert got == wanted


def test_the_series_stays_bounded_over_a_day() -> None:
    series = VitalSeries(SPAN_NS)
    for second in range(86_400):
        series.append(at(second), 1.0, second)
    assert len(series) <= 4 * 100
    assert times_s(series, 86_399, 100) == list(range(86_300, 86_400))


def test_a_window_is_read_only_and_keeps_its_values_when_the_series_grows() -> None:
    series = VitalSeries(SPAN_NS)
    series.append(at(0), 1.0, 0)
    series.append(at(2), 3.0, 2)
    window = series.window(at(2).monotonic_ns, SPAN_NS)
    series.append(at(1), 2.0, 1)
    for second in range(3, 300):
        series.append(at(second), 9.0, second)
    assert window.values.tolist() == [1.0, 3.0]
    with pytest.raises(ValueError, match="read-only"):
        window.values[0] = 5.0


def test_a_late_reading_takes_its_place_and_is_not_the_newest() -> None:
    series = VitalSeries(SPAN_NS)
    series.append(at(10), 1.0, 10)
    series.append(at(5), 2.0, 5)
    window = series.window(at(10).monotonic_ns, SPAN_NS)
    assert window.values.tolist() == [2.0, 1.0]
    assert series.newest_usable is not None
    assert series.newest_usable.at == at(10)
    assert window.stamp(0).at == at(5)
    assert window.stamp(0).feed_time == "5"


def test_a_gap_is_kept_but_is_not_usable() -> None:
    series = VitalSeries(SPAN_NS)
    series.append(at(10), math.nan, 10)
    assert series.newest_usable is None
    assert np.isnan(series.window(at(10).monotonic_ns, SPAN_NS).values).all()


def test_a_repeated_reading_is_known_and_a_value_fills_its_gap() -> None:
    series = VitalSeries(SPAN_NS)
    assert not series.settle_repeat(1.0, 5)
    series.append(at(5), math.nan, 5)
    before = series.window(at(5).monotonic_ns, SPAN_NS)
    assert series.settle_repeat(math.nan, 5)
    assert series.settle_repeat(118.0, 5)
    assert series.settle_repeat(90.0, 5)
    assert series.window(at(5).monotonic_ns, SPAN_NS).values.tolist() == [118.0]
    assert np.isnan(before.values).all()
    assert series.newest_usable is not None
    assert series.newest_usable.at == at(5)


def test_a_series_is_held_until_its_span_has_passed() -> None:
    series = VitalSeries(SPAN_NS)
    assert not series.holds_reading(at(0).monotonic_ns)
    series.append(at(0), math.nan, 0)
    assert series.holds_reading(at(99).monotonic_ns)
    assert not series.holds_reading(at(100).monotonic_ns)
