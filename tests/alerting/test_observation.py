"""Observations of an alert up to a snapshot go on after a restart."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.alerting.observation import observed_as
from edge_agent.model.alerts import AlertState
from tests.support.findings import at
from tests.support.samples import an_alert

BEFORE = replace(
    an_alert(), n=2, state_since=at(10), recovered_since=at(40), recovered_at=at(60), present_s=5.0
)


def test_the_same_transition_is_the_snapshots() -> None:
    unseen = replace(BEFORE, recovered_since=None, recovered_at=None)
    assert observed_as(unseen, BEFORE) == BEFORE


def test_a_signal_since_the_snapshot_leaves_the_observation() -> None:
    reminded = replace(BEFORE, n=3, signal_n=3, recovered_since=None, recovered_at=None)
    found = observed_as(reminded, BEFORE)
    assert (found.n, found.signal_n) == (3, 3)
    assert (found.recovered_since, found.recovered_at) == (at(40), at(60))


def test_a_state_since_the_snapshot_is_newer_than_its_observation() -> None:
    answered = replace(BEFORE, n=3, state=AlertState.ACKNOWLEDGED, state_since=at(70))
    answered = replace(answered, recovered_since=None)
    assert observed_as(answered, BEFORE) == answered
    again = replace(BEFORE, alert_id="another", n=1, recovered_since=None)
    assert observed_as(again, BEFORE) == again
