"""Problems that end and come back, plans that begin anew, and people who are relieved."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from edge_agent.alerting.bed_signs import BedSigns, signs_of
from edge_agent.model.duty import Shift
from tests.support.call_scripts import BED, DAY, PLAN, Course, play

TWO = replace(PLAN, answers_for_high=2)


def test_a_lesser_sign_after_the_end_of_a_call_begins_a_call_of_its_own() -> None:
    course = play("""
          0 raise alarm high            | nurse first
         60                             | buddy first
         90 resolve alarm               | nurse+buddy over
        100 raise fever medium          | nurse first
        400                             | buddy first
    """)
    assert len({call.call_id for call in course.changes}) == 2


def test_what_was_answered_and_comes_back_begins_a_new_call() -> None:
    play("""
          0 raise alarm high            | nurse first
         50 answer alarm nurse          | nurse answered nurse
         60 resolve alarm               | nurse answered nurse
        100 raise alarm high back       | nurse back
        160                             | buddy back
    """)


def test_a_call_goes_on_until_the_time_of_a_reminder_has_passed() -> None:
    for back_s, told in ((350, "nurse+buddy+charge+rapid back"), (351, "nurse back")):
        play(f"""
              0 raise alarm high            | nurse first
             50 resolve alarm               | nurse over
            {back_s} raise alarm high back  | {told}
        """)


def test_every_test_begins_a_call_of_its_own() -> None:
    play("""
          0 raise test high             | nurse first
         10 resolve test                | nurse over
         80 raise test high             | nurse first
    """)


def test_a_plan_that_begins_anew_forgets_the_rejections_of_the_one_before() -> None:
    play("""
          0 raise fever medium          | nurse first
         10 reject fever nurse          | buddy rejected
         20 raise shock high            | nurse+buddy first
         80                             | buddy first
    """)


def test_a_higher_priority_reaches_everybody_whatever_its_signal_is() -> None:
    play("""
          0 raise fever medium          | nurse first
        300                             | buddy first
        310 raise lost high reminder    | nurse+buddy reminder
    """)


def test_each_rejection_counts_once_by_person_and_moment() -> None:
    play("""
          0 raise shock high            | nurse first
         10 reject shock nurse          | buddy rejected
         20 reject shock nurse          | charge rejected
    """)
    play("""
          0 raise shock high, raise hypoxia high | nurse first
         60                             | buddy first
         70 reject shock nurse, reject hypoxia buddy | charge+rapid rejected
    """)


def test_who_has_given_one_of_two_answers_gets_no_reminder() -> None:
    play(
        """
          0 raise shock high            | nurse first
         60                             | buddy first
         70 answer shock nurse          | buddy second nurse
        120                             | charge first
        180                             | rapid first
        300                             | buddy+charge+rapid reminder
    """,
        TWO,
    )


def test_whoever_has_the_same_duty_in_the_next_shift_is_not_called_again() -> None:
    play("""
          0 raise shock high            | nurse first
         60                             | buddy first
        120                             | charge first
        180                             | rapid first
        200 shift night                 | owl+bat+moon handover, nurse+buddy+charge over
    """)


def test_a_person_is_relieved_once() -> None:
    late = Shift("late", time(13), time(19), {BED: "charge"}, {})
    course = Course()
    course.play("""
          0 raise shock high            | nurse first
         10 shift night                 | owl handover, nurse over
    """)
    course.shift = late
    course.play("20                     | charge handover, owl over")
    course.shift = DAY
    course.play("30                     | nurse handover, charge over")


def test_a_call_forgets_the_signals_of_what_has_ended() -> None:
    course = play("""
          0 raise shock high, raise fever medium | nurse first
         10 resolve fever               |
    """)
    assert course.call is not None
    assert [signal.alert_id for signal in course.call.signals] == ["id-shock"]


def test_the_end_of_a_call_names_what_was_answered_and_not_what_still_waits() -> None:
    course = play("""
          0 raise shock high            | nurse first
         60                             | buddy first
         70 raise fever medium          | nurse+buddy first
         90 answer shock buddy          | nurse first, buddy answered buddy
    """)
    named = {n.person_id: (n.alert_id, n.sentence, n.is_over) for n in course.notices[-2:]}
    assert named == {"nurse": ("id-fever", "fever", False), "buddy": ("id-shock", "shock", True)}


def test_a_call_is_answered_by_those_who_answered_its_most_urgent_signs() -> None:
    play("""
          0 raise shock high, raise fever medium | nurse first
         10 answer fever buddy, answer shock nurse | nurse answered nurse
    """)


def test_the_first_of_two_answers_must_be_to_all_signs() -> None:
    play(
        """
          0 raise shock high            | nurse first
         60                             | buddy first
         65 raise hypoxia high          | nurse+buddy first
         70 answer shock nurse          |
         75 answer hypoxia nurse        | buddy second nurse
    """,
        TWO,
    )


def test_a_notice_names_an_open_sign_where_those_of_its_call_are_unknown() -> None:
    course = play("""
          0 raise shock high            | nurse first
         10 answer shock nurse          | nurse answered nurse
    """)
    assert course.call is not None
    alerts = list(course.alerts.values())
    signs = signs_of(BED, alerts)
    assert signs.lead_of(replace(course.call, alert_ids=("id-gone",))) == alerts[0]
    course.do("raise fever medium")
    signs = signs_of(BED, list(course.alerts.values()))
    lead = signs.lead_of(replace(course.call, alert_ids=("id-gone",)))
    assert lead is not None
    assert lead.alert_id == "id-fever"
    assert signs_of(BED, []).lead_of(course.call) is None


def test_only_tests_are_wanted_where_nothing_else_is() -> None:
    course = Course()
    course.do("raise test high")
    course.do("raise fever medium")
    test, fever = (course.alerts[name] for name in ("test", "fever"))
    both = BedSigns(BED, (test, fever), {})
    assert (both.wanted, both.is_test) == ((fever,), False)
    alone = BedSigns(BED, (test,), {})
    assert (alone.wanted, alone.is_test) == ((test,), True)
    assert (signs_of(BED, []).wanted, signs_of(BED, []).is_test) == ((), False)


def test_a_test_is_called_out_while_what_waits_for_the_patient_is_inhibited() -> None:
    play("""
          0 raise lost medium           | nurse first
         10 inhibit lost                | nurse over
         20 raise test high             | nurse first
    """)
