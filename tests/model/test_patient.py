"""An entry holds a finite amount and does not end before it begins."""

from __future__ import annotations

import math

import pytest

from tests.support.patient_entries import an_entry


@pytest.mark.parametrize("amount", [math.nan, math.inf])
def test_an_amount_is_a_finite_number(amount: float) -> None:
    with pytest.raises(ValueError, match=r"weight: amount (nan|inf); want a finite number"):
        an_entry("1", "weight", amount=amount)


def test_nothing_ends_before_it_begins() -> None:
    assert an_entry("1", "cooling", at_h=1, until_h=1).until_utc_ns
    with pytest.raises(ValueError, match="cooling: ends before it begins"):
        an_entry("1", "cooling", at_h=1, until_h=0.5)
