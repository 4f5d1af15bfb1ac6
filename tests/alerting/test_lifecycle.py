"""Alerts are raised after their hold time and clear only on evidence, never on missing data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.alerting import signals
from edge_agent.alerting.answering import BedAnswer
from edge_agent.alerting.lifecycle import AlertLabels, advance, close
from edge_agent.alerting.settings import AlertSettings
from edge_agent.model.alerts import (
    Alert,
    AlertKind,
    AlertPolicy,
    AlertPriority,
    AlertState,
    SignalReason,
)
from edge_agent.model.findings import Branch, Evidence
from tests.support.answers import acknowledgement
from tests.support.findings import BED, at, facts, finding, policy

ORIGIN = AlertLabels("site", "ward", "hash")
SETTINGS = AlertSettings()
LETTER = {
    AlertState.PENDING: "p",
    AlertState.RAISED: "R",
    AlertState.ACKNOWLEDGED: "a",
    AlertState.LATCHED: "L",
    AlertState.RESOLVED: "c",
}


def replay(script: str, rule: AlertPolicy, step_s: float = 10) -> list[Alert | None]:
    """Return the alert after each step; A acknowledges and holds the previous finding's time."""
    alert: Alert | None = None
    alerts = []
    for step, mark in enumerate(script):
        if mark == "A":
            assert alert is not None
            alert = acknowledged(alert, step * step_s)
        elif mark != " ":
            alert = advance(alert, finding(mark, step * step_s), rule, ORIGIN)
            alert = alert and signals.after_time(alert, rule, SETTINGS, None, at(step * step_s))
        alerts.append(alert)
    return alerts


def acknowledged(alert: Alert, at_s: float) -> Alert:
    answer = acknowledgement(BED, alert.alert_id, "nurse-3")
    given = BedAnswer(answer, {alert.rule_id: alert}, SETTINGS, at(at_s))
    return given.changed.get(alert.rule_id, alert)


def letters(script: str, rule: AlertPolicy, step_s: float = 10) -> str:
    """Return one letter per step: (n)one, (p)ending, (R)aised, (a)cknowledged, (L)atched, (c)."""
    return "".join(LETTER[a.state] if a else "n" for a in replay(script, rule, step_s))


@pytest.mark.parametrize(
    ("script", "states"),
    [
        ("PPP", "ppR"),
        ("PP-P", "ppcp"),
        ("PP~P", "ppcp"),
        ("PPP---", "ppRRRc"),
        ("PPP-P---", "ppRRRRRc"),
        ("PPP______", "ppRRRRRRR"),
        ("PPP-_---", "ppRRRRRc"),
        ("PPP-~---", "ppRRRRRc"),
        ("P__P", "pppp"),
        ("P__PPP", "pppppR"),
        ("P_P_P_P", "ppppppp"),
        ("___", "nnn"),
        ("---", "nnn"),
        ("PPP---P", "ppRRRcp"),
        ("PPP---_-", "ppRRRccc"),
    ],
)
def test_states(script: str, states: str) -> None:
    assert letters(script, policy()) == states


@pytest.mark.parametrize(
    ("script", "latch_s", "states"),
    [
        ("P---", None, "RRRL"),
        ("P---------", None, "RRRLLLLLLL"),
        ("P---A-", None, "RRRLcc"),
        ("PA---", None, "Raaac"),
        ("PAP", None, "Raa"),
        ("PAA", None, "Raa"),
        ("PA_", None, "Raa"),
        ("P---P", None, "RRRLR"),
        ("P---P---", None, "RRRLRRRL"),
        ("P-----", 20, "RRRLLc"),
        ("P---___-", 20, "RRRLLLLc"),
        ("P---", 0, "RRRc"),
        ("P---AA", 0, "RRRccc"),
    ],
)
def test_what_ended_unseen_is_latched_as_the_rule_asks(
    script: str, latch_s: float | None, states: str
) -> None:
    assert letters(script, policy(for_s=0, latch_s=latch_s)) == states


