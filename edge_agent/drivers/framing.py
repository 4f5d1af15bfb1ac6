"""Scanners that find frames in a damaged byte stream, with bounded memory.

`FrameScanner` serves every protocol that escapes begin and end flags inside a frame; `LineScanner`
serves text lines. The pieces in which a stream arrives never change the frames found in it.
`Intake` runs such a scanner for a session.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, Generic, Protocol, TypeVar

from edge_agent.model.clock import Instant
from edge_agent.model.session_events import FrameRejected, SessionEvent

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
"""Line ends, NUL, XON and XOFF: bytes without meaning that may surround the text of a line."""

_LEADING_LINE_ENDS: Final = 15
"""Up to this many line ends may stand before a text; devices send up to two empty lines."""


class FrameScanner:
    """Split a byte stream into candidate frames and rejected runs.

    Parameters
    ----------
    begin
        The byte every frame starts with.
    end
        The byte every frame ends with; differs from `begin`.
    max_frame
        Longest legal frame on the wire in bytes, flags included; also the bound on the buffer
        and on one rejected run.
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
        """Return the frames with flags, and rejected runs, that `data` completes, in order."""
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
        """Reject the incomplete frame in the buffer; after a silence it can no longer complete."""
        rest, self._buffer = self._buffer, b""
        return (
            [FrameRejected("the line fell silent before the end of a frame", rest)] if rest else []
        )


class LineScanner:
    """Split a stream of text lines into candidate lines and rejected runs.

    A line ends with the first CR or LF. Further ones (CR LF, LF CR, empty lines) lead the next
    line, so that no byte is lost and the bytes of a line ending may arrive apart.

    Parameters
    ----------
    max_text
        Longest legal line in bytes without its line ends; with them also the bound on the buffer
        and on one rejected run.
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
        """Return the lines with line ends, and rejected runs, that `data` completes, in order."""
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
        """Reject an incomplete line after a silence; leave the rest of a line ending in place."""
        if not self._buffer.strip(b"\r\n"):
            return []
        rest, self._buffer = self._buffer, b""
        return [FrameRejected("the line fell silent before the end of a text line", rest)]


def read_from_last_beginning(
    reason: str,
    raw: bytes,
    beginning: re.Pattern[bytes],
    read: Callable[[bytes, Instant], list[SessionEvent]],
    at: Instant,
) -> list[SessionEvent]:
    """Return the events of an unsound line: its last part may be sound.

    Noise, or a line cut short, may precede that part. A line without it is rejected for `reason`.
    """
    begin = max((found.start() for found in beginning.finditer(raw)), default=0)
    if not raw[:begin].strip(AROUND_LINES):
        return [FrameRejected(reason, raw)]
    before = FrameRejected("bytes before the beginning of a line", raw[:begin])
    return [before, *read(raw[begin:], at)]


def without_parity(text: bytes) -> bytes:
    """Return the text without the parity bit of its bytes; unchanged where it carries none.

    A line of 7 data bits with parity looks like this when read as 8 bits without parity. The parity
    of all bytes has to agree; noise of n bytes agrees once in 2**(n - 1) times.
    """
    if text.isascii() or len({byte.bit_count() % 2 for byte in text}) > 1:
        return text
    return bytes(byte & 0x7F for byte in text)


Piece = TypeVar("Piece")
_Found_co = TypeVar("_Found_co", covariant=True)


class Scanner(Protocol[_Found_co]):
    """A scanner that cuts a stream into pieces and rejected runs."""

    def feed(self, data: bytes) -> Sequence[_Found_co | FrameRejected]:
        """Return the pieces and rejected runs that `data` completes, in stream order."""

    def quiet(self) -> Sequence[_Found_co | FrameRejected]:
        """Return everything held back; complete frames may follow an incomplete one."""


class Intake(Generic[Piece]):
    """Cuts a device's bytes into pieces, reads each, and discards half a piece after a silence.

    Parameters
    ----------
    scanner
        Cuts the stream into pieces.
    silence_s
        Seconds of silence after which a half-received piece is settled.
    read
        Returns the events of a piece.
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
        """Return the events that `data`, received at `at`, completes."""
        if data:
            self._received_at = at
        return self._events(self._scanner.feed(data), at)

    def tick(self, at: Instant) -> list[SessionEvent]:
        """Return the events that the silence has settled by `at`."""
        if self._received_at is None or at.seconds_since(self._received_at) < self._silence_s:
            return []
        return self.settle(at)

    def settle(self, at: Instant) -> list[SessionEvent]:
        """Return the events of the bytes held back, as after a silence."""
        return self._events(self._scanner.quiet(), at)

    def _events(self, pieces: Sequence[Piece | FrameRejected], at: Instant) -> list[SessionEvent]:
        events: list[SessionEvent] = []
        for found in pieces:
            events += [found] if isinstance(found, FrameRejected) else self._read(found, at)
        return events
