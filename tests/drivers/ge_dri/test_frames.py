"""Frames survive transparency, shared and lost flags, and damage is told apart by its reason."""

from __future__ import annotations

import random
import tomllib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.ge_dri import frames
from edge_agent.drivers.ge_dri.frames import Frame, FrameFinder
from edge_agent.model.session_events import FrameRejected
from tests.drivers.ge_dri.monitor import GOLDEN, displayed, escaped, frame, golden, heart, record

REQUESTS = sorted(p.stem for p in GOLDEN.glob("*.hex") if not p.stem.endswith(".part"))
RECORD = record((9, b"abc"))
FLAG = b"\x7e"


def sized(size: int, fill: bytes = b"\0") -> bytes:
    """Return a record of `size` bytes whose length field is right."""
    return size.to_bytes(2, "little") + fill * (size - 2)


def found(*chunks: bytes) -> list[Frame | FrameRejected]:
    finder = FrameFinder()
    return [f for chunk in chunks for f in finder.feed(chunk)] + list(finder.quiet())


def records(results: list[Frame | FrameRejected]) -> list[bytes]:
    return [f.record for f in results if isinstance(f, Frame)]


def raw(results: list[Frame | FrameRejected]) -> bytes:
    return b"".join(f.raw for f in results)


def reasons(results: list[Frame | FrameRejected]) -> list[str]:
    return [f.reason for f in results if isinstance(f, FrameRejected)]


@pytest.mark.parametrize("name", REQUESTS)
def test_golden_frames_are_sound_and_rebuilt_byte_for_byte(name: str) -> None:
    (sound,) = records(found(golden(name)))
    assert frames.build(sound) == frame(sound) == golden(name)


def test_every_golden_file_has_a_provenance() -> None:
    entries = tomllib.loads((GOLDEN / "PROVENANCE.toml").read_text())
    listed = [name for entry in entries.values() for name in entry["files"]]
    assert sorted(listed) == sorted(p.name.removesuffix(".hex") for p in GOLDEN.glob("*.hex"))


@given(st.binary(max_size=frames.MAX_RECORD - 40))
def test_what_is_built_is_found_again(data: bytes) -> None:
    built = record((1, data), main_type=1) if data else RECORD
    assert frames.build(built) == frame(built)
    assert records(found(frames.build(built))) == [built]


def test_the_longest_record_fits_even_when_all_of_it_is_escaped() -> None:
    longest = sized(frames.MAX_RECORD, FLAG)
    assert records(found(frames.build(longest))) == [longest]
    with pytest.raises(ValueError, match="1491 bytes; at most 1490"):
        frames.build(longest + b"\0")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (frame(RECORD)[1:-1] + b"\x7d", "an escape that the protocol does not know"),
        (b"\x7d\x20" + frame(RECORD)[1:-1], "an escape that the protocol does not know"),
        (escaped(sized(39) + b"\x27"), "shorter than a record header"),
        (escaped(sized(1491) + b"\xd8"), "longer than the longest record"),
        (frame(RECORD)[1:-2] + b"\0", "checksum does not match"),
        (frame(b"\x2c" + RECORD[1:])[1:-1], "the length field does not match"),
    ],
)
def test_damage_is_rejected_with_its_reason_and_costs_one_frame(body: bytes, reason: str) -> None:
    results = found(FLAG + body + FLAG + frame(RECORD))
    assert reasons(results) == [reason]
    assert records(results) == [RECORD]
    assert results[0].raw == FLAG + body


@given(bad_length=st.integers(0, 0xFFFF).filter(lambda n: n != len(RECORD)))
def test_a_lying_length_costs_one_frame(bad_length: int) -> None:
    liar = frame(bad_length.to_bytes(2, "little") + RECORD[2:])
    assert records(found(frame(RECORD) + liar + frame(RECORD) * 2)) == [RECORD] * 3


def test_frames_may_share_a_flag_or_stand_between_idle_ones() -> None:
    body = frame(RECORD)[1:-1]
    shared = FLAG + body + FLAG + body + FLAG + FLAG * 7 + body + FLAG
    results = found(shared)
    assert records(results) == [RECORD] * 3
    assert raw(results) == shared


@pytest.mark.parametrize("lost", range(4))
def test_a_lost_flag_costs_at_most_one_frame(lost: int) -> None:
    wire = frame(RECORD) * 5
    flags = [at for at, byte in enumerate(wire) if byte == 0x7E]
    damaged = wire[: flags[lost]] + wire[flags[lost] + 1 :]
    results = found(damaged)
    assert len(records(results)) >= 4
    assert raw(results) == damaged


def test_a_flag_inside_a_frame_costs_that_frame() -> None:
    broken = frame(RECORD)[:20] + FLAG + frame(RECORD)[20:]
    results = found(frame(RECORD) + broken + frame(RECORD))
    assert records(results) == [RECORD] * 2
    assert raw(results) == frame(RECORD) + broken + frame(RECORD)


def test_bytes_before_the_first_flag_are_no_frame_even_if_they_look_like_one() -> None:
    results = found(frame(RECORD)[1:] + frame(RECORD))
    assert reasons(results) == ["bytes outside a frame"]
    assert records(results) == [RECORD]


def test_a_run_without_a_flag_is_given_up_at_the_longest_frame() -> None:
    finder = FrameFinder()
    (rejected,) = finder.feed(b"\0" * (frames.MAX_BODY + 1))
    assert isinstance(rejected, FrameRejected)
    assert rejected.reason == "no end of frame within the longest legal frame"
    assert len(finder) == 0


@pytest.mark.parametrize("flags", [15, 16, 17, 31, 200])
def test_any_number_of_idle_flags_is_bounded_and_the_next_frame_is_found(flags: int) -> None:
    wire = FLAG * flags + frame(RECORD)[1:]
    finder = FrameFinder()
    results = finder.feed(wire[:flags])
    assert len(finder) <= 15
    results += finder.feed(wire[flags:])
    assert records(results) == [RECORD]
    assert raw(results) == wire
    assert set(reasons(results)) <= {"nothing but flags"}


@given(
    st.lists(
        st.sampled_from([FLAG, FLAG * 20, b"\x7d", b"~}", b"no", frame(RECORD), b"\x31" * 3000]),
        max_size=12,
    ),
    st.randoms(use_true_random=False),
)
def test_the_way_bytes_arrive_changes_nothing_and_none_is_lost(
    parts: list[bytes], chance: random.Random
) -> None:
    wire = b"".join(parts)
    whole = found(wire)
    cuts = sorted(chance.choices(range(len(wire) + 1), k=9))
    assert found(*(wire[a:b] for a, b in pairwise([0, *cuts, len(wire)]))) == whole
    assert raw(whole) == wire


def test_noise_is_accounted_for_byte_by_byte_with_bounded_memory() -> None:
    chance, finder = random.Random(5), FrameFinder()
    noise = chance.randbytes(50_000) + b"\0" * 9000 + FLAG * 9000
    results: list[Frame | FrameRejected] = []
    for at in range(0, len(noise), 97):
        results += finder.feed(noise[at : at + 97])
        assert len(finder) <= 15 + frames.MAX_BODY  # flags that may stand before a frame
    assert raw(results + list(finder.quiet())) == noise


def test_silence_ends_the_frame_that_would_have_shared_its_flag() -> None:
    finder = FrameFinder()
    assert records(finder.feed(displayed(heart())))
    assert finder.quiet() == []
    assert reasons(finder.feed(frame(RECORD)[1:])) == ["bytes outside a frame"]
