"""A line is believed whole or not at all; damage that a column can show never changes a value."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.nellcor_ascii import SPEC
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Validity
from edge_agent.model.session_events import (
    FrameRejected,
    NumericsReceived,
    SessionEvent,
)
from tests.drivers.nellcor_ascii.oximeter import GOLDEN, SLOTS, Shown, golden

START = Instant(0, 0)
NOT_DATA = "neither data nor heading of the printout"
NOT_COLUMNS = "the columns are not those of a data line"
CODES = [code for codes in SLOTS.values() for code in codes]


def decode(*chunks: bytes, zone: str = "UTC") -> list[SessionEvent]:
    session = SPEC.open_session(SessionOptions("monitor-1", zone=ZoneInfo(zone)))
    events = [event for chunk in chunks for event in session.receive(chunk, START)]
    return events + session.tick(START.plus(SPEC.silence_s))


def messages(events: list[SessionEvent]) -> list[NumericsReceived]:
    return [event for event in events if isinstance(event, NumericsReceived)]


def rejected(events: list[SessionEvent]) -> list[FrameRejected]:
    return [event for event in events if isinstance(event, FrameRejected)]


def values(line: bytes) -> list[tuple[float | None, Validity]]:
    (message,) = messages(decode(line))
    return [(n.value, n.validity) for n in message.numerics]


def reason(line: bytes) -> str:
    (event,) = decode(line)
    assert isinstance(event, FrameRejected)
    assert event.raw.strip(b"\r\n") == line.strip(b"\r\n")
    return event.reason


def test_every_golden_file_has_a_provenance() -> None:
    entries = tomllib.loads((GOLDEN / "PROVENANCE.toml").read_text())
    listed = [name for entry in entries.values() for name in entry["files"]]
    assert sorted(listed) == sorted(path.stem for path in GOLDEN.glob("*.txt"))


def test_a_reading_of_an_n560_is_read_as_printed() -> None:
    (message,) = messages(decode(golden("n560_reading")))
    read = [(n.channel, n.code, n.value, n.unit, n.validity) for n in message.numerics]
    assert read == [
        ("%SpO2", 150456, 100, "%", Validity.QUESTIONABLE),
        ("BPM", 149530, 102, "/min", Validity.QUESTIONABLE),
        ("PA", 1024 * 65536 + 1, 36, "1", Validity.QUESTIONABLE),
    ]
    assert {n.state for n in message.numerics} == {0x0020 | 0x0001}
    assert message.device_now.wall_ns == 1_073_474_694_000_000_000  # 2004-01-07 11:24:54 UTC


def test_an_episode_of_an_n560_is_read_line_by_line() -> None:
    events = decode(golden("n560_episode"))
    assert rejected(events) == []
    read = [[(n.value, n.validity.value) for n in m.numerics] for m in messages(events)]
    none = [(None, "invalid")] * 3
    assert read == [
        [(99, "valid"), (66, "valid"), (12, "valid")],
        [(89, "questionable"), (66, "questionable"), (201, "questionable")],
        [(77, "valid"), (70, "valid"), (8, "valid")],
        none,
        none,
        none,
        [(94, "valid"), (119, "valid"), (5, "valid")],
    ]


@pytest.mark.parametrize("code", CODES)
def test_each_status_code_decides_whether_a_number_may_be_used(code: str) -> None:
    read = values(Shown(status=(code,)).line())
    if code in {"LM", "LP", "PS", "SD", "SO"}:
        assert set(read) == {(None, Validity.INVALID)}
    else:
        expected = Validity.QUESTIONABLE if code == "MO" else Validity.VALID
        assert read == [(98, expected), (71, expected), (36, expected)]


def test_status_codes_stand_together_in_the_state() -> None:
    (message,) = messages(decode(Shown(spo2=" 84*", status=("MO", "SL", "AS")).line()))
    assert {n.state for n in message.numerics} == {0x0020 | 0x0800 | 0x0002 | 0x2000}


def test_zeros_are_no_values_but_for_the_pulse_amplitude() -> None:
    read = values(Shown(spo2="  0 ", bpm="  0 ", pa="  0").line())
    assert read == [(None, Validity.INVALID), (None, Validity.INVALID), (0, Validity.VALID)]


def test_dashes_that_no_code_explains_cast_doubt_on_the_rest() -> None:
    assert values(Shown(pa="---").line()) == [
        (98, Validity.QUESTIONABLE),
        (71, Validity.QUESTIONABLE),
        (None, Validity.NOT_AVAILABLE),
    ]


@pytest.mark.parametrize("stamp", ["25-NOV-26 04:05:06", "25-nov-26 04:05:06"])
def test_the_month_may_be_in_capitals(stamp: str) -> None:
    (message,) = messages(decode(Shown(stamp=stamp).line()))
    assert message.device_now.wall_ns == 1_795_579_506_000_000_000


@pytest.mark.parametrize("hour_utc", [0, 1])
def test_the_hour_that_autumn_repeats_is_read_by_the_gateways_clock(hour_utc: int) -> None:
    meant_ns = 1_792_888_800_000_000_000 + hour_utc * 3600 * 10**9  # 2026-10-25 00:40 UTC
    session = SPEC.open_session(SessionOptions("monitor-1", zone=ZoneInfo("Europe/Berlin")))
    line = Shown(stamp="25-Oct-26 02:40:00").line()
    (message,) = messages(session.receive(line, Instant(0, meant_ns + 90 * 10**9)))
    assert message.device_now.wall_ns == meant_ns


def test_the_clock_is_kept_in_the_zone_of_the_ward() -> None:
    (message,) = messages(decode(Shown().line(), zone="Europe/Berlin"))
    assert message.device_now.wall_ns == 1_795_575_906_000_000_000
    assert {n.measured_at for n in message.numerics} == {message.device_now}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (Shown(stamp="25-Nvo-26 04:05:06"), "the month is named in an unknown language"),
        (
            Shown(stamp="25-N\xf6v-26 04:05:06"),
            "the month is named in an unknown language",
        ),
        (Shown(stamp="31-Nov-26 04:05:06"), "the date and time do not exist"),
        (Shown(stamp="25-Nov-26 24:05:06"), "the date and time do not exist"),
        (Shown(spo2="101 "), "%SpO2 is out of its range"),
        (Shown(bpm="301*"), "BPM is out of its range"),
        (Shown(spo2="98  "), NOT_COLUMNS),
        (Shown(spo2="1 0 "), NOT_COLUMNS),
        (Shown(bpm="0x1 "), NOT_COLUMNS),
        (Shown(spo2="98 "), NOT_COLUMNS),
        (Shown(spo2=" -- "), NOT_COLUMNS),
        (Shown(stamp="25/Nov/26 04:05:06"), NOT_DATA),
    ],
)
def test_each_kind_of_damage_has_its_reason(shown: Shown, expected: str) -> None:
    assert reason(shown.line()) == expected


def test_a_status_code_that_is_not_known_doubts_its_line_and_is_named_once() -> None:
    line = Shown(status=("MO", "AO")).line().replace(b"MO", b"ZZ")
    events = decode(line * 3)
    assert [[n.validity for n in m.numerics] for m in messages(events)] == [
        [Validity.QUESTIONABLE] * 3
    ] * 3
    assert {n.state for m in messages(events) for n in m.numerics} == {0x8001}
    told = [(event.reason, event.raw) for event in rejected(events)]
    assert told == [("the status code ZZ is unknown: values are questionable", b"")]


def test_a_code_that_is_known_to_mean_no_value_decides_beside_one_that_is_not() -> None:
    line = Shown(status=("SD", "AO")).line().replace(b"AO", b"QQ")
    (message,) = messages(decode(line))
    assert {n.validity for n in message.numerics} == {Validity.INVALID}


def test_the_codes_that_are_named_are_bounded() -> None:
    line = Shown(status=("MO",)).line()
    lines = [line.replace(b"MO", b"Q" + bytes([letter])) for letter in b"ABCDEFGHIJKLMNOPQRST"]
    assert len(rejected(decode(b"".join(lines)))) == 16


def test_a_battery_in_use_leaves_the_numbers_valid() -> None:
    line = Shown(status=("AO",)).line().replace(b"AO", b"BU")
    assert {validity for _, validity in values(line)} == {Validity.VALID}


@pytest.mark.parametrize(
    ("month", "number"),
    [
        ("Okt", 10),
        ("Dez", 12),
        ("MRZ", 3),
        ("M\xe4r", 3),
        ("F\xe9v", 2),
        ("ao\xfb", 8),
        ("Ene", 1),
        ("Gen", 1),
        ("Mag", 5),
        ("Mei", 5),
        ("Set", 9),
        ("Out", 10),
    ],
)
def test_months_of_other_languages_cost_no_reading(month: str, number: int) -> None:
    (message,) = messages(decode(Shown(stamp=f"25-{month}-26 04:05:06").line()))
    clock = datetime.fromtimestamp((message.device_now.wall_ns or 0) / 1e9, UTC)
    assert (clock.month, clock.day) == (number, 25)


NARROW = b"05-Jul-26 10:15:00  98  72  120\r\n"


@pytest.mark.parametrize(
    ("line", "numbers", "validity", "state"),
    [
        (NARROW, [98, 72, 120], Validity.VALID, 0),
        (b"05-Jul-26 10:15:02  88*  130*  45\r\n", [88, 130, 45], Validity.VALID, 0x6000),
        (b"05-Jul-26 10:15:02  88*  130  45  SL AO\r\n", [88, 130, 45], Validity.VALID, 0x2801),
        (b"05-Jul-26 10:15:02  88  130  45  MO\r\n", [88, 130, 45], Validity.QUESTIONABLE, 0x20),
        (b"05-Jul-26 10:15:02  88  130  45  SO\r\n", [None] * 3, Validity.INVALID, 0x1000),
        (b"05-Jul-26 10:15:02  100  72  120   \r\n", [100, 72, 120], Validity.VALID, 0),
    ],
)
def test_the_narrow_columns_of_a_pm1000n_are_read(
    line: bytes, numbers: list[int | None], validity: Validity, state: int
) -> None:
    (message,) = messages(decode(line))
    assert [n.value for n in message.numerics] == numbers
    assert {n.validity for n in message.numerics} == {validity}
    assert {n.state for n in message.numerics} == {state}


def test_dashes_and_a_zero_in_narrow_columns_are_no_valid_values() -> None:
    read = values(b"05-Jul-26 10:15:04  ---  ---  0\r\n")
    assert read == [(None, Validity.NOT_AVAILABLE)] * 2 + [(0, Validity.QUESTIONABLE)]
    read = values(b"05-Jul-26 10:15:04  0  0  0\r\n")
    assert read == [(None, Validity.INVALID)] * 2 + [(0, Validity.VALID)]


@pytest.mark.parametrize(
    "line",
    [
        NARROW.replace(b"  98", b" 98"),
        NARROW.replace(b"  98", b"   98"),
        NARROW.replace(b"  120", b"  1200"),
        NARROW.replace(b"  120", b" 120"),
        NARROW.replace(b"120", b"120  mo"),
        NARROW.replace(b"120", b"120   MO"),
        NARROW.replace(b"72", b"7-2"),
    ],
)
def test_other_narrow_columns_are_rejected(line: bytes) -> None:
    assert reason(line) == NOT_COLUMNS
