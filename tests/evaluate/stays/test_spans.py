"""Stretches of time: union, membership, runs, and an alarm that waits."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.evaluate.stays.spans import Spans, persistent, runs

PAIRS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


def test_spans_that_touch_are_one_and_empty_ones_are_none() -> None:
    spans = Spans.of([(5, 6), (1, 2), (2, 4), (7, 7)])
    assert spans.pairs() == [(1.0, 4.0), (5.0, 6.0)]
    assert spans.total_s == 4.0


@given(PAIRS, PAIRS)
def test_a_moment_is_inside_where_one_of_the_stretches_holds_it(
    some: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    moments = np.arange(0.0, 60.0, 0.5)
    inside = Spans.of(some).joined(Spans.of(others)).hold(moments)
    slow = [any(b <= at < e for b, e in (*some, *others)) for at in moments]
    assert inside.tolist() == slow


def test_wider_spans_meet() -> None:
    assert Spans.of([(10, 20), (30, 40)]).widened(3, 8).pairs() == [(7.0, 48.0)]


def test_runs_are_in_seconds() -> None:
    is_so = np.array([0, 1, 1, 0, 0, 1], np.bool_)
    assert runs(is_so, 10.0).pairs() == [(10.0, 30.0), (50.0, 60.0)]


def test_an_alarm_waits_to_begin_and_to_end() -> None:
    heard = persistent(Spans.of([(0, 50), (100, 300), (320, 500), (900, 1100)]), 60.0, 100.0)
    assert heard.pairs() == [(160.0, 600.0), (960.0, 1200.0)]
