"""Values are asked for, asked for again when they stop, and stopped in the end."""

from __future__ import annotations

from itertools import pairwise

import pytest

from edge_agent.drivers.ge_dri import SPEC
from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    DeviceIdentified,
    LinkChanged,
    NumericsReceived,
)
from tests.drivers.ge_dri.line import ASK, ENTER, LEAVE, START, STATUS, STOP, Line, heard
from tests.drivers.ge_dri.monitor import alarm_status, displayed, frame, heart, record, values

OLD_MONITOR, CARESCAPE = displayed(heart(), level=8), displayed(heart(), level=11)


@pytest.fixture
def line() -> Line:
    return Line()


def test_the_line_is_set_up_as_the_monitor_demands() -> None:
    serial = SPEC.serial
    assert (serial.baud, serial.byte_size, serial.parity, serial.stop_bits) == (19200, 8, "E", 1)
    assert serial.rts_cts
    assert SPEC.other_bauds == (115200,)


def test_values_are_asked_for_once_while_they_come(line: Line) -> None:
    line.run(300, every_s=5, wire=OLD_MONITOR)
    assert line.sent == [(0, ASK)]
    assert line.states() == "cC"
    assert len(line.of(NumericsReceived)) == 60


def test_a_silent_monitor_is_lost_and_asked_again_every_15_s(line: Line) -> None:
    line.run(61)
    assert line.times(ASK) == [0, 15, 30, 45, 60]
    assert line.states() == "cL"
    assert [e.reason for e in line.of(LinkChanged)] == [
        "displayed values are requested",
        "no displayed values for 15 s",
    ]


def test_values_that_stop_are_asked_for_again_and_connect_anew(line: Line) -> None:
    line.run(30, every_s=5, wire=OLD_MONITOR)
    line.run(20)
    line.run(30, every_s=5, wire=OLD_MONITOR)
    assert line.times(ASK) == [0, 40]
    assert line.states() == "cCLC"


def test_two_requests_are_never_less_than_5_s_apart(line: Line) -> None:
    for seconds in (3, 16, 1, 40, 7):
        line.run(seconds, every_s=4, wire=OLD_MONITOR)
        line.run(seconds)
    asked = line.times(ASK)
    assert len(asked) > 2
    assert min(b - a for a, b in pairwise(asked)) >= 5


def test_waves_and_alarms_do_not_pass_for_values(line: Line) -> None:
    line.run(31, every_s=1, wire=alarm_status() + frame(record((1, b"wave"), main_type=1)))
    assert line.times(ASK) == [0, 15, 30]
    assert line.states() == "cL"


def test_alarms_are_asked_for_only_where_the_monitor_tells_them(line: Line) -> None:
    line.run(30, every_s=5, wire=OLD_MONITOR)
    assert line.sent == [(0, ASK)]
    line.run(150, every_s=5, wire=CARESCAPE)
    assert line.times(ENTER) == [30]
    assert line.times(STATUS) == [32, 92, 152]


def test_alarm_messages_are_at_least_2_s_apart_even_over_a_lost_link(line: Line) -> None:
    for _ in range(4):
        line.run(11, every_s=5, wire=CARESCAPE)
        line.run(16)
    messages = sorted(line.times(ENTER) + line.times(STATUS))
    assert len(line.times(ENTER)) == 4
    assert min(b - a for a, b in pairwise(messages)) >= 2


def test_alarms_are_forgotten_with_the_link_and_told_anew(line: Line) -> None:
    line.hear(CARESCAPE, alarm_status((b"LEADS OFF", 2)))
    line.run(20)
    line.hear(CARESCAPE)
    assert [len(e.alarms) for e in line.of(DeviceAlarmsChanged)] == [0, 1, 0]


def test_a_released_session_stops_what_it_started_and_asks_no_more(line: Line) -> None:
    line.run(10, every_s=5, wire=CARESCAPE)
    line.session.release()
    line.collect()
    assert [name for _, name in line.sent][-2:] == [LEAVE, STOP]
    before = len(line.sent)
    line.session.release()
    line.run(120)
    assert len(line.sent) == before


def test_a_session_without_alarms_only_stops_values(line: Line) -> None:
    line.run(10, every_s=5, wire=OLD_MONITOR)
    line.session.release()
    line.collect()
    assert [name for _, name in line.sent] == [ASK, STOP]


def test_a_session_released_before_it_began_says_nothing(line: Line) -> None:
    line.session.release()
    line.run(60)
    assert line.sent == []
    assert line.states() == ""


def test_a_listener_connects_by_what_it_hears_and_loses_it_after_30_s() -> None:
    line = Line(listen_only=True)
    line.run(60)
    assert line.states() == ""
    line.run(60, every_s=10, wire=CARESCAPE)
    line.run(60)
    line.run(5, every_s=10, wire=CARESCAPE)
    line.session.release()
    line.collect()
    assert line.states() == "CLC"
    assert line.of(LinkChanged)[1].reason == "no displayed values for 30 s"
    assert line.sent == []


def test_the_monitor_is_identified_once_and_again_when_it_is_another() -> None:
    other = frame(record((1, values(heart())), plug_id=35588, level=8))
    line = heard(CARESCAPE, CARESCAPE, other, other)
    found = [(e.manufacturer, e.model, e.serial) for e in line.of(DeviceIdentified)]
    assert found == [
        ("GE Healthcare", "DRI level 11", "7"),
        ("GE Healthcare", "DRI level 8", "35588"),
    ]


def test_the_change_of_state_comes_before_identity_and_values(line: Line) -> None:
    line.run(0.5)
    line.hear(CARESCAPE)
    assert [type(event) for event in line.events] == [
        LinkChanged,
        LinkChanged,
        DeviceIdentified,
        NumericsReceived,
        DeviceAlarmsChanged,
    ]


def test_a_half_frame_is_settled_by_silence_and_not_before(line: Line) -> None:
    half = CARESCAPE[:100]
    line.hear(half)
    assert line.session.tick(START.plus(SPEC.silence_s - 0.1)) == []
    line.events = line.session.tick(START.plus(SPEC.silence_s))
    assert line.reasons() == ["the line fell silent before the end of a frame"]


def test_nothing_received_settles_nothing(line: Line) -> None:
    line.hear(b"")
    line.run(30)
    assert line.reasons() == []
