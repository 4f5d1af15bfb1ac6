"""The course since an alert: of the signs that rang, from newest usable values alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.course import Course, course_of
from edge_agent.model.facts import Fact, FactKind, Facts, Limit, LimitOf
from edge_agent.model.measurements import VitalKind
from tests.support.samples import an_alert

SYSTOLIC, MEAN = VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_MEAN
LOW = Limit(90, is_lower=True, of=LimitOf.VALUE, for_s=0, times=2)
HIGH = Limit(120, is_lower=False, of=LimitOf.VALUE, for_s=540, times=0)
PRESSURE = Fact(FactKind.PRESSURE, 84.0, "mm[Hg]", limit=LOW)
HEART = Fact(FactKind.HEART_RATE, 131.0, "/min", limit=HIGH)


def course(newest: dict[VitalKind, float], *rang: Fact) -> Course | None:
    return course_of(replace(an_alert(), facts=Facts(0, rang)), newest)


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (74.0, Course.WORSE),
        (75.0, Course.SAME),
        (93.0, Course.SAME),
        (94.0, Course.BETTER),
        (0.0, Course.WORSE),
    ],
)
def test_a_low_value_is_better_when_it_rises(now: float, found: Course) -> None:
    assert course({SYSTOLIC: now}, PRESSURE) is found


def test_a_high_value_is_better_when_it_falls() -> None:
    assert course({VitalKind.HEART_RATE: 121.0}, HEART) is Course.BETTER
    assert course({VitalKind.HEART_RATE: 141.0}, HEART) is Course.WORSE


def test_one_sign_that_is_worse_makes_it_worse() -> None:
    newest = {SYSTOLIC: 110.0, VitalKind.HEART_RATE: 150.0}
    assert course(newest, PRESSURE, HEART) is Course.WORSE
    assert course(newest | {VitalKind.HEART_RATE: 131.0}, PRESSURE, HEART) is Course.BETTER


def test_a_pressure_is_compared_with_one_from_the_same_place() -> None:
    line = replace(PRESSURE, is_line=True)
    assert course({SYSTOLIC: 110.0}, line) is None
    assert course({VitalKind.ART_SYSTOLIC: 110.0}, line) is Course.BETTER
    mean = replace(PRESSURE, value=None, mean=50.0)
    assert course({MEAN: 62.0}, mean) is Course.BETTER
    assert course({VitalKind.ART_MEAN: 38.0}, replace(mean, is_line=True)) is Course.WORSE


@pytest.mark.parametrize(
    "fact",
    [
        replace(HEART, limit=None),
        replace(HEART, is_former=True),
        replace(HEART, value=None),
        Fact(FactKind.NEWS2, 8.0, "{score}", limit=HIGH),
    ],
)
def test_nothing_is_said_of_what_cannot_be_compared(fact: Fact) -> None:
    assert course({VitalKind.HEART_RATE: 180.0}, fact) is None


def test_nothing_is_said_without_facts_or_without_a_value_of_now() -> None:
    assert course_of(an_alert(), {VitalKind.HEART_RATE: 90.0}) is None
    assert course({}, HEART) is None
