"""Monitors of a bed: their links, and what is passed on about them."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.model.alerts import AlertState
from edge_agent.model.bed_events import BedEvent, ClockCompared, DevicePlace
from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import (
    AlarmLimits,
    AlarmLimitsChanged,
    DeviceAlarmsChanged,
    LinkChanged,
    LinkState,
)
from edge_agent.ward.beds import Outcome
from edge_agent.ward.monitor import Monitor
from edge_agent.ward.pipeline import Pipeline
from tests.support.monitor_events import at, hear
from tests.support.pipelines import BED, PLACE, START, alerts_of, message, pipeline


def link(line: Pipeline, at_s: float, state: LinkState) -> list[Outcome]:
    at = START.plus(at_s)
    return line.receive(PLACE, [LinkChanged(state, "why", at)], at)


def wait(line: Pipeline, seconds: range) -> list[Outcome]:
    return [outcome for second in seconds for outcome in line.tick(START.plus(second))]


def test_a_lost_link_is_told_after_ten_seconds_and_is_one_problem() -> None:
    line = pipeline()
    hear(line, range(5), 97)
    outcomes = link(line, 5, LinkState.LOST) + wait(line, range(6, 200))
    told = alerts_of(outcomes)
    assert [(a.rule_id, a.state) for a in told] == [("system.link", AlertState.RAISED)]
    raised_at = told[0].raised_at
    assert raised_at is not None
    assert 10 <= raised_at.seconds_since(START.plus(5)) <= 15
    after = link(line, 200, LinkState.CONNECTED) + hear(line, range(201, 400), 97)
    assert [(a.rule_id, a.state) for a in alerts_of(after)] == [
        ("system.link", AlertState.RESOLVED)
    ]


def test_the_same_feed_gives_a_lost_link_the_same_identity_whenever_it_is_replayed() -> None:
    ids = set()
    for later_s in (0, 5000):
        line = pipeline(since=at(later_s))
        for second in range(5):
            event = replace(message(second, spo2=97), at=at(second + later_s))
            line.receive(PLACE, [event], event.at)
        outcomes = link(line, 5 + later_s, LinkState.LOST)
        outcomes += wait(line, range(6 + later_s, 40 + later_s))
        ids |= {alert.alert_id for alert in alerts_of(outcomes) if alert.rule_id == "system.link"}
    assert len(ids) == 1


def test_a_link_that_is_back_at_once_is_no_alert() -> None:
    line = pipeline()
    hear(line, range(5), 97)
    outcomes = link(line, 5, LinkState.LOST) + link(line, 9, LinkState.CONNECTED)
    assert alerts_of(outcomes + hear(line, range(10, 60), 97)) == []


def test_a_link_is_whole_while_values_come_whatever_was_said_of_it() -> None:
    line = pipeline()
    hear(line, range(5), 97)
    outcomes = link(line, 5, LinkState.LOST) + hear(line, range(6, 60), 97)
    assert alerts_of(outcomes) == []
    whole = LinkChanged(LinkState.CONNECTED, "the device talks", at(6))
    assert [o for o in outcomes if isinstance(o, BedEvent)][1:] == [
        BedEvent(BED, BED, whole, at(6))
    ]
    (device,) = line.device_status()
    assert (device.link, device.link_reason) == (LinkState.CONNECTED, "the device talks")


def test_an_alert_of_a_lost_link_ends_while_values_come() -> None:
    line = pipeline()
    hear(line, range(5), 97)
    lost = link(line, 5, LinkState.LOST) + wait(line, range(6, 30))
    assert [a.state for a in alerts_of(lost)] == [AlertState.RAISED]
    back = alerts_of(hear(line, range(30, 200), 97))
    assert [(a.rule_id, a.state) for a in back] == [("system.link", AlertState.RESOLVED)]


def test_a_monitor_that_connects_for_each_message_is_lost_only_when_it_stays_away() -> None:
    line = pipeline(frozenset())
    outcomes: list[Outcome] = []
    for begin in range(0, 400, 25):
        outcomes += link(line, begin, LinkState.CONNECTED) + hear(line, range(begin, begin + 1), 97)
        outcomes += link(line, begin + 1, LinkState.LOST) + wait(line, range(begin + 2, begin + 25))
    # the first time nobody knows that it will come back
    assert [(a.rule_id, a.state) for a in alerts_of(outcomes)] == [
        ("system.link", AlertState.RAISED),
        ("system.link", AlertState.RESOLVED),
    ]
    (device,) = line.device_status()
    assert (device.link, device.link_reason) == (
        LinkState.CONNECTED,
        "opens a connection for each message",
    )
    lost = alerts_of(wait(line, range(400, 440)))
    assert "system.link" in {a.rule_id for a in lost if a.state is AlertState.RAISED}
    assert line.device_status()[0].link is LinkState.LOST


def test_a_monitor_that_came_back_late_is_lost_at_once_the_next_time() -> None:
    monitor = Monitor()
    for at_s, state in ((0, LinkState.CONNECTED), (1, LinkState.LOST), (31, LinkState.CONNECTED)):
        monitor.note_link(LinkChanged(state, "why", at(at_s)))
    monitor.note_link(LinkChanged(LinkState.LOST, "why", at(32)))
    said = [(monitor.becomes_lost(at(at_s)), monitor.is_lost) for at_s in (33, 62, 62.1, 63)]
    assert said == [(False, False), (False, False), (True, True), (False, True)]
    monitor.note_link(LinkChanged(LinkState.CONNECTED, "why", at(64)))
    monitor.note_link(LinkChanged(LinkState.LOST, "why", at(65)))
    assert monitor.is_lost


def test_one_lost_device_of_a_bed_is_a_lost_link_whatever_the_others_do() -> None:
    line = pipeline()
    hear(line, range(5), 97)
    thermometer, at = DevicePlace(BED, f"{BED}.thermometer"), START.plus(5)
    lost = line.receive(thermometer, [LinkChanged(LinkState.LOST, "why", at)], at)
    lost += link(line, 6, LinkState.CONNECTED) + hear(line, range(7, 30), 97)
    assert [a.rule_id for a in alerts_of(lost)] == ["system.link"]


def test_a_device_that_was_never_heard_has_a_status() -> None:
    line = pipeline()
    line.expect([DevicePlace(BED, BED), DevicePlace(BED, f"{BED}.thermometer")])
    assert [(d.device_id, d.link) for d in line.device_status()] == [
        (BED, LinkState.INITIAL),
        (f"{BED}.thermometer", LinkState.INITIAL),
    ]


def test_the_clock_of_a_monitor_is_told_and_shown() -> None:
    line = pipeline()
    event = replace(message(3, spo2=97), device_now=DeviceTime(wall_ns=at(63).utc_ns))
    outcomes = line.receive(PLACE, [event], at(3))
    compared = ClockCompared(60.0, None, is_step=False, at=at(3))
    assert BedEvent(BED, BED, compared, at(3)) in outcomes
    (device,) = line.device_status()
    assert device.clock == compared


def test_alarms_and_limits_of_the_monitor_are_passed_on() -> None:
    line = pipeline()
    events: list[DeviceAlarmsChanged | AlarmLimitsChanged] = [
        DeviceAlarmsChanged((), DeviceTime(), at(1)),
        AlarmLimitsChanged((AlarmLimits(150456, "%", 90, 100),), at(1)),
    ]
    assert line.receive(PLACE, events, at(1)) == [BedEvent(BED, BED, e, at(1)) for e in events]


def test_moments_are_those_of_the_monitor_events() -> None:
    line = pipeline()
    outcomes = link(line, 3, LinkState.LOST)
    assert BedEvent(BED, BED, LinkChanged(LinkState.LOST, "why", at(3)), at(3)) in outcomes


def test_a_link_that_is_lost_again_while_it_is_away_is_away_since_the_first_time() -> None:
    monitor = Monitor()
    states = (LinkState.CONNECTED, LinkState.LOST, LinkState.CONNECTED, LinkState.LOST)
    for at_s, state in enumerate((*states, LinkState.CONNECTING, LinkState.LOST)):
        monitor.note_link(LinkChanged(state, "why", START.plus(10 * at_s)))
    assert not monitor.becomes_lost(START.plus(60))
    assert monitor.becomes_lost(START.plus(61))
