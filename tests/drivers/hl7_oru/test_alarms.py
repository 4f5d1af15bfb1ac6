"""The sender's own alarms are passed on as the list of each origin, and end with their end."""

from __future__ import annotations

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.hl7_oru.alarms import MOST_ALARMS, SharedAlarmLists
from edge_agent.drivers.hl7_oru.senders import MOST_ORIGINS
from edge_agent.drivers.hl7_oru.session import connections
from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import DeviceAlarm, DeviceAlarmsChanged, FrameRejected
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.alerts import TOO_MANY, told
from tests.drivers.hl7_oru.sender import BPM, HR, NOON_NS, START, alarms, obx

LOW = "196670^MDC_EVT_LO^MDC"


def rows(phase: str, at: str = "1.7.0.1", event: str = LOW, **words: str) -> list[str]:
    """Return the rows of one alert; `words` by facet, of which `source` is a code."""
    facets = {
        "68480^MDC_ATTR_ALERT_SOURCE^MDC": words.get("source", ""),
        "68481^MDC_ATTR_EVENT_PHASE^MDC": phase,
        "68482^MDC_ATTR_ALARM_STATE^MDC": words.get("state", ""),
        "68483^MDC_ATTR_ALARM_INACTIVATION_STATE^MDC": words.get("inactivation", ""),
        "68484^MDC_ATTR_ALARM_PRIORITY^MDC": words.get("priority", ""),
        "68546^MDC_ATTR_ALERT_TEXT^MDC": words.get("text", ""),
    }
    first = obx(
        "196616^MDC_EVT_ALARM^MDC", event, "", sub_id=f"{at}.1", flags=words.get("flags", "")
    )
    others = [obx(code, word, "", kind="ST") for code, word in facets.items() if word]
    return [first, *others]


def alert(*segments: str, location: str = "ICU^^5", rest: str = "M1|P|2.6") -> bytes:
    head = sender.header("ORU^R40^ORU_R40", rest=rest)
    return sender.frame(head, f"PV1||I|{location}", "OBR|1", *segments)


def only(*segments: str) -> DeviceAlarm:
    ((alarm,),) = told(alert(*segments))
    return alarm


def test_an_alert_says_what_alarms_how_gravely_and_where() -> None:
    event = rows(
        "start",
        source="147842^MDC_ECG_HEART_RATE^MDC",
        state="active",
        inactivation="audio-paused~alert-acknowledged",
        flags="L~PH~SP",
        text=r"**HR \T\ low",
    )
    assert only(*event) == DeviceAlarm(
        source_code=147842,
        event_code=196670,
        priority="high",
        is_technical=False,
        state=0x01 | 0x04 | 0x40,
        channel="1.7.0.1",
        text="**HR & low",
        is_usable=True,
    )


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("PH~SP", ("high", False)),
        ("A~PM~ST", ("medium", True)),
        ("A~PL~SA", ("low", None)),
        ("PN~SP", ("", False)),
        ("", ("", None)),
    ],
)
def test_flags_tell_priority_and_kind(flags: str, expected: tuple[str, bool | None]) -> None:
    alarm = only(*rows("start", flags=flags))
    assert (alarm.priority, alarm.is_technical) == expected


def test_the_row_of_the_priority_counts_as_its_flag_does() -> None:
    assert only(*rows("start", priority="PM")).priority == "medium"


def test_a_row_with_a_value_tells_the_source_where_none_is_named() -> None:
    event = [
        obx("196674^MDC_EVT_LO_VAL_LT_LIM^MDC", "SPO2 LOW", "", kind="ST", sub_id="1.1.0.1.1"),
        obx("150456^MDC_PULS_OXIM_SAT_O2^MDC", "84", "262688^^MDC", limits=">90", flags="L~PH~SP"),
    ]
    alarm = only(*event)
    assert (alarm.source_code, alarm.event_code, alarm.text) == (150456, 196674, "SPO2 LOW")
    assert alarm.priority == "high"


def test_rows_of_another_kind_change_nothing_in_an_alert() -> None:
    device = obx("69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC", "", "", "X", kind="")
    assert only(*rows("start"), device) == only(*rows("start"))


def test_values_in_an_alert_are_no_readings() -> None:
    events = sender.read(alert(*rows("start"), obx(HR, "44", BPM)))
    assert sender.numerics(events) == []


def test_a_name_alone_marks_an_event_without_a_number() -> None:
    alarm = only(obx("0^MDCX_EVT_ALERT^MDC", "Recheck", "", kind="ST", sub_id="1.0.0.0.1"))
    assert (alarm.event_code, alarm.text, alarm.channel) == (0, "Recheck", "1.0.0.0")


def test_rows_before_the_first_event_belong_to_no_alert() -> None:
    assert told(alert("OBX|1|ST|68481^MDC_ATTR_EVENT_PHASE^MDC||start")) == [()]


def test_alerts_add_up_and_each_ends_with_its_own_end() -> None:
    other = {"at": "1.3.0.2", "event": "196648^MDC_EVT_HI^MDC"}
    lists = told(
        alert(*rows("start")),
        alert(*rows("continue")),
        alert(*rows("start", **other)),
        alert(*rows("end")),
        alert(*rows("end")),
        alert(*rows("end", **other)),
    )
    events = [[alarm.event_code for alarm in listed] for listed in lists]
    assert events == [[196670], [196670, 196648], [196648], []]


