"""A record is believed only where its main type, places and sizes agree."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.ge_dri import records
from edge_agent.model.measurements import DeviceTime, Numeric, Validity
from edge_agent.model.session_events import FrameRejected, NumericsReceived
from tests.drivers.ge_dri.line import Line, heard
from tests.drivers.ge_dri.monitor import frame, golden, heart, record, values


def with_descriptor(whole: bytes, n: int, offset: int, kind: int) -> bytes:
    at = 16 + 3 * n
    return whole[:at] + struct.pack("<hB", offset, kind) + whole[at + 3 :]


def test_a_real_header_is_read() -> None:
    head = golden("record_header.part").ljust(40, b"\0")
    parsed = records.parse(head + bytes(1112))
    assert (parsed.level, parsed.plug_id, parsed.main_type) == (11, 0, 0)
    assert parsed.device_now == DeviceTime(wall_ns=1_671_468_233 * 10**9)
    assert [(sub.kind, len(sub.data)) for sub in parsed.subrecords] == [(1, 278)] * 4
    assert head[:2] == (1152).to_bytes(2, "little")


def test_eight_subrecords_need_no_end_of_the_list() -> None:
    parsed = records.parse(record(*((kind, b"ab") for kind in range(1, 9)), main_type=1))
    assert [sub.kind for sub in parsed.subrecords] == list(range(1, 9))


@pytest.mark.parametrize("main_type", [0, 1, 4, 5, 8])
def test_a_record_without_subrecords_is_sound_and_says_nothing(main_type: int) -> None:
    line = heard(frame(record(main_type=main_type, level=0)))
    assert line.events == []


@pytest.mark.parametrize(
    ("whole", "reason"),
    [
        (record(main_type=2), "unknown main type"),
        (record(main_type=-1), "unknown main type"),
        (
            with_descriptor(record((1, values())), 0, 2, 1),
            "the first subrecord does not follow the header",
        ),
        (with_descriptor(record((1, values())), 0, -2, 1), "the first subrecord does not follow"),
        (with_descriptor(record((9, b"abcd"), (9, b"ef")), 1, 0, 9), "has an impossible offset"),
        (with_descriptor(record((9, b"abcd"), (9, b"ef")), 1, 6, 9), "has an impossible offset"),
        (with_descriptor(record((9, b"abcd"), (9, b"ef")), 1, -7, 9), "has an impossible offset"),
        (with_descriptor(record((9, b"abcd"), (9, b"ef")), 1, 9000, 9), "has an impossible offset"),
        (record((1, values()[:-1])), "a subrecord of values has the wrong size"),
        (record((2, values() + b"\0")), "a subrecord of values has the wrong size"),
        (record((3, b"")), "has an impossible offset"),
        (record((1, values()), (4, b"abc")), "the auxiliary information is cut short"),
        (record((1, bytes(509)), main_type=4), "an alarm status has the wrong size"),
        (record((1, values()), (1, values())), "a class of values comes twice"),
    ],
)
def test_a_lie_costs_the_record(whole: bytes, reason: str) -> None:
    line = heard(frame(whole), frame(record((1, values(heart())))))
    assert len(line.reasons()) == 1
    assert reason in line.reasons()[0]
    assert len(line.numerics()) == 5


def test_waves_networks_events_and_trends_are_sound_and_yield_nothing() -> None:
    passed = [record((1, b"wave"), main_type=kind, level=0) for kind in (1, 5, 8)]
    past = [record((kind, values(heart())), level=0) for kind in (2, 3)]
    other = record((9, values(heart())), level=0)
    line = heard(*(frame(whole) for whole in [*passed, *past, other]))
    assert line.events == []


def test_classes_are_told_by_their_own_bits_alone() -> None:
    basic = bytearray(values(heart()))
    basic[276:278] = b"\xff\xf0"
    line = heard(frame(record((1, bytes(basic)), (1, values(klass=2)), (1, values(klass=9)))))
    assert line.numerics()["MDC_ECG_HEART_RATE"].value == 72


def test_values_carry_their_own_time_and_the_record_its_own() -> None:
    line = heard(frame(record((1, values(heart(), time_s=1000)), now_s=1003)))
    (event,) = line.of(NumericsReceived)
    assert event.device_now == DeviceTime(wall_ns=1003 * 10**9)
    assert {n.measured_at.wall_ns for n in event.numerics} == {1000 * 10**9}


def test_values_without_a_time_are_as_old_as_their_record() -> None:
    line = heard(frame(record((1, values(heart(), time_s=0)), now_s=1003)))
    assert line.numerics()["ST1"].measured_at == DeviceTime(wall_ns=1003 * 10**9)
    line = heard(frame(record((1, values(heart(), time_s=0)), now_s=0)))
    assert line.numerics()["ST1"].measured_at == DeviceTime()


@given(
    st.binary(min_size=38, max_size=700),
    st.sampled_from([0, 4]),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 4)), max_size=4),
)
def test_nonsense_with_a_right_sum_never_raises_and_is_never_lost(
    content: bytes, main_type: int, places: list[tuple[int, int]]
) -> None:
    nonsense = bytearray((len(content) + 2).to_bytes(2, "little") + content)
    struct.pack_into("<h", nonsense, 14, main_type)
    for n, (offset, kind) in enumerate([*places, (0, 0xFF)]):
        struct.pack_into("<hB", nonsense, 16 + 3 * n, offset, kind)
    wire = frame(bytes(nonsense))
    line = heard(wire)
    rejected = b"".join(event.raw for event in line.of(FrameRejected))
    assert rejected in {b"", wire}


@given(st.binary(min_size=270, max_size=270), st.integers(0, 3))
def test_values_of_any_bytes_are_numerics_or_rejected_whole(noise: bytes, klass: int) -> None:
    data = bytearray(values(klass=klass))
    data[4:274] = noise
    line = heard(frame(record((1, bytes(data)))))
    assert line.states() == ("" if line.reasons() else "C")
    assert all(n.value is None or n.validity is not Validity.INVALID for n in everything(line))


def everything(line: Line) -> list[Numeric]:
    return [numeric for event in line.of(NumericsReceived) for numeric in event.numerics]
