"""A lost link and a monitor that is another than before are alerts, and never mix patients."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.model.alerts import Acknowledgement, AlertPriority, AlertState
from edge_agent.model.bed_events import (
    BedEvent,
    ClockCompared,
    DevicePlace,
    MonitorAccepted,
    MonitorIdentity,
)
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, Readings, Validity
from edge_agent.model.session_events import (
    AlarmLimits,
    AlarmLimitsChanged,
    DeviceAlarmsChanged,
    DeviceIdentified,
    LinkChanged,
    LinkState,
)
from edge_agent.ward.beds import Outcome
from edge_agent.ward.monitor import Monitor
from edge_agent.ward.pipeline import Pipeline
from tests.ward.test_pipeline import BED, PLACE, START, alerts_of, message, pipeline

OURS = ("Philips", "M8000", "serial 1")
OTHER = ("Philips", "M8000", "serial 2")
CHANGED = "system.monitor_changed"


def identify(line: Pipeline, at_s: float, identity: tuple[str, str, str]) -> list[Outcome]:
    at = START.plus(at_s)
    return line.receive(PLACE, [DeviceIdentified(*identity, at)], at)


def link(line: Pipeline, at_s: float, state: LinkState) -> list[Outcome]:
    at = START.plus(at_s)
    return line.receive(PLACE, [LinkChanged(state, "why", at)], at)


def hear(line: Pipeline, seconds: range, spo2: float) -> list[Outcome]:
    return [
        outcome
        for second in seconds
        for outcome in line.receive(PLACE, [message(second, hr=80, spo2=spo2)], START.plus(second))
    ]


def wait(line: Pipeline, seconds: range) -> list[Outcome]:
    return [outcome for second in seconds for outcome in line.tick(START.plus(second))]


def spo2_of(outcomes: list[Outcome]) -> list[tuple[Validity, str]]:
    vitals = [v for o in outcomes if isinstance(o, Readings) for v in o.vitals if v.kind == "spo2"]
    return [(vital.validity, vital.reason) for vital in vitals]


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
        "connects anew for what it sends",
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


def test_the_first_monitor_of_a_bed_is_accepted_without_a_word() -> None:
    outcomes = identify(pipeline(), 0, OURS)
    accepted = MonitorAccepted(MonitorIdentity(*OURS), "", START)
    assert BedEvent(BED, BED, accepted, START) in outcomes
    assert alerts_of(outcomes) == []


def test_a_serial_number_that_is_said_later_counts_from_then_on() -> None:
    line = pipeline()
    identify(line, 0, ("Philips", "", ""))
    outcomes = identify(line, 1, OURS)
    accepted = MonitorAccepted(MonitorIdentity(*OURS), "", at(1))
    assert BedEvent(BED, BED, accepted, at(1)) in outcomes
    identify(line, 2, ("Philips", "", ""))  # says less again: still the known one
    assert [a.rule_id for a in alerts_of(identify(line, 3, OTHER))] == [CHANGED]


def test_another_monitor_is_told_at_once_and_none_of_its_values_is_judged() -> None:
    line = pipeline()
    identify(line, 0, OURS)
    hear(line, range(1, 30), 97)
    (alert,) = alerts_of(identify(line, 30, OTHER))
    assert (alert.rule_id, alert.state) == (CHANGED, AlertState.RAISED)
    outcomes = hear(line, range(31, 400), 80)
    assert set(spo2_of(outcomes)) == {
        (Validity.QUESTIONABLE, "another monitor than before, not confirmed")
    }
    assert {a.rule_id for a in alerts_of(outcomes)} == {CHANGED}
    (device,) = line.device_status()
    assert not device.is_confirmed
    assert device.identity == MonitorIdentity(*OTHER)


def test_nobody_answering_makes_it_urgent() -> None:
    line = pipeline()
    identify(line, 0, OURS)
    identify(line, 1, OTHER)
    (urgent,) = alerts_of(hear(line, range(2, 400), 97))
    assert urgent.priority is AlertPriority.HIGH


def test_a_cable_put_back_ends_it_and_the_patient_is_watched_as_before() -> None:
    line = pipeline()
    identify(line, 0, OURS)
    hear(line, range(1, 30), 97)
    identify(line, 30, OTHER)
    hear(line, range(31, 60), 80)
    over = alerts_of(identify(line, 60, OURS))
    assert [(a.rule_id, a.state) for a in over] == [(CHANGED, AlertState.RESOLVED)]
    assert set(spo2_of(hear(line, range(61, 90), 97))) == {(Validity.VALID, "")}


def test_a_named_person_confirms_it_and_the_windows_begin_anew() -> None:
    line = pipeline()
    identify(line, 0, OURS)
    hear(line, range(1, 40), 80)  # not low for long enough to be told
    (alert,) = alerts_of(identify(line, 40, OTHER))
    now = at(41)
    outcomes = line.acknowledge(Acknowledgement(BED, alert.alert_id, "nurse 7"), now)
    accepted = MonitorAccepted(MonitorIdentity(*OTHER), "nurse 7", now)
    assert BedEvent(BED, BED, accepted, now) in outcomes
    states = [a.state for a in alerts_of(outcomes) if a.rule_id == CHANGED]
    assert states == [AlertState.ACKNOWLEDGED, AlertState.RESOLVED]
    after = hear(line, range(42, 80), 80)
    assert set(spo2_of(after)) == {(Validity.VALID, "")}
    assert alerts_of(after) == []
    later = alerts_of(hear(line, range(80, 400), 80))
    assert "vital.severe_hypoxia" in {a.rule_id for a in later}


def test_after_a_restart_the_other_monitor_is_still_another() -> None:
    line = pipeline()
    line.restore_monitors({PLACE: MonitorAccepted(MonitorIdentity(*OURS), "", START)})
    assert [a.rule_id for a in alerts_of(identify(line, 1, OTHER))] == [CHANGED]


def test_after_a_restart_what_came_before_a_confirmation_is_not_judged() -> None:
    first = pipeline()
    readings = [o for o in hear(first, range(100), 80) if isinstance(o, Readings)]
    confirmed = MonitorAccepted(MonitorIdentity(*OURS), "nurse 7", START.plus(100))
    line = pipeline(since=START.plus(100))
    line.restore_monitors({PLACE: confirmed})
    line.restore(readings, [])
    assert alerts_of(hear(line, range(101, 130), 80)) == []
    trusting = pipeline(since=START.plus(100))
    trusting.restore(readings, [])
    assert alerts_of(hear(trusting, range(101, 130), 80)) != []


def test_a_device_that_was_never_heard_has_a_status() -> None:
    line = pipeline()
    line.expect([DevicePlace(BED, BED), DevicePlace(BED, f"{BED}.thermometer")])
    assert [(d.device_id, d.link) for d in line.device_status()] == [
        (BED, LinkState.INITIAL),
        (f"{BED}.thermometer", LinkState.INITIAL),
    ]


def test_confirming_one_monitor_leaves_the_other_devices_as_they_are() -> None:
    line = pipeline()
    line.expect([DevicePlace(BED, f"{BED}.thermometer")])
    identify(line, 0, OURS)
    (alert,) = alerts_of(identify(line, 1, OTHER))
    outcomes = line.acknowledge(Acknowledgement(BED, alert.alert_id, "nurse 7"), at(2))
    accepted = [o.device_id for o in outcomes if isinstance(o, BedEvent)]
    assert accepted == [BED]


def test_what_another_monitor_does_not_vouch_for_keeps_the_monitor_s_word() -> None:
    line = pipeline()
    identify(line, 0, OURS)
    identify(line, 1, OTHER)
    outcomes = line.receive(PLACE, [message(2, spo2=None)], at(2))
    assert spo2_of(outcomes) == [(Validity.NOT_AVAILABLE, "not measured")]


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


def at(seconds: float) -> Instant:
    return START.plus(seconds)


def test_a_link_that_is_lost_again_while_it_is_away_is_away_since_the_first_time() -> None:
    monitor = Monitor()
    states = (LinkState.CONNECTED, LinkState.LOST, LinkState.CONNECTED, LinkState.LOST)
    for at_s, state in enumerate((*states, LinkState.CONNECTING, LinkState.LOST)):
        monitor.note_link(LinkChanged(state, "why", START.plus(10 * at_s)))
    assert not monitor.becomes_lost(START.plus(60))
    assert monitor.becomes_lost(START.plus(61))
