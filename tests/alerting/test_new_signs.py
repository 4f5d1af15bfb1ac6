"""No open alert keeps a new sign untold: under random rules, courses and answers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.support.alert_courses_drawn import DrawnCourse, drawn_courses


def check(course: DrawnCourse) -> None:
    assert list(course.told().untold()) == []


@pytest.mark.untraced
@settings(max_examples=60)
@given(drawn_courses())
def test_no_open_alert_keeps_a_new_sign_untold(course: DrawnCourse) -> None:
    check(course)


@pytest.mark.proof
@settings(max_examples=5000)
@given(drawn_courses())
def test_no_open_alert_keeps_a_new_sign_untold_in_many_courses(course: DrawnCourse) -> None:
    check(course)