def test_an_alert_raised_again_was_never_latched() -> None:
    latched, raised = replay("P---P", policy(for_s=0, latch_s=None))[-2:]
    assert latched is not None
    assert raised is not None
    assert (latched.latched_at, raised.latched_at) == (at(30), None)


@given(st.text("P-~_", max_size=30))
def test_missing_data_holds_the_state(script: str) -> None:
    before = letters(script, policy())
    assert letters(f"{script}_", policy()) == before + (before[-1:] or "n")


def test_silence_between_findings_neither_raises_nor_clears() -> None:
    assert letters("P   P   P", policy()) == "ppppppppp"
    assert letters("PPP-   -   -   -", policy()) == "ppR" + 13 * "R"
    assert letters("PPP", policy(), step_s=16) == "ppp"


def test_transitions_are_counted_from_one_and_only_they_change_the_date() -> None:
    alerts = [a for a in replay("PPPPP---", policy()) if a is not None]
    assert [a.n for a in alerts] == [1, 1, 2, 2, 2, 2, 2, 3]
    assert [a.changed_at for a in alerts] == [at(s) for s in (0, 0, 20, 20, 20, 20, 20, 70)]
    raised, resolved = alerts[4], alerts[7]
    assert (raised.raised_at, raised.pending_since, raised.present_s) == (at(20), at(0), 40)
    assert raised.resolved_at is None
    assert resolved.resolved_at == at(70)


def test_an_acknowledgement_keeps_who_and_when() -> None:
    alert = replay("PAA", policy(for_s=0))[-1]
    assert alert is not None
    assert (alert.acknowledged_by, alert.acknowledged_at, alert.n) == ("nurse-3", at(10), 2)


def test_pending_alerts_cannot_be_acknowledged() -> None:
    assert letters("PA", policy()) == "pp"


def test_a_replayed_feed_gives_the_same_ids_and_a_new_occurrence_another() -> None:
    first = replay("PPP---PPP", policy())
    assert first == replay("PPP---PPP", policy())
    ids = [a.alert_id for a in first if a is not None]
    assert len(set(ids[:6])) == 1
    assert len(set(ids)) == 2
    elsewhere = advance(None, finding("P", 0), policy(), replace(ORIGIN, ward="other"))
    assert elsewhere is not None
    assert elsewhere.alert_id != ids[0]


def test_the_same_onset_again_goes_on_counting() -> None:
    rule = policy(for_s=0)
    alert = None
    for step, mark in enumerate("P---P"):
        alert = advance(alert, finding(mark, step * 10, feed_time="77"), rule, ORIGIN)
    assert alert is not None
    assert (alert.state, alert.n) == (AlertState.RAISED, 3)


def test_an_alert_nobody_answers_rises_once_and_signals_again() -> None:
    rule = replace(policy(for_s=0), escalate_after_s=20, escalate_priority=AlertPriority.HIGH)
    alerts = [a for a in replay("PPPPPP", rule) if a is not None]
    medium, high = AlertPriority.MEDIUM, AlertPriority.HIGH
    assert [a.priority for a in alerts] == [medium, medium, high, high, high, high]
    assert [a.n for a in alerts] == [1, 1, 2, 2, 2, 2]
    acknowledged = replay("PAPPPP", rule)[-1]
    assert acknowledged is not None
    assert acknowledged.priority is medium


RISING = replace(policy(for_s=0), escalate_after_s=60, escalate_priority=AlertPriority.HIGH)


def priorities(script: str, rule: AlertPolicy = RISING) -> str:
    """Return the first letter of the priority after each step."""
    return "".join(a.priority.name[0] if a else "n" for a in replay(script, rule))


@pytest.mark.parametrize(
    ("script", "after"),
    [
        ("P______H", "MMMMMMH"),  # missing data
        ("P~~~~~~H", "MMMMMMH"),  # neither there nor recovered
        ("P     _H", "MMMMMMH"),  # no finding at all, then one
        ("P____--", "MMMMMMM"),  # it recovers
        ("P____-_", "MMMMMMH"),  # and stops to
        ("PA_____", "MMMMMMM"),  # somebody acknowledged
        ("P_______", "MMMMMMHH"),
    ],
)
def test_an_unacknowledged_alert_becomes_more_urgent_by_time_alone(script: str, after: str) -> None:
    assert priorities(script.replace("H", "")) == after


