"""Line ends, headings and damage, which never give another value."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.nellcor_ascii.lines import Data, parse
from edge_agent.model.session_events import (
    AlarmLimitsChanged,
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    NumericsReceived,
    SessionEvent,
)
from tests.drivers.nellcor_ascii.oximeter import Shown, golden, header
from tests.drivers.nellcor_ascii.test_lines import (
    CODES,
    NOT_COLUMNS,
    NOT_DATA,
    decode,
    messages,
    reason,
    rejected,
    values,
)
from tests.support.shared_data import shared_data


def test_what_adapters_add_to_a_line_costs_nothing() -> None:
    line = Shown().line()
    even = bytes(byte | 0x80 * (byte.bit_count() % 2) for byte in line)
    for data in (even, b"\0" + line, line.replace(b"\r\n", b"\r\r\n"), line + b"\n"):
        events = decode(data * 3)
        assert len(messages(events)) == 3
        assert rejected(events) == []


@pytest.mark.parametrize(
    "line",
    [
        header(spo2="90-10"),
        header(spo2="9-100"),
        header(spo2="90-101"),
        header(pulse="170-60"),
        header(pulse="60-301"),
    ],
)
def test_limits_out_of_range_are_rejected(line: bytes) -> None:
    assert reason(line) == "the alarm limits are out of their range"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\r", "\r\n\r\n", "\x13\r\n\x11"])
def test_any_line_end_will_do_with_flow_control_around_it(end: str) -> None:
    events = decode(Shown(end=end).line() * 2 + Shown().line())
    assert len(messages(events)) == 3
    assert rejected(events) == []


def test_flow_control_alone_is_no_line_and_inside_a_line_damages_it() -> None:
    assert reason(b"\x11\x13\r\n") == NOT_DATA
    assert reason(Shown(spo2="\x139 8").line()) == NOT_COLUMNS


@pytest.mark.parametrize(
    "mode",
    [
        golden("n560_mode"),
        b"    NEO             100SAT-S   SPO2 RESP MODE: NORMAL\r\n",
        b"                             ADULT            0SAT-S \r\n",
    ],
)
def test_the_rest_of_a_heading_is_passed_over(mode: bytes) -> None:
    assert decode(mode) == []
    assert decode(golden("n560_columns")) == []


def test_a_line_cut_short_costs_nothing_of_the_next() -> None:
    for following in (Shown().line(), header()):
        for size in range(1, len(Shown().line().rstrip())):
            cut = Shown(bpm="111 ").line()[:size]
            events = decode(cut + following + Shown().line())
            rates = [n.value for m in messages(events) for n in m.numerics if n.channel == "BPM"]
            assert set(rates) == {71}
            assert b"".join(event.raw for event in rejected(events)).strip() == cut.strip()


def vouched(events: list[SessionEvent]) -> set[object]:
    """Return all that the events claim of the patient and the device."""
    claims: set[object] = set()
    for event in events:
        match event:
            case NumericsReceived():
                claims |= {(n.code, n.value, n.validity, n.state) for n in event.numerics}
                claims.add(event.device_now)
            case DeviceIdentified() | DeviceAlarmsChanged() | AlarmLimitsChanged():
                claims.add(event)
            case FrameRejected() | LinkChanged():
                pass
    return claims


@st.composite
def shown_lines(draw: st.DrawFn) -> Shown:
    numbers = [
        draw(st.one_of(st.just("---"), st.integers(0, most).map("{:3d}".format)))
        for most in (100, 250, 254)
    ]
    spo2_mark, pulse_mark = draw(st.sampled_from(" *")), draw(st.sampled_from(" *"))
    return Shown(
        spo2=numbers[0] + spo2_mark,
        bpm=numbers[1] + pulse_mark,
        pa=numbers[2],
        status=tuple(draw(st.sets(st.sampled_from(CODES)))),
    )


@pytest.mark.untraced
@given(shown_lines())
def test_a_lost_byte_or_a_cut_never_turns_into_another_value(shown: Shown) -> None:
    before = Shown(stamp="25-Nov-26 04:05:04").line()
    true = vouched(decode(before, shown.line()))
    body = shown.line().rstrip(b"\r\n")
    for at in range(len(body)):
        assert vouched(decode(before, body[:at] + body[at + 1 :] + b"\r\n")) <= true
        assert vouched(decode(before, body[:at] + b"\r\n")) <= true


@pytest.mark.untraced
@given(shown_lines())
def test_a_lost_byte_never_changes_the_first_line_either(shown: Shown) -> None:
    true = vouched(decode(shown.line()))
    body = shown.line().rstrip(b"\r\n")
    for at in range(len(body)):
        assert vouched(decode(body[:at] + body[at + 1 :] + b"\r\n")) <= true


@given(shown_lines())
def test_what_is_written_is_read_back(shown: Shown) -> None:
    written = [
        None if "---" in text else int(text[:3]) for text in (shown.spo2, shown.bpm, shown.pa)
    ]
    read = [value for value, _ in values(shown.line())]
    if {"LM", "LP", "PS", "SD", "SO"} & set(shown.line().decode().split()[5:]):
        assert read == [None] * 3
    else:
        assert read == [written[0] or None, written[1] or None, written[2]]


def test_the_published_sample_is_sound() -> None:
    events = decode(shared_data("captures/samples/nellcor_n560.txt").read_bytes())
    assert len(messages(events)) == 1
    assert rejected(events) == []


def test_without_a_time_of_receipt_the_doubled_hour_is_the_earlier_one() -> None:
    line = parse(b"25-Oct-26 02:30:00  98  72  120\r\n", ZoneInfo("Europe/Vienna"))
    assert isinstance(line, Data)
    assert line.wall_ns == round(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()) * 10**9
