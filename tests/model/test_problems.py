"""Everything open on a bed as one problem, led by its most urgent sign."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState
from edge_agent.model.clock import Instant
from edge_agent.model.problems import problem_of
from tests.support.samples import an_alert

HIGH, MEDIUM = AlertPriority.HIGH, AlertPriority.MEDIUM


def sign(rule_id: str, priority: AlertPriority, raised_s: int = 50, **fields: Any) -> Alert:  # noqa: ANN401 - any field
    raised_at = Instant(0, 0).plus(raised_s)
    plain = replace(an_alert(), alert_id=rule_id, rule_id=rule_id, priority=priority)
    return replace(plain, raised_at=raised_at, **fields)


def names(*alerts: Alert) -> list[str]:
    problem = problem_of("bed-1", alerts)
    return [] if problem is None else [each.rule_id for each in problem.signs]


def test_the_most_urgent_sign_leads_the_patients_before_the_monitorings() -> None:
    signs = [
        sign("signal.lost", HIGH, kind=AlertKind.TECHNICAL),
        sign("crs.fever", MEDIUM, 30),
        sign("vital.shock", HIGH, 50),
        sign("vital.hypoxia", HIGH, 10, state=AlertState.ACKNOWLEDGED),
    ]
    assert names(*signs) == ["vital.shock", "vital.hypoxia", "signal.lost", "crs.fever"]
    problem = problem_of("bed-1", signs)
    assert problem is not None
    assert (problem.lead.rule_id, problem.priority) == ("vital.shock", HIGH)
    assert [each.rule_id for each in problem.unanswered] == [
        "vital.shock",
        "signal.lost",
        "crs.fever",
    ]
    assert problem.since == Instant(0, 0).plus(10)


def test_a_sign_that_waits_leads_before_a_more_urgent_one_that_somebody_has() -> None:
    shock = sign("vital.shock", HIGH, state=AlertState.ACKNOWLEDGED)
    ended = sign("vital.hypoxia", HIGH, state=AlertState.LATCHED)
    fever = sign("crs.fever", MEDIUM)
    away = sign("crs.rigors", HIGH, is_inhibited=True)
    for signs, lead in (
        ([shock, fever], "crs.fever"),
        ([shock, ended], "vital.hypoxia"),
        ([ended, fever], "crs.fever"),
        ([shock, away], "crs.rigors"),
        ([shock], "vital.shock"),
    ):
        problem = problem_of("bed-1", signs)
        assert problem is not None
        assert (problem.lead.rule_id, problem.priority) == (lead, HIGH)


def test_a_quiet_bed_has_no_problem() -> None:
    for alert in (
        sign("crs.fever", HIGH, state=AlertState.RESOLVED),
        sign("crs.fever", HIGH, state=AlertState.PENDING),
        sign("crs.fever", HIGH, is_signalled=False),
        sign("crs.fever", HIGH, bed_id="bed-2"),
    ):
        assert names(alert) == []


def test_an_inhibited_sign_is_shown_and_waits_for_nobody() -> None:
    problem = problem_of("bed-1", [sign("signal.lost", HIGH, is_inhibited=True)])
    assert problem is not None
    assert problem.unanswered == ()


def test_a_test_is_shown_only_where_nothing_else_waits_for_an_answer() -> None:
    test = sign("system.test", HIGH, is_test=True)
    fever = sign("crs.fever", MEDIUM)
    answered = replace(fever, state=AlertState.ACKNOWLEDGED)
    assert names(test) == ["system.test"]
    assert names(test, fever) == ["crs.fever"]
    assert names(test, answered) == ["system.test", "crs.fever"]
