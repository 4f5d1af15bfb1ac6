"""Scripts of a bed's alerts and answers, with the notices that people get.

`play` runs each script twice, once with a restart after every evaluation.
"""

from __future__ import annotations

import pytest

from edge_agent.model.alerts import AlertPriority
from tests.support.call_scripts import Course, play

WHOLE = {
    "high": """
          0 raise shock high            | nurse first
         60                             | buddy first
        120                             | charge first
        180                             | rapid first
        300                             | nurse+buddy+charge+rapid reminder
        600                             | nurse+buddy+charge+rapid reminder
        700 answer shock nurse          | nurse+buddy+charge+rapid answered nurse
       2000 resolve shock               | nurse+buddy+charge+rapid answered nurse
       4000                             |
    """,
    "medium": """
          0 raise fever medium          | nurse first
        300                             | buddy first
        600                             | charge first
       1800                             | nurse+buddy+charge reminder
       3600                             | nurse+buddy+charge reminder
       3700 answer fever charge         | nurse+buddy+charge answered charge
       6000                             |
    """,
    "low": """
          0 raise drift low             |
       4000                             |
       4100 answer drift nurse          |
       4200 resolve drift               |
    """,
}
"""A problem of each priority that nobody answers for long."""


@pytest.mark.parametrize("priority", WHOLE)
def test_a_problem_is_called_out_step_by_step_until_it_is_answered(priority: str) -> None:
    course = play(WHOLE[priority])
    assert not course.is_calling
    assert course.call is not None
    assert course.call.next_at is None
    assert course.call.reminder_at is None


@pytest.mark.parametrize("answered_s", [0, 30, 60, 61, 119, 120, 150, 180, 299])
def test_nobody_is_called_after_an_answer(answered_s: int) -> None:
    course = Course()
    course.play("0 raise shock high | nurse first")
    course.wait_until(answered_s)
    course.do("answer shock nurse")
    course.evaluate()
    called = len(course.told)
    course.wait_until(4000)
    assert course.told[called:] == []


def test_an_answer_ends_the_call_before_a_step_that_is_due_at_the_same_moment() -> None:
    play("""
          0 raise shock high            | nurse first
         60 answer shock nurse          | nurse answered nurse
        900                             |
    """)


def test_everybody_called_is_told_that_a_problem_is_over() -> None:
    play("""
          0 raise alarm high            | nurse first
         60                             | buddy first
         90 resolve alarm               | nurse+buddy over
        900                             |
    """)


def test_an_answer_to_what_had_ended_unseen_is_told_with_its_name() -> None:
    play("""
          0 raise shock high            | nurse first
         60                             | buddy first
         70 latch shock                 |
        120                             | charge first
        130 answer shock buddy          | nurse+buddy+charge answered buddy
    """)


def test_what_ended_unseen_and_expires_is_told_as_over() -> None:
    play("""
          0 raise fever medium          | nurse first
         60 latch fever                 |
        200 resolve fever               | nurse over
    """)


def test_a_new_sign_reaches_everybody_called_so_far_and_leaves_the_clock() -> None:
    play("""
          0 raise shock high            | nurse first
         60                             | buddy first
        100 raise hypoxia high          | nurse+buddy first
        110 raise fever medium          | nurse+buddy first
        115 raise shock high new_sign   | nurse+buddy new_sign
        120                             | charge first
        180                             | rapid first
    """)


def test_a_new_sign_after_an_answer_begins_a_new_call() -> None:
    course = play("""
          0 raise shock high            | nurse first
         50 answer shock nurse          | nurse answered nurse
        100 raise fever medium          | nurse first
        400                             | buddy first
        500 answer fever nurse          | nurse+buddy answered nurse
    """)
    first, *_, last = course.changes
    assert first.call_id != last.call_id
    assert (first.priority, last.priority) == (AlertPriority.HIGH, AlertPriority.MEDIUM)


def test_an_expired_answer_begins_the_plan_anew() -> None:
    play("""
          0 raise shock high            | nurse first
         60                             | buddy first
         70 answer shock buddy          | nurse+buddy answered buddy
       1870 raise shock high answer_expired | nurse answer_expired
       1930                             | buddy answer_expired
    """)


def test_a_higher_priority_begins_its_own_plan_and_reaches_those_called_so_far() -> None:
    play("""
          0 raise fever medium          | nurse first
        300                             | buddy first
        400 raise fever high worse      | nurse+buddy worse
        460                             | buddy worse
        520                             | charge worse
        580                             | rapid worse
        700                             | nurse+buddy+charge+rapid reminder
    """)


def test_a_more_urgent_sign_beside_an_unanswered_one_begins_its_plan() -> None:
    play("""
          0 raise drift low             |
         40 raise fever medium          | nurse first
         50 raise shock high            | nurse first
        110                             | buddy first
        170                             | charge first
    """)


def test_what_is_left_unanswered_after_an_answer_gets_a_call_of_its_own_priority() -> None:
    play("""
          0 raise shock high            | nurse first
         60                             | buddy first
         70 raise fever medium          | nurse+buddy first
         90 answer shock buddy          | nurse first, buddy answered buddy
        390                             | buddy first
        690                             | charge first
    """)


def test_an_urgent_sign_that_ends_by_itself_leaves_its_plan_to_the_rest() -> None:
    """Alarms that come and go never send the call back to its first step."""
    play("""
          0 raise alarm high, raise fever medium | nurse first
         30 resolve alarm               |
         60                             | buddy first
         70 raise alarm high            | nurse+buddy first
         80 resolve alarm               |
        120                             | charge first
        130 answer fever nurse          | nurse+buddy+charge answered nurse
    """)


def test_an_answered_rest_does_not_hold_up_the_end_of_what_was_called_for() -> None:
    play("""
          0 raise fever medium          | nurse first
         10 answer fever nurse          | nurse answered nurse
         20 raise alarm high            | nurse first
         50 resolve alarm               | nurse over
        900                             |
    """)


def test_an_alarm_that_comes_and_goes_is_called_out_further() -> None:
    play("""
          0 raise alarm high            | nurse first
         50 resolve alarm               | nurse over
         55 raise alarm high back       | nurse back
         60                             | buddy back
        100 resolve alarm               | nurse+buddy over
        150 raise alarm high back       | nurse+buddy+charge back
        155 resolve alarm               | nurse+buddy+charge over
        500 raise alarm high back       | nurse back
    """)


def test_a_low_sign_calls_nobody_within_the_call_of_another() -> None:
    play("""
          0 raise fever medium          | nurse first
         10 raise drift low             |
         20 answer fever nurse          | nurse answered nurse
         30 answer drift nurse          |
    """)


def test_a_reminder_of_the_alert_itself_rings_nobody_twice() -> None:
    play("""
          0 raise shock high            | nurse first
         60                             | buddy first
        120                             | charge first
        180                             | rapid first
        300 raise shock high reminder   | nurse+buddy+charge+rapid reminder
        301                             |
    """)


def test_the_end_of_a_silence_reaches_everybody_called_so_far() -> None:
    play("""
          0 raise shock high            | nurse first
         60                             | buddy first
        110 raise shock high silence_ended | nurse+buddy silence_ended
    """)


def test_an_alert_of_the_monitoring_calls_nobody_while_the_patient_is_away() -> None:
    play("""
          0 raise link medium           | nurse first
         20 inhibit link                | nurse over
        900                             |
    """)
