"""A pipeline that continues after a restart, or after a call that raised."""

from __future__ import annotations

import pytest

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import BedEvent
from edge_agent.model.measurements import DeviceTime, Readings
from edge_agent.model.session_events import LinkChanged, LinkState, NumericsReceived
from edge_agent.ward.beds import Bed, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.support.pipelines import ALL, BED, PLACE, START, alerts_of, pipeline, play


@pytest.mark.parametrize(
    "cut_s", [159, *(pytest.param(s, marks=pytest.mark.untraced) for s in (1, 60, 150, 161, 200))]
)
def test_a_restart_at_any_moment_gives_the_same_alerts(cut_s: int) -> None:
    whole = play(pipeline(), range(240), 86.0)
    before = play(pipeline(), range(cut_s), 86.0)
    readings = [o for o in before if isinstance(o, Readings)]
    newest = {o.alert.rule_id: o.alert for o in before if isinstance(o, AlertChange)}
    restarted = pipeline(since=START.plus(cut_s))
    again = restarted.restore(readings, newest.values())
    after = play(restarted, range(cut_s, 240), 86.0)
    told = {(a.alert_id, a.n): a.state for a in alerts_of([*before, *again, *after])}
    assert told == {(a.alert_id, a.n): a.state for a in alerts_of(whole)}


HELD = """
[rule]
id = "test.held"
version = 1
kind = "physiological"
priority = "medium"
source = "test"
status = "unvalidated"
latch_s = 0
[when]
all = [
  { vital = "spo2", op = "<", value = 90, unit = "%", at_least_s = 10, window_s = 10 },
]
for_s = 60
clear_for_s = 60
"""


def held() -> Pipeline:
    rules = [parse_rule("held.toml", HELD)]
    return Pipeline([Bed(BED, ALL)], rules, WardIdentity("site", "ward"), "hash", START)


@pytest.mark.parametrize("cut_s", [12, 30, 60, 70, 71, 72])
def test_a_hold_time_that_was_running_goes_on_after_a_restart(cut_s: int) -> None:
    (whole,) = alerts_of(play(held(), range(90), 86.0))
    before = play(held(), range(cut_s), 86.0)
    readings = [o for o in before if isinstance(o, Readings)]
    pending = [o.alert for o in before if isinstance(o, AlertChange)][:1]
    assert [alert.state for alert in pending] == [AlertState.PENDING]
    restarted = held()
    other_bed = Readings("bed-99", "bed-99", START, (), ())
    # Where the hold time had passed, its alert was not kept before the end, and is given again.
    again = restarted.restore([other_bed, *readings], pending)
    after = play(restarted, range(cut_s, 90), 86.0)
    (raised,) = alerts_of([*again, *after])
    assert (raised.alert_id, raised.n, raised.raised_at) == (
        whole.alert_id,
        whole.n,
        whole.raised_at,
    )


def test_what_followed_before_a_call_raised_is_not_lost() -> None:
    line = pipeline()
    play(line, range(60), 86.0)
    at = START.plus(240)
    lost = LinkChanged(LinkState.LOST, "no answer", at)
    poison = NumericsReceived((None,), DeviceTime(), at)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        line.receive(PLACE, [lost, poison], at)
    told = {alert.rule_id for alert in alerts_of(line.outcomes_so_far) if alert.is_signalled}
    assert "system.feed" in told
    assert BedEvent(BED, BED, lost, at) in line.outcomes_so_far
    assert line.catch_up("bed-99", at, by_clock=False) == []
    assert line.outcomes_so_far == []


def test_a_step_that_is_over_is_judged_once_whoever_asks() -> None:
    line = pipeline()
    play(line, range(57), 86.0)
    at = START.plus(61)  # the clock leaves a step to the next reading for a while
    assert line.catch_up(BED, at, by_clock=True) == []
    after = line.catch_up(BED, START.plus(180), by_clock=False)
    assert "system.feed" in {alert.rule_id for alert in alerts_of(after)}
    assert line.catch_up(BED, START.plus(180), by_clock=False) == []
    assert line.receive(PLACE, [], START.plus(180)) == []
