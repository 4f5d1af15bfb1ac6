"""Tracks of a vital: medians of steps that stand for a while, and single readings."""

from __future__ import annotations

import math
from statistics import median as plain_median

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.detect.arrays import merged
from edge_agent.detect.series.tracks import EventTrack, RunningTrack, median
from tests.support.detector_inputs import at

NAN = math.nan


@given(st.lists(st.one_of(st.floats(30, 200), st.just(NAN)), max_size=9))
def test_the_median_leaves_out_what_is_not_usable(values: list[float]) -> None:
    usable = [v for v in values if not math.isnan(v)]
    got = median(values)
    assert got == plain_median(usable) if usable else math.isnan(got)


def test_a_median_stands_for_a_while_when_nothing_comes() -> None:
    track = RunningTrack(hold_steps=2)
    track.add(1, 80, 1)
    track.add(1, 90, 2)
    assert [track.close(step) for step in (1, 2, 3)] == [85, 85, 85]
    assert math.isnan(track.close(4))
    assert track.last == 85


def test_an_explicit_no_value_ends_it_at_once() -> None:
    track = RunningTrack(hold_steps=2)
    track.add(1, 80, 1)
    track.add(2, NAN, 2)
    assert track.close(1) == 80
    assert math.isnan(track.close(2))
    assert math.isnan(track.close(3))
    assert track.last == 80


def test_a_reading_that_comes_twice_is_one() -> None:
    track = RunningTrack(hold_steps=0)
    for value, feed_ns in ((80, 1), (80, 1), (90, 2), (NAN, 3), (NAN, 3)):
        track.add(1, value, feed_ns)
    assert track.close(1) == 85


def test_what_is_old_is_forgotten() -> None:
    track = RunningTrack(hold_steps=1)
    for step in range(1, 500):
        track.add(step, float(step), step)
        assert track.close(step) == step
    assert len(track._medians) < 20
    assert len(track._readings) < 10


def test_events_keep_their_order_and_a_value_fills_its_gap_once() -> None:
    track = EventTrack(keep_ns=100 * 10**9)
    assert track.add(at(20), NAN, 20)
    assert track.add(at(10), 110, 10)
    assert not track.add(at(20), NAN, 20)
    assert track.add(at(20), 120, 20)
    assert not track.add(at(20), 130, 20)
    assert track.events.values.tolist() == [110, 120]
    assert track.events.stamp(0).at == at(10)
    assert track.events.stamp(1).feed_time == "20"
    assert track.events.until(at(10).monotonic_ns).values.tolist() == [110]
    assert track.events.since(at(10).monotonic_ns).values.tolist() == [120]
    assert track.add(at(120), 90, 120)
    assert track.events.values.tolist() == [90]


def test_a_stamp_that_comes_again_after_a_clock_was_set_back_is_another_reading() -> None:
    track = EventTrack(keep_ns=10**15)
    assert track.add(at(0), 118, 5)
    assert not track.add(at(600), 118, 5)  # sent again
    assert not track.add(at(60), 70, 5)  # the monitor changed its mind about one reading
    assert track.add(at(61), 70, 5)
    assert not track.add(at(62), NAN, 5)
    assert track.add(at(3600), 118, 5)
    assert track.events.values.tolist() == [118, 70, 118]
    moved = track.moved(10**12)
    assert not moved.add(at(3600), 118, 5)  # the same moment, counted on another clock


def test_readings_of_several_sources_are_in_order_of_time() -> None:
    one, two = EventTrack(10**12), EventTrack(10**12)
    for second in (1, 4):
        one.add(at(second), float(second), second)
    two.add(at(2), 2.0, 2)
    found = merged([one.events, two.events])
    assert found.values.tolist() == [1, 2, 4]
    assert np.all(np.diff(found.times_ns) > 0)
