"""Messages are found in a damaged or careless stream, and what is held back is bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.hl7_oru.frames import ENDLESS, MAX_FRAME, MllpScanner, content, framed
from edge_agent.model.session_events import FrameRejected

ONE = framed(b"MSH|one")
TWO = framed(b"MSH|two")
BARE = b"MSH|bare\rPID|1\r"
LONGER = MAX_FRAME + 64
PIECES = st.lists(
    st.sampled_from(
        [b"\x0b", b"\x1c", b"\r", b"\n", b"\x00", b" ", b"a", b"MSH|", b"ms", b"\x1c\r", ONE, BARE]
    ),
    max_size=20,
)


def bytes_of(found: bytes | FrameRejected) -> bytes:
    return found.raw if isinstance(found, FrameRejected) else found


def reasons(found: list[bytes | FrameRejected]) -> list[str]:
    return [f.reason for f in found if isinstance(f, FrameRejected)]


def bodies(*chunks: bytes) -> list[bytes]:
    """Return what stands in the messages of a stream that falls silent in the end."""
    scanner = MllpScanner()
    found = [piece for chunk in chunks for piece in scanner.feed(chunk)] + scanner.quiet()
    assert reasons(found) == []
    return [content(piece).body for piece in found if isinstance(piece, bytes)]


def test_several_messages_arrive_in_one_read() -> None:
    assert MllpScanner().feed(ONE + TWO) == [ONE, TWO]


@pytest.mark.parametrize(
    ("noise", "named"),
    [
        (b"noise", ""),
        (b"GET / HTTP/1.1\r\nHost: gw\r\n\r\n", ": an HTTP request"),
        (b"\r\nPOST /x HTTP", ": an HTTP request"),
        (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            ": a TLS greeting; this port speaks plain MLLP",
        ),
        (b"SSH-2.0-OpenSSH", ": an SSH greeting"),
        (b"MSHX", ""),
        (b"\xef\xbb\xbfMSHX", ""),
    ],
)
def test_bytes_before_a_message_are_rejected_and_named(noise: bytes, named: str) -> None:
    scanner = MllpScanner()
    assert scanner.feed(noise + ONE) == [
        FrameRejected("bytes outside a message" + named, noise),
        ONE,
    ]
    assert scanner.feed(noise) == []
    silence = "the line fell silent after bytes outside a message"
    assert scanner.quiet() == [FrameRejected(silence + named, noise)]


def test_a_message_that_begins_within_another_ends_that() -> None:
    found = MllpScanner().feed(ONE[:5] + TWO)
    assert found == [FrameRejected("a new message began before this one ended", ONE[:5]), TWO]


@pytest.mark.parametrize("text", [b"a\x1cb", b"a\x0bb", b"a\x0b\rb", b"a\x0bMSHb", b"\x1c\x1c"])
def test_marks_inside_a_message_are_characters(text: bytes) -> None:
    assert bodies(framed(b"MSH|" + text)) == [b"MSH|" + text]


@pytest.mark.parametrize("end", [b"\x1c\r", b"\x1c\n", b"\x1c\r\n", b"\x1c", b"\x1c\r\r\n \x00"])
@pytest.mark.parametrize("begin", [b"\x0b", b"\r\n\x0b", b"\x00\x1a\x0b"])
def test_a_message_ends_with_its_mark_whatever_follows(begin: bytes, end: bytes) -> None:
    assert bodies((begin + b"MSH|a\r" + end) * 3) == [b"MSH|a\r"] * 3


@pytest.mark.parametrize("lead", [b"", b" ", b"\x00\x00", b"\r\n", b"\xef\xbb\xbf", b" " * 24])
@pytest.mark.parametrize("name", [b"MSH|", b"msh|", b"FHS|", b"BHS^"])
def test_a_new_message_is_seen_behind_blanks(lead: bytes, name: bytes) -> None:
    new = framed(lead + name + b"x")
    assert MllpScanner().feed(b"\x0bMSH|half" + new)[1:] == [new]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_new_message_in_utf_16_is_seen(encoding: str) -> None:
    new = framed("MSH|x".encode(encoding))
    assert MllpScanner().feed(b"\x0bMSH|half" + new)[1:] == [new]


@pytest.mark.parametrize("line_end", [b"\r", b"\n", b"\r\n"])
def test_a_message_without_marks_ends_where_the_next_begins_or_with_the_silence(
    line_end: bytes,
) -> None:
    text = b"MSH|a" + line_end + b"PID|1" + line_end
    assert bodies(text, text, framed(b"MSH|b"), text) == [text, text, b"MSH|b", text]
    assert bodies(text + b"\x1c\r" + text + b"\x1c") == [text, text]
    assert bodies(b"\r\n  " + text) == [text]


def test_a_message_without_marks_loses_the_line_that_has_no_end() -> None:
    scanner = MllpScanner()
    assert scanner.feed(b"MSH|a\rOBX|1\rOBX|2|3") == []
    assert not scanner.has_end
    half = FrameRejected("the line fell silent within a line", b"OBX|2|3")
    assert scanner.quiet() == [b"MSH|a\rOBX|1\r", half]
    assert scanner.feed(b"MSH|a") == []
    end = FrameRejected("the line fell silent before the end of a message", b"MSH|a")
    assert scanner.quiet() == [end]


@pytest.mark.parametrize(
    ("stream", "is_so"),
    [
        (b"\x0bMSH|a\x1c", True),
        (b"\x0bMSH|a\r", False),
        (b"MSH|a\r", True),
        (b"MSH|a\n", True),
        (b"MSH|a\r\x1c", True),
        (b"MSH|a", False),
        (b"noise\x1c", False),
        (b"noise\r", False),
        (b"", False),
    ],
)
def test_a_message_may_be_whole_before_its_end_is_certain(stream: bytes, *, is_so: bool) -> None:
    scanner = MllpScanner()
    scanner.feed(stream)
    assert scanner.has_end is is_so


def test_an_end_mark_in_two_reads_is_one() -> None:
    scanner = MllpScanner()
    assert scanner.feed(ONE[:-1]) == []
    assert scanner.feed(ONE[-1:] + TWO) == [ONE, TWO]


def test_the_longest_legal_message_is_taken_and_a_longer_one_is_not() -> None:
    longest = framed(b"MSH|" + bytes(MAX_FRAME - 7))
    assert MllpScanner().feed(longest) == [longest]
    found = MllpScanner().feed(framed(b"MSH|" + b"a" * LONGER) + ONE)
    assert isinstance(found[0], bytes)
    assert not content(found[0]).is_complete
    assert len(found[0]) == MAX_FRAME
    assert reasons(found) == ["bytes outside a message"]
    assert found[-1] == ONE


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (b"MSH|" + b"a" * LONGER, ENDLESS),
        (b"a" * LONGER, "bytes outside a message"),
        (b" " * LONGER, "nothing but blanks"),
    ],
)
def test_what_never_ends_is_rejected_in_bounded_runs(stream: bytes, reason: str) -> None:
    scanner = MllpScanner()
    found = scanner.feed(stream)
    assert set(reasons(found)) == {reason}
    assert len(scanner) < 128
    assert b"".join(map(bytes_of, found + scanner.quiet())).strip() == stream.strip()


def test_an_end_beyond_the_bound_is_none_in_any_split() -> None:
    for body in (MAX_FRAME - 3, MAX_FRAME - 2, MAX_FRAME - 1, MAX_FRAME + 8):
        for lead in (b"\x0bM", b"xM"):
            stream = lead + b"a" * (body - 1) + b"\x1c\r" + b"\x0bMSH|half" + ONE + bytes(64) + ONE
            whole = MllpScanner().feed(stream)
            scanner = MllpScanner()
            pieces = scanner.feed(stream[:MAX_FRAME]) + scanner.feed(stream[MAX_FRAME:])
            assert pieces == whole
            assert b"".join(map(bytes_of, whole)) == stream


def test_a_message_that_begins_at_the_very_bound_is_seen_in_any_split() -> None:
    new = framed(b"MSH|x")
    stream = b"\x0bM" + b"a" * (MAX_FRAME - 3) + new
    for cut in (MAX_FRAME, MAX_FRAME + 1, MAX_FRAME + 4, len(stream)):
        scanner = MllpScanner()
        found = scanner.feed(stream[:cut]) + scanner.feed(stream[cut:])
        assert reasons(found) == ["a new message began before this one ended"]
        assert found[1:] == [new]


def test_silence_settles_half_a_message_and_not_the_blanks_between_two() -> None:
    scanner = MllpScanner()
    scanner.feed(ONE[:4])
    assert len(scanner) == 4
    assert scanner.quiet() == [
        FrameRejected("the line fell silent before the end of a message", ONE[:4])
    ]
    scanner.feed(b"\r\n")
    assert scanner.quiet() == []
    assert scanner.feed(ONE) == [b"\r\n" + ONE]
    assert scanner.quiet() == []


@given(PIECES)
def test_the_split_of_the_stream_never_matters_and_no_byte_is_lost(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    whole, single = MllpScanner(), MllpScanner()
    at_once = whole.feed(stream)
    one_by_one = [found for byte in stream for found in single.feed(bytes([byte]))]
    assert one_by_one == at_once
    rest = b"".join(map(bytes_of, at_once + whole.quiet()))
    assert stream.startswith(rest)
    assert not stream[len(rest) :].strip(b" \r\n\x00")
