"""Alarms sent as rows of text: their priority, and how they end."""

from __future__ import annotations

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.hl7_oru.alarms import MOST_ALARMS
from edge_agent.drivers.hl7_oru.session import connections
from edge_agent.model.session_events import DeviceAlarmsChanged, FrameRejected, SessionEvent
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.alerts import TOO_MANY, told
from tests.drivers.hl7_oru.sender import START, alarms


def test_texts_that_are_too_many_are_said_and_the_red_ones_stay() -> None:
    for extra in (0, 1):
        texts = [
            f"OBX||TX|2^Yellow Alarm^MDIL-ALERT||word {n}||||||F"
            for n in range(MOST_ALARMS - 1 + extra)
        ]
        red = "OBX||TX|3^Red Alarm^MDIL-ALERT||red||||||F"
        events = sender.session("efficia").receive(sender.results(*texts, red), START)
        (listed,) = alarms(events)
        assert len(listed) == MOST_ALARMS
        assert "red" in [alarm.text for alarm in listed]
        assert [e.reason for e in events if isinstance(e, FrameRejected)] == [TOO_MANY] * extra


def text_rows(*texts: str) -> bytes:
    kind = "2^Yellow Alarm^MDIL-ALERT"
    segments = [f"OBX||TX|{kind}||{text}||||||F" for text in texts]
    return sender.frame(sender.header(), "OBR||||ALARM", *segments)


@pytest.mark.parametrize(
    ("kind", "priority"),
    [
        ("2^Yellow Alarm^MDIL-ALERT", "medium"),
        ("2^Gelber Alarm^MDIL-ALERT", "medium"),
        ("3^Red Alarm^MDIL-ALERT", "high"),
        ("9^Green Alarm^MDIL-ALERT", ""),
    ],
)
def test_the_name_or_the_number_tells_the_priority_of_a_text(kind: str, priority: str) -> None:
    frame = sender.frame(sender.header(), f"OBX||TX|{kind}||SpO2 High, SpO2=98 %||||||F")
    ((alarm,),) = alarms(sender.read(frame, "efficia"))
    assert (alarm.priority, alarm.text) == (priority, "SpO2 High, SpO2=98 %")


def test_texts_are_no_alarms_where_the_profile_knows_none() -> None:
    assert told(text_rows("HR Low, HR=55 /min")) == []


def test_a_message_of_texts_stands_in_place_of_the_one_before() -> None:
    lists = told(
        text_rows("HR Low", "SpO2 Low"),
        text_rows("HR Low", "SpO2 Low"),
        text_rows("SpO2 Low"),
        profile="efficia_lan",
    )
    assert [[a.text for a in listed] for listed in lists] == [["HR Low", "SpO2 Low"], ["SpO2 Low"]]


def test_texts_that_are_not_repeated_expire() -> None:
    session = sender.session("efficia_lan")
    session.receive(text_rows("HR Low"), START)
    session.receive(text_rows("HR Low"), START.plus(60))
    ticks: list[list[SessionEvent]] = [session.tick(START.plus(s)) for s in (121, 179, 180, 181)]
    assert [alarms(events) for events in ticks] == [[], [], [()], []]


def test_texts_of_a_connection_that_ended_expire_over_another() -> None:
    opened = connections(SessionOptions("gateway-1", profile="efficia_lan"))
    opened().receive(text_rows("HR Low"), START)
    other = opened()
    (over,) = other.tick(START.plus(120))
    assert isinstance(over, DeviceAlarmsChanged)
    assert (over.alarms, over.origin, over.is_by_time) == ((), "WARD_GATEWAY", True)
    assert other.tick(START.plus(121)) == []
