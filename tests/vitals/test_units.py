"""Device units convert to canonical ones as published tables say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.vitals import units
from edge_agent.vitals.units import CONVERSIONS


@pytest.mark.parametrize(
    ("unit_code", "value", "canonical"),
    [
        (units.FAHRENHEIT, 100.4, 38.0),
        (units.FAHRENHEIT, 32.0, 0.0),
        (units.CELSIUS, 38.25, 38.25),
        (units.KILOPASCAL, 16.0, 120.0098),  # ISO 80000-4: 1 mmHg = 133.322387415 Pa
        (units.MILLIMETRE_OF_MERCURY, 120.0, 120.0),
        (units.PERCENT, 97.0, 97.0),
        (units.NO_DIMENSION, 3.0, 3.0),
        (units.BEATS_PER_MIN, 80.0, 80.0),
        (units.BREATHS_PER_MIN, 14.0, 14.0),
    ],
)
def test_a_unit_converts(unit_code: int, value: float, canonical: float) -> None:
    assert CONVERSIONS[unit_code].apply(value) == pytest.approx(canonical, abs=1e-4)


def test_every_conversion_is_tested() -> None:
    assert len(CONVERSIONS) == 8


@given(st.sampled_from(sorted(CONVERSIONS)), st.floats(-1e6, 1e6))
def test_converting_there_and_back_changes_nothing(unit_code: int, value: float) -> None:
    conversion = CONVERSIONS[unit_code]
    back = (conversion.apply(value) - conversion.offset) / conversion.scale
    assert back == pytest.approx(value, rel=1e-9, abs=1e-6)
