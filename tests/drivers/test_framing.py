"""Properties every framed driver relies on."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.framing import FrameScanner, Intake, LineScanner, without_parity
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import FrameRejected, LinkChanged, LinkState, SessionEvent

BEGIN, END, MOST = ord("<"), ord(">"), 12
streams = st.lists(st.sampled_from([b"<", b">", b"a", b"bc", b"defghij"]), max_size=40).map(
    b"".join
)


def scan(chunks: list[bytes]) -> list[bytes | FrameRejected]:
    scanner = FrameScanner(BEGIN, END, MOST)
    found: list[bytes | FrameRejected] = []
    for chunk in chunks:
        found += scanner.feed(chunk)
        assert len(scanner) <= MOST
    return found + list(scanner.quiet())


def raw(found: list[bytes | FrameRejected]) -> bytes:
    return b"".join(f.raw if isinstance(f, FrameRejected) else f for f in found)


def shape(found: list[bytes | FrameRejected]) -> list[str]:
    return [(f"!{f.raw.decode()}" if isinstance(f, FrameRejected) else f.decode()) for f in found]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"<a><b>", ["<a>", "<b>"]),
        (b"xy<a>z<b>", ["!xy", "<a>", "!z", "<b>"]),
        (b"<a<b>", ["!<a", "<b>"]),
        (b"<<a>", ["!<", "<a>"]),
        (b"<a", ["!<a"]),
        (b"a>", ["!a>"]),
        (b"<1234567890>", ["<1234567890>"]),
        (b"<12345678901>", ["!<12345678901", "!>"]),
        (b"<1234567890<a>", ["!<1234567890", "<a>"]),
        (b"<12345678901<a>", ["!<12345678901", "<a>"]),
        (b"1234567890123<a>", ["!123456789012", "!3", "<a>"]),
        (b"123456789012<a>", ["!123456789012", "<a>"]),
    ],
)
def test_a_stream_is_cut_into_frames_and_rejected_runs(stream: bytes, expected: list[str]) -> None:
    assert shape(scan([stream])) == expected


@given(streams, st.data())
def test_any_split_gives_the_same_frames_and_rejections(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert scan(chunks) == scan([stream])
    assert scan([stream[i : i + 1] for i in range(len(stream))]) == scan([stream])


@given(st.lists(st.binary(max_size=60), max_size=12))
def test_noise_never_raises_never_grows_never_vanishes(chunks: list[bytes]) -> None:
    assert raw(scan(chunks)) == b"".join(chunks)


def test_silence_settles_what_is_left_once() -> None:
    scanner = FrameScanner(BEGIN, END, MOST)
    assert scanner.feed(b"<abc") == []
    assert [f.raw for f in scanner.quiet()] == [b"<abc"]
    assert scanner.quiet() == []
    assert scanner.feed(b"<d>") == [b"<d>"]


lines = st.lists(
    st.sampled_from([b"\r", b"\n", b"a", b"bc", b"\r\n\r\n", b"defghijklm"]), max_size=60
)


def scan_lines(chunks: list[bytes]) -> list[bytes | FrameRejected]:
    scanner = LineScanner(MOST)
    found: list[bytes | FrameRejected] = []
    for chunk in chunks:
        found += scanner.feed(chunk)
        assert len(scanner) <= MOST + 15
    return [*found, *scanner.quiet(), *scanner.quiet()]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"a\r\nb\n\rc\n", ["a\r", "\nb\n", "\rc\n"]),
        (b"\r\n\r\na\r", ["\r\n\r\na\r"]),
        (b"half", ["!half"]),
        (b"abcdefghijkl\r", ["abcdefghijkl\r"]),
        (b"abcdefghijklm\rn\r", ["!abcdefghijklm", "\rn\r"]),
        (b"\r" * 20 + b"a\r", ["!" + "\r" * 16, "\r\r\r\ra\r"]),
    ],
)
def test_text_lines_are_cut_at_their_first_line_end(stream: bytes, expected: list[str]) -> None:
    assert shape(scan_lines([stream])) == expected


@given(st.lists(lines.map(b"".join), max_size=12))
def test_any_split_of_text_gives_the_same_lines_and_loses_no_byte(chunks: list[bytes]) -> None:
    stream = b"".join(chunks)
    found = scan_lines(chunks)
    assert found == scan_lines([stream])
    assert raw(found).rstrip(b"\r\n") == stream.rstrip(b"\r\n")
    assert stream.startswith(raw(found))


def test_an_intake_reads_pieces_in_order_and_settles_the_rest_after_the_silence() -> None:
    def read(piece: bytes, at: Instant) -> list[SessionEvent]:
        return [LinkChanged(LinkState.CONNECTED, piece.decode(), at)]

    start = Instant(0, 0)
    intake = Intake(FrameScanner(BEGIN, END, MOST), 1.0, read)
    assert intake.tick(start.plus(99)) == []
    events = intake.receive(b"x<a><b", start)
    assert [type(event) for event in events] == [FrameRejected, LinkChanged]
    assert intake.receive(b"", start.plus(0.9)) == []  # no bytes do not break the silence
    assert intake.tick(start.plus(0.9)) == []
    (settled,) = intake.tick(start.plus(1.0))
    assert isinstance(settled, FrameRejected)
    assert settled.raw == b"<b"
    assert intake.tick(start.plus(2.0)) == []


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (b"", b""),
        (b"SPO2=098", b"SPO2=098"),
        (b"\xb1\xb1", b"11"),  # even: three bits set, and the fourth
        (b"A\xc3", b"AC"),
        (b"1\xb0", b"10"),  # odd
        (b"1\xb1", b"1\xb1"),  # one each
        (b"T=38.4\xb0C", b"T=38.4\xb0C"),
    ],
)
def test_a_parity_bit_is_taken_off_where_all_bytes_agree(text: bytes, read: bytes) -> None:
    assert without_parity(text) == read
