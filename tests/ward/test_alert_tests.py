"""A test alert runs through a bed's alerts, is marked as one, and touches nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.model.alerts import TEST_RULE, Alert, AlertPriority, AlertState
from edge_agent.model.answers import AlertTest, Answer, AnswerKind
from edge_agent.model.bed_events import BedEvent, CommandRejected
from edge_agent.model.problems import problem_of
from tests.support.answers import acknowledgement
from tests.support.pipelines import BED, START, alerts_of, open_alerts, pipeline, play
from tests.support.said import said_of
from tests.support.ward_alerts import changed, feverish
from tests.ward.test_occupancy import admit, discharge, two_beds

if TYPE_CHECKING:
    from edge_agent.ward.beds import Outcome
    from edge_agent.ward.pipeline import Pipeline

RAISED, RESOLVED = AlertState.RAISED, AlertState.RESOLVED


def command(line: Pipeline, at_s: float, by: str = "nurse 7", bed_id: str = BED) -> list[Outcome]:
    return line.test_alert(AlertTest(bed_id, by), START.plus(at_s))


def start_test(line: Pipeline, at_s: float, bed_id: str = BED) -> Alert:
    """Return the alert of a test."""
    (alert,) = changed(command(line, at_s, bed_id=bed_id), TEST_RULE)
    return alert


def ticks(line: Pipeline, seconds: range) -> list[Alert]:
    """Return the changes of the test as time passes."""
    outcomes = [o for second in seconds for o in line.tick(START.plus(second))]
    return changed(outcomes, TEST_RULE)


def refusals(outcomes: list[Outcome]) -> list[str]:
    events = [o.event for o in outcomes if isinstance(o, BedEvent)]
    return [event.reason for event in events if isinstance(event, CommandRejected)]


def test_a_test_is_raised_at_once_marked_and_named() -> None:
    line = pipeline()
    alert = start_test(line, 100)
    assert (alert.rule_id, alert.state, alert.priority) == (TEST_RULE, RAISED, AlertPriority.HIGH)
    assert (alert.is_test, alert.is_signalled, alert.signal) == (True, True, "first")
    assert (alert.raised_at, said_of(alert)) == (START.plus(100), "Test by nurse 7.")


def test_a_test_ends_after_five_minutes_without_an_answer() -> None:
    line = pipeline(frozenset())
    start_test(line, 100)
    assert ticks(line, range(101, 400)) == []
    (over,) = ticks(line, range(400, 420))
    assert (over.state, over.acknowledged_by) == (RESOLVED, "")
    assert ticks(line, range(420, 900)) == []


def test_a_test_is_passed_by_its_answer_and_is_over_with_it() -> None:
    line = pipeline(frozenset())
    alert = start_test(line, 100)
    (over,) = changed(line.answer(acknowledgement(BED, alert.alert_id, "nurse 8"), START.plus(103)))
    assert (over.state, over.acknowledged_by, over.n) == (RESOLVED, "nurse 8", 2)
    assert ticks(line, range(104, 900)) == []


def test_another_test_may_follow_but_none_beside_a_running_one() -> None:
    line = pipeline(frozenset())
    first = start_test(line, 100)
    (why,) = refusals(command(line, 110, by="nurse 8"))
    assert why.startswith("a test runs at this bed already")
    line.answer(acknowledgement(BED, first.alert_id), START.plus(120))
    second = start_test(line, 130)
    assert second.alert_id != first.alert_id
    (why,) = refusals(command(line, 130, bed_id="bed-99"))
    assert why == "no bed 'bed-99'; have bed-01"


@pytest.mark.parametrize("cut_s", [101, 150, 399])
@pytest.mark.parametrize("with_answer", [False, True])
def test_a_test_goes_on_over_a_restart(cut_s: int, *, with_answer: bool) -> None:
    line = pipeline(frozenset())
    alert = start_test(line, 100)
    ticks(line, range(101, cut_s))
    again = pipeline(frozenset(), START.plus(cut_s))
    again.restore([], [alert])
    if with_answer:
        answered = again.answer(acknowledgement(BED, alert.alert_id), START.plus(cut_s))
        assert [a.state for a in changed(answered)] == [RESOLVED]
        assert ticks(again, range(cut_s + 1, 900)) == []
        return
    assert ticks(again, range(cut_s, 400)) == []
    assert [a.state for a in ticks(again, range(400, 420))] == [RESOLVED]


def test_a_test_that_was_over_before_a_restart_ends_at_the_start() -> None:
    alert = start_test(pipeline(frozenset()), 100)
    again = pipeline(frozenset(), START.plus(5000))
    again.restore([], [alert])
    assert [a.state for a in ticks(again, range(5001, 5020))] == [RESOLVED]


def test_a_test_works_in_a_bed_whose_patient_was_discharged() -> None:
    line = two_beds()
    admit(line, 1)
    discharge(line, 10, "P1")
    assert start_test(line, 20).state is RAISED
    assert ticks(line, range(21, 200)) == []


def test_a_test_neither_absorbs_nor_clears_nor_answers_anything_else() -> None:
    line = pipeline()
    fever = feverish(line, range(10, 1300, 10))
    before = [(a.rule_id, a.state, a.n) for a in open_alerts(line)]
    test = start_test(line, 1300)
    problem = problem_of(BED, open_alerts(line))
    assert problem is not None
    assert TEST_RULE not in {sign.rule_id for sign in problem.signs}
    line.answer(acknowledgement(BED, test.alert_id), START.plus(1301))
    assert [(a.rule_id, a.state, a.n) for a in open_alerts(line)] == before
    start_test(line, 1302)
    answered = line.answer(Answer(BED, AnswerKind.ACKNOWLEDGE, "nurse 7"), START.plus(1303))
    assert fever.rule_id in {a.rule_id for a in changed(answered)}
    assert TEST_RULE not in {a.rule_id for a in changed(answered)}


def test_a_clinical_alert_is_raised_beside_a_test_as_without_one() -> None:
    plain, tested = pipeline(), pipeline()
    start_test(tested, 0)
    alone, beside = (play(line, range(240), 86.0) for line in (plain, tested))

    def told(outcomes: list[Outcome]) -> list[tuple[str, str, int]]:
        alerts = [a for a in alerts_of(outcomes) if a.rule_id != TEST_RULE]
        return [(a.rule_id, a.state.value, a.n) for a in alerts]

    assert told(beside) == told(alone)
    assert told(alone)
