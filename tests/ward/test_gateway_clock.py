"""The gateway's own clock: a step is reported in words, slewing is no step."""

from __future__ import annotations

import pytest

from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import BedState
from edge_agent.model.clock import Instant
from edge_agent.ward.gateway_clock import GatewayClock, step_words
from edge_agent.ward.monitoring import Monitoring
from tests.support.pipelines import BED, START, alerts_of, pipeline
from tests.support.said import said_of


def later(after_s: float, stepped_s: float) -> Instant:
    return Instant(START.plus(after_s).monotonic_ns, START.plus(after_s + stepped_s).utc_ns)


def test_only_what_no_slewing_does_is_a_step_and_it_is_told_once() -> None:
    clock = GatewayClock()
    offsets_s = (0.0, 5.0, 10.0, 15.1, 15.1, 9.0)
    steps = [clock.step_s(later(n, s)) for n, s in enumerate(offsets_s)]
    assert steps == pytest.approx([0, 0, 0, 5.1, 0, -6.1])


@pytest.mark.parametrize(
    ("by_s", "words"),
    [
        (6, "set ahead by 6 s"),
        (-119, "set back by 119 s"),
        (-720, "set back by 12 min"),
        (7200, "set ahead by 2 h"),
        (300 * 365.25 * 86400, "set ahead by 109575 days"),
    ],
)
def test_a_step_is_named_in_a_unit_that_people_use(by_s: float, words: str) -> None:
    assert step_words(by_s) == f"the gateway's clock was {words}"


@pytest.mark.untraced
def test_a_step_of_the_gateways_clock_is_an_alert_that_goes_by_itself() -> None:
    line = pipeline(frozenset())
    outcomes = line.tick(START) + line.tick(later(1, -720))
    (told,) = [a for a in alerts_of(outcomes) if a.rule_id == "system.clock"]
    assert (told.state, said_of(told)) == (
        AlertState.RAISED,
        "The gateway's clock was set back by 12 min.",
    )
    outcomes = [o for second in range(2, 3800, 10) for o in line.tick(later(second, -720))]
    states = [a.state for a in alerts_of(outcomes) if a.rule_id == "system.clock"]
    assert list(dict.fromkeys(states)) == [AlertState.LATCHED, AlertState.RESOLVED]


def test_what_happens_without_end_is_told_a_bounded_number_of_times() -> None:
    line = pipeline(frozenset())
    told = [line.note_event(BED, BedState.AGENT_FAILED, f"part {n}", START) for n in range(20)]
    assert [bool(outcomes) for outcomes in told] == [True] * 9 + [False] * 11
    assert line.note_event(BED, BedState.AGENT_FAILED, "part 3", START) == []
    (newest,) = [a for a in alerts_of(told[8]) if a.state is AlertState.RAISED]
    assert said_of(newest).endswith("part 6; part 7; and 1 more.")


def test_what_is_not_named_of_what_happened_is_counted() -> None:
    monitoring = Monitoring([BED], [])
    for n in range(300):
        monitoring.note_event(BED, BedState.AGENT_FAILED, f"part {n}", START)
    said = monitoring.held_states(BED)[BedState.AGENT_FAILED]
    assert said == (*(f"part {n}" for n in range(8)), "and 248 more")


def test_what_happened_once_is_the_matter_for_a_minute() -> None:
    line = pipeline(frozenset())
    line.note_event(BED, BedState.AGENT_FAILED, "a part", START)
    line.note_event(BED, BedState.AGENT_FAILED, "a part", START.plus(30))
    states = [
        (second, alert.state)
        for second in range(1, 200)
        for alert in alerts_of(line.tick(START.plus(second)))
        if alert.rule_id == "system.agent"
    ]
    assert states == [(91, AlertState.LATCHED)]


def test_a_second_step_is_told_while_the_first_is_still_shown() -> None:
    line = pipeline(frozenset())
    line.tick(START)
    outcomes = line.tick(later(1, -720)) + line.tick(later(2, 0))
    told = [a for a in alerts_of(outcomes) if a.rule_id == "system.clock"]
    assert [alert.state for alert in told] == [
        AlertState.RAISED,
        AlertState.LATCHED,
        AlertState.RAISED,
    ]
    assert said_of(told[-1]) == (
        "The gateway's clock was set back by 12 min; the gateway's clock was set ahead by 12 min."
    )
