"""The frame of the Datex-Ohmeda Record Interface on the serial line, and its finder.

`7E

record

checksum

7E`; each 7E and 7D between the flags, checksum included, is sent as 7D and the byte with bit 5
cleared. The checksum is the sum of the record's bytes modulo 256; the record's first two bytes are
its length (S/5 Computer Interface M1017617, "Data frame").

Begin and end flag are the same byte. Only a sound frame between two flags shows which of them
opened it: the flag that closes a sound frame may also open the next one, and a flag that closes an
unsound run always opens the next one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.checksums import sum8
from edge_agent.model.session_events import FrameRejected

FLAG: Final = b"\x7e"
_ESCAPE: Final = b"\x7d"
_ESCAPED_FLAG: Final = b"\x7d\x5e"
_ESCAPED_ESCAPE: Final = b"\x7d\x5d"

HEADER_SIZE: Final = 40
MAX_RECORD: Final = 1490
"""Longest record in bytes: header and 1,450 bytes of data (8005313, "Datex-Ohmeda Record")."""

MAX_BODY: Final = 2 * (MAX_RECORD + 1)
"""Longest run between two flags in bytes: record and checksum, every byte escaped."""

_MAX_FLAGS: Final = 15
"""Up to this many flags may stand before a frame; two meet where frames follow one another."""

_TOKENS: Final = re.compile(
    rb"(?P<candidate>(?P<flags>\x7e{0,%d}+)(?P<body>[^\x7e]{1,%d}+)(?=\x7e))"
    rb"|(?P<endless>\x7e{0,%d}+[^\x7e]{%d})"
    rb"|(?P<idle>\x7e{%d}(?=\x7e))" % (_MAX_FLAGS, MAX_BODY, _MAX_FLAGS, MAX_BODY + 1, _MAX_FLAGS)
)
_REASONS: Final = {
    "endless": "no end of frame within the longest legal frame",
    "idle": "nothing but flags",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame whose length and checksum are right."""

    record: bytes
    raw: bytes
    """Bytes as received; without an opening flag where the frame before shares it."""


class FrameFinder:
    """Split a byte stream into sound frames and rejected runs, with bounded memory."""

    def __init__(self) -> None:
        self._buffer = b""
        self._is_open = False  # True where the byte before it is a flag that may open a frame

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Frame | FrameRejected]:
        """Return the frames and rejected runs that `data` completes, in stream order."""
        buffer = self._buffer + data
        found: list[Frame | FrameRejected] = []
        consumed = 0
        if len(buffer) > MAX_BODY or FLAG in data:
            while token := _TOKENS.match(buffer, consumed):
                found.append(self._frame_or_rejection(token))
                consumed = token.end() + self._is_open
        self._buffer = buffer[consumed:]
        return found

    def quiet(self) -> list[FrameRejected]:
        """Reject the incomplete frame in the buffer; after a silence it can no longer complete."""
        rest, self._buffer = self._buffer, b""
        self._is_open = False
        return (
            [FrameRejected("the line fell silent before the end of a frame", rest)] if rest else []
        )

    def _frame_or_rejection(self, token: re.Match[bytes]) -> Frame | FrameRejected:
        """Return the token's frame or rejected run; a sound frame includes the flag after it."""
        was_open, self._is_open = self._is_open, False
        reason = _REASONS.get(token.lastgroup or "")
        if reason is None and not (was_open or token["flags"]):
            reason = "bytes outside a frame"
        if reason is not None:
            return FrameRejected(reason, token[0])
        record = _record(token["body"])
        if isinstance(record, str):
            return FrameRejected(record, token[0])
        self._is_open = True
        return Frame(record, token[0] + FLAG)


def build(record: bytes) -> bytes:
    """Return the frame that carries `record` (at most `MAX_RECORD` bytes)."""
    if len(record) > MAX_RECORD:
        raise ValueError(f"the record has {len(record)} bytes; at most {MAX_RECORD} fit")
    content = record + bytes([sum8(record)])
    stuffed = content.replace(_ESCAPE, _ESCAPED_ESCAPE).replace(FLAG, _ESCAPED_FLAG)
    return FLAG + stuffed + FLAG


def _record(body: bytes) -> bytes | str:
    """Return the record between two flags, or the reason why there is none."""
    escapes = body.count(_ESCAPE)
    if escapes:
        if escapes != body.count(_ESCAPED_ESCAPE) + body.count(_ESCAPED_FLAG):
            return "an escape that the protocol does not know"
        body = body.replace(_ESCAPED_FLAG, FLAG).replace(_ESCAPED_ESCAPE, _ESCAPE)
    record = body[:-1]
    if len(record) < HEADER_SIZE:
        return "shorter than a record header"
    if len(record) > MAX_RECORD:
        return "longer than the longest record"
    if sum8(record) != body[-1]:
        return "checksum does not match"
    if int.from_bytes(record[:2], "little") != len(record):
        return "the length field does not match"
    return record
