"""Frames survive transparency and damage is told apart by its reason."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.framing import FrameScanner
from edge_agent.drivers.philips_intellivue import frames
from edge_agent.model.session_events import FrameRejected
from tests.drivers.philips_intellivue.monitor import GOLDEN, fcs, frame, golden, stuffed

NAMES = sorted(path.name.split(".")[0] for path in GOLDEN.glob("*.hex"))


def rebuilt(content: bytes) -> bytes:
    return b"\xc0" + stuffed(content + fcs(content).to_bytes(2, "little")) + b"\xc1"


def reason(wire: bytes) -> str:
    parsed = frames.parse(wire)
    assert isinstance(parsed, FrameRejected)
    assert parsed.raw == wire
    return parsed.reason


@pytest.mark.parametrize("name", NAMES)
def test_golden_frames_are_sound_and_rebuilt_byte_for_byte(name: str) -> None:
    user_data = frames.parse(golden(name))
    assert isinstance(user_data, bytes)
    assert frames.build(user_data) == golden(name)


def test_every_golden_file_has_a_provenance() -> None:
    entries = tomllib.loads((GOLDEN / "PROVENANCE.toml").read_text())
    listed = [name for entry in entries.values() for name in entry.get("files", [])]
    assert sorted(listed) == sorted(p.name.removesuffix(".hex") for p in GOLDEN.glob("*.hex"))


@given(st.binary(max_size=frames.MAX_USER_DATA))
def test_what_is_built_is_parsed_back(user_data: bytes) -> None:
    wire = frames.build(user_data)
    assert wire == frame(user_data)
    assert len(wire) <= frames.MAX_FRAME
    assert frames.parse(wire) == user_data


def test_the_longest_user_data_fits_even_when_all_of_it_is_escaped() -> None:
    user_data = b"\xc0" * frames.MAX_USER_DATA
    scanner = FrameScanner(frames.BEGIN, frames.END, frames.MAX_FRAME)
    assert [frames.parse(f) for f in scanner.feed(frames.build(user_data)) if isinstance(f, bytes)]
    with pytest.raises(ValueError, match="2501 bytes; at most 2500"):
        frames.build(user_data + b"\xc0")


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        (b"\xc0\x11\x01\x00\x7d\xc1", "the sender aborted the frame"),
        (b"\xc0\xc1", "shorter than header and FCS"),
        (b"\xc0\x11\x01\x00\x00\x00\xc1", "shorter than header and FCS"),
        (b"\xc0\x11\x01\x00\x00\x00\x00\xc1", "FCS does not match"),
        (rebuilt(b"\x12\x01\x00\x00"), "not a data export frame"),
        (rebuilt(b"\x11\x01\x00\x05abcd"), "the length field does not match"),
    ],
)
def test_damage_is_rejected_with_its_reason(wire: bytes, expected: str) -> None:
    assert reason(wire) == expected


@given(bad_length=st.integers(0, 0xFFFF).filter(lambda n: n != 5))
def test_a_lying_length_costs_one_frame(bad_length: int) -> None:
    liar = rebuilt(b"\x11\x01" + bad_length.to_bytes(2, "big") + b"HR=80")
    scanner = FrameScanner(frames.BEGIN, frames.END, frames.MAX_FRAME)
    found = scanner.feed(liar + frame(b"HR=80") * 3)
    parsed = [frames.parse(f) for f in found if isinstance(f, bytes)]
    assert parsed[1:] == [b"HR=80"] * 3
    assert isinstance(parsed[0], FrameRejected)
