"""The session tells model, limits, alarms and link once per change, and keeps trends out."""

from __future__ import annotations

import pytest

from edge_agent.drivers.base import Session, SessionOptions
from edge_agent.drivers.nellcor_ascii import SPEC
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import (
    AlarmLimits,
    AlarmLimitsChanged,
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
    SessionEvent,
)
from tests.drivers.nellcor_ascii.oximeter import Shown, golden, header

START = Instant(0, 0)
SPO2, PULSE = 150456, 149530
EVENT = 3 << 16


def opened() -> Session:
    return SPEC.open_session(SessionOptions("monitor-1"))


def hear(session: Session, *lines: bytes) -> list[SessionEvent]:
    return [event for line in lines for event in session.receive(line, START)]


def models(events: list[SessionEvent]) -> list[str]:
    return [event.model for event in events if isinstance(event, DeviceIdentified)]


def alarm_lists(events: list[SessionEvent]) -> list[tuple[DeviceAlarm, ...]]:
    return [event.alarms for event in events if isinstance(event, DeviceAlarmsChanged)]


def numerics(events: list[SessionEvent]) -> list[NumericsReceived]:
    return [event for event in events if isinstance(event, NumericsReceived)]


def reasons(events: list[SessionEvent]) -> list[str]:
    return [event.reason for event in events if isinstance(event, FrameRejected)]


@pytest.mark.parametrize("model", ["N-560", "N-600x", "NPB-295"])
def test_the_header_tells_the_model(model: str) -> None:
    (told,) = [e for e in hear(opened(), header(model)) if isinstance(e, DeviceIdentified)]
    assert (told.manufacturer, told.model, told.serial) == ("Nellcor", model, "")


def test_another_model_is_told_when_it_repeats() -> None:
    session = opened()
    one, other = header("N-560"), header("N-595")
    assert models(hear(session, one, one)) == ["N-560"]
    assert models(hear(session, other, one, other, one)) == []
    assert models(hear(session, other, other, other)) == ["N-595"]


def test_alarm_limits_are_told_when_they_change() -> None:
    session = opened()
    told = hear(session, header(), header(), header(spo2="85-100"))
    assert [event.limits for event in told if isinstance(event, AlarmLimitsChanged)] == [
        (AlarmLimits(SPO2, "%", 90, 100), AlarmLimits(PULSE, "/min", 60, 170)),
        (AlarmLimits(SPO2, "%", 85, 100), AlarmLimits(PULSE, "/min", 60, 170)),
    ]


def test_each_alarm_has_its_source_event_and_text() -> None:
    codes = {
        "SH": (SPO2, EVENT + 40, False),
        "SL": (SPO2, EVENT + 62, False),
        "PH": (PULSE, EVENT + 40, False),
        "PL": (PULSE, EVENT + 62, False),
        "SD": (SPO2, EVENT + 308, True),
        "SO": (SPO2, 0, True),
        "LP": (SPO2, 0, None),
        "LM": (SPO2, 0, True),
        "LB": (0, EVENT + 194, True),
    }
    for code, expected in codes.items():
        ((alarm,),) = alarm_lists(hear(opened(), Shown(status=(code,)).line()))
        assert (alarm.source_code, alarm.event_code, alarm.is_technical) == expected
        priority = {"LP": "high", "LM": "low"}.get(code, "")
        assert (alarm.text, alarm.priority, alarm.state) == (code, priority, 0)


def test_search_motion_and_silence_are_no_alarms() -> None:
    for status in ("PS", "MO", "AS", "AO"):
        assert alarm_lists(hear(opened(), Shown(status=(status,)).line())) == [()]


def test_a_mark_without_a_code_does_not_say_which_limit() -> None:
    ((alarm,),) = alarm_lists(hear(opened(), Shown(spo2=" 84*").line()))
    assert (alarm.source_code, alarm.event_code, alarm.text) == (SPO2, 0, "*")
    ((alarm,),) = alarm_lists(hear(opened(), Shown(bpm="184*").line()))
    assert (alarm.source_code, alarm.event_code, alarm.text) == (PULSE, 0, "*")
    ((alarm,),) = alarm_lists(hear(opened(), Shown(bpm="184*", status=("PH",)).line()))
    assert alarm.text == "PH"


def test_an_alarm_list_is_told_when_it_changes() -> None:
    session = opened()
    quiet = Shown().line()
    low, silenced = (Shown(spo2=" 84*", status=status).line() for status in (("SL",), ("SL", "AS")))
    assert alarm_lists(hear(session, quiet, quiet)) == [()]
    assert [len(alarms) for alarms in alarm_lists(hear(session, low, low))] == [1]
    ((alarm,),) = alarm_lists(hear(session, silenced, silenced))
    assert alarm.state == 0x0002
    assert alarm_lists(hear(session, quiet)) == [()]


def test_a_trend_printout_is_not_taken_for_the_present() -> None:
    session = opened()
    events = hear(session, golden("npb290_trend"))
    assert numerics(events) == []
    assert reasons(events) == ["a line of the trend printout: past values"] * 2
    assert not [event for event in events if isinstance(event, LinkChanged | DeviceIdentified)]
    assert numerics(hear(session, Shown().line()))


@pytest.mark.parametrize("end", [header(), golden("n560_columns")])
def test_a_heading_of_live_lines_ends_a_trend_whose_end_was_lost(end: bytes) -> None:
    session = opened()
    hear(session, *golden("npb290_trend").splitlines(keepends=True)[1:3])
    assert numerics(hear(session, Shown().line())) == []
    assert numerics(hear(session, golden("n560_mode"), Shown().line())) == []
    assert numerics(hear(session, end, Shown().line()))


def test_an_oximeter_that_fills_its_lines_up_is_held_to_it() -> None:
    session = opened()
    short = Shown(status=("MO",)).line().rstrip() + b"\r\n"
    assert numerics(hear(session, short, short))
    assert numerics(hear(session, Shown().line()))
    assert numerics(hear(session, golden("n560_reading")))  # has no blanks at its end
    assert reasons(hear(session, short)) == ["a data line shorter than earlier ones"]
    session.tick(START.plus(7))
    assert numerics(hear(session, short))


def test_an_oximeter_that_begins_with_a_header_after_a_loss_is_held_to_nothing() -> None:
    session = opened()
    short = Shown(status=("MO",)).line().rstrip() + b"\r\n"
    assert numerics(hear(session, Shown().line()))
    session.tick(START.plus(7))
    assert reasons(hear(session, header("N-595"), short)) == []


def test_a_full_line_without_blanks_at_its_end_says_nothing_about_others() -> None:
    session = opened()
    short = Shown().line().rstrip() + b"\r\n"
    assert len(numerics(hear(session, golden("n560_reading"), short))) == 2


def test_the_link_is_lost_after_seven_seconds_without_a_sound_line() -> None:
    session = opened()
    (connected, *_) = hear(session, header())
    assert isinstance(connected, LinkChanged)
    session.receive(b"babble\n", START.plus(6))
    assert session.tick(START.plus(6.9)) == []
    (lost,) = session.tick(START.plus(7))
    assert isinstance(lost, LinkChanged)
    assert lost.state is LinkState.LOST


def test_receiving_nothing_does_not_postpone_the_end_of_a_half_line() -> None:
    session = opened()
    session.receive(b"25-Nov-26 04:", START)
    session.receive(b"", START.plus(0.5))
    (settled,) = session.tick(START.plus(1))
    assert isinstance(settled, FrameRejected)


def test_release_ends_in_silence() -> None:
    session = opened()
    session.release()
    assert session.bytes_to_send() == b""
