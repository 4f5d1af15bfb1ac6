"""Packets are found again after any damage, and no byte is lost."""

from __future__ import annotations

import random
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.nonin import packets
from edge_agent.drivers.nonin.packets import DF2, DF7, DF8, PacketFormat, PacketScanner
from edge_agent.model.session_events import FrameRejected
from tests.drivers.nonin import oximeter
from tests.drivers.nonin.line import HR, SPO2, decoded, messages, rejections
from tests.support.shared_data import shared_data

BUILT = {"df2": oximeter.df2(), "df7": oximeter.df7(), "df8": oximeter.df8()}
FORMATS = {"df2": DF2, "df7": DF7, "df8": DF8}
summed = pytest.mark.parametrize("name", ["df2", "df7"])
every = pytest.mark.parametrize("name", ["df2", "df7", "df8"])


def pieces(packet_format: PacketFormat, chunks: list[bytes]) -> list[bytes | FrameRejected]:
    scanner = PacketScanner(packet_format)
    found = [piece for chunk in chunks for piece in scanner.feed(chunk)]
    assert len(scanner) < packet_format.size
    return found + list(scanner.quiet())


def joined(found: list[bytes | FrameRejected]) -> bytes:
    return b"".join(piece.raw if isinstance(piece, FrameRejected) else piece for piece in found)


def test_every_golden_file_has_a_provenance() -> None:
    entries = tomllib.loads((oximeter.GOLDEN / "PROVENANCE.toml").read_text())
    listed = [name for entry in entries.values() for name in entry["files"]]
    assert sorted(listed) == sorted(p.stem for p in oximeter.GOLDEN.glob("*.hex"))


def test_quoted_frames_of_an_oximeter_begin_a_packet_of_72_beats_and_97_percent() -> None:
    quoted = oximeter.golden("df2_first_frames")
    rest = oximeter.df2()[len(quoted) :]
    (message,) = messages(decoded(quoted + rest))
    assert (message[HR].value, message[SPO2].value) == (72, 97)
    assert "revision 48" in str(decoded(quoted + rest))


def test_the_recorded_packet_of_an_oximeter_is_read() -> None:
    wire = shared_data("captures/samples/nonin_df2_pufferfish_125B.bin").read_bytes()
    (message,) = messages(decoded(wire))
    assert {n.label: n.value for n in message.values()} == {
        "HR": 72, "SpO2": 97, "SpO2-D": 97, "SpO2 Fast": 97, "SpO2 B-B": 97,
        "E-HR": 72, "E-SpO2": 97, "E-SpO2-D": 97, "HR-D": 72, "E-HR-D": 72,
    }  # fmt: skip


@every
def test_packets_in_a_row_are_all_found(name: str) -> None:
    assert pieces(FORMATS[name], [BUILT[name] * 4]) == [BUILT[name]] * 4


@every
def test_listening_may_begin_at_any_byte(name: str) -> None:
    packet = BUILT[name]
    for offset in range(1, len(packet)):
        found = pieces(FORMATS[name], [packet[offset:] + packet * 2])
        # a byte left over from a packet may look like an answer
        assert [p for p in found if isinstance(p, bytes) and len(p) > 1] == [packet] * 2
        assert joined(found) == packet[offset:] + packet * 2


@summed
def test_any_flipped_bit_costs_exactly_its_packet(name: str) -> None:
    packet = BUILT[name]
    for bit in range(len(packet) * 8):
        damaged = bytearray(packet)
        damaged[bit // 8] ^= 1 << bit % 8
        stream = packet + damaged + packet
        found = pieces(FORMATS[name], [stream])
        assert [p for p in found if isinstance(p, bytes)] == [packet] * 2
        assert joined(found) == stream


@summed
def test_a_lost_byte_or_frame_costs_exactly_its_packet(name: str) -> None:
    packet = BUILT[name]
    for count in (1, 5):
        for start in range(0, len(packet) - count + 1, count):
            stream = packet + packet[:start] + packet[start + count :] + packet * 2
            found = pieces(FORMATS[name], [stream])
            assert [p for p in found if isinstance(p, bytes)] == [packet] * 3
            assert joined(found) == stream


@summed
def test_a_frame_too_many_costs_exactly_its_packet(name: str) -> None:
    packet = BUILT[name]
    stream = packet + packet[:50] + packet[45:] + packet
    assert pieces(FORMATS[name], [stream]).count(packet) == 2


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (oximeter.df2()[5:], "bytes outside a packet"),
        (oximeter.df2()[:120] + b"\x01\x80\x00\x00\x00", "the checksum of a frame does not match"),
        (oximeter.df2()[:120] + b"\x01\x81\x00\x00\x82", "a packet without all of its frames"),
        (oximeter.df2()[:99], "the line fell silent within a packet"),
        (b"SPO2=097 HR=072\r\n" * 8, "text output; want the profile 'ascii' for it"),
        (b"SPO2=--- HR=---\r\n", "text output; want the profile 'ascii' for it"),
    ],
)
def test_damage_is_rejected_with_its_reason(wire: bytes, reason: str) -> None:
    found = rejections(decoded(wire.ljust(125, b"\0") if len(wire) == 120 else wire))
    assert found[0][0] == reason
    assert b"".join(raw for _, raw in found).rstrip(b"\0") == wire.rstrip(b"\0")


@given(
    name=st.sampled_from(["df2", "df7", "df8"]),
    parts=st.lists(st.one_of(st.none(), st.binary(max_size=40)), max_size=6),
    seed=st.integers(0, 2**32),
)
def test_any_split_of_a_damaged_stream_gives_the_same_pieces(
    name: str, parts: list[bytes | None], seed: int
) -> None:
    stream = b"".join(BUILT[name] if part is None else part for part in parts)
    chance = random.Random(seed)
    chunks, at = [], 0
    while at < len(stream):
        step = chance.randrange(1, 60)
        chunks.append(stream[at : at + step])
        at += step
    whole = pieces(FORMATS[name], [stream])
    assert pieces(FORMATS[name], chunks) == whole
    assert joined(whole) == stream


@every
def test_noise_is_given_up_in_bounded_runs(name: str) -> None:
    noise = random.Random(5).randbytes(50_000)
    found = pieces(FORMATS[name], [noise])
    assert joined(found) == noise
    assert max(len(p.raw) for p in found if isinstance(p, FrameRejected)) <= FORMATS[name].size


def test_noise_holds_no_packet_whose_frames_are_summed() -> None:
    noise = random.Random(6).randbytes(100_000)
    assert not [p for p in pieces(DF2, [noise]) if isinstance(p, bytes)]
    answers = (packets.ACK, packets.NAK)
    found = [p for p in pieces(DF7, [noise]) if isinstance(p, bytes)]
    assert all(piece in answers for piece in found)
