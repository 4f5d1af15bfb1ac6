"""An unacknowledged alert becomes more urgent by time alone, even if data or program stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.detect.language.rule_file import parse_rule
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.session_events import LinkChanged, LinkState
from edge_agent.ward.beds import Bed, Outcome, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.support.pipelines import BED, PLACE, START, message
from tests.support.ward_alerts import changed

if TYPE_CHECKING:
    from edge_agent.model.clock import Instant

LOW = """
[rule]
id = "test.low"
version = 1
kind = "physiological"
priority = "low"
source = "test"
status = "unvalidated"
latch_s = 0
escalate_after_s = 600
escalate_priority = "high"
[when]
for_s = 0
clear_for_s = 60
any = [{ vital = "spo2", op = "<", value = 90, unit = "%", at_least_s = 10, window_s = 10 }]
"""


def watched(since: Instant = START) -> Pipeline:
    rules = [parse_rule("low.toml", LOW)]
    return Pipeline([Bed(BED, frozenset())], rules, WardIdentity("s", "w"), "h", since)


def low(line: Pipeline) -> list[Outcome]:
    found: list[Outcome] = []
    for second in range(1, 22):
        found += line.receive(PLACE, [message(second, spo2=85)], START.plus(second))
    return found


def test_it_rises_though_nothing_comes_any_more_and_the_link_is_lost() -> None:
    line = watched()
    (raised,) = changed(low(line))
    assert raised.raised_at == START.plus(10)
    lost = LinkChanged(LinkState.LOST, "no answer", START.plus(30))
    line.receive(PLACE, [lost], lost.at)
    early = [o for second in range(30, 605) for o in line.tick(START.plus(second))]
    assert [(a.is_stale, a.signal_n) for a in changed(early)] == [(True, 1)]
    (risen,) = changed([o for second in range(605, 700) for o in line.tick(START.plus(second))])
    assert (risen.alert_id, risen.priority) == (raised.alert_id, AlertPriority.HIGH)
    assert (risen.n, risen.changed_at, risen.evidence) == (3, START.plus(610), raised.evidence)


def test_it_rises_at_the_same_moment_though_the_program_was_started_again() -> None:
    raised = changed(low(watched()))
    again = watched(START.plus(300))
    assert changed(again.restore([], raised)) == []
    early = [o for second in range(300, 605) for o in again.tick(START.plus(second))]
    assert [(a.is_stale, a.signal_n) for a in changed(early)] == [(True, 1)]
    (risen,) = changed([o for second in range(605, 700) for o in again.tick(START.plus(second))])
    assert (risen.priority, risen.changed_at) == (AlertPriority.HIGH, START.plus(610))
