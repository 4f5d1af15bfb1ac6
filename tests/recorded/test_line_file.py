"""A recording gives back what passed and when, and says where it is damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.model.clock import Instant
from edge_agent.model.session_events import Direction
from edge_agent.recorded.line_file import (
    LineHeader,
    RecordedPiece,
    RecordingError,
    encode_header,
    encode_piece,
    is_recording,
    read_recording,
)

HEADER = LineHeader(
    driver="nonin",
    profile="df2",
    port="/dev/ttyUSB0",
    baud=9600,
    byte_size=8,
    parity="N",
    stop_bits=1,
    rts_cts=False,
    listen_only=True,
    started_utc_ns=1_790_000_000_123_456_789,
)
FIRST_LINE = encode_header(HEADER)
START = Instant(5_000_000_000, HEADER.started_utc_ns)
PASSED = st.tuples(
    st.integers(0, 10**13), st.sampled_from(Direction), st.binary(min_size=1, max_size=40)
)


def lines_of(passed: list[tuple[int, Direction, bytes]]) -> bytes:
    return b"".join(
        encode_piece(START, Instant(START.monotonic_ns + us * 1000, 0), direction, data)
        for us, direction, data in passed
    )


@given(st.lists(PASSED).map(lambda passed: sorted(passed, key=lambda piece: piece[0])))
def test_what_was_written_is_read_back(passed: list[tuple[int, Direction, bytes]]) -> None:
    recording = read_recording(FIRST_LINE + lines_of(passed))
    assert recording.header == HEADER
    assert recording.cut_bytes == 0
    assert [(p.direction, p.data) for p in recording.pieces] == [piece[1:] for piece in passed]
    for piece, (us, _direction, _data) in zip(recording.pieces, passed, strict=True):
        assert piece.offset_s == pytest.approx(us / 1e6, abs=1e-6)


def test_the_lines_are_ones_that_people_can_read() -> None:
    assert FIRST_LINE.startswith(b'{"crswatch_recording":1,"driver":"nonin","profile":"df2",')
    at = START.plus(1.25)
    assert encode_piece(START, at, Direction.FROM_DEVICE, b"\xc0\x11") == (
        b'{"t":1.250000,"rx":"c011"}\n'
    )
    assert encode_piece(START, at, Direction.TO_DEVICE, b"?") == b'{"t":1.250000,"tx":"3f"}\n'


def test_what_the_device_sent_is_told_from_what_was_sent_to_it() -> None:
    passed = [(1, Direction.FROM_DEVICE, b"a"), (2, Direction.TO_DEVICE, b"b")]
    assert read_recording(FIRST_LINE + lines_of(passed)).received() == (
        RecordedPiece(1e-6, Direction.FROM_DEVICE, b"a"),
    )


def test_a_recording_is_known_by_its_first_bytes() -> None:
    assert is_recording(FIRST_LINE)
    assert not is_recording(b"\xc0\x11\x01")
    assert not is_recording(b"")
    assert not is_recording(b'{"t":0.0,"rx":"00"}')


def test_a_recording_that_a_power_loss_cut_is_read_up_to_its_last_whole_piece() -> None:
    whole = FIRST_LINE + lines_of([(1, Direction.FROM_DEVICE, b"abc")])
    rest = lines_of([(2, Direction.FROM_DEVICE, b"def")])
    for kept in range(len(rest) - 1):
        recording = read_recording(whole + rest[:kept])
        assert (len(recording.pieces), recording.cut_bytes) == (1, kept)
    without_line_end = read_recording(whole + rest[:-1])
    assert (len(without_line_end.pieces), without_line_end.cut_bytes) == (2, 0)
    zeros = read_recording(whole + bytes(100))
    assert (len(zeros.pieces), zeros.cut_bytes) == (1, 100)


def test_a_recording_without_pieces_is_empty() -> None:
    assert read_recording(FIRST_LINE).pieces == ()


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        (b"", "line 1 has no end"),
        (FIRST_LINE[:40], "line 1 has no end"),
        (b"\xc0\x11\n", "line 1: .*malformed"),
        (b'{"crswatch_recording":2}\n', "line 1: is of format 2; this program reads 1"),
        (b'{"crswatch_recording":1}\n', "line 1: .*missing required field `driver`"),
        (FIRST_LINE + b"\n" + lines_of([]), "line 2: "),
        (FIRST_LINE + b'{"t":0}\n', 'line 2: needs either "rx" or "tx"'),
        (FIRST_LINE + b'{"t":0,"rx":"00","tx":"00"}\n', 'line 2: needs either "rx" or "tx"'),
        (FIRST_LINE + b'{"t":0,"rx":""}\n', 'line 2: "rx" is not bytes'),
        (FIRST_LINE + b'{"t":0,"rx":"abc"}\n', 'line 2: "rx" is not bytes in hexadecimal'),
        (FIRST_LINE + b'{"t":0,"tx":"0x"}\n', 'line 2: "tx" is not bytes in hexadecimal'),
        (FIRST_LINE + b'{"t":-1,"rx":"00"}\n', "line 2: t is -1.0; want"),
        (FIRST_LINE + b'{"t":"x","rx":"00"}\n', r"line 2: .*\$\.t.*seen: {\"t\":\"x\""),
        (
            FIRST_LINE + b'{"t":2,"rx":"00"}\n{"t":1,"rx":"00"}\n',
            "line 3: t goes back; the line before has 2.000000; seen: ",
        ),
        (FIRST_LINE + b'{"t":2,"rx":"00}', "line 2: "),
    ],
)
def test_damage_before_the_end_is_said_with_its_line(damaged: bytes, words: str) -> None:
    with pytest.raises(RecordingError, match=words):
        read_recording(damaged)


def test_the_profile_is_that_of_the_recorded_driver_alone() -> None:
    assert HEADER.profile_for("nonin") == "df2"
    assert not HEADER.profile_for("ascii_line")
