"""Find frames in a damaged byte stream, with bounded memory.

`FrameScanner` works for every protocol whose begin and end flags never occur inside a frame because
the payload escapes them, `LineScanner` for text lines. How the stream is cut does not depend on how
it arrived in pieces. `Intake` puts any such scanner to work in a session.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

from edge_agent.model.session_events import FrameRejected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_agent.model.clock import Instant
    from edge_agent.model.session_events import SessionEvent

_REASONS: Final = {
    "restarted": "a new frame began before this one ended",
    "endless": "no end of frame within the longest legal frame",
    "stray": "bytes outside a frame",
}
_LINE_REASONS: Final = {
    "endless": "no line end within the longest legal line",
    "blank": "nothing but line ends",
}
AROUND_LINES: Final = b"\r\n\0\x11\x13"
"""Line ends, NUL, XON and XOFF: bytes that may stand around the text of a line and mean nothing."""

_LEADING_LINE_ENDS: Final = 15
"""So many line ends may stand before a text; devices send up to two empty lines."""


class FrameScanner:
    """Split a byte stream into candidate frames and rejected runs.

    Parameters
    ----------
    begin
        The byte every frame starts with.
    end
        The byte every frame ends with; another one than `begin`.
    max_frame
        Longest legal frame on the wire in bytes, flags included; also the bound on what is held
        back and on one rejected run.
    """

    def __init__(self, begin: int, end: int, max_frame: int) -> None:
        start, stop, most = re.escape(bytes([begin])), re.escape(bytes([end])), max_frame
        body = b"[^" + start + stop + b"]"
        stray = b"[^" + start + b"]"
        self._tokens = re.compile(
            b"(?P<frame>%b%b{0,%d}+%b)" % (start, body, most - 2, stop)
            + b"|(?P<restarted>%b%b{0,%d}+)(?=%b)" % (start, body, most - 2, start)
            + b"|(?P<endless>%b%b{%d})" % (start, body, most - 1)
            + b"|(?P<stray>%b{1,%d}+(?=%b)|%b{%d})" % (stray, most - 1, start, stray, most)
        )
        self._flags = re.compile(b"[" + start + stop + b"]")
        self._max_frame = max_frame
        self._buffer = b""

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes | FrameRejected]:
        """Return what became certain with `data`, in stream order: frames with their flags."""
        buffer = self._buffer + data
        found: list[bytes | FrameRejected] = []
        consumed = 0
        if len(buffer) >= self._max_frame or self._flags.search(data):
            while token := self._tokens.match(buffer, consumed):
                consumed = token.end()
                reason = _REASONS.get(token.lastgroup or "")
                found.append(FrameRejected(reason, token[0]) if reason else token[0])
        self._buffer = buffer[consumed:]
        return found

    def quiet(self) -> list[FrameRejected]:
        """Return what the silence settles: an incomplete frame will not complete any more."""
        rest, self._buffer = self._buffer, b""
        return (
            [FrameRejected("the line fell silent before the end of a frame", rest)] if rest else []
        )


class LineScanner:
    """Split a stream of text lines into candidate lines and rejected runs.

    A line ends with the first CR or LF; further ones (CR LF, LF CR, empty lines) lead the next
    line, so that no byte is lost and the pieces of a line ending may arrive apart.

    Parameters
    ----------
    max_text
        Longest legal line in bytes, line ends not counted; with them also the bound on what is
        held back and on one rejected run.
    """

    def __init__(self, max_text: int) -> None:
        lead, most = _LEADING_LINE_ENDS, max_text
        self._tokens = re.compile(
            b"(?P<line>[\r\n]{0,%d}+[^\r\n]{1,%d}+[\r\n])" % (lead, most)
            + b"|(?P<endless>[\r\n]{0,%d}+[^\r\n]{%d})" % (lead, most + 1)
            + b"|(?P<blank>[\r\n]{%d})" % (lead + 1)
        )
        self._buffer = b""

    def __len__(self) -> int:
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes | FrameRejected]:
        """Return what became certain with `data`, in stream order: lines with their line ends."""
        buffer = self._buffer + data
        found: list[bytes | FrameRejected] = []
        consumed = 0
        while token := self._tokens.match(buffer, consumed):
            consumed = token.end()
            reason = _LINE_REASONS.get(token.lastgroup or "")
            found.append(FrameRejected(reason, token[0]) if reason else token[0])
        self._buffer = buffer[consumed:]
        return found

    def quiet(self) -> list[FrameRejected]:
        """Return what the silence settles; the rest of a line ending waits for the next line."""
        if not self._buffer.strip(b"\r\n"):
            return []
        rest, self._buffer = self._buffer, b""
        return [FrameRejected("the line fell silent before the end of a text line", rest)]


def without_parity(text: bytes) -> bytes:
    """Return text of seven bits where the eighth of each byte is a parity bit; else as it is.

    A line of 7 data bits with parity that is read as 8 bits without parity looks so. All bytes
    have to agree: noise of n bytes does so once in 2**(n - 1) times.
    """
    if text.isascii() or len({byte.bit_count() % 2 for byte in text}) > 1:
        return text
    return bytes(byte & 0x7F for byte in text)


Piece = TypeVar("Piece")
_Found_co = TypeVar("_Found_co", covariant=True)


class Scanner(Protocol[_Found_co]):
    """Cuts a stream into pieces and rejected runs."""

    def feed(self, data: bytes) -> Sequence[_Found_co | FrameRejected]:
        """Return what became certain with `data`, in stream order."""

    def quiet(self) -> Sequence[_Found_co | FrameRejected]:
        """Return what the silence settles; sound pieces may stand behind half a one."""


class Intake(Generic[Piece]):
    """Has what a device sends cut and read, and half a piece given up after a silence.

    Parameters
    ----------
    scanner
        What cuts the stream.
    silence_s
        Quiet time after which a half-received piece is settled.
    read
        Returns what a piece says.
    """

    def __init__(
        self,
        scanner: Scanner[Piece],
        silence_s: float,
        read: Callable[[Piece, Instant], list[SessionEvent]],
    ) -> None:
        self._scanner = scanner
        self._silence_s = silence_s
        self._read = read
        self._received_at: Instant | None = None  # newest bytes, None before the first

    def receive(self, data: bytes, at: Instant) -> list[SessionEvent]:
        """Return what became certain with `data`, received at `at`."""
        if data:
            self._received_at = at
        return self._events(self._scanner.feed(data), at)

    def tick(self, at: Instant) -> list[SessionEvent]:
        """Return what the silence has settled by now."""
        if self._received_at is None or at.seconds_since(self._received_at) < self._silence_s:
            return []
        return self.settle(at)

    def settle(self, at: Instant) -> list[SessionEvent]:
        """Return what is certain of what was held back, as after a silence."""
        return self._events(self._scanner.quiet(), at)

    def _events(self, pieces: Sequence[Piece | FrameRejected], at: Instant) -> list[SessionEvent]:
        events: list[SessionEvent] = []
        for found in pieces:
            events += [found] if isinstance(found, FrameRejected) else self._read(found, at)
        return events
