"""Alerts that a version without signals journalled go on with timers of their own."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.alerting.settings import AlertSettings
from edge_agent.model.alerts import Alert, AlertPriority, AlertState, SignalReason
from edge_agent.model.duty import ResponseTimes
from edge_agent.payloads.alerts import decode_alert, encode_alert
from tests.support.answers import acknowledgement
from tests.support.findings import BED, at, finding, policy

KNOWN_BEFORE = frozenset(
    [
        "alert_id",
        "n",
        "bed_id",
        "rule_id",
        "rule_version",
        "kind",
        "priority",
        "text",
        "state",
        "pending_since",
        "changed_at",
        "evidence",
        "config_hash",
        "present_s",
        "present_at",
        "recovered_since",
        "recovered_at",
        "raised_at",
        "acknowledged_at",
        "acknowledged_by",
        "latched_at",
        "resolved_at",
        "absorbed_by",
        "is_signalled",
        "explanation",
        "missing",
        "closed_because",
        "event",
        "note",
        "schema",
    ]
)
POLICY = policy(for_s=0, latch_s=None)


def book() -> AlertBook:
    return AlertBook([POLICY], AlertLabels("site", "ward", "hash"))


def older(alert: Alert) -> Alert:
    """Return an alert as the older version wrote it."""
    record = json.loads(encode_alert(alert))
    assert record.keys() > KNOWN_BEFORE
    return decode_alert(json.dumps({name: record[name] for name in KNOWN_BEFORE}).encode())


def journalled(state: AlertState) -> Alert:
    """Return an alert of the older version that was raised at 100 s."""
    before = book()
    before.apply([finding("P", 100)])
    if state is AlertState.ACKNOWLEDGED:
        before.answer(acknowledgement(BED, before.alerts(BED)[0].alert_id), at(150))
    for seconds in (200, 210, 220) if state is AlertState.LATCHED else ():
        before.apply([finding("-", seconds)])
    (alert,) = before.alerts(BED)
    assert alert.state is state
    return older(alert)


@pytest.mark.parametrize(
    ("state", "reason", "due_s"),
    [
        (AlertState.RAISED, SignalReason.REMINDER, 100 + 1800),
        (AlertState.ACKNOWLEDGED, SignalReason.ANSWER_EXPIRED, 150 + 7200),
        (AlertState.LATCHED, SignalReason.REMINDER, 100 + 1800),
    ],
)
def test_its_timers_run_from_when_it_was_raised_and_answered(
    state: AlertState, reason: SignalReason, due_s: float
) -> None:
    after = book()
    after.restore([journalled(state)], at(230))
    assert after.due_at(BED, at(230)) == at(due_s)
    assert after.apply([finding("_", due_s - 1)]) == []
    (change,) = after.apply([finding("_", due_s)])
    assert (change.alert.signal, change.alert.signalled_at) == (reason, at(due_s))


def test_it_says_since_when_nobody_has_answered_it() -> None:
    since = {AlertState.RAISED: at(100), AlertState.ACKNOWLEDGED: None, AlertState.LATCHED: at(100)}
    for state, expected in since.items():
        after = book()
        after.restore([journalled(state)], at(230))
        assert after.alerts(BED)[0].unanswered_since == expected


def test_what_it_absorbs_is_decided_by_its_answer_even_once_that_has_expired() -> None:
    problem = policy("crs.suspected", for_s=0, absorbs=("crs.fever",))
    before = AlertBook([problem, POLICY], AlertLabels("site", "ward", "hash"))
    before.apply([finding("P", 100, "crs.suspected")])
    (alert,) = before.alerts(BED)
    before.answer(acknowledgement(BED, alert.alert_id), at(150))
    short = {AlertPriority.MEDIUM: ResponseTimes(1800.0, 100.0, 60.0)}
    settings = AlertSettings(times=short)
    after = AlertBook([problem, POLICY], AlertLabels("site", "ward", "hash"), settings)
    after.restore([older(before.alerts(BED)[0])], at(160))
    after.apply([finding("P", 250, "crs.suspected")])
    (change,) = after.apply([finding("P", 260, "crs.suspected"), finding("P", 260)])
    assert (change.alert.rule_id, change.alert.absorbed_by) == ("crs.fever", "")


def test_any_view_of_it_counts_for_an_answer() -> None:
    after = book()
    alert = journalled(AlertState.RAISED)
    after.restore([alert], at(230))
    given = after.answer(acknowledgement(BED, alert.alert_id, n=1), at(240))
    assert given.refusals == []


def test_what_an_older_version_resolved_stays_as_it_is() -> None:
    before = book()
    before.apply([finding("P", 100)])
    for seconds in (200, 210, 220):
        before.apply([finding("-", seconds)])
    before.answer(acknowledgement(BED, before.alerts(BED)[0].alert_id), at(230))
    over = older(before.alerts(BED)[0])
    after = book()
    after.restore([over], at(240))
    assert after.alerts(BED) == [replace(over, recovered_since=None, recovered_at=None)]
    assert after.due_at(BED, at(240)) is None
