"""Alerts that nurses saw, worked out from the changes of alerts."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.batch.detection import Transition
from edge_agent.evaluate.stays.reported_alerts import (
    _ABOUT,
    About,
    ReportedAlert,
    reported_alerts,
)
from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Evidence
from edge_agent.rulebook.rule_set import read_rulebook

NOW = Instant(0, 0)
EVIDENCE = Evidence("temperature", "latest", 38.2, "Cel", 900.0, 1.0, 38.0, NOW)
ALERT = Alert(
    alert_id="a",
    n=1,
    bed_id="bed",
    rule_id="crs.fever",
    rule_version=1,
    kind=AlertKind.PHYSIOLOGICAL,
    priority=AlertPriority.MEDIUM,
    text="Fever.",
    state=AlertState.PENDING,
    pending_since=NOW,
    changed_at=NOW,
    evidence=(EVIDENCE, EVIDENCE),
    config_hash="",
    explanation="Temp 38.2 for 10 min.",
)
RAISED = replace(ALERT, state=AlertState.RAISED, is_signalled=True)
LATCHED = replace(RAISED, state=AlertState.LATCHED)
RESOLVED = replace(RAISED, state=AlertState.RESOLVED)


def reported(*changes: tuple[float, Alert]) -> list[ReportedAlert]:
    return reported_alerts([Transition(at_s, alert) for at_s, alert in changes], 1000.0)


def times(*changes: tuple[float, Alert]) -> list[tuple[float, float]]:
    return [(one.at_s, one.until_s) for one in reported(*changes)]


def test_an_alert_is_reported_when_it_is_raised_and_lasts_until_its_condition_ends() -> None:
    assert times((10, ALERT), (20, RAISED), (90, RESOLVED)) == [(20, 90)]
    assert times((20, RAISED), (90, LATCHED), (95, RESOLVED)) == [(20, 90)]
    assert times((20, RAISED)) == [(20, 1000.0)]


def test_what_comes_back_after_it_ended_unseen_is_reported_again() -> None:
    again = replace(RAISED, raised_at=NOW.plus(200))
    assert times((20, RAISED), (90, LATCHED), (200, again), (300, RESOLVED)) == [
        (20, 90),
        (200, 300),
    ]


def test_a_rise_in_priority_is_reported_and_other_changes_are_not() -> None:
    high = replace(RAISED, priority=AlertPriority.HIGH)
    acknowledged = replace(RAISED, state=AlertState.ACKNOWLEDGED)
    assert times((20, RAISED), (30, high), (40, high), (90, RESOLVED)) == [(20, 90), (30, 90)]
    assert times((20, RAISED), (30, acknowledged), (90, RESOLVED)) == [(20, 90)]


def test_an_open_alert_with_a_new_ground_is_reported_again_acknowledged_or_not() -> None:
    acknowledged = replace(RAISED, state=AlertState.ACKNOWLEDGED)
    again = replace(RAISED, raised_at=NOW.plus(40))
    assert times((20, RAISED), (40, again), (90, RESOLVED)) == [(20, 90), (40, 90)]
    assert times((20, RAISED), (30, acknowledged), (40, again), (90, RESOLVED)) == [
        (20, 90),
        (40, 90),
    ]


def test_an_answer_that_has_expired_is_no_new_report() -> None:
    acknowledged = replace(RAISED, state=AlertState.ACKNOWLEDGED)
    assert times((20, RAISED), (30, acknowledged), (40, RAISED), (90, RESOLVED)) == [(20, 90)]


def test_a_part_of_a_problem_is_reported_only_once_it_stands_alone() -> None:
    part = replace(RAISED, is_signalled=False, absorbed_by="b")
    assert times((20, part), (90, RESOLVED)) == []
    assert times((20, part), (50, RAISED), (90, RESOLVED)) == [(50, 90)]


def test_a_telling_knows_what_it_is_about_and_what_it_rests_on() -> None:
    technical = replace(RAISED, alert_id="b", kind=AlertKind.TECHNICAL, rule_id="crs.fever")
    other = replace(RAISED, alert_id="c", rule_id="crs.tachycardia")
    fever, lost, fast = reported((1, RAISED), (2, technical), (3, other))
    assert (fever.about, lost.about, fast.about) == (About.FEVER, About.TECHNICAL, About.OTHER)
    assert fever.kinds == ("temperature",)
    assert fever.explanation == "Temp 38.2 for 10 min."


def test_a_new_rule_counts_as_other_until_its_subject_is_named() -> None:
    (new,) = reported((1, replace(RAISED, rule_id="crs.brand_new")))
    assert new.about is About.OTHER


def test_subjects_are_named_of_shipped_rules_only() -> None:
    """A rule that was renamed would count as `OTHER` without a word."""
    shipped = {rule.policy.rule_id for rule in read_rulebook(None).rules}
    assert _ABOUT.keys() - shipped == set()
