"""Minimal Lower Layer Protocol: 0B, the message, 1C 0D.

Source: HL7 Version 2 Transport Specification, Minimal Lower Layer Protocol, release 1.
"""

from __future__ import annotations

from typing import Final

from edge_agent.model.session_events import FrameRejected

BEGIN: Final = b"\x0b"
END: Final = b"\x1c\r"

MAX_FRAME: Final = 65_536
"""The largest messages seen (a bed with every module, 130 rows) have 15 kB; four times that fits,
and a line that never ends a message costs no more memory than this."""


def framed(message: bytes) -> bytes:
    """Return `message` as it is sent."""
    return BEGIN + message + END


class MllpScanner:
    """Splits a byte stream into messages and rejected runs, however it arrives in pieces.

    0B never occurs inside a message, so it begins one wherever it stands; 1C ends a message only
    together with 0D, and is one of its characters otherwise.
    """

    def __init__(self) -> None:
        self._buffer = b""

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes | FrameRejected]:
        """Return what became certain with `data`, in stream order: frames as they came."""
        buffer, at = self._buffer + data, 0
        found: list[bytes | FrameRejected] = []
        while at < len(buffer):
            cut = _next(buffer, at)
            if cut is None:
                break
            found.append(cut)
            at += len(cut.raw if isinstance(cut, FrameRejected) else cut)
        self._buffer = buffer[at:]
        return found

    def quiet(self) -> list[FrameRejected]:
        """Return what the silence settles: half a message will not complete any more."""
        rest, self._buffer = self._buffer, b""
        if not rest:
            return []
        is_message = rest.startswith(BEGIN)
        where = "before the end of a message" if is_message else "after bytes outside a message"
        return [FrameRejected(f"the line fell silent {where}", rest)]


def _next(buffer: bytes, at: int) -> bytes | FrameRejected | None:
    """Return the frame or the rejected run that begins at `at`; None where it is not over yet."""
    limit = at + MAX_FRAME
    if not buffer.startswith(BEGIN, at):
        begin = buffer.find(BEGIN, at, limit)
        return _rejected("bytes outside a message", buffer, at, begin)
    end = buffer.find(END, at, limit)
    begin = buffer.find(BEGIN, at + 1, limit if end < 0 else end)
    if begin < 0 <= end:
        return buffer[at : end + len(END)]
    reason = "a new message began before this one ended"
    if begin < 0:
        reason = "no end of message within the longest legal message"
    return _rejected(reason, buffer, at, begin)


def _rejected(reason: str, buffer: bytes, at: int, until: int) -> FrameRejected | None:
    if until >= 0:
        return FrameRejected(reason, buffer[at:until])
    run = buffer[at : at + MAX_FRAME]
    return FrameRejected(reason, run) if len(run) == MAX_FRAME else None