def test_the_moment_at_which_it_rises_is_announced() -> None:
    *_, before, after = (a for a in replay("P______", RISING) if a is not None)
    assert signals.due_at(before, RISING, SETTINGS, None) == at(60) == after.changed_at
    assert signals.due_at(after, RISING, SETTINGS, None) is None
    assert (before.n, after.n, after.evidence) == (2, 3, before.evidence)


def test_what_changed_since_is_not_made_more_urgent_at_an_earlier_moment() -> None:
    (raised,) = (a for a in replay("P", RISING) if a is not None)
    later = replace(raised, changed_at=at(100))
    assert signals.after_time(later, RISING, SETTINGS, None, at(90)) == later
    risen = signals.after_time(later, RISING, SETTINGS, None, at(100))
    assert (risen.priority, risen.signal) == (AlertPriority.HIGH, SignalReason.WORSE)


def measured(kind: str, value: float, limit: float) -> Evidence:
    return Evidence(kind, "for_60_s", value, "1", 60.0, 1.0, limit, at(0))


FAST, SLOW = measured("heart_rate", 160, 150), measured("heart_rate", 30, 35)


def told_again(script: str, *, kind: AlertKind = AlertKind.PHYSIOLOGICAL) -> list[Alert]:
    """Return the alert after each step: F for a fast heart, S for a slow one, B for both."""
    grounds = {"F": ((FAST,),), "S": ((SLOW,),), "B": ((FAST,), (SLOW,))}
    alert, found = None, []
    for step, mark in enumerate(script):
        if mark == "A":
            assert alert is not None
            alert = acknowledged(alert, step)
        else:
            said = finding("P" if mark in grounds else mark, step)
            branches = tuple(Branch(e, e) for e in grounds.get(mark, ()))
            evidence = tuple(e for branch in branches for e in branch.evidence)
            said = replace(said, evidence=evidence, branches=branches, facts=facts(mark))
            alert = advance(alert, said, policy(for_s=0, latch_s=None, kind=kind), ORIGIN)
        assert alert is not None
        found.append(alert)
    return found


def test_an_open_alert_with_a_new_ground_is_raised_again_acknowledged_or_not() -> None:
    for script, states in (("FASS", "RaRR"), ("FSS", "RRR"), ("FAFF", "Raaa"), ("FBAF", "RRaa")):
        assert "".join(LETTER[a.state] for a in told_again(script)) == states
    first, acknowledged, again, _ = told_again("FASS")
    assert (again.alert_id, again.n) == (first.alert_id, acknowledged.n + 1)
    assert (again.raised_at, again.evidence, again.facts) == (at(2), (SLOW,), facts("S"))
    assert (again.acknowledged_at, again.acknowledged_by) == (None, "")
    assert told_again("FSS")[-1].n == 2


def test_grounds_that_are_not_reported_apart_count_together() -> None:
    said = [replace(finding("P", s), evidence=e) for s, e in ((0, (FAST,)), (10, (SLOW,)))]
    alert = advance(None, said[0], policy(for_s=0), ORIGIN)
    alert = advance(alert, said[1], policy(for_s=0), ORIGIN)
    assert alert is not None
    assert alert.raised_at == at(10)


def test_an_alert_about_the_watching_has_no_sign_to_add() -> None:
    assert told_again("FAS", kind=AlertKind.TECHNICAL)[-1].state is AlertState.ACKNOWLEDGED


def test_what_is_closed_says_why() -> None:
    (raised,) = (a for a in replay("P", policy(for_s=0)) if a is not None)
    over = close(raised, "another patient", at(5))
    assert (over.state, over.n, over.resolved_at) == (AlertState.RESOLVED, 2, at(5))
    assert over.closed_because == "another patient"
