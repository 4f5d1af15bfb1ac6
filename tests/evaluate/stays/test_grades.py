"""Grade intervals against the truth, minute by minute."""

from __future__ import annotations

import numpy as np

from edge_agent.evaluate.stays.grades import GradeCheck, check_grades, settled_minutes

STEPS_S = np.linspace(10.0, 300.0, 30)  # five minutes


def test_each_minute_is_looked_at_once() -> None:
    grade = np.array([0, 0, 1, 2, 2, 9], np.int8)  # the last minute is not over yet
    low = np.full(30, 0.0)
    high = np.full(30, 2.0)
    low[17:], high[17:] = 1.0, 1.0  # from minute 3 on: exactly 1, the truth is 2
    high[29] = np.nan  # minute 5 is not stated
    known = np.full(30, 37.0)
    cuff = known.copy()
    cuff[5] = np.nan  # minute 1 is not complete
    channels = {
        "grade_low": low,
        "grade_high": high,
        "temperature": known,
        "spo2": known,
        "nibp_systolic": cuff,
    }
    found = check_grades(channels, STEPS_S, grade, grade)
    # minutes 1 and 2 covered, 3 and 4 below the truth, 5 not stated; all but 1 complete
    assert found == GradeCheck(5, 2, 2, 0, 1, 4, 0, 4, 0, 0, 0)


def test_an_interval_of_one_grade_equals_it() -> None:
    one = np.ones(30)
    channels = dict.fromkeys(
        ("grade_low", "grade_high", "temperature", "spo2", "nibp_systolic"), one
    )
    grade = np.array([0, 1, 1, 0, 1, 1], np.int8)
    crs = np.array([0, 0, 1, 0, 1, 1], np.int8)
    found = check_grades(channels, STEPS_S, grade, crs)
    assert (found.covered, found.above, found.equal, found.equal_crs) == (4, 1, 4, 3)


def test_an_hour_on_either_side_of_a_change_is_not_settled() -> None:
    grade = np.zeros(400, np.int8)
    grade[100:] = 1
    grade[350:] = 2
    settled = settled_minutes(grade)
    assert np.flatnonzero(settled).tolist() == [*range(40), *range(160, 290)]
    assert settled_minutes(np.zeros(3, np.int8)).all()
