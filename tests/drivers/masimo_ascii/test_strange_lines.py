"""Lines that differ from the known ones cost what is strange in them, and no more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edge_agent.drivers.base import Session
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import FrameRejected, NumericsReceived, SessionEvent
from tests.drivers.masimo_ascii.heard import START, hear, opened, serials
from tests.drivers.masimo_ascii.oximeter import Shown


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
