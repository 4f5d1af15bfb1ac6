"""The session tells identity, alarms and link once per change, and is not fooled by one line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edge_agent.drivers.base import Session, SessionOptions
from edge_agent.drivers.masimo_ascii import SPEC
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import (
    DeviceAlarm,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    NumericsReceived,
    SessionEvent,
)
from tests.drivers.masimo_ascii.oximeter import Shown, golden

START = Instant(0, 0)
SPO2, PULSE = 150456, 149530
EVENT = 3 << 16


def opened() -> Session:
    return SPEC.open_session(SessionOptions("monitor-1"))


def hear(session: Session, *shown: Shown) -> list[SessionEvent]:
    return [event for one in shown for event in session.receive(one.line(), START)]


def serials(events: list[SessionEvent]) -> list[str]:
    return [event.serial for event in events if isinstance(event, DeviceIdentified)]


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


def test_a_lost_digit_of_exc_costs_its_own_line_and_no_other() -> None:
    session = opened()
    assert isinstance(hear(session, Shown(exc="00080"))[0], FrameRejected)
    assert [e for e in hear(session, Shown(exc="000800")) if isinstance(e, NumericsReceived)]


def heard_at(session: Session, at: Instant, *shown: Shown) -> list[SessionEvent]:
    return [event for one in shown for event in session.receive(one.line(), at)]


def words(events: list[SessionEvent]) -> list[str]:
    return [event.reason for event in events if isinstance(event, FrameRejected)]


def clocks(events: list[SessionEvent]) -> list[str]:
    walls = [e.device_now.wall_ns for e in events if isinstance(e, NumericsReceived)]
    return [f"{datetime.fromtimestamp((ns or 0) / 1e9, UTC):%Y-%m-%d}" for ns in walls]


DAY_FIRST = "the date is read with its day before its month"
OTHER_ORDER = "the order of the date differs from the line before"
EITHER, DAY, MONTH = "03/01/26 08:00:00", "25/12/26 08:00:00", "12/25/26 08:00:00"


def test_a_date_with_the_day_first_costs_no_reading_and_is_told_once() -> None:
    events = hear(opened(), Shown(stamp=DAY), Shown(stamp=DAY), Shown(stamp=EITHER))
    assert clocks(events) == ["2026-12-25", "2026-12-25", "2026-01-03"]
    assert words(events) == [DAY_FIRST]


def test_a_date_that_fits_both_orders_has_its_month_first_unless_that_is_wrong_by_days() -> None:
    january, march = (datetime(2026, *day, 9, tzinfo=UTC) for day in ((1, 3), (3, 1)))
    for now, read, told in (
        (march, "2026-03-01", []),
        (january, "2026-01-03", [DAY_FIRST]),
        (datetime(2020, 1, 3, tzinfo=UTC), "2026-03-01", []),
    ):
        at = Instant(0, int(now.timestamp()) * 10**9)
        events = heard_at(opened(), at, Shown(stamp=EITHER))
        assert (clocks(events), words(events)) == ([read], told)


def test_a_date_is_near_up_to_a_day() -> None:
    right_ns = int(datetime(2026, 1, 3, 8, tzinfo=UTC).timestamp()) * 10**9
    for off_ns, read in ((86_400 * 10**9, "2026-01-03"), (86_400 * 10**9 + 1, "2026-03-01")):
        at = Instant(0, right_ns + off_ns)
        assert clocks(heard_at(opened(), at, Shown(stamp=EITHER))) == [read]


def test_another_order_than_the_known_one_is_believed_when_it_repeats() -> None:
    for one, other, dates in (
        (MONTH, DAY, ["2026-12-25"] * 3),
        (DAY, MONTH, ["2026-12-25"] * 3),
    ):
        lines = [Shown(stamp=stamp) for stamp in (one, other, one, other, other)]
        events = hear(opened(), *lines)
        assert clocks(events) == dates
        assert [word for word in words(events) if word != DAY_FIRST] == [OTHER_ORDER] * 2


def test_a_field_that_is_not_known_is_listed_once_and_costs_nothing() -> None:
    lines = [Shown(more=f"ORI=0.3{n} RRP=14 PI=03.60%") for n in range(3)]
    events = hear(opened(), *lines)
    assert len([e for e in events if isinstance(e, NumericsReceived)]) == 3
    assert words(events) == [
        "ORI is ignored: unknown field",
        "RRP is ignored: unknown field",
    ]
    assert {e.raw for e in events if isinstance(e, FrameRejected)} == {b""}


def test_what_is_listed_is_bounded() -> None:
    events = hear(opened(), *(Shown(more=f"K{n}=1 PI=03.60%") for n in range(40)))
    assert len([e for e in events if isinstance(e, NumericsReceived)]) == 40
    assert len(words(events)) == 16


def test_a_number_that_is_always_written_in_another_way_costs_itself_alone() -> None:
    events = hear(opened(), *[Shown(more="SPHB=12.345 PI=03.60%")] * 3)
    assert words(events) == [
        "the value of SPHB is malformed",
        "SPHB is ignored: unknown format",
    ]
    read = [
        {n.channel: n.value for n in e.numerics} for e in events if isinstance(e, NumericsReceived)
    ]
    assert read == [{"SPO2": 98.0, "BPM": 97.0, "PI": 3.6}] * 2


def test_a_number_that_is_always_beyond_its_range_costs_itself_alone() -> None:
    events = hear(opened(), *[Shown(more="PI=25.00% PVI=012")] * 3)
    read = [event.numerics for event in events if isinstance(event, NumericsReceived)]
    assert [[n.channel for n in numerics] for numerics in read] == [["SPO2", "BPM", "PVI"]] * 2
    assert words(events) == [
        "the value of PI is malformed",
        "PI is ignored: unknown format",
    ]


def test_one_number_that_is_written_in_another_way_costs_its_line() -> None:
    damaged, whole = Shown(more="PI=0.60%"), Shown()
    events = hear(opened(), whole, damaged, whole, damaged, whole)
    assert words(events) == ["the value of PI is malformed"] * 2


def test_a_serial_number_of_another_length_is_told_when_it_repeats() -> None:
    events = hear(opened(), *[Shown(serial="56661")] * 2)
    assert words(events) == ["the value of SN is malformed"]
    assert serials(events) == ["56661"]


def even(line: bytes) -> bytes:
    """Return a line as 7 data bits with even parity look when they are read as 8."""
    return bytes(byte | 0x80 * (byte.bit_count() % 2) for byte in line)


LINE = Shown().line()
BEFORE = "bytes before the beginning of a line"


@pytest.mark.parametrize(
    ("data", "readings", "given_up"),
    [
        (even(LINE) * 3, 3, []),
        (b"98,97,3.60\r\n", 0, ["ASCII 2 output: set the oximeter to ASCII 1"]),
        ((LINE + b"\n") * 3, 3, []),
        (LINE.replace(b"\r\n", b"\r\r\n") * 3, 3, []),  # what `cat` prints of it
        (
            LINE[35:] + LINE * 2,
            2,
            ["not a line of ASCII 1: want date, time and KEY=VALUE fields"],
        ),
        (LINE.strip() + LINE * 2, 2, [BEFORE]),
        ((b"\0" + LINE) * 3, 3, []),
        ((LINE + b"\0\0") * 3, 3, []),
        ((b"\x11" + LINE) * 3, 3, []),
        ((b"2026-11-25T04:05:06 " + LINE) * 3, 3, [BEFORE] * 3),
        (Shown(stamp="01/01/00 00:00:00").line() * 3, 3, []),
    ],
)
def test_what_adapters_and_programs_add_to_a_line_costs_that_row_at_most(
    data: bytes, readings: int, given_up: list[str]
) -> None:
    events = opened().receive(data, START)
    assert len([e for e in events if isinstance(e, NumericsReceived)]) == readings
    assert words(events) == given_up


@pytest.mark.parametrize("parity", [0, 1])
def test_a_line_with_parity_bits_is_read_and_one_flipped_bit_costs_its_row(parity: int) -> None:
    line = bytes(byte | 0x80 * (byte.bit_count() % 2 != parity) for byte in LINE)
    session = opened()
    flipped = line[:40] + bytes([line[40] ^ 0x80]) + line[41:]
    events = session.receive(line + flipped + line + line, START)
    assert len([e for e in events if isinstance(e, NumericsReceived)]) == 3
    spo2 = {e.numerics[0].value for e in events if isinstance(e, NumericsReceived)}
    assert spo2 == {98.0}
