"""Rejections, failures, tests and second answers within a call, as scripts of notices."""

from __future__ import annotations

from dataclasses import replace

from tests.support.call_scripts import PLAN, START, Course, play


def test_a_rejection_goes_to_the_next_step_at_once_and_brings_the_later_ones_forward() -> None:
    play("""
          0 raise shock high            | nurse first
         10 reject shock nurse          | buddy rejected
         30 reject shock buddy          | charge rejected
         90                             | rapid rejected
        100 reject shock rapid          | nurse+buddy+charge rejected
        300                             | nurse+buddy+charge+rapid reminder
    """)


def test_one_rejection_of_several_alerts_is_one_step() -> None:
    play("""
          0 raise shock high, raise hypoxia high | nurse first
         10 reject shock nurse, reject hypoxia nurse | buddy rejected
         20                             |
         70                             | charge rejected
    """)


def test_a_rejection_that_takes_back_an_answer_calls_the_next_person_as_well() -> None:
    play("""
          0 raise shock high            | nurse first
         10 answer shock nurse          | nurse answered nurse
         40 reject shock nurse          | nurse+buddy rejected
        100                             | charge rejected
    """)


def test_a_step_whose_person_cannot_be_reached_is_followed_by_the_next_at_once() -> None:
    play("""
          0 raise shock high            | nurse first
          5 failed nurse                | buddy first
          8 delivered buddy             |
         65                             | charge first
         66 failed charge               | rapid first
         67 failed rapid                |
        300                             | nurse+buddy+charge+rapid reminder
    """)


def test_a_failure_after_a_delivery_changes_nothing() -> None:
    play("""
          0 raise shock high            | nurse first
          3 delivered nurse, seen nurse |
          5 failed nurse                |
         60                             | buddy first
    """)


def test_seen_is_no_answer() -> None:
    course = play("""
          0 raise shock high            | nurse first
          3 seen nurse                  |
         60                             | buddy first
    """)
    assert course.call is not None
    nurse, buddy = course.call.called
    assert (nurse.delivered_at, nurse.seen_at) == (START.plus(3), START.plus(3))
    assert (buddy.delivered_at, buddy.seen_at) == (None, None)


def test_a_test_is_called_out_as_such_and_counts_for_nothing_beside_a_patient() -> None:
    course = play("""
          0 raise test high             | nurse first
         30 raise fever medium          | nurse first
         90                             |
        330                             | buddy first
        400 answer fever nurse          | nurse first, buddy answered nurse
        410 answer test nurse           | nurse answered nurse
    """)
    assert [notice.is_test for notice in course.notices] == [True, False, False, True, False, True]


def test_a_test_within_a_call_rings_nobody() -> None:
    play("""
          0 raise shock high            | nurse first
         10 raise test high             |
         60                             | buddy first
         70 resolve shock               | nurse first, buddy over
        130                             | buddy first
    """)


TWO = replace(PLAN, answers_for_high=2)


def test_a_second_person_must_answer_what_is_high_where_the_ward_says_so() -> None:
    course = play(
        """
          0 raise shock high            | nurse first
         60                             | buddy first
         70 answer shock nurse          | buddy second nurse
        120                             | charge first
        130 answer shock charge         | nurse+buddy+charge answered nurse+charge
    """,
        TWO,
    )
    assert course.call is not None
    assert course.call.answered_by == ("nurse", "charge")


def test_one_of_two_answers_is_no_answer_to_a_new_sign() -> None:
    play(
        """
          0 raise shock high            | nurse first
         10 answer shock nurse          |
         20 raise hypoxia high          | nurse first
         30 answer shock charge         |
         60                             | buddy first
         70 answer hypoxia nurse        | buddy second nurse
         80 answer hypoxia buddy        | nurse+buddy answered nurse+buddy
    """,
        TWO,
    )


def test_who_has_given_one_of_two_answers_is_not_called_again_for_it() -> None:
    play(
        """
          0 raise shock high            | nurse first
         10 answer shock buddy          | nurse second buddy
         60                             | charge first
        120                             | rapid first
        150 resolve shock               | nurse+charge+rapid over
    """,
        TWO,
    )


def test_one_answer_is_enough_below_high_and_for_a_test() -> None:
    play(
        """
          0 raise fever medium          | nurse first
         10 answer fever nurse          | nurse answered nurse
         20 raise test high             | nurse first
         30 answer test nurse           | nurse answered nurse
    """,
        TWO,
    )


def test_a_person_is_called_on_every_way_at_once() -> None:
    nurse = replace(PLAN.people["nurse"], ways=("pager", "phone"))
    course = Course(replace(PLAN, people={**PLAN.people, "nurse": nurse}))
    course.play("0 raise shock high | nurse first, nurse first")
    assert [notice.way for notice in course.notices] == ["pager", "phone"]
    course.play("10 failed nurse |")
    course.play("60 | buddy first")


def test_the_notice_says_what_signalled_and_how_urgent_it_is() -> None:
    course = play("""
          0 raise shock high            | nurse first
         10 raise fever medium          | nurse first
         60                             | buddy first
    """)
    found = [(n.alert_id, n.headline, n.sentence, n.priority.name) for n in course.notices]
    assert found == [
        ("id-shock", "HIGH bed-07", "shock", "HIGH"),
        ("id-fever", "MEDIUM bed-07", "fever", "HIGH"),
        ("id-shock", "HIGH bed-07", "shock", "HIGH"),
    ]
