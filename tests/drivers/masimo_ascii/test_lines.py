"""A line is believed whole or not at all; damage that a width can show never changes a value."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.masimo_ascii import SPEC
from edge_agent.drivers.masimo_ascii.lines import SoundLine, parse
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Validity
from edge_agent.model.session_events import (
    DeviceAlarmsChanged,
    DeviceIdentified,
    FrameRejected,
    LinkChanged,
    NumericsReceived,
    SessionEvent,
)
from tests.drivers.masimo_ascii.oximeter import GOLDEN, Shown, golden
from tests.support.shared_data import shared_data

START = Instant(0, 0)
SOUND = ("rad8_reading", "rad8_no_sensor", "low_signal_iq", "radical7_sensor_off")
ROWS = {
    "SPO2": ("%03d%%", range(101)),
    "BPM": ("%03d", range(241)),
    "PI": ("%05.2f%%", [i / 100 for i in range(2001)]),
    "SPCO": ("%04.1f%%", [i / 10 for i in range(1000)]),
    "SPMET": ("%04.1f%%", [i / 10 for i in range(1000)]),
    "SPHB": ("%04.1f", [i / 10 for i in range(1000)]),
    "SPOC": ("%02d", range(100)),
    "PVI": ("%03d", range(101)),
    "DESAT": ("%02d", range(100)),
    "PIDELTA": ("%+03d", range(-99, 100)),
}


def decode(*chunks: bytes, zone: str = "UTC") -> list[SessionEvent]:
    session = SPEC.open_session(SessionOptions("monitor-1", zone=ZoneInfo(zone)))
    events = [event for chunk in chunks for event in session.receive(chunk, START)]
    return events + session.tick(START.plus(SPEC.silence_s))


def messages(events: list[SessionEvent]) -> list[NumericsReceived]:
    return [event for event in events if isinstance(event, NumericsReceived)]


def values(line: bytes) -> dict[str, tuple[float | None, Validity]]:
    (message,) = messages(decode(line))
    return {n.channel: (n.value, n.validity) for n in message.numerics}


def reason(line: bytes) -> str:
    (event,) = decode(line)
    assert isinstance(event, FrameRejected)
    assert event.raw.strip(b"\r\n") == line.strip(b"\r\n")
    return event.reason


def test_every_golden_file_has_a_provenance() -> None:
    entries = tomllib.loads((GOLDEN / "PROVENANCE.toml").read_text())
    listed = [name for entry in entries.values() for name in entry["files"]]
    assert sorted(listed) == sorted(path.stem for path in GOLDEN.glob("*.txt"))


def test_a_reading_of_a_rad8_is_read_as_printed() -> None:
    (message,) = messages(decode(golden("rad8_reading")))
    read = {n.channel: (n.code, n.value, n.unit, n.validity) for n in message.numerics}
    missing = (None, "%", Validity.NOT_AVAILABLE)
    assert read == {
        "SPO2": (150456, 98.0, "%", Validity.VALID),
        "BPM": (149530, 97.0, "/min", Validity.VALID),
        "PI": (150448, 3.6, "%", Validity.VALID),
        "SPCO": (1024 * 65536 + 1, *missing),
        "SPMET": (1024 * 65536 + 2, *missing),
        "DESAT": (1024 * 65536 + 6, None, "1", Validity.NOT_AVAILABLE),
        "PIDELTA": (1024 * 65536 + 7, *missing),
    }
    assert {n.state for n in message.numerics} == {0x800}
    assert message.device_now.wall_ns == 1_456_181_265_000_000_000  # 2016-02-22 22:47:45 UTC


def test_no_sensor_is_invalid_and_low_signal_iq_questionable() -> None:
    assert set(values(golden("rad8_no_sensor")).values()) == {(None, Validity.INVALID)}
    doubted = values(golden("low_signal_iq"))
    assert doubted["SPO2"] == (98.0, Validity.QUESTIONABLE)
    assert doubted["BPM"] == (123.0, Validity.QUESTIONABLE)
    assert doubted["PI"] == (0.55, Validity.QUESTIONABLE)
    assert doubted["SPHB"] == doubted["PVI"] == (None, Validity.NOT_AVAILABLE)
    assert "RESVD" not in doubted


def test_numbers_under_sensor_off_are_no_values() -> None:
    assert set(values(golden("radical7_sensor_off")).values()) == {(None, Validity.INVALID)}


def test_a_radical5_without_serial_number_is_read() -> None:
    assert values(golden("radical5_reading"))["PI"] == (11.82, Validity.VALID)


def test_trend_output_is_rejected_with_what_to_set() -> None:
    assert reason(golden("rad8_trend")) == "ASCII 2 output: set the oximeter to ASCII 1"


def test_zeros_are_no_values_where_the_oximeter_cannot_measure_them() -> None:
    shown = Shown(spo2="000%", bpm="000", more="PI=00.00% SPCO=00.0% PIDELTA=+00 DESAT=00 PVI=000")
    read = values(shown.line())
    assert read["SPO2"] == read["BPM"] == read["PI"] == (None, Validity.INVALID)
    zeros = {read[key] for key in ("SPCO", "PIDELTA", "DESAT", "PVI")}
    assert zeros == {(0.0, Validity.VALID)}


@pytest.mark.parametrize(
    ("exc", "validity"),
    [
        ("000800", Validity.VALID),
        ("002800", Validity.VALID),
        *((f"{0x800 | bit:06X}", Validity.INVALID) for bit in (1, 2, 8, 0x20, 0x80)),
        *((f"{0x800 | bit:06X}", Validity.QUESTIONABLE) for bit in (4, 0x10, 0x40, 0x400)),
        *((f"{0x800 | 1 << n:06X}", Validity.QUESTIONABLE) for n in (8, 12, 14, 15, 16, 17)),
        ("080800", Validity.QUESTIONABLE),
        ("100800", Validity.QUESTIONABLE),
    ],
)
def test_exceptions_decide_whether_a_number_may_be_used(exc: str, validity: Validity) -> None:
    read = values(Shown(exc=exc).line())["SPO2"]
    assert read == (None if validity is Validity.INVALID else 98.0, validity)


def test_low_confidence_doubts_only_its_own_parameter() -> None:
    read = values(Shown(more="SPCO=01.0% SPMET=00.5%", exc="200800").line())
    assert [read[key][1].value for key in ("SPO2", "SPCO", "SPMET")] == [
        "valid",
        "questionable",
        "valid",
    ]
    read = values(Shown(more="SPCO=01.0% SPMET=00.5%", exc="400800").line())
    assert [read[key][1].value for key in ("SPCO", "SPMET")] == ["valid", "questionable"]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\r", "\n\r\n\r\n\r", "  \r\n"])
def test_any_line_end_will_do(end: str) -> None:
    events = decode(Shown(end=end).line() * 3)
    assert len(messages(events)) == 3
    assert not [event for event in events if isinstance(event, FrameRejected)]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (Shown(stamp="13/25/26 04:05:06"), "the date and time do not exist"),
        (Shown(stamp="11/25/26 24:05:06"), "the date and time do not exist"),
        (Shown(spo2="101%"), "SPO2 is out of its range"),
        (Shown(bpm="301"), "BPM is out of its range"),
        (Shown(more="PI=20.01%"), "the value of PI is malformed"),
        (Shown(spo2="98%"), "the value of SPO2 is malformed"),
        (Shown(spo2="0-8%"), "the value of SPO2 is malformed"),
        (Shown(more="PIDELTA=02"), "the value of PIDELTA is malformed"),
        (Shown(exc="0008G0"), "the value of EXC is malformed"),
        (Shown(serial="56661"), "the value of SN is malformed"),
        (Shown(more="BPM=097"), "a key occurs twice in the line"),
        (Shown(more="PI"), "not a line of ASCII 1: want date, time and KEY=VALUE fields"),
        (Shown(more="PI==1"), "not a line of ASCII 1: want date, time and KEY=VALUE fields"),
        (Shown(more="\xff=1"), "not a line of ASCII 1: want date, time and KEY=VALUE fields"),
    ],
)
def test_each_kind_of_damage_has_its_reason(shown: Shown, expected: str) -> None:
    assert reason(shown.line()) == expected


@pytest.mark.parametrize("key", ["SPO2", "BPM", "EXC"])
def test_a_line_without_saturation_rate_or_exceptions_is_rejected(key: str) -> None:
    line = Shown().line().replace(key.encode(), b"OTHER")
    assert reason(line) == "SPO2, BPM or EXC is missing in the line"


def test_keys_of_other_models_do_no_harm() -> None:
    assert values(Shown(more="ORI=0.31 RRP=14 X1=?").line()) == {
        "SPO2": (98.0, Validity.VALID),
        "BPM": (97.0, Validity.VALID),
    }


def test_a_line_cut_short_costs_nothing_of_the_next() -> None:
    for size in range(1, len(Shown().line())):
        cut = Shown().line()[:size].rstrip(b"\r\n")
        events = decode(Shown().line(), cut + Shown(bpm="111").line())
        rates = [n.value for m in messages(events) for n in m.numerics if n.channel == "BPM"]
        assert rates == [97.0, 111.0]
        lost = [event.raw for event in events if isinstance(event, FrameRejected)]
        assert b"".join(lost).strip() == cut.strip()


def vouched(events: list[SessionEvent]) -> set[object]:
    """Return all that the events claim of the patient and the device."""
    claims: set[object] = set()
    for event in events:
        match event:
            case NumericsReceived():
                claims |= {(n.code, n.value, n.validity, n.state) for n in event.numerics}
                claims.add(event.device_now)
            case DeviceIdentified() | DeviceAlarmsChanged():
                claims.add(event)
            case FrameRejected() | LinkChanged():
                pass
    return claims


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    values = {}
    for key, (text, choices) in ROWS.items():
        if key in {"SPO2", "BPM"} or draw(st.booleans()):
            values[key] = text % draw(st.sampled_from(list(choices)))
    more = " ".join(f"{k}={v}" for k, v in values.items() if k not in {"SPO2", "BPM"})
    alarm_digits, exc_digits = draw(st.sampled_from([(2, 3), (4, 6), (6, 7)]))
    return Shown(
        spo2=values["SPO2"],
        bpm=values["BPM"],
        more=more or "PVI=---",
        alarm=f"{draw(st.integers(0, 255)):0{alarm_digits}X}",
        exc=f"{draw(st.integers(0, 0xFFF)):0{exc_digits}X}",
    ).line()


@pytest.mark.untraced
@given(lines())
def test_a_lost_byte_or_a_cut_never_turns_into_another_value(line: bytes) -> None:
    true = vouched(decode(line))
    assert true
    body = line.rstrip()
    for at in range(len(body)):
        assert vouched(decode(body[:at] + body[at + 1 :] + b"\r\n")) <= true
        assert vouched(decode(body[:at] + b"\r\n")) <= true


@pytest.mark.parametrize("name", SOUND)
def test_a_lost_byte_or_a_cut_never_changes_a_golden_line(name: str) -> None:
    body = golden(name).rstrip()
    true = vouched(decode(golden(name)))
    for at in range(len(body)):
        assert vouched(decode(body[:at] + body[at + 1 :] + b"\n")) <= true
        assert vouched(decode(body[:at] + b"\n")) <= true


@given(
    st.dictionaries(st.sampled_from(sorted(ROWS)), st.integers(0, 10_000)), st.integers(0, 2**16)
)
def test_what_is_written_is_read_back(picks: dict[str, int], exc: int) -> None:
    chosen = {
        key: list(choices)[picks.get(key, 0) % len(choices)] for key, (_, choices) in ROWS.items()
    }
    written = {key: ROWS[key][0] % value for key, value in chosen.items()}
    more = " ".join(f"{key}={written[key]}" for key in written if key not in {"SPO2", "BPM"})
    read = values(
        Shown(spo2=written["SPO2"], bpm=written["BPM"], more=more, exc=f"{exc:06X}").line()
    )
    for key, (value, _) in read.items():
        assert value is None or value == pytest.approx(chosen[key])
    if not exc & 0xAB:
        nothing = {key for key, (value, _) in read.items() if value is None}
        assert nothing == {key for key in ("SPO2", "BPM", "PI", "SPHB", "SPOC") if chosen[key] == 0}


@pytest.mark.parametrize("hour_utc", [0, 1])
def test_the_hour_that_autumn_repeats_is_read_by_the_gateways_clock(hour_utc: int) -> None:
    meant_ns = 1_792_888_800_000_000_000 + hour_utc * 3600 * 10**9  # 2026-10-25 00:40 UTC
    session = SPEC.open_session(SessionOptions("monitor-1", zone=ZoneInfo("Europe/Berlin")))
    line = Shown(stamp="10/25/26 02:40:00").line()
    (message,) = messages(session.receive(line, Instant(0, meant_ns + 90 * 10**9)))
    assert message.device_now.wall_ns == meant_ns


def test_the_clock_is_kept_in_the_zone_of_the_ward() -> None:
    (message,) = messages(decode(golden("rad8_reading"), zone="Europe/Berlin"))
    assert message.device_now.wall_ns == 1_456_177_665_000_000_000  # 21:47:45 UTC
    assert {n.measured_at for n in message.numerics} == {message.device_now}


def test_the_published_samples_are_all_sound() -> None:
    sample = shared_data("captures/samples/masimo_ascii1.txt").read_bytes()
    for line in sample.splitlines(keepends=True):  # each of another oximeter
        events = decode(line)
        assert len(messages(events)) == 1
        assert not [event for event in events if isinstance(event, FrameRejected)]


def test_without_a_time_of_receipt_the_doubled_hour_is_the_earlier_one() -> None:
    line = parse(b"10/25/26 02:30:00 SPO2=098% BPM=097 EXC=000000\r\n", ZoneInfo("Europe/Vienna"))
    assert isinstance(line, SoundLine)
    assert (
        line.month_first_ns == round(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()) * 10**9
    )