@pytest.mark.parametrize("state", ["inactive", "off"])
def test_an_alarm_that_is_no_longer_active_has_ended(state: str) -> None:
    lists = told(alert(*rows("start")), alert(*rows("update", state=state)))
    assert [len(listed) for listed in lists] == [1, 0]


def test_one_event_of_two_sources_is_two_alarms() -> None:
    first = rows("start", source="147842^^MDC")
    second = rows("start", source="150456^^MDC")
    (listed,) = told(alert(*first, *second))
    assert [alarm.source_code for alarm in listed] == [147842, 150456]


def test_each_place_has_a_list_of_its_own() -> None:
    session = sender.session()
    events = session.receive(alert(*rows("start")) + alert(*rows("end"), location="ICU^^6"), START)
    changes = [e for e in events if isinstance(e, DeviceAlarmsChanged)]
    assert [(e.origin, len(e.alarms)) for e in changes] == [("ICU^^5", 1), ("ICU^^6", 0)]
    assert changes[0].device_now == DeviceTime(wall_ns=NOON_NS)


def test_alarms_whose_end_was_lost_do_not_pile_up() -> None:
    lists = told(*(alert(*rows("start", at=f"1.{n}")) for n in range(MOST_ALARMS + 10)))
    assert max(map(len, lists)) == MOST_ALARMS
    assert lists[-1][-1].channel == f"1.{MOST_ALARMS + 9}"


def test_that_alarms_are_too_many_is_said_and_the_red_ones_stay() -> None:
    session = sender.session()
    red = alert(*rows("start", at="1.0", flags="PH"))
    others = [alert(*rows("start", at=f"1.{n}", flags="PM")) for n in range(1, MOST_ALARMS + 1)]
    events = [e for data in (red, *others) for e in session.receive(data, START)]
    listed = alarms(events)[-1]
    assert (len(listed), listed[0].channel, listed[1].channel) == (MOST_ALARMS, "1.0", "1.2")
    rejected = [e for e in events if isinstance(e, FrameRejected)]
    assert [(e.reason, e.origin) for e in rejected] == [(TOO_MANY, "ICU^^5")]


def test_an_alarm_of_a_training_message_is_not_usable() -> None:
    ((alarm,),) = told(alert(*rows("start"), rest="M1|T|2.6"))
    assert not alarm.is_usable


def test_a_lost_sender_takes_its_alarms_with_it() -> None:
    session = sender.session()
    session.receive(alert(*rows("start")), START)
    session.tick(START.plus(180))
    again = session.receive(alert(*rows("start", at="1.3")), START.plus(200))
    assert [[a.channel for a in listed] for listed in alarms(again)] == [["1.3"]]


def test_connections_tell_of_alarms_together() -> None:
    opened = connections(SessionOptions("gateway-1"))
    first = opened().receive(alert(*rows("start", at="1.1")), START)
    second = opened().receive(alert(*rows("start", at="1.2")), START.plus(1))
    third = opened().receive(alert(*rows("end", at="1.1")), START.plus(2))
    other = connections(SessionOptions("gateway-1"))().receive(
        alert(*rows("start", at="1.3")), START
    )
    lists = [alarms(events) for events in (first, second, third, other)]
    assert [[a.channel for a in listed] for (listed,) in lists] == [
        ["1.1"],
        ["1.1", "1.2"],
        ["1.2"],
        ["1.3"],
    ]


@pytest.mark.parametrize(
    ("values_s", "others_s", "again_s", "holds"),
    [
        # Alarms are all that comes from the origin: only the silence of all counts.
        ((), (), 179, True),
        ((), (), 180, False),
        ((), (100, 200), 300, True),
        ((), (100, 200), 380, False),
        # Values come of it too: it is never silent for long.
        ((0,), (100, 200), 179, True),
        ((0,), (100, 200), 180, False),
        ((0, 100), (100, 200), 250, True),
    ],
)
def test_alarms_are_forgotten_where_their_ends_may_have_been_missed(
    values_s: tuple[int, ...], others_s: tuple[int, ...], again_s: int, *, holds: bool
) -> None:
    opened = connections(SessionOptions("gateway-1"))
    value = obx(HR, "66", BPM)
    said = [(0, alert(*rows("start", at="1.1")))]
    said += [(s, sender.results(value)) for s in values_s]
    said += [(s, sender.results(value, location="ICU^^6")) for s in others_s]
    for at_s, data in sorted(said):
        opened().receive(data, START.plus(at_s))
    (listed,) = alarms(opened().receive(alert(*rows("start", at="1.2")), START.plus(again_s)))
    assert [a.channel for a in listed] == ["1.1", "1.2"][not holds :]


def test_the_places_of_which_alarms_are_kept_are_bounded() -> None:
    lists = SharedAlarmLists(180.0)
    first = lists.at("0", START, has_results=False)
    for n in range(1, MOST_ORIGINS):
        lists.at(str(n), START, has_results=False)
    assert lists.at("0", START, has_results=False) is first
    lists.at("one more", START, has_results=False)
    assert [origin for origin, _ in lists.items()][:2] == ["2", "3"]
    assert len(lists.items()) == MOST_ORIGINS
