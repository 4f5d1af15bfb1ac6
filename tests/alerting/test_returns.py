"""Conditions that come back while their alert, or its problem, is still open."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import pytest

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.alerting.parts import WITH_IT_S
from edge_agent.alerting.returns import GONE_S, PART_GONE_S
from edge_agent.model.alerts import AlertKind, SignalReason
from edge_agent.model.findings import Branch, Evidence, Finding
from tests.support.answers import acknowledgement
from tests.support.findings import BED, at, finding, policy

SUSPECTED, FEVER = "crs.suspected", "crs.fever"
PROBLEM = policy(SUSPECTED, for_s=0, latch_s=None, absorbs=(FEVER,))


def the_book() -> AlertBook:
    return AlertBook([PROBLEM, policy(FEVER, for_s=0)], AlertLabels("site", "ward", "hash"))


def is_told(alerts: AlertBook, seconds: float, fever: str, suspected: str = "P") -> bool:
    """Return True if people are alerted to the fever by an evaluation."""
    changes = alerts.apply([finding(suspected, seconds, SUSPECTED), finding(fever, seconds, FEVER)])
    of_fever = [change.alert for change in changes if change.alert.rule_id == FEVER]
    return any(alert.is_signalled and alert.signal_n == alert.n for alert in of_fever)


@pytest.mark.parametrize("is_answered", [False, True])
def test_a_fever_that_was_part_of_an_old_problem_and_comes_back_is_reported(
    *, is_answered: bool
) -> None:
    alerts = the_book()
    assert not is_told(alerts, 0, "P")
    problem = alerts.current(BED, SUSPECTED)
    assert problem is not None
    if is_answered:
        alerts.answer(acknowledgement(BED, problem.alert_id), at(60))
    assert not is_told(alerts, 3600, "~")  # it neither holds nor recovers
    assert is_told(alerts, 3600 + PART_GONE_S, "P")
    fever = alerts.current(BED, FEVER)
    assert fever is not None
    assert (fever.absorbed_by, fever.raised_at) == ("", at(3600 + PART_GONE_S))


def test_a_short_break_and_missing_data_make_no_sign_new() -> None:
    alerts = the_book()
    is_told(alerts, 0, "P")
    assert not is_told(alerts, 3600, "~")
    assert not is_told(alerts, 3600 + PART_GONE_S - 10, "P")
    assert not is_told(alerts, 5000, "_")
    assert not is_told(alerts, 50_000, "P")


def test_what_was_reported_is_reported_again_after_six_hours_without_it() -> None:
    for gone_s, comes_back in ((GONE_S - 10, False), (GONE_S, True)):
        alerts = AlertBook([policy(FEVER, for_s=0)], AlertLabels("site", "ward", "hash"))
        (first,) = alerts.apply([finding("P", 0)])
        alerts.answer(acknowledgement(BED, first.alert.alert_id), at(60))
        alerts.apply([finding("~", 600)])
        assert alerts.reported_evidence(BED) == {}
        changes = alerts.apply([finding("P", 600 + gone_s)])
        reasons = [c.alert.signal for c in changes if c.alert.raised_at == at(600 + gone_s)]
        assert reasons == ([SignalReason.BACK] if comes_back else [])


def test_an_alert_about_the_monitoring_does_not_come_back() -> None:
    lost = policy("signal.lost", for_s=0, kind=AlertKind.TECHNICAL)
    alerts = AlertBook([lost], AlertLabels("site", "ward", "hash"))
    alerts.apply([finding("P", 0, "signal.lost")])
    alerts.apply([finding("~", 10, "signal.lost")])
    changes = alerts.apply([finding("P", 10 + GONE_S, "signal.lost")])
    assert [c.alert.signal for c in changes] == [SignalReason.REMINDER]


@pytest.mark.parametrize("mark", ["~", "-"])
def test_a_problem_whose_condition_no_longer_holds_takes_up_nothing_new(mark: str) -> None:
    alerts = the_book()
    is_told(alerts, 0, "-")
    assert WITH_IT_S > 70
    is_told(alerts, 60, "-", suspected=mark)
    assert is_told(alerts, 70, "P", suspected=mark)


def scored(seconds: float, points: float, kind: str = "score") -> Finding:
    grounds = (Evidence(kind, "for_600_s", points, "{score}", 600, 1, 6, at(seconds)),)
    found = finding("P", seconds, SUSPECTED)
    return replace(found, evidence=grounds, branches=(Branch(grounds, grounds),))


@pytest.mark.parametrize(
    ("again_at", "course", "reported_s"),
    [
        (2.0, (6, 7, 8, 9, 10), [0, 20, 40]),
        (2.0, (7, 6, 8, 9), [0, 30]),
        (1.0, (6, 7, 7), [0, 10]),
        (inf, (6, 9, 12), [0]),
    ],
)
def test_a_score_that_rises_by_some_points_is_reported_again(
    again_at: float, course: tuple[int, ...], reported_s: list[int]
) -> None:
    alerts = AlertBook([replace(PROBLEM, again_at=again_at)], AlertLabels("site", "ward", "hash"))
    found = []
    for index, points in enumerate(course):
        changes = alerts.apply([scored(10 * index, points)])
        found += [10 * index for c in changes if c.is_signalled]
        for change in changes:
            alerts.answer(acknowledgement(BED, change.alert.alert_id), at(10 * index + 5))
    assert found == reported_s


def test_another_score_says_nothing_of_the_one_reported() -> None:
    alerts = AlertBook([replace(PROBLEM, again_at=2.0)], AlertLabels("site", "ward", "hash"))
    alerts.apply([scored(0, 6)])
    assert alerts.apply([scored(10, 9, "another")]) == []
