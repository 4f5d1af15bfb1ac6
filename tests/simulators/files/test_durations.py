"""Lengths of time are read as people write them, and written so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.files.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90 s", 90.0),
        ("10min", 600.0),
        ("1.5 h", 5400.0),
        ("1 d 6 h", 108_000.0),
        (" 0 s ", 0.0),
        ("2 d 6 h 1 min 1 s", 194_461.0),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "min", "-1 h", "1 h, 2 min", "1 m", "1e3 s", "h 1"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert parse_duration(text) is None


@given(st.integers(0, 10**7))
def test_what_is_written_is_read_back(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds
