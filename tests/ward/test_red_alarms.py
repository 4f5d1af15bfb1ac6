"""A monitor's own red alarms reach the nurse unchanged, and evaluate nothing."""

from __future__ import annotations

from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import (
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    LinkChanged,
    LinkState,
)
from edge_agent.ward.beds import Bed, Outcome, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.support.answers import acknowledgement
from tests.support.patient_entries import an_entry
from tests.support.pipelines import (
    BED,
    PLACE,
    START,
    alerts_of,
    book,
    message,
    open_alerts,
    pipeline,
)
from tests.support.said import said_of


def shown(
    text: str, event: int, *, is_technical: bool = False, is_usable: bool = True
) -> DeviceAlarm:
    return DeviceAlarm(0, 3 << 16 | event, "high", is_technical, 0, "", text, is_usable)


VTACH = shown("*** VTACH", 3224)
ASYSTOLE = shown("*** ASYSTOLE", 3076)
LEADS = shown("!!! LEADS OFF", 274, is_technical=True)
DEMO = shown("*** VTACH", 3224, is_usable=False)
MINE = ("monitor.alarm", "monitor.fault")


def alarms(
    line: Pipeline, at_s: float, *listed: DeviceAlarm, place: DevicePlace = PLACE
) -> list[Alert]:
    at = START.plus(at_s)
    event = DeviceAlarmsChanged(listed, DeviceTime(), at)
    return ours(line.receive(place, [message(at_s, hr=140, spo2=97), event], at))


def ours(outcomes: list[Outcome]) -> list[Alert]:
    return [alert for alert in alerts_of(outcomes) if alert.rule_id in MINE]


def said(alerts: list[Alert]) -> list[tuple[str, AlertState, str]]:
    return [(alert.rule_id, alert.state, said_of(alert)) for alert in alerts]


def test_a_red_alarm_is_shown_at_once_in_the_monitors_words_and_ends_with_it() -> None:
    line = pipeline()
    (raised,) = alarms(line, 0, VTACH)
    assert (raised.rule_id, raised.state) == ("monitor.alarm", AlertState.RAISED)
    assert (raised.kind, raised.priority) == (AlertKind.PHYSIOLOGICAL, AlertPriority.HIGH)
    assert said_of(raised) == 'The monitor shows "*** VTACH".'
    assert alarms(line, 1, VTACH) == []
    (over,) = alarms(line, 2)
    assert (over.alert_id, over.state) == (raised.alert_id, AlertState.RESOLVED)


def test_a_red_technical_alarm_is_another_alert() -> None:
    (raised,) = alarms(pipeline(), 0, LEADS)
    assert said([raised]) == [
        ("monitor.fault", AlertState.RAISED, 'The monitor shows "!!! LEADS OFF".')
    ]
    assert (raised.kind, raised.priority) == (AlertKind.TECHNICAL, AlertPriority.HIGH)


def test_an_alarm_of_a_demonstration_reaches_nobody() -> None:
    assert alarms(pipeline(), 0, DEMO) == []


def test_an_open_alert_acknowledged_or_not_never_hides_another_alarm() -> None:
    for is_acknowledged in (False, True):
        line = pipeline()
        (first,) = alarms(line, 0, VTACH)
        if is_acknowledged:
            line.answer(acknowledgement(BED, first.alert_id, "nurse"), START.plus(1))
        told = alarms(line, 2, VTACH, ASYSTOLE)
        assert [alert.state for alert in told] == [AlertState.RESOLVED, AlertState.RAISED]
        assert said_of(told[1]) == 'The monitor shows "*** VTACH"; "*** ASYSTOLE".'
        assert told[1].acknowledged_at is None
        assert alarms(line, 3, ASYSTOLE) == []  # fewer: nothing new
        assert [alert.state for alert in alarms(line, 4)] == [AlertState.RESOLVED]


MANY = tuple(shown(f"*** ALARM {chr(65 + n)}", 3224) for n in range(14))


def test_of_many_alarms_a_dozen_is_named_and_the_rest_counted() -> None:
    line = pipeline()
    (raised,) = alarms(line, 0, *MANY)
    named = "; ".join(f'"{alarm.text}"' for alarm in MANY[:12])
    assert said_of(raised) == f"The monitor shows {named}; and 2 more."
    assert alarms(line, 1, *MANY) == []


def test_an_alarm_that_was_not_named_is_reported_as_there_is_room() -> None:
    for is_acknowledged in (False, True):
        line = pipeline()
        (raised,) = alarms(line, 0, *MANY[:13])
        if is_acknowledged:
            answer(line, raised, 1)
        told = alarms(line, 2, *MANY[1:13])
        assert [alert.state for alert in told] == [AlertState.RESOLVED, AlertState.RAISED]
        assert said_of(told[1]).endswith(f'"{MANY[12].text}".')
        assert alarms(line, 3, *MANY[2:13]) == []


def test_an_alarm_that_comes_beside_a_dozen_is_reported_first() -> None:
    line = pipeline()
    alarms(line, 0, *MANY[:13])
    told = alarms(line, 1, *MANY)
    assert [alert.state for alert in told] == [AlertState.RESOLVED, AlertState.RAISED]
    assert said_of(told[1]).startswith(f'The monitor shows "{MANY[13].text}"; "{MANY[0].text}"')
    assert said_of(told[1]).endswith("; and 2 more.")
    assert alarms(line, 2, *MANY) == []


def answer(line: Pipeline, alert: Alert, at_s: float) -> None:
    line.answer(acknowledgement(BED, alert.alert_id, "nurse"), START.plus(at_s))


def test_an_alarm_that_comes_again_beside_another_is_reported_again_once_it_was_acknowledged() -> (
    None
):
    line = pipeline()
    alarms(line, 0)
    (_, first) = (*alarms(line, 1, ASYSTOLE), *alarms(line, 2, ASYSTOLE, VTACH)[1:])
    assert alarms(line, 3, ASYSTOLE) == []
    assert alarms(line, 4, ASYSTOLE, VTACH) == []  # nobody has acknowledged it: it still asks
    answer(line, first, 5)
    assert alarms(line, 6, ASYSTOLE, VTACH) == []  # there as it was acknowledged
    assert alarms(line, 7, ASYSTOLE) == []
    told = alarms(line, 8, ASYSTOLE, VTACH)
    assert [alert.state for alert in told] == [AlertState.RESOLVED, AlertState.RAISED]
    assert alarms(line, 9, ASYSTOLE, VTACH) == []


def test_a_fault_that_comes_makes_no_acknowledged_alarm_news_nor_another_number() -> None:
    line = pipeline()
    alarms(line, 0)
    (first,) = alarms(line, 1, shown("*** BRADY 48 < 50", 3086))
    answer(line, first, 2)
    told = alarms(line, 3, shown("*** BRADY 44 < 50", 3086), LEADS)
    assert [(alert.rule_id, alert.state) for alert in told] == [
        ("monitor.fault", AlertState.RAISED)
    ]


def test_what_a_monitor_tells_first_was_perhaps_there_when_it_was_acknowledged() -> None:
    first = pipeline()
    (raised,) = alarms(first, 0, VTACH)
    answer(first, raised, 1)
    line = pipeline(since=START.plus(10))
    line.restore([], open_alerts(first))
    told = [(a.state, a.is_stale, a.signal_n) for a in alarms(line, 60, VTACH)]
    assert told == [(AlertState.ACKNOWLEDGED, True, 1), (AlertState.ACKNOWLEDGED, False, 1)]


def test_an_alarm_of_another_monitor_than_before_says_so_and_is_reported_once() -> None:
    line = pipeline()
    for n, serial in enumerate(("1", "2")):
        at = START.plus(n)
        line.receive(PLACE, [DeviceIdentified("Philips", "M8000", serial, at)], at)
    (raised,) = alarms(line, 2, VTACH)
    assert said_of(raised) == (
        'The monitor shows "*** VTACH" (another monitor than before, not confirmed).'
    )
    (changed,) = [a for a in open_alerts(line) if a.rule_id == "system.monitor_changed"]
    answer = acknowledgement(BED, changed.alert_id, "nurse")
    assert ours(line.answer(answer, START.plus(3))) == []


def test_an_alarm_is_held_while_the_link_is_lost_and_ends_when_the_monitor_says_so() -> None:
    line = pipeline()
    (raised,) = alarms(line, 0, VTACH)
    lost = LinkChanged(LinkState.LOST, "no answer", START.plus(1))
    outcomes = line.receive(PLACE, [lost], lost.at)
    asked = LinkChanged(LinkState.CONNECTING, "the monitor is asked", START.plus(2))
    outcomes += line.receive(PLACE, [asked], asked.at)
    outcomes += [o for second in range(2, 100) for o in line.tick(START.plus(second))]
    assert ours(outcomes) == []
    (link,) = [a for a in alerts_of(outcomes) if a.rule_id == "system.link"]
    assert said_of(link) == "Link: no answer."
    assert alarms(line, 100, VTACH) == []
    (over,) = alarms(line, 101)
    assert (over.alert_id, over.state) == (raised.alert_id, AlertState.RESOLVED)


def test_after_a_restart_an_alarm_is_held_until_the_monitor_has_reported_its_alarms() -> None:
    first = pipeline()
    (raised,) = alarms(first, 0, VTACH)
    for now, state in (((), AlertState.RESOLVED), ((VTACH,), AlertState.RAISED)):
        line = pipeline(since=START.plus(10))
        outcomes = line.restore([], [raised])
        outcomes += [o for second in range(11, 60) for o in line.tick(START.plus(second))]
        assert [(a.state, a.is_stale) for a in ours(outcomes)] == [(AlertState.RAISED, True)]
        told = alarms(line, 60, *now)
        assert [(a.alert_id, a.state, a.is_stale) for a in told] == [
            (raised.alert_id, state, False)
        ]


def test_an_alarm_stays_with_the_monitor_and_is_reported_anew_for_another_patient() -> None:
    beds = [Bed(bed_id, frozenset()) for bed_id in ("bed-1", "bed-2")]
    line = Pipeline(beds, book().rules, WardIdentity("site", "ward"), "hash", START)
    one = DevicePlace("bed-1", "bed-1")
    comes = an_entry("e1", "admitted")
    line.enter(comes, "bed-1", START)
    (raised,) = alarms(line, 1, VTACH, place=one)
    line.answer(acknowledgement("bed-1", raised.alert_id, "nurse"), START.plus(2))
    moved = an_entry("e2", "transferred", at_h=3 / 3600)
    told = ours(line.enter(moved, "bed-2", START.plus(3)))
    assert [(a.bed_id, a.state) for a in told] == [
        ("bed-1", AlertState.RESOLVED),
        ("bed-1", AlertState.RAISED),
    ]


def test_a_lost_monitors_alarm_is_over_with_its_patient() -> None:
    line = pipeline()
    line.enter(an_entry("e1", "admitted"), BED, START)
    alarms(line, 1, VTACH)
    lost = LinkChanged(LinkState.LOST, "no answer", START.plus(2))
    line.receive(PLACE, [lost], lost.at)
    left = an_entry("e2", "discharged", at_h=3 / 3600)
    told = ours(line.enter(left, BED, START.plus(3)))
    assert [alert.state for alert in told] == [AlertState.RESOLVED]


def test_an_alarm_that_time_ends_makes_no_lost_link_whole() -> None:
    line = pipeline()
    (raised,) = alarms(line, 0, VTACH)
    lost = LinkChanged(LinkState.LOST, "no answer", START.plus(1))
    line.receive(PLACE, [lost], lost.at)
    for is_by_time, state in ((True, LinkState.LOST), (False, LinkState.CONNECTED)):
        event = DeviceAlarmsChanged((), DeviceTime(), START.plus(2), is_by_time=is_by_time)
        outcomes = line.receive(PLACE, [event], event.at)
        if is_by_time:
            assert [a.alert_id for a in ours(outcomes)] == [raised.alert_id]
        (status,) = line.device_status()
        assert status.link is state
