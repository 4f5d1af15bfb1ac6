"""Frames of the host interface: 02, length, payload, sum of length and payload, 03."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.checksums import sum8
from edge_agent.model.session_events import FrameRejected

_STX: Final = 0x02
_ETX: Final = 0x03
_AROUND: Final = 4
"""Bytes of a frame besides its payload."""
_MAX_PAYLOAD: Final = 9
"""Longest payload in bytes, of the messages V and I; PT-1042 rev. C, table 2."""
_MAX_FRAME: Final = _MAX_PAYLOAD + _AROUND
"""Longest frame in bytes; also the bound on the buffer and on one rejected run."""


def framed(payload: bytes) -> bytes:
    """Return a payload in its frame."""
    body = bytes([len(payload)]) + payload
    return bytes([_STX]) + body + bytes([sum8(body), _ETX])


def payload_of(frame: bytes) -> bytes:
    """Return the payload of a sound frame."""
    return frame[2:-2]


class LengthScanner:
    """Split a byte stream into sound frames and rejected runs, however it arrives in pieces."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[bytes | FrameRejected]:
        """Return the frames and rejected runs that `data` completes, in stream order."""
        buffer, at = self._buffer + data, 0
        found: list[bytes | FrameRejected] = []
        while at < len(buffer) and (cut := _next(buffer, at)) is not None:
            found.append(cut)
            at += len(cut.raw if isinstance(cut, FrameRejected) else cut)
        self._buffer = buffer[at:]
        return found

    def quiet(self) -> list[bytes | FrameRejected]:
        """Reject half a frame after a silence; return the sound frames that follow it."""
        found: list[bytes | FrameRejected] = []
        while rest := self._buffer:
            begin = rest.find(_STX, 1)
            half = rest[:begin] if begin > 0 else rest
            found.append(FrameRejected("the line fell silent before the end of a frame", half))
            self._buffer = b""
            found += self.feed(rest[len(half) :])
        return found


def _next(buffer: bytes, at: int) -> bytes | FrameRejected | None:
    """Return the frame or rejected run that begins at `at`; None while it is incomplete."""
    reason = "bytes outside a frame"
    if buffer[at] == _STX:
        size = _size(buffer, at)
        if size is None:
            return None
        if size:
            return buffer[at : at + size]
        reason = "wrong length, checksum or end of a frame"
    begin = buffer.find(_STX, at + 1, at + _MAX_FRAME)
    if begin >= 0:  # the next frame may begin inside these bytes
        return FrameRejected(reason, buffer[at:begin])
    run = buffer[at : at + _MAX_FRAME]
    return FrameRejected(reason, run) if len(run) == _MAX_FRAME else None


def _size(buffer: bytes, at: int) -> int | None:
    """Return the size of the sound frame at `at`; 0 for none, None while it is incomplete."""
    if len(buffer) < at + 2:
        return None
    size = buffer[at + 1] + _AROUND
    if size > _MAX_FRAME:
        return 0
    if len(buffer) < at + size:
        return None
    check, end = buffer[at + size - 2 : at + size]
    is_sound = end == _ETX and check == sum8(buffer[at + 1 : at + size - 2])
    return size if is_sound else 0
