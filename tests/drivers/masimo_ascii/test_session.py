"""The session reports identity, alarms and link once per change."""

from __future__ import annotations

from edge_agent.model.session_events import (
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    NumericsReceived,
    SessionEvent,
)
from tests.drivers.masimo_ascii.heard import START, hear, opened, serials
from tests.drivers.masimo_ascii.oximeter import Shown, golden

SPO2, PULSE = 150456, 149530
EVENT = 3 << 16


def alarm_lists(events: list[SessionEvent]) -> list[tuple[DeviceAlarm, ...]]:
    return [event.alarms for event in events if isinstance(event, DeviceAlarmsChanged)]


def brief(alarms: tuple[DeviceAlarm, ...]) -> list[tuple[int, int, bool | None]]:
    return [(alarm.source_code, alarm.event_code, alarm.is_technical) for alarm in alarms]


def test_the_serial_number_is_told_first_and_when_another_one_repeats() -> None:
    session = opened()
    one, other = Shown(serial="0000000001"), Shown(serial="0000000002")
    assert serials(hear(session, one, one)) == ["0000000001"]
    assert serials(hear(session, other, one, other, one)) == []
    assert serials(hear(session, other, other, other)) == ["0000000002"]


def test_two_oximeters_on_one_line_never_pass_for_one() -> None:
    session = opened()
    one, other = Shown(serial="0000000001"), Shown(serial="0000000002", spo2="071%")
    events = hear(session, one, other, one, other, one)
    assert [type(e) for e in events if not isinstance(e, DeviceAlarmsChanged)][2:] == [
        NumericsReceived,
        FrameRejected,
        NumericsReceived,
        FrameRejected,
        NumericsReceived,
    ]
    spo2 = [e.numerics[0].value for e in events if isinstance(e, NumericsReceived)]
    assert set(spo2) == {98.0}


def test_a_serial_number_of_dashes_is_none() -> None:
    (told,) = [e for e in hear(opened(), Shown(serial="-" * 10)) if isinstance(e, DeviceIdentified)]
    assert (told.manufacturer, told.model, told.serial) == ("Masimo", "", "")


def test_an_oximeter_that_sends_no_serial_number_is_not_identified() -> None:
    assert serials(opened().receive(golden("radical5_reading"), START)) == []


def test_each_limit_has_its_source_and_event() -> None:
    bits = {
        "0001": (SPO2, EVENT + 40, False),
        "0002": (SPO2, EVENT + 62, False),
        "0004": (PULSE, EVENT + 40, False),
        "0008": (PULSE, EVENT + 62, False),
        "0040": (0, EVENT + 194, True),
        "0100": ((1024 << 16) + 1, EVENT + 40, False),
        "0200": ((1024 << 16) + 1, EVENT + 62, False),
        "0400": ((1024 << 16) + 2, EVENT + 40, False),
        "0800": ((1024 << 16) + 2, EVENT + 62, False),
        "1000": ((1024 << 16) + 6, EVENT + 40, False),
    }
    for bit, expected in bits.items():
        (alarms,) = alarm_lists(hear(opened(), Shown(alarm=bit)))
        assert brief(alarms) == [expected]
        assert (alarms[0].priority, alarms[0].text, alarms[0].state) == ("", "", int(bit, 16))


def test_an_alarm_list_is_told_when_it_changes() -> None:
    session = opened()
    quiet, low = Shown(), Shown(spo2="085%", alarm="0012")
    assert alarm_lists(hear(session, quiet, quiet)) == [()]
    (alarms,) = alarm_lists(hear(session, low, low))
    assert brief(alarms) == [(SPO2, EVENT + 62, False)]
    (silenced,) = alarm_lists(hear(session, Shown(spo2="085%", alarm="0022")))
    assert [alarm.state for alarm in silenced] == [0x22]
    assert alarm_lists(hear(session, quiet)) == [()]


def test_audible_and_silenced_alone_are_no_alarms() -> None:
    assert alarm_lists(hear(opened(), Shown(alarm="0030"))) == [()]


def test_what_is_wrong_with_the_sensor_is_a_technical_alarm() -> None:
    for exc, event in (("000801", 308), ("000802", 310), ("000820", 308)):
        (alarms,) = alarm_lists(hear(opened(), Shown(exc=exc)))
        assert brief(alarms) == [(SPO2, EVENT + event, True)]
    assert alarm_lists(hear(opened(), Shown(exc="000C4C"))) == [()]


def test_unknown_widths_of_alarm_and_exc_are_believed_when_they_repeat() -> None:
    session = opened()
    first, second = Shown(alarm="0000", exc="00000800"), Shown(alarm="0000", exc="00000820")
    (refused,) = hear(session, first)
    assert isinstance(refused, FrameRejected)
    assert refused.reason == "ALARM and EXC differ in width from the line before"
    assert [e for e in hear(session, second) if isinstance(e, NumericsReceived)]
    assert isinstance(hear(session, Shown(exc="000800"))[0], FrameRejected)


def test_a_line_without_alarms_tells_no_list() -> None:
    session = opened()
    line = Shown().line().replace(b"ALARM=0000 ", b"")
    assert isinstance(session.receive(line, START)[0], FrameRejected)
    events = session.receive(line, START)
    assert [e for e in events if isinstance(e, NumericsReceived)]
    assert alarm_lists(events) == []


def test_the_link_is_lost_after_six_seconds_without_a_sound_line() -> None:
    session = opened()
    assert [e for e in hear(session, Shown()) if isinstance(e, LinkChanged)]
    session.receive(b"babble\n", START.plus(5))
    assert session.tick(START.plus(5.9)) == []
    (lost,) = session.tick(START.plus(6))
    assert isinstance(lost, LinkChanged)


def test_trend_output_does_not_connect() -> None:
    events = opened().receive(golden("rad8_trend"), START)
    assert not [e for e in events if isinstance(e, LinkChanged)]


def test_receiving_nothing_does_not_postpone_the_end_of_a_half_line() -> None:
    session = opened()
    session.receive(b"11/25/26 04:", START)
    session.receive(b"", START.plus(1))
    (settled,) = session.tick(START.plus(1.5))
    assert isinstance(settled, FrameRejected)


def test_release_ends_in_silence() -> None:
    session = opened()
    session.release()
    assert session.bytes_to_send() == b""
