"""The scores of adults agree with independent packages, and what is missing stays open."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial

import numpy as np
import pytest

from edge_agent.detect.scores.bands import Bands, band_points, round_half_up
from edge_agent.detect.scores.early_warning import CONSCIOUSNESS, Observations, mews, news2, qsofa
from tests.support import score_cases

MANY = 20_000
STEPS = {"respiratory_rate": 1, "spo2": 1, "systolic": 1, "pulse": 1, "temperature": 0.1}
POSSIBLE = {
    "respiratory_rate": (5.0, 10.0, 13.0, 17.0, 22.0, 35.0),
    "spo2": (80.0, 84.0, 86.0, 90.0, 92.0, 93.0, 95.0, 96.0, 98.0),
    "on_oxygen": (0.0, 1.0),
    "systolic": (60.0, 75.0, 95.0, 105.0, 120.0, 210.0, 230.0),
    "pulse": (35.0, 45.0, 70.0, 105.0, 120.0, 140.0),
    "temperature": (34.0, 35.5, 37.0, 38.2, 40.0),
    "consciousness": (0.0, 2.0, 3.0, 4.0),
}


@pytest.mark.untraced
def test_news2_agrees_with_three_packages_on_both_scales() -> None:
    cases = score_cases.adults(MANY)
    total = news2(cases.seen, scale_2=cases.scale_2).total
    assert 0 < np.count_nonzero(cases.scale_2) < MANY
    np.testing.assert_array_equal(total, score_cases.news2_by_clincalc(MANY))
    np.testing.assert_array_equal(total, score_cases.news2_by_vitalscore(MANY))
    np.testing.assert_array_equal(total, score_cases.news2_by_open_medicine(MANY))


def test_mews_agrees_with_an_independent_package() -> None:
    total = mews(score_cases.adults(MANY).seen).total
    np.testing.assert_array_equal(total, score_cases.mews_by_open_medicine(MANY))


@pytest.mark.untraced
def test_qsofa_agrees_with_three_packages() -> None:
    total = qsofa(score_cases.adults(MANY).seen).total
    for expected in score_cases.qsofa_by_packages(MANY):
        np.testing.assert_array_equal(total, expected)


def test_values_between_steps_are_rounded_half_up_before_they_are_scored() -> None:
    cases = score_cases.adults(MANY)
    between = score_cases.unrounded(cases.seen, STEPS)
    assert not np.array_equal(between.temperature, cases.seen.temperature)
    for score in (partial(news2, scale_2=cases.scale_2), mews, qsofa):
        np.testing.assert_array_equal(score(between).total, score(cases.seen).total)


@pytest.mark.parametrize(
    ("value", "steps_per_unit", "steps"),
    [
        (90.5, 1, 91),
        (90.4999, 1, 90),
        (38.05, 10, 381),
        (35.05, 10, 351),
        (38.04, 10, 380),
        (36.449999, 10, 364),
        (-0.5, 1, 0),
    ],
)
def test_a_half_is_rounded_up(value: float, steps_per_unit: int, steps: float) -> None:
    assert round_half_up(np.array([value]), steps_per_unit).tolist() == [steps]


def test_a_mean_of_two_temperatures_is_rounded_as_on_paper() -> None:
    means, tenths = score_cases.means_of_tenths()
    np.testing.assert_array_equal(round_half_up(means, 10), tenths)


def test_38_0_degrees_score_nothing_in_news2() -> None:
    seen = replace(score_cases.adults(1).seen, temperature=np.array([38.0]))
    assert news2(seen, scale_2=False).points["temperature"].tolist() == [0.0]


@pytest.mark.parametrize("scale_2", [False, True])
def test_news2_spans_every_way_in_which_missing_inputs_can_turn_out(*, scale_2: bool) -> None:
    score = partial(news2, scale_2=scale_2)
    score_cases.assert_bounds_are_reached(score, score_cases.adults(150).seen, POSSIBLE)


@pytest.mark.parametrize("score", [mews, qsofa])
def test_the_other_scores_span_every_way_too(score: score_cases._Score) -> None:
    used = score(score_cases.adults(1).seen).points
    possible = {name: values for name, values in POSSIBLE.items() if name in used}
    cases = score_cases.adults(100).seen
    cases = replace(cases, consciousness=np.where(cases.consciousness == 1, 0, 2.0))
    score_cases.assert_bounds_are_reached(score, cases, possible)


def test_the_scale_may_differ_from_moment_to_moment() -> None:
    cases = score_cases.adults(200)
    both = news2(cases.seen, scale_2=cases.scale_2)
    for scale_2 in (False, True):
        here = cases.scale_2 == scale_2
        alone = news2(cases.seen, scale_2=scale_2)
        np.testing.assert_array_equal(both.total[here], alone.total[here])


def test_new_confusion_leaves_mews_open_by_one_point() -> None:
    seen = replace(score_cases.adults(1).seen, consciousness=np.array([1.0]))
    score = mews(seen)
    assert np.isnan(score.total[0])
    assert np.isnan(score.points["consciousness"][0])
    assert score.high[0] - score.low[0] == 1


def test_nothing_known_spans_the_whole_score_and_no_moments_give_none() -> None:
    for size in (0, 1):
        nothing = Observations(*(np.full(size, np.nan) for _ in fields(Observations)))
        for score, highest in ((partial(news2, scale_2=True), 20), (mews, 14), (qsofa, 3)):
            result = score(nothing)
            assert result.low.tolist() == [0] * size
            assert result.high.tolist() == [highest] * size
            assert np.isnan(result.total).sum() == size


def test_the_letters_of_acvpu_are_coded_in_their_order() -> None:
    assert {letter: int(code) for letter, code in CONSCIOUSNESS.items()} == {
        "A": 0,
        "C": 1,
        "V": 2,
        "P": 3,
        "U": 4,
    }


@pytest.mark.parametrize(
    ("name", "code"), [("on_oxygen", 2), ("on_oxygen", 0.5), ("consciousness", 5)]
)
def test_a_code_that_is_none_is_refused(name: str, code: float) -> None:
    seen = replace(score_cases.adults(1).seen, **{name: np.array([code])})
    for score in (partial(news2, scale_2=False), mews, qsofa):
        with pytest.raises(ValueError, match=name):
            score(seen)


def test_arrays_of_different_or_wrong_shape_are_refused() -> None:
    seen = score_cases.adults(2).seen
    for spo2 in (np.array([97.0]), np.array([[97.0, 98.0]])):
        with pytest.raises(ValueError, match="want one shape"):
            replace(seen, spo2=spo2)


def test_a_table_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match="2 points for 3 bands"):
        Bands((1, 2), (0, 1))
    with pytest.raises(ValueError, match="rising"):
        Bands((2, 2), (0, 1, 2))


def test_bands_without_a_value_give_all_their_points() -> None:
    points = band_points(Bands((5,), (3, 1)), np.array([np.nan, 4, 5]))
    assert (points.low.tolist(), points.high.tolist()) == ([1, 3, 1], [3, 3, 1])
