"""A ward is its seed, its rates stand in their ranges, and the wards of the test are apart."""

from __future__ import annotations

from dataclasses import fields, replace
from zlib import crc32

import numpy as np
import pytest

from simulators.habits.drawn_wards import GROUPS, draw_ward, shipped_wards, ward_named, ward_names
from simulators.habits.ranges import RANGES, Range
from simulators.habits.ward_habits import WardHabits

ALL = [ward for group in GROUPS for ward in shipped_wards(group)]
DRAWN = [draw_ward(seed) for seed in range(200)]
ARTEFACTS = ("deep", "high", "narrow", "swapped", "failed")


def test_every_rate_has_a_range_with_a_source() -> None:
    rates = [field.name for field in fields(WardHabits) if field.name not in {"name", "seed"}]
    assert rates == list(RANGES)
    for name, spread in RANGES.items():
        assert spread.source, name
        assert spread.low < spread.high, name
        assert all(spread.low <= step <= spread.high for step in spread.steps), name


def test_the_rates_of_a_ward_stand_in_their_ranges() -> None:
    for ward in DRAWN:
        for name, spread in RANGES.items():
            assert spread.low <= getattr(ward, name) <= spread.high, name


def test_artefacts_of_the_cuff_are_half_a_percent_to_eight_percent() -> None:
    for ward in DRAWN:
        total = sum(getattr(ward, f"cuff_{kind}_share") for kind in ARTEFACTS)
        assert 0.005 <= total <= 0.08


@pytest.mark.parametrize(
    ("spread", "share", "value"),
    [
        (Range(2.0, 4.0, "x"), 0.25, 2.5),
        (Range(0.01, 1.0, "x", is_log=True), 0.5, 0.1),
        (Range(1.0, 8.0, "x", steps=(1, 4, 8)), 0.99, 8),
        (Range(1.0, 8.0, "x", steps=(1, 4, 8)), 0.0, 1),
    ],
)
def test_a_range_gives_a_value_for_each_share_of_it(
    spread: Range, share: float, value: float
) -> None:
    assert spread.at(share) == pytest.approx(value)


def test_a_ward_is_its_seed() -> None:
    assert draw_ward(7) == draw_ward(7)
    assert draw_ward(7, "other") == replace(draw_ward(7), name="other")
    assert draw_ward(7).cuff_deep_share != draw_ward(8).cuff_deep_share


def test_wards_differ_over_the_whole_range() -> None:
    for name, spread in RANGES.items():
        places = [getattr(ward, name) for ward in DRAWN]
        reached = np.ptp(places) / (spread.high - spread.low)
        assert reached > 0.9, name


def test_twelve_wards_are_for_tuning_and_twelve_others_for_the_test() -> None:
    tune, test = ([ward.seed for ward in shipped_wards(group)] for group in GROUPS)
    assert len({*tune}) == len({*test}) == 12
    assert not {*tune} & {*test}
    assert ward_names()[0] == "tune-01"
    assert ward_named("test-12") == shipped_wards("test")[-1]
    assert ward_named("seed-7") == draw_ward(7)
    assert [ward_named(name) for name in ("test-13", "seed-07", "seed-", "")] == [None] * 4


def test_the_wards_are_those_that_were_fixed_before_any_rule_was_tuned() -> None:
    # Whoever changes a range has to report the figures of both, before and after.
    rates = [f"{getattr(ward, name):.6g}" for ward in ALL for name in RANGES]
    assert [ward.seed for ward in ALL][::6] == [5154097660, 8849766004, 3517521870, 9112505319]
    assert crc32(" ".join(rates).encode()) == 2831644581
