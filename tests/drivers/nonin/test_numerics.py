"""Values keep the oximeter's own verdict, and no sentinel becomes a value."""

from __future__ import annotations

import pytest

from edge_agent.model.measurements import DeviceTime, Validity
from tests.drivers.nonin.line import HR, OFF, SPO2, N, Q, V, decoded, messages, rejections, vitals
from tests.drivers.nonin.oximeter import (
    ARTIFACT,
    DISCONNECTED,
    GREEN,
    OUT_OF_TRACK,
    RED,
    SENSOR_ALARM,
    YELLOW,
    data_bytes,
    df2,
    df7,
    df8,
)

BINARY = pytest.mark.parametrize("profile", ["df2", "df7"])


def built(profile: str, data: list[int], flags: dict[int, int] | None = None) -> bytes:
    return df2(data, flags=flags) if profile == "df2" else df7(data, flags=flags)


@BINARY
def test_every_pulse_rate_is_read_with_seven_bits_in_its_low_byte(profile: str) -> None:
    rates = range(1, 322)
    stream = b"".join(built(profile, data_bytes(hr=rate)) for rate in rates)
    assert [hr for hr, _, _ in vitals(stream, profile)] == list(rates)


def test_a_pulse_rate_of_140_is_not_268() -> None:
    assert vitals(df2(data_bytes(hr=140))) == [(140, 97, V)]
    assert vitals(df7(data_bytes(hr=140)), "df7") == [(140, 97, V)]
    assert vitals(df8(hr=140), "df8") == [(140, 97, V)]


@BINARY
def test_each_parameter_is_read_from_its_own_frames(profile: str) -> None:
    data = data_bytes()
    data[0:3], data[8:11] = [1, 2, 91], [92, 93, 94]
    data[13:17], data[19:23] = [1, 5, 95, 96], [1, 7, 1, 9]
    (message,) = messages(decoded(built(profile, data), profile))
    assert {n.label: n.value for n in message.values()} == {
        "HR": 130, "SpO2": 91, "SpO2-D": 92, "SpO2 Fast": 93, "SpO2 B-B": 94,
        "E-HR": 133, "E-SpO2": 95, "E-SpO2-D": 96, "HR-D": 135, "E-HR-D": 137,
    }  # fmt: skip


@BINARY
def test_only_two_parameters_are_vitals_and_the_others_have_private_codes(profile: str) -> None:
    (message,) = messages(decoded(built(profile, data_bytes()), profile))
    assert [code for code in message if code < 1024 << 16] == [HR, SPO2]
    assert len(message) == 10
    assert {n.unit: n.unit_code for n in message.values()} == {"/min": 264864, "%": 262688}
    assert all(n.measured_at == DeviceTime() for n in message.values())


@pytest.mark.parametrize(
    ("wire", "profile"),
    [
        (df2(data_bytes(hr=511, spo2=127)), "df2"),
        (df7(data_bytes(hr=511, spo2=127)), "df7"),
        (df8(hr=511, spo2=127), "df8"),
        (df2(data_bytes(hr=0, spo2=0)), "df2"),
        (df8(hr=0, spo2=0), "df8"),
        (b"SPO2=--- HR=---\r\n", "ascii"),
        (b"SPO2=000 HR=000\r\n", "ascii"),
    ],
)
def test_missing_and_zero_are_no_values(wire: bytes, profile: str) -> None:
    assert vitals(wire, profile) == [(None, None, N)]


def test_one_value_may_be_missing_alone() -> None:
    (message,) = messages(decoded(df2(data_bytes(hr=511))))
    assert (message[HR].value, message[SPO2].value) == (None, 97)
    assert (message[HR].validity, message[SPO2].validity) == (N, V)


@BINARY
@pytest.mark.parametrize("hr", [322, 400, 510])
def test_a_pulse_rate_that_cannot_be_costs_the_packet(profile: str, hr: int) -> None:
    wire = built(profile, data_bytes(hr=hr))
    found = decoded(wire, profile)
    assert not messages(found)
    assert rejections(found) == [("a number that these oximeters never send", wire)]


@pytest.mark.parametrize("spo2", [101, 126, 128, 255])
def test_a_saturation_that_cannot_be_costs_the_packet(spo2: int) -> None:
    assert not messages(decoded(df2(data_bytes(spo2=spo2))))


def test_a_low_byte_of_a_rate_with_its_eighth_bit_set_costs_the_packet() -> None:
    data = data_bytes()
    data[1] = 0x80 | 72
    assert not messages(decoded(df2(data)))


@BINARY
@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, V),
        ({3: GREEN}, V),
        ({3: YELLOW, 4: GREEN}, V),
        ({24: RED}, Q),
        ({3: GREEN, 9: RED}, Q),
        ({3: GREEN | ARTIFACT}, Q),
        ({0: ARTIFACT}, Q),
    ],
)
def test_a_status_of_any_frame_counts_for_the_packet(
    profile: str, flags: dict[int, int], expected: Validity
) -> None:
    assert vitals(built(profile, data_bytes(), flags), profile) == [(72, 97, expected)]


@BINARY
@pytest.mark.parametrize("flag", [DISCONNECTED, OUT_OF_TRACK, SENSOR_ALARM])
def test_numbers_without_a_finger_are_no_values(profile: str, flag: int) -> None:
    assert vitals(built(profile, data_bytes(), {12: flag | GREEN}), profile) == [(None, None, OFF)]
    (message,) = messages(decoded(built(profile, data_bytes(), {12: flag}), profile))
    assert message[HR].state == flag


def test_a_bad_pulse_stays_bad_until_the_next_one_passes() -> None:
    between = df2()
    stream = df2(flags={2: RED}) + between + between + df2(flags={5: GREEN}) + between
    assert [verdict for _, _, verdict in vitals(stream)] == [Q, Q, Q, V, V]


def test_red_and_green_in_one_packet_do_not_add_up_to_yellow() -> None:
    (message,) = messages(decoded(df2(flags={3: GREEN, 4: RED})))
    assert message[HR].state == RED


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (0x00, 0x00, (72, 97, V)),
        (0x08, 0x00, (72, 97, V)),
        (0x10, 0x00, (72, 97, Q)),
        (0x04, 0x00, (72, 97, Q)),
        (0x00, 0x21, (72, 97, V)),
        (0x20, 0x00, (None, None, OFF)),
        (0x40, 0x00, (None, None, OFF)),
        (0x00, 0x08, (None, None, OFF)),
    ],
)
def test_both_status_bytes_of_format_8_count(
    first: int, second: int, expected: tuple[float | None, float | None, Validity]
) -> None:
    wire = df8(first=first, second=second)
    assert vitals(wire, "df8") == [expected]
    (message,) = messages(decoded(wire, "df8"))
    assert message[SPO2].state == (0x80 | first) << 8 | second


@pytest.mark.parametrize("wire", [df8(hr=322), df8(hr=510), df8(spo2=101), df8(spo2=126)])
def test_format_8_is_checked_by_its_ranges(wire: bytes) -> None:
    assert rejections(decoded(wire, "df8")) == [("a number that these oximeters never send", wire)]
