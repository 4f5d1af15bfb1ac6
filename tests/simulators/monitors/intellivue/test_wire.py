"""Frames and fields of the IntelliVue protocol agree with published and recorded examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.monitors.intellivue import wire
from tests.support import scripted_host as host

CLOSING_RESULT = bytes.fromhex(  # recorded from an M8000
    "C0 11 01 00 32 E1 00 00 02 00 02 00 2A 00 01 00 07 00 24 00 21 00 00 00 00 F1 3B 00 1A 00 01"
    "00 00 00 33 14 00 FF FF FF FF FF FF FF FF 00 01 00 06 00 00 00 00 00 00 7D 5D 21 C1"
)


@pytest.mark.parametrize(("data", "expected"), [("3A71", 0x9B26), ("3A91", 0x95C1)])
def test_the_check_sequence_matches_published_vectors(data: str, expected: int) -> None:
    """The vectors are those of mdpnp's TestFCSOutputStream."""
    value = wire.fcs(bytes.fromhex(data))
    assert value == int.from_bytes(expected.to_bytes(2, "big"), "little")


def test_a_recorded_frame_with_a_stuffed_check_sequence_is_built_again() -> None:
    payload = CLOSING_RESULT[5:-4]
    assert wire.frame(payload) == CLOSING_RESULT


@pytest.mark.parametrize(
    "frame",
    [
        host.ASSOCIATE,
        host.CREATE_RESULT,
        host.SINGLE_NUMERICS,
        host.EXTENDED_NUMERICS_30_S,
        host.EXTENDED_ALERTS,
        host.EXTENDED_WAVES,
        host.KEEP_ALIVE_MDS,
        host.KEEP_ALIVE_ALERTS,
        host.GET_PRIORITIES,
        host.RELEASE,
    ],
)
def test_quoted_host_frames_are_taken_and_built_again(frame: bytes) -> None:
    frames = wire.HostDatagrams()
    (payload,) = frames.feed(frame)
    assert frames.dropped == 0
    assert wire.frame(payload) == frame


@given(st.lists(st.binary(max_size=60), max_size=5), st.data())
def test_any_split_gives_the_same_payloads(payloads: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(host.wrap(payload) for payload in payloads)
    cut = data.draw(st.integers(0, len(stream)))
    frames = wire.HostDatagrams()
    assert frames.feed(stream[:cut]) + frames.feed(stream[cut:]) == payloads


@given(st.binary(max_size=80))
def test_built_frames_are_read_by_an_independent_reader(payload: bytes) -> None:
    assert host.unwrap(wire.frame(payload)) == [payload]


@pytest.mark.parametrize(
    "damaged",
    [
        b"\xc0\x11\x01\x00\xc1",
        host.RELEASE[:-1] + b"\x7d\xc1",
        host.RELEASE[:12] + host.RELEASE[13:],
        b"\xc0" + bytes(3000) + b"\xc1",
        host.RELEASE[:9],
    ],
)
def test_a_damaged_frame_costs_only_itself(damaged: bytes) -> None:
    frames = wire.HostDatagrams()
    assert len(frames.feed(b"noise" + damaged + host.RELEASE)) == 1
    assert frames.dropped == 1


@pytest.mark.parametrize("body", ["12010000", "11010001"])
def test_a_good_check_sequence_over_a_wrong_header_is_not_enough(body: str) -> None:
    head = bytes.fromhex(body)
    check = host.check_sequence(head).to_bytes(2, "little")
    assert wire.HostDatagrams().feed(b"\xc0" + head + check + b"\xc1") == []


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (86.3, 1, "FF00035F"),
        (32.0, 3, "FD007D00"),
        (-1.5, 1, "FFFFFFF1"),
        (0, 0, "00000000"),
        (None, 1, "007FFFFF"),
    ],
)
def test_floats_match_published_examples(value: float | None, decimals: int, expected: str) -> None:
    assert wire.nomenclature_float(value, decimals) == bytes.fromhex(expected)


def test_times_are_binary_coded_decimals() -> None:
    assert wire.bcd_time(1_441_377_999 * 10**9).hex() == "2015090414463900"
