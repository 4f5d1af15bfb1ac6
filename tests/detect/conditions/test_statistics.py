"""Statistics agree with slow, obvious reference implementations."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.detect.conditions.kleene import age_s, deciding_value

VALUES = st.lists(st.one_of(st.integers(80, 100).map(float), st.just(math.nan)), max_size=20)


@given(
    values=VALUES,
    at_least=st.integers(1, 20),
    limit=st.integers(80, 100),
    low_is_bad=st.booleans(),
)
def test_the_deciding_value_satisfies_a_limit_when_enough_places_do(
    values: list[float], at_least: int, limit: int, *, low_is_bad: bool
) -> None:
    value = deciding_value(np.array(values), at_least, low_is_bad=low_is_bad)
    known = [v for v in values if not math.isnan(v)]
    if len(known) < at_least:
        assert value is None
        return
    assert value is not None
    satisfied = sum(v < limit if low_is_bad else v > limit for v in known)
    assert (value < limit if low_is_bad else value > limit) == (satisfied >= at_least)


def test_age_is_in_seconds_and_never_negative() -> None:
    assert age_s(5 * 10**9, 7_500_000_000) == 2.5
    assert age_s(7 * 10**9, 5 * 10**9) == 0
