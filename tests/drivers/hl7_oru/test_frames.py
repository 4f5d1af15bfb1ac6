"""Messages are found in a damaged stream, and what is held back is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.hl7_oru.frames import MAX_FRAME, MllpScanner, framed
from edge_agent.model.session_events import FrameRejected

ONE = framed(b"MSH|one")
TWO = framed(b"MSH|two")
PIECES = st.lists(st.sampled_from([b"\x0b", b"\x1c", b"\r", b"\x1c\r", b"a", ONE]), max_size=20)


def bytes_of(found: bytes | FrameRejected) -> bytes:
    return found.raw if isinstance(found, FrameRejected) else found


def reasons(found: list[bytes | FrameRejected]) -> list[str]:
    return [f.reason for f in found if isinstance(f, FrameRejected)]


def test_several_messages_arrive_in_one_read() -> None:
    assert MllpScanner().feed(ONE + TWO) == [ONE, TWO]


def test_bytes_before_a_message_are_rejected() -> None:
    found = MllpScanner().feed(b"GET / HTTP" + ONE)
    assert found == [FrameRejected("bytes outside a message", b"GET / HTTP"), ONE]


def test_a_message_that_begins_within_another_ends_that() -> None:
    found = MllpScanner().feed(ONE[:5] + TWO)
    assert found == [FrameRejected("a new message began before this one ended", ONE[:5]), TWO]


def test_an_end_mark_without_carriage_return_is_a_character() -> None:
    frame = framed(b"MSH|a\x1cb\x1c")
    assert MllpScanner().feed(frame) == [frame]


def test_an_end_mark_in_two_reads_is_one() -> None:
    scanner = MllpScanner()
    assert scanner.feed(ONE[:-1]) == []
    assert scanner.feed(ONE[-1:] + TWO) == [ONE, TWO]


def test_the_longest_legal_message_is_taken_and_a_longer_one_is_not() -> None:
    longest = framed(bytes(MAX_FRAME - 3))
    assert MllpScanner().feed(longest) == [longest]
    found = MllpScanner().feed(framed(bytes(MAX_FRAME - 2)) + ONE)
    assert reasons(found) == [
        "no end of message within the longest legal message",
        "bytes outside a message",
    ]
    assert found[-1] == ONE


def test_a_start_mark_at_the_very_bound_is_seen_the_same_in_any_split() -> None:
    for length in (MAX_FRAME - 1, MAX_FRAME, MAX_FRAME + 1):
        for lead in (b"\x0b", b"x"):
            stream = lead + bytes(length - 1) + ONE
            whole = MllpScanner().feed(stream)
            scanner = MllpScanner()
            pieces = scanner.feed(stream[:length]) + scanner.feed(stream[length:])
            assert pieces == whole
            assert b"".join(map(bytes_of, whole)) == stream


def test_silence_settles_half_a_message_and_stray_bytes() -> None:
    scanner = MllpScanner()
    scanner.feed(ONE[:4])
    assert len(scanner) == 4
    assert scanner.quiet() == [
        FrameRejected("the line fell silent before the end of a message", ONE[:4])
    ]
    scanner.feed(b"\r\n")
    assert scanner.quiet() == [
        FrameRejected("the line fell silent after bytes outside a message", b"\r\n")
    ]
    assert scanner.quiet() == []


@given(PIECES)
def test_the_split_of_the_stream_never_matters_and_no_byte_is_lost(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    whole, single = MllpScanner(), MllpScanner()
    at_once = whole.feed(stream)
    one_by_one = [found for byte in stream for found in single.feed(bytes([byte]))]
    assert one_by_one == at_once
    assert b"".join(map(bytes_of, at_once)) + b"".join(r.raw for r in whole.quiet()) == stream
