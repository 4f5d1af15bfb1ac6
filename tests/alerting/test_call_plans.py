"""Plans of calls: steps that nobody fills, changes of shift, and a ward without people."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

from edge_agent.alerting.bed_signs import signs_of
from edge_agent.alerting.call_plan import planned
from edge_agent.alerting.escalation import Circumstances, escalate
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.calls import CallState
from edge_agent.model.duty import CallStep, Duty, Person, Shift, WardPlan
from edge_agent.model.handover import handover_of
from edge_agent.model.shifts import OnDuty
from tests.support.call_scripts import BED, DAY, NIGHT, PLAN, START, Course, play, said
from tests.support.samples import an_alert

HIGH = AlertPriority.HIGH


def working(**people: Any) -> WardPlan:  # noqa: ANN401 - any field
    """Return the plan with other people in the day's shift."""
    return replace(PLAN, shifts=(replace(DAY, **people), NIGHT))


def on_day(plan: WardPlan) -> OnDuty:
    return OnDuty(plan, plan.shifts[0])


def times(plan: WardPlan) -> list[tuple[float, str]]:
    return [(step.after_s, step.person_id) for step in planned(HIGH, BED, on_day(plan))]


def course_of(plan: WardPlan) -> Course:
    return Course(plan, plan.shifts[0] if plan.shifts else None)


def test_a_step_that_nobody_fills_is_not_waited_out() -> None:
    assert times(PLAN) == [(0, "nurse"), (60, "buddy"), (120, "charge"), (180, "rapid")]
    assert times(working(buddies={})) == [(0, "nurse"), (60, ""), (60, "charge"), (120, "rapid")]
    assert times(working(buddies={}, charge="")) == [
        (0, "nurse"),
        (60, ""),
        (60, ""),
        (60, "rapid"),
    ]
    assert times(working(rapid_response="")) == [
        (0, "nurse"),
        (60, "buddy"),
        (120, "charge"),
        (180, ""),
    ]


def test_a_bed_without_a_nurse_goes_straight_to_the_nurse_in_charge() -> None:
    course = course_of(working(nurses={}))
    course.play("""
          0 raise shock high            | charge first
         60                             | rapid first
        300                             | charge+rapid reminder
    """)
    assert course.call is not None
    assert [step.person_id for step in course.call.plan] == ["", "", "charge", "rapid"]
    assert course.changes[0].steps_done == 3


def test_an_empty_step_is_skipped_and_recorded() -> None:
    course = course_of(working(buddies={}))
    course.play("""
          0 raise shock high            | nurse first
         60                             | charge first
        120                             | rapid first
    """)
    assert [(change.steps_done, change.changed_at) for change in course.changes] == [
        (1, START),
        (3, START.plus(60)),
        (4, START.plus(120)),
    ]


def test_a_ward_without_a_file_calls_nobody_and_goes_on_with_its_reminders() -> None:
    course = Course(WardPlan(), None)
    course.play("""
          0 raise shock high            |
        301                             |
        601                             |
    """)
    assert course.call is not None
    assert (course.call.state, course.call.nobody_since) == (CallState.CALLING, START)
    assert [change.next_at for change in course.changes] == [
        START.plus(300),
        START.plus(600),
        START.plus(900),
    ]
    course.play("700 answer shock nurse |")
    assert course.call.next_at is None


def test_people_who_come_with_a_ward_file_are_called_for_what_is_open() -> None:
    course = Course(WardPlan(), None)
    course.play("0 raise shock high |")
    course.plan, course.shift = PLAN, DAY
    course.play("10 | nurse handover, buddy handover, charge handover, rapid handover")


def test_an_open_call_outlives_the_ward_file() -> None:
    course = Course()
    course.play("0 raise shock high | nurse first")
    course.plan, course.shift = WardPlan(), None
    course.play("60 | buddy first")


def test_a_change_of_the_ward_file_touches_no_running_call() -> None:
    course = Course()
    course.play("0 raise shock high | nurse first")
    course.plan = replace(PLAN, steps=dict.fromkeys(AlertPriority, ()))
    course.shift = replace(DAY, buddies={"nurse": "moon"}, charge="moon")
    course.play("""
         60                             | buddy first
        120                             | charge first
    """)


