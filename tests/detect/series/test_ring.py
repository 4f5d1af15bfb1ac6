"""A ring hands out its newest columns as one view, however long it has been filled."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.detect.series.ring import Ring


@given(st.integers(1, 7), st.integers(0, 40))
def test_a_window_holds_the_newest_columns(span: int, count: int) -> None:
    ring = Ring(rows=2, span=span)
    ring.begin(100)
    for number in range(count):
        ring.append()[:, 0] = (number, -number)
    wanted = ([np.nan] * span + [float(n) for n in range(count)])[-span:]
    assert np.array_equal(ring.window(0, span), wanted, equal_nan=True)
    assert np.array_equal(ring.windows(span)[0], wanted, equal_nan=True)
    assert ring.newest == 100 + count


def test_columns_are_appended_together_as_one_after_the_other() -> None:
    ring = Ring(rows=1, span=4)
    ring.begin(0)
    ring.append(3)[:] = [[0, 1, 2]]
    assert np.array_equal(ring.window(0, 4), [np.nan, 0, 1, 2], equal_nan=True)
    ring.append(4)[:] = [[3, 4, 5, 6]]
    ring.append(2)[:] = [[7, 8]]
    assert ring.window(0, 4).tolist() == [5, 6, 7, 8]
    assert ring.newest == 9


def test_a_new_column_is_empty_and_an_old_one_can_be_mended() -> None:
    ring = Ring(rows=1, span=3)
    ring.begin(0)
    for number in range(20):
        column = ring.append()[:, 0]
        assert np.isnan(column).all()
        column[0] = number
    ring.column(19)[0] = 7
    assert ring.window(0, 3).tolist() == [17, 7, 19]


def test_beginning_again_forgets() -> None:
    ring = Ring(rows=1, span=2)
    ring.append()[0] = 1
    assert ring.window(0, 1).tolist() == [1]
    ring.begin(5)
    assert np.isnan(ring.windows(2)).all()
    assert ring.newest == 5
