"""A cuff reading is dated by what shows that it is new, never by the record that repeats it."""

from __future__ import annotations

import struct

import pytest

from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import NumericsReceived
from tests.drivers.ge_dri.line import Line, heard
from tests.drivers.ge_dri.monitor import INVALID, NIBP, NOW_S, ON, cuff, frame, record, values

FRESH, OLD, MEASURING = 0x0B, 0x10B, 0x2B
UNKNOWN = "?"


def at(
    offset_s: int, systolic: int, label: int = FRESH, *, said_s: int | None = None
) -> tuple[int, bytes]:
    """Return a record at NOW_S + offset, and where given the monitor's word on the reading."""
    now_s = NOW_S + offset_s
    parts = [(1, values(cuff(systolic, label=label), time_s=now_s))]
    if said_s is not None:
        parts.append((4, struct.pack("<I", said_s and NOW_S + said_s) + bytes(110)))
    return offset_s, frame(record(*parts, now_s=now_s))


def stamps(*heard_records: tuple[int, bytes]) -> list[int | str]:
    """Return for every record how long after NOW_S its reading was taken."""
    line = heard(*(wire for _, wire in heard_records))
    walls = [event.numerics[0].measured_at.wall_ns for event in line.of(NumericsReceived)]
    return [UNKNOWN if wall is None else wall // 10**9 - NOW_S for wall in walls]


def test_a_reading_keeps_the_time_of_the_record_that_showed_it_first() -> None:
    assert stamps(at(0, 120), at(5, 120), at(60, 120), at(65, 120, OLD), at(600, 120, OLD)) == (
        [0] * 5
    )


def test_a_reading_that_was_old_when_first_seen_has_no_known_time() -> None:
    assert stamps(at(0, 120, OLD), at(5, 120, OLD), at(10, 118, OLD)) == [UNKNOWN] * 3


def test_a_changed_reading_is_a_new_one() -> None:
    assert stamps(at(0, 120), at(5, 121), at(10, 121)) == [0, 5, 5]
    assert stamps(at(0, 120), at(5, 121, OLD)) == [0, UNKNOWN]


def test_an_equal_reading_that_is_young_again_is_a_new_one() -> None:
    assert stamps(at(0, 120), at(65, 120, OLD), at(300, 120), at(305, 120)) == [0, 0, 300, 300]
    assert stamps(at(0, 120), at(65, 120, OLD), at(80, 120)) == [0, 0, 80]
    assert stamps(at(0, 120, OLD), at(5, 120)) == [UNKNOWN, 5]


def test_a_young_reading_seen_again_after_a_gap_is_not_the_one_before_the_gap() -> None:
    assert stamps(at(0, 120), at(90, 120)) == [0, 0]
    assert stamps(at(0, 120), at(91, 120)) == [0, 91]
    assert stamps(at(0, 120), at(-3600, 120)) == [0, -3600]


def test_measuring_and_missing_readings_leave_the_time_of_the_last_one() -> None:
    empty = frame(record((1, values((NIBP, ON, FRESH, (INVALID,) * 4)))))
    resting = frame(record((1, values((NIBP, 1, FRESH, (9000, 5000, 6000, 7))))))
    line = heard(at(0, 120)[1], at(5, 121, MEASURING)[1], empty, resting, at(10, 120)[1])
    walls = [event.numerics[0].measured_at.wall_ns for event in line.of(NumericsReceived)]
    assert walls == [NOW_S * 10**9] * 5


def test_before_the_first_reading_there_is_no_time() -> None:
    assert stamps(at(0, 120, MEASURING)) == [UNKNOWN]


@pytest.mark.parametrize(
    ("label", "said_s", "stamp"),
    [
        (OLD, -700, -700),
        (FRESH, -20, -20),
        (FRESH, -60, -60),
        (FRESH, -61, 0),
        (FRESH, 0, 0),
        (OLD, 0, UNKNOWN),
        (OLD, 5, UNKNOWN),
        (FRESH, 5, 0),
    ],
)
def test_the_monitors_own_word_dates_a_reading_where_it_fits(
    label: int, said_s: int, stamp: int | str
) -> None:
    assert stamps(at(0, 120, label, said_s=said_s)) == [stamp]


def test_a_reading_once_dated_keeps_its_date_whatever_the_monitor_says_later() -> None:
    assert stamps(at(0, 120), at(65, 120, OLD, said_s=-9)) == [0, 0]
    assert stamps(at(0, 120, OLD), at(5, 120, OLD, said_s=-300)) == [UNKNOWN, -300]


def test_a_monitor_without_a_clock_dates_nothing() -> None:
    line = heard(frame(record((1, values(cuff(), time_s=0)), now_s=0)))
    assert line.numerics()["MDC_PRESS_BLD_NONINV_SYS"].measured_at == DeviceTime()


def test_a_record_that_is_rejected_dates_nothing() -> None:
    damaged = (NIBP, ON, FRESH, (12100, 8100, 9400, 9999))
    line = Line(listen_only=True)
    line.hear(at(0, 120)[1], frame(record((1, values(damaged)), now_s=NOW_S + 5)), at(10, 120)[1])
    assert len(line.reasons()) == 1
    stamp = line.numerics()["MDC_PRESS_BLD_NONINV_SYS"].measured_at
    assert stamp == DeviceTime(wall_ns=NOW_S * 10**9)