def test_a_ward_can_have_the_nurse_called_for_what_is_low() -> None:
    steps = {**PLAN.steps, AlertPriority.LOW: (CallStep(1800, Duty.NURSE),)}
    course = course_of(replace(PLAN, steps=steps))
    course.play("""
          0 raise drift low             |
       1800                             | nurse first
       3600                             | nurse reminder
    """)


def test_an_open_call_passes_to_the_next_shift() -> None:
    course = play("""
          0 raise shock high            | nurse first
         60                             | buddy first
        100 shift night                 | owl+bat handover, nurse+buddy over
        120                             | moon first
        180                             | rapid first
        300                             | owl+bat+moon+rapid reminder
        310 answer shock owl            | owl+bat+moon+rapid answered owl
    """)
    assert course.call is not None
    relieved = [p.person_id for p in course.call.called if p.relieved_at == START.plus(100)]
    assert (relieved, course.call.shift) == (["nurse", "buddy"], "night")


def test_who_works_on_is_neither_relieved_nor_called_again() -> None:
    plan = replace(
        PLAN, shifts=(DAY, replace(NIGHT, nurses={BED: "owl"}, buddies={"owl": "nurse"}))
    )
    course = Course(plan)
    course.play("""
          0 raise shock high            | nurse first
         60                             | buddy first
    """)
    course.shift = plan.shifts[1]
    course.play("61 | owl+nurse handover, buddy over")


def test_a_duty_that_the_next_shift_lacks_stays_with_whoever_was_called() -> None:
    plan = replace(PLAN, shifts=(DAY, replace(NIGHT, nurses={}, buddies={})))
    course = Course(plan)
    course.play("0 raise shock high | nurse first")
    course.shift = plan.shifts[1]
    course.play("""
         30                             |
         60                             | moon first
        120                             | rapid first
        300                             | nurse+moon+rapid reminder
    """)


def test_an_answered_call_calls_nobody_at_the_change_of_shift() -> None:
    play("""
          0 raise shock high            | nurse first
         10 answer shock nurse          | nurse answered nurse
        100 shift night                 |
        200 raise shock high answer_expired | owl answer_expired
    """)


def test_the_handover_lists_open_calls_unanswered_ones_first() -> None:
    course = Course()
    course.play("0 raise shock high | nurse first")
    assert course.call is not None
    open_call = course.call
    answered = replace(open_call, bed_id="bed-01", state=CallState.ANSWERED)
    over = replace(open_call, bed_id="bed-02", state=CallState.OVER)
    test = replace(open_call, bed_id="bed-03", is_test=True)
    medium = replace(open_call, bed_id="bed-00", priority=AlertPriority.MEDIUM)
    listed = handover_of([answered, medium, over, test, open_call], OnDuty(PLAN, NIGHT))
    assert [(entry.call.bed_id, entry.nurse) for entry in listed] == [
        (BED, "owl"),
        ("bed-00", "moon"),
        ("bed-01", "moon"),
    ]
    assert [person.person_id for person in listed[0].called] == ["nurse"]
    assert handover_of([open_call], OnDuty(WardPlan()))[0].nurse == ""


def test_an_open_alert_from_before_signals_were_counted_is_called_out() -> None:
    signs = signs_of("bed-1", [an_alert()])
    plan = replace(PLAN, shifts=(replace(DAY, nurses={"bed-1": "nurse"}),))
    result = escalate(None, Circumstances(signs, on_day(plan), START), said)
    assert [(notice.person_id, notice.reason) for notice in result.notices] == [("nurse", "first")]


def test_nothing_open_makes_no_call() -> None:
    result = escalate(None, Circumstances(signs_of(BED, []), on_day(PLAN), START), said)
    assert (result.calls, result.notices) == ((), ())


def test_a_nurse_who_is_in_charge_as_well_is_called_for_each_duty() -> None:
    alone = Shift("night", time(19), time(7), {BED: "owl"}, {}, "owl")
    course = Course(WardPlan({"owl": Person("owl", ("pager",))}, (alone,)), alone)
    course.play("""
          0 raise shock high            | owl first
         60                             | owl first
        300                             | owl reminder
    """)
