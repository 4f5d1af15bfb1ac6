"""Scanner that finds binary packets in a damaged byte stream, with bounded memory.

No flag byte of these formats is unique, so the scanner tries every position: where all bytes fit
the format and every checksum agrees, a packet is found; otherwise the scanner goes on to the next
byte that may begin one. It decides only once the bytes of a whole packet are there, so the pieces
in which the stream arrives never change the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.checksums import sum8
from edge_agent.model.session_events import FrameRejected

FRAMES: Final = 25
"""Frames of 5 bytes in a packet of data formats 2 and 7."""
FRAME_BYTES: Final = 5

_STRAY: Final = "bytes outside a packet"
_BROKEN: Final = "a packet without all of its frames"
_SUM: Final = "the checksum of a frame does not match"
_IS_TEXT: Final = "text output; want the profile 'ascii' for it"
_TEXT: Final = re.compile(rb"SPO2=[0-9-]{3} HR=")


@dataclass(frozen=True, slots=True)
class PacketFormat:
    """Layout of the packets of one data format."""

    size: int
    """Bytes of one packet; also the bound on the buffer and on one rejected run."""
    packet: re.Pattern[bytes]
    """Matches the bytes of a packet."""
    begin: re.Pattern[bytes]
    """Matches the possible begin of a packet, also where the bytes end."""
    sums_agree: Callable[[bytes], bool]
    """Returns True where the checksums of a packet are right."""
    status_at: int
    """Index of the status byte in a frame."""
    answers: bytes = b""
    """Single bytes that the device may send between two packets as answers."""


def _frame_sums_agree(packet: bytes) -> bool:
    return all(
        sum8(packet[start : start + FRAME_BYTES - 1]) == packet[start + FRAME_BYTES - 1]
        for start in range(0, len(packet), FRAME_BYTES)
    )


_SYNC: Final = b"[" + bytes(range(0x81, 0x100, 2)) + b"]"
"""A status byte of the first frame: bits 7 and 0 set."""
_NO_SYNC: Final = b"[" + bytes(range(0x80, 0x100, 2)) + b"]"
ACK: Final = b"\x06"
NAK: Final = b"\x15"

# source: GitHub pez-globo/pufferfish-software, Nonin OEM III driver and its tests: 01, status,
# pleth, data, sum of the first four; bit 0 of the status marks the first of 25 frames
DF2: Final = PacketFormat(
    size=FRAMES * FRAME_BYTES,
    packet=re.compile(b"\x01" + _SYNC + b".{3}(?:\x01" + _NO_SYNC + b".{3}){24}", re.DOTALL),
    begin=re.compile(b"\x01(?:" + _SYNC + b"|\\Z)"),
    sums_agree=_frame_sums_agree,
    status_at=1,
)

# source: GitHub mdpnp/mdpnp, devices/nonin, Packet.java and Status.java: status, pleth high, pleth
# low, data, sum of the first four; bit 0 of the status marks the first of 25 frames
DF7: Final = PacketFormat(
    size=FRAMES * FRAME_BYTES,
    packet=re.compile(_SYNC + b".{4}(?:" + _NO_SYNC + b".{4}){24}", re.DOTALL),
    begin=re.compile(_SYNC),
    sums_agree=_frame_sums_agree,
    status_at=0,
    answers=ACK + NAK,
)

# source: GitHub mattjlewis/NoninPulseOx, DataFormat8Serialiser.java: status, pulse rate, SpO2,
# second status. Bit 7 is set only in the first byte: source: unknown
DF8: Final = PacketFormat(
    size=4,
    packet=re.compile(b"[\x80-\xff][\x00-\x7f]{3}"),
    begin=re.compile(b"[\x80-\xff]"),
    sums_agree=lambda _: True,
    status_at=0,
    answers=ACK + NAK,
)


class PacketScanner:
    """Split a byte stream into packets, answers of one byte, and rejected runs."""

    def __init__(self, packet_format: PacketFormat) -> None:
        self._format = packet_format
        self._buffer = b""

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes | FrameRejected]:
        """Return the packets, answers and rejected runs that `data` completes, in stream order."""
        buffer = self._buffer + data
        found: list[bytes | FrameRejected] = []
        begin = 0
        while token := self._next(buffer, begin):
            found.append(token)
            begin += len(token.raw if isinstance(token, FrameRejected) else token)
        self._buffer = buffer[begin:]
        return found

    def quiet(self) -> list[FrameRejected]:
        """Reject the incomplete packet in the buffer; after a silence it can no longer complete."""
        rest, self._buffer = self._buffer, b""
        return [_rejected("the line fell silent within a packet", rest)] if rest else []

    def _next(self, buffer: bytes, position: int) -> bytes | FrameRejected | None:
        """Return the token at `position`; None where it needs more bytes."""
        size = self._format.size
        window = buffer[position : position + size]
        if window and window[0] in self._format.answers:
            return window[:1]
        if len(window) < size:
            return None
        is_whole = self._format.packet.fullmatch(window) is not None
        if is_whole and self._format.sums_agree(window):
            return window
        begin = self._format.begin.search(window, 1)
        reason = _STRAY if self._format.begin.match(window) is None else _BROKEN
        return _rejected(_SUM if is_whole else reason, window[: begin.start() if begin else size])


def _rejected(reason: str, raw: bytes) -> FrameRejected:
    return FrameRejected(_IS_TEXT if _TEXT.search(raw) else reason, raw)
