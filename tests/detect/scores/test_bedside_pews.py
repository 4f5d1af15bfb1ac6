"""The score of children agrees with the paper's table and with an independent package."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from edge_agent.detect.scores.bedside_pews import ChildObservations, bedside_pews
from tests.support import score_cases

MANY = 20_000
STEPS = {
    "pulse": 1,
    "systolic": 1,
    "capillary_refill_s": 0.1,
    "respiratory_rate": 1,
    "spo2": 1,
}
POSSIBLE = {
    "pulse": tuple(float(x) for x in range(35, 200, 5)),
    "systolic": tuple(float(x) for x in range(40, 200, 5)),
    "capillary_refill_s": (1.0, 4.0),
    "respiratory_rate": (*(float(x) for x in range(5, 20)), *(float(x) for x in range(20, 100, 5))),
    "effort": (0.0, 1.0, 2.0, 3.0),
    "spo2": (88.0, 92.0, 97.0),
    "oxygen": (0.0, 1.0, 2.0),
}


def test_it_agrees_with_an_independent_package_in_all_ages() -> None:
    seen, bands = score_cases.children(MANY)
    assert set(bands.tolist()) == set(range(5))
    np.testing.assert_array_equal(bedside_pews(seen).total, score_cases.pews_by_open_medicine(MANY))


def test_values_between_steps_are_rounded_half_up_before_they_are_scored() -> None:
    seen, _ = score_cases.children(MANY)
    between = score_cases.unrounded(seen, STEPS)
    np.testing.assert_array_equal(bedside_pews(between).total, bedside_pews(seen).total)


def test_it_reaches_26_as_in_the_paper() -> None:
    worst = ChildObservations(*(np.array([x]) for x in (2.0, 200, 40, 5.0, 90, 3.0, 80, 2)))
    assert bedside_pews(worst).total.tolist() == [26]
    nothing = ChildObservations(*(np.full(1, np.nan) for _ in fields(ChildObservations)))
    assert (bedside_pews(nothing).low[0], bedside_pews(nothing).high[0]) == (0, 26)


def test_it_spans_every_way_in_which_missing_inputs_can_turn_out() -> None:
    seen, _ = score_cases.children(60)
    score_cases.assert_bounds_are_reached(bedside_pews, seen, POSSIBLE)


def test_without_an_age_every_age_is_within_the_bounds() -> None:
    seen, _ = score_cases.children(300)
    ageless = bedside_pews(replace(seen, age_years=np.full(300, np.nan)))
    for years in (0.1, 0.5, 2.0, 8.0, 15.0):
        total = bedside_pews(replace(seen, age_years=np.full(300, years))).total
        assert (ageless.low <= total).all()
        assert (total <= ageless.high).all()
    assert (ageless.low < ageless.high).any()


def test_a_code_that_is_none_is_refused() -> None:
    seen, _ = score_cases.children(1)
    with pytest.raises(ValueError, match="want 0 to 3 or NaN"):
        bedside_pews(replace(seen, effort=np.array([4.0])))
