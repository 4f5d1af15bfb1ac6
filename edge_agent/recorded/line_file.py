"""Timed recordings of one line, as text lines that people can read and tools can cut.

The first line holds the settings of the line; every further line is one piece of data: `{"t":
seconds since the start, "rx": hexadecimal}` from the device, `"tx"` to it. A file that was cut by a
power loss is read up to its last complete piece.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Final

import msgspec

from edge_agent.model.clock import Instant
from edge_agent.model.errors import CrswatchError
from edge_agent.model.session_events import Direction

FORMAT: Final = 1
_FIRST_KEY: Final = "crswatch_recording"
_BEGIN: Final = b'{"' + _FIRST_KEY.encode() + b'":'
_HEX: Final = frozenset(string.hexdigits)
_SHOWN_CHARS: Final = 60
"""Characters of a wrong line that an error quotes."""


class RecordingError(CrswatchError):
    """A file that is not a recording, or is damaged before its end."""


@dataclass(frozen=True, slots=True)
class LineHeader:
    """Settings of the line, and start of the recording."""

    driver: str
    profile: str
    """One of the driver's profiles; empty: its default."""
    port: str
    baud: int
    byte_size: int
    parity: str
    """N, E or O."""
    stop_bits: int
    rts_cts: bool
    listen_only: bool
    """True if the host sent nothing."""
    started_utc_ns: int

    def profile_for(self, driver: str) -> str:
        """Return the profile of the recording; empty for another driver."""
        return self.profile if driver == self.driver else ""


@dataclass(frozen=True, slots=True)
class RecordedPiece:
    """Bytes that arrived or were sent together."""

    offset_s: float
    """Seconds since the start of the recording; never less than in the piece before."""
    direction: Direction
    data: bytes


@dataclass(frozen=True, slots=True)
class LineRecording:
    """Content of a recording file."""

    header: LineHeader
    pieces: tuple[RecordedPiece, ...]
    cut_bytes: int
    """Length of an incomplete last line, which is ignored; 0 if the file is complete."""

    def received(self) -> tuple[RecordedPiece, ...]:
        """Return the pieces from the device."""
        return tuple(p for p in self.pieces if p.direction is Direction.FROM_DEVICE)


class _Version(msgspec.Struct):
    crswatch_recording: int


class _JsonLine(msgspec.Struct):
    t: float
    rx: str | None = None
    tx: str | None = None


_encode: Final = msgspec.json.Encoder().encode
_header_decoder: Final = msgspec.json.Decoder(LineHeader)
_version_decoder: Final = msgspec.json.Decoder(_Version)
_line_decoder: Final = msgspec.json.Decoder(_JsonLine)


def is_recording(data: bytes) -> bool:
    """Return True if a file that begins with `data` is a recording, not raw bytes."""
    return data.startswith(_BEGIN)


def encode_header(header: LineHeader) -> bytes:
    """Return the first line of a recording."""
    return _BEGIN + b"%d,%b\n" % (FORMAT, _encode(header)[1:])


def encode_piece(start: Instant, at: Instant, direction: Direction, data: bytes) -> bytes:
    """Return the line for the bytes of one moment."""
    offset_s, key, digits = at.seconds_since(start), direction.value, data.hex()
    return f'{{"t":{offset_s:.6f},"{key}":"{digits}"}}\n'.encode()


def read_recording(data: bytes) -> LineRecording:
    """Return the recording in the bytes of a file.

    Raises
    ------
    RecordingError
        If a line before the last one is wrong; the message names the line and the reason.
    """
    lines = data.rstrip(b"\0").split(b"\n")  # a power loss can leave zero bytes at the end
    *whole, rest = lines
    cut_bytes = len(data) - sum(len(line) + 1 for line in whole)
    if not whole:
        raise RecordingError(f"line 1 has no end; a recording begins with {_BEGIN.decode()!r}")
    header = _read_header(whole[0])
    pieces: list[RecordedPiece] = []
    newest_s = 0.0
    for number, line in enumerate(whole[1:], start=2):
        piece = _read_piece(line, number)
        if piece.offset_s < newest_s:
            raise _wrong(line, number, f"t goes back; the line before has {newest_s:.6f}")
        newest_s = piece.offset_s
        pieces.append(piece)
    if rest.endswith(b"}"):  # complete except for its line end
        pieces.append(_read_piece(rest, len(lines)))
        cut_bytes -= len(rest)
    return LineRecording(header, tuple(pieces), cut_bytes)


def _read_header(line: bytes) -> LineHeader:
    try:
        version = _version_decoder.decode(line).crswatch_recording
        if version != FORMAT:
            raise _wrong(line, 1, f"is of format {version}; this program reads {FORMAT}")
        return _header_decoder.decode(line)
    except msgspec.MsgspecError as error:
        raise _wrong(line, 1, str(error)) from error


def _read_piece(line: bytes, number: int) -> RecordedPiece:
    try:
        read = _line_decoder.decode(line)
    except msgspec.MsgspecError as error:
        raise _wrong(line, number, str(error)) from error
    if (read.rx is None) == (read.tx is None):
        raise _wrong(line, number, 'needs either "rx" or "tx"')
    direction = Direction.TO_DEVICE if read.rx is None else Direction.FROM_DEVICE
    digits = read.rx or read.tx or ""
    if not digits or len(digits) % 2 or not _HEX.issuperset(digits):
        raise _wrong(line, number, f'"{direction.value}" is not bytes in hexadecimal')
    if read.t < 0:
        raise _wrong(line, number, f"t is {read.t}; want seconds since the start, >= 0")
    return RecordedPiece(read.t, direction, bytes.fromhex(digits))


def _wrong(line: bytes, number: int, what: str) -> RecordingError:
    seen = line[:_SHOWN_CHARS].decode("ascii", "backslashreplace")
    return RecordingError(f"recording, line {number}: {what}; seen: {seen}")
