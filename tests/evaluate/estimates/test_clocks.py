"""Durations and moments as people say them."""

from __future__ import annotations

from math import nan

import pytest

from edge_agent.evaluate.estimates.clocks import clock, in_minutes


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0.4, "24 min"),
        (2.4, "2 h 24 min"),
        (5.5, "5 h 30 min"),
        (3.0, "3 h"),
        (-0.08, "-5 min"),
        (0.001, "0 min"),
        (1.9999, "2 h"),
        (nan, "-"),
    ],
)
def test_a_duration_is_said_to_the_minute(hours: float, text: str) -> None:
    assert in_minutes(hours) == text


def test_a_moment_has_its_day() -> None:
    assert clock(0.0) == "day 1, 00:00"
    assert clock(86_400 + 15.6 * 3600) == "day 2, 15:36"
