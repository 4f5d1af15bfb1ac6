"""The frame of the Data Export protocol on RS232: flags, transparency, header and FCS."""

from __future__ import annotations

import re
from typing import Final

from edge_agent.drivers.checksums import crc16_x25
from edge_agent.model.session_events import FrameRejected

BEGIN: Final = 0xC0
END: Final = 0xC1
ESCAPE: Final = 0x7D
_FLIP: Final = 0x20
"""Difference of an escaped byte, which is sent exclusive-or 0x20 (ISO/IEC 13239 transparency)."""

_HEADER: Final = b"\x11\x01"
"""Protocol id (data export) and message type."""

MAX_USER_DATA: Final = 2500
"""Longest user data in bytes: the receive MTU that our association request announces."""

MAX_FRAME: Final = 2 * (4 + MAX_USER_DATA + 2) + 2
"""Longest frame on the wire in bytes: header, user data and FCS, every byte escaped, and two
flags."""

_NEEDS_ESCAPE: Final = re.compile(b"[\xc0\xc1\x7d]")
_ESCAPED: Final = re.compile(b"\x7d(.)", re.DOTALL)


def build(user_data: bytes) -> bytes:
    """Return the frame that carries `user_data` (at most `MAX_USER_DATA` bytes)."""
    if len(user_data) > MAX_USER_DATA:
        raise ValueError(f"user data has {len(user_data)} bytes; at most {MAX_USER_DATA} fit")
    content = _HEADER + len(user_data).to_bytes(2, "big") + user_data
    content += crc16_x25(content).to_bytes(2, "little")
    stuffed = _NEEDS_ESCAPE.sub(lambda found: bytes([ESCAPE, found[0][0] ^ _FLIP]), content)
    return bytes([BEGIN]) + stuffed + bytes([END])


def parse(frame: bytes) -> bytes | FrameRejected:
    """Return the user data of a frame given with its flags, or the reason for its rejection."""
    content = frame[1:-1]
    if content[-1:] == bytes([ESCAPE]):
        return FrameRejected("the sender aborted the frame", frame)
    if ESCAPE in content:
        content = _ESCAPED.sub(lambda found: bytes([found[1][0] ^ _FLIP]), content)
    if len(content) < 6:
        return FrameRejected("shorter than header and FCS", frame)
    if crc16_x25(content[:-2]) != int.from_bytes(content[-2:], "little"):
        return FrameRejected("FCS does not match", frame)
    if content[:2] != _HEADER:
        return FrameRejected("not a data export frame", frame)
    if int.from_bytes(content[2:4], "big") != len(content) - 6:
        return FrameRejected("the length field does not match", frame)
    return content[4:-2]
