"""Alerts signal by themselves on a live ward, whatever arrives and whatever fails."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from edge_agent.detect.language.rule import ConditionGroup
from edge_agent.model.alerts import AlertPriority, AlertState
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.bed_events import BedEvent, BedState, CommandRejected
from edge_agent.model.duty import ResponseTimes, WardPlan
from edge_agent.ward.beds import Bed, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.support.answers import acknowledgement
from tests.support.pipelines import BED, START, book, pipeline, play
from tests.support.ward_alerts import changed, feverish

if TYPE_CHECKING:
    from edge_agent.model.alerts import Alert

HYPOXIA: Final = "vital.severe_hypoxia"


def ticked(line: Pipeline, seconds: range, rule_id: str) -> list[Alert]:
    return changed([o for second in seconds for o in line.tick(START.plus(second))], rule_id)


def low_oxygen(line: Pipeline) -> Alert:
    """Return the alert of a patient whose oxygen is low, and of whom nothing more arrives."""
    (raised,) = changed(play(line, range(170), 80.0), HYPOXIA)
    assert raised.priority is AlertPriority.HIGH
    return raised


def signals(alerts: list[Alert]) -> list[tuple[str, float]]:
    """Return the reason of each signal, with its second."""
    found = [a for a in alerts if a.signal_n == a.n and a.signalled_at is not None]
    return [(str(a.signal), a.changed_at.seconds_since(START)) for a in found]


def test_a_bed_without_any_data_reminds_and_clears_nothing() -> None:
    line = pipeline()
    raised = low_oxygen(line)
    at_s = raised.changed_at.seconds_since(START)
    alerts = ticked(line, range(170, 1700), HYPOXIA)
    assert signals(alerts) == [("reminder", at_s + 300 * n) for n in range(1, 6)]
    assert {a.state for a in alerts} == {AlertState.RAISED}
    assert alerts[-1].is_stale


def test_a_restart_between_reminders_changes_no_time() -> None:
    whole = ticked_after(170)
    for cut_s in (171, 400, 449, 452, 469, 471, 800):
        assert ticked_after(cut_s) == whole, cut_s


def ticked_after(cut_s: int) -> list[tuple[str, float]]:
    """Return the signals of a ward that is started again at a second."""
    line = pipeline()
    raised = low_oxygen(line)
    alerts = ticked(line, range(170, cut_s), HYPOXIA)
    again = pipeline(since=START.plus(cut_s))
    again.restore([], [[raised, *alerts][-1]])
    return signals([*alerts, *ticked(again, range(cut_s, 1200), HYPOXIA)])


def test_after_a_long_stop_one_reminder_makes_up_for_all() -> None:
    raised = low_oxygen(pipeline())
    again = pipeline(since=START.plus(5003))
    again.restore([], [raised])
    found = signals(ticked(again, range(5003, 5300), HYPOXIA))
    assert found == [("reminder", 5010.0)]


def test_an_alert_of_a_clock_that_was_ahead_reminds_in_time() -> None:
    raised = low_oxygen(pipeline())
    ahead = replace(
        raised,
        signalled_at=START.plus(90_000),
        changed_at=START.plus(170),
        unanswered_since=START.plus(90_000),
    )
    again = pipeline(since=START.plus(200))
    again.restore([], [ahead])
    assert signals(ticked(again, range(200, 520), HYPOXIA)) == [("reminder", 500.0)]


def broken_bed() -> Pipeline:
    """Return a bed none of whose steps can be evaluated."""
    (fever,) = [rule for rule in book().rules if rule.rule_id == "crs.fever"]
    (agent,) = [rule for rule in book().rules if rule.rule_id == "system.agent"]
    nothing = ConditionGroup(is_any=True, conditions=(None,))  # type: ignore[arg-type]
    rules = [agent, replace(fever, when=nothing)]
    return Pipeline([Bed(BED, frozenset())], rules, WardIdentity("s", "w"), "hash", START)


def test_a_bed_that_cannot_be_evaluated_reminds_all_the_same() -> None:
    line = broken_bed()
    line.note_event(BED, BedState.AGENT_FAILED, "influx stopped", START.plus(5))
    alerts = []
    for second in range(6, 1900):
        with suppress(AttributeError):
            line.catch_up(BED, START.plus(second), by_clock=True)
        with suppress(AttributeError):
            alerts += changed(line.tick(START.plus(second)))
    assert alerts[0].is_stale
    assert signals(alerts) == [("reminder", 1805.0)]


def test_a_ward_has_its_own_times_and_number_of_answers() -> None:
    times = {AlertPriority.HIGH: ResponseTimes(reminder_s=200.0, answer_s=120.0, silence_s=30.0)}
    plan = WardPlan(times=times, answers_for_high=2)
    line = pipeline()
    assert line.follow(plan) == []
    raised = low_oxygen(line)
    ack = acknowledgement(BED, raised.alert_id, "nurse A")
    (first,) = changed(line.answer(ack, START.plus(171)), HYPOXIA)
    assert (first.state, first.answered_first_by) == (AlertState.RAISED, "nurse A")
    at_s = raised.changed_at.seconds_since(START)
    reminded = ticked(line, range(171, 350), HYPOXIA)
    assert signals(reminded) == [("reminder", at_s + 200)]
    (second,) = changed(line.answer(replace(ack, by="nurse B"), START.plus(350)), HYPOXIA)
    assert second.answer_expires_at == START.plus(470)


def test_a_refused_part_of_an_answer_is_an_event_with_its_alerts_and_the_senders_id() -> None:
    line = pipeline()
    fever = feverish(line, range(10, 1300, 10))
    line.answer(acknowledgement(BED, fever.alert_id, "nurse A"), START.plus(1300))
    seen = (SeenAlert(fever.alert_id, fever.n),)
    late = Answer(BED, AnswerKind.ACKNOWLEDGE, "nurse B", seen, answer_id="0001")
    outcomes = line.answer(late, START.plus(1301))
    rejected = CommandRejected("already answered by nurse A", (fever.alert_id,), "0001")
    assert outcomes == [BedEvent(BED, BED, rejected, START.plus(1301))]
