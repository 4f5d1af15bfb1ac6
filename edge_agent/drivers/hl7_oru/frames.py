"""Minimal Lower Layer Protocol (0B, the message, 1C 0D), with the variants that senders use.

Source: HL7 Version 2 Transport Specification, Minimal Lower Layer Protocol, release 1.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from edge_agent.model.session_events import FrameRejected

BEGIN: Final = b"\x0b"
END: Final = b"\x1c\r"

MAX_FRAME: Final = 524_288
"""Longest message in bytes. The largest messages seen (a bed with every module, 130 rows) have 15
kB; with a waveform or a picture beside the values some hundred kB. 64 connections that never end a
message hold 32 MB."""

FILL: Final = rb"\x00-\x08\x0c\x0e-\x1b\x1d-\x1f\x7f"
"""Control characters without meaning here: padding or line ends of other systems."""
_LEAD: Final = rb"[ \t\r\n" + FILL + rb"]"
_PAD: Final = rb"[ \t" + FILL + rb"]{0,8}"
_MOST_LEAD: Final = 64
"""Largest number of blanks before a message: line ends after the end mark, padding, empty lines."""
_LOOK: Final = 32
"""Bytes after 0B that show whether it begins a message; some blanks and a mark may come first."""
_NAME: Final = rb"(?:\xef\xbb\xbf)?(?:[Mm][Ss][Hh]|[FfBb][Hh][Ss])"
_HEADER: Final = _NAME + rb"[^\w\s]"
_UTF_16: Final = rb"(?:\xfe\xff\x00M|\xff\xfeM\x00|\x00M\x00S|M\x00S\x00)"

_BLANKS: Final = re.compile(_LEAD + b"{0,%d}+" % _MOST_LEAD)
_BARE: Final = re.compile(_HEADER)
_BARE_BEGUN: Final = tuple(
    bom + name for bom in (b"", b"\xef\xbb\xbf") for name in (b"msh", b"fhs", b"bhs")
)
_ANEW: Final = re.compile(
    rb"\x0b(?:" + _LEAD + b"{0,%d}" % (_LOOK - 8) + _HEADER + b"|" + _UTF_16 + b")"
)
"""0B that begins a message; elsewhere it is a character (a line break of word processors)."""
_OVER: Final = re.compile(rb"\x1c(?:" + _PAD + rb"[\r\n]|(?=\x0b))")
_MARK: Final = re.compile(rb"\x1c" + _PAD + rb"[\r\n]?\Z")
_CLOSED: Final = re.compile(rb"\x1c" + _PAD + rb"[\r\n]\Z")
_ROW: Final = re.compile(rb"[\r\n][ \t]*[A-Za-z][A-Za-z0-9]{2}[^\w\s]")
_ENDED: Final = re.compile(rb"\x1c(?=" + _PAD + rb"\Z)")
_ON_A_LINE: Final = rb"(?<=[\r\n])" + _PAD + _HEADER
_BARE_OVER: Final = re.compile(rb"\x1c(?:[\r\n]|(?=[^\r\n]))|(?=\x0b)|(?=" + _ON_A_LINE + b")")
_STRAY_OVER: Final = re.compile(rb"\x1c[\r\n]|(?=\x0b)|(?=" + _ON_A_LINE + b")")
_ENDS_OF_BARE: Final = (b"\r", b"\n", b"\x1c")
_LAST_LINE_END: Final = re.compile(rb".*[\r\n]", re.DOTALL)

ENDLESS: Final = "no end of message within the longest legal message"
_NAMED: Final = {
    re.compile(rb"\x16\x03[\x00-\x04]"): "a TLS greeting; this port speaks plain MLLP",
    re.compile(rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PRI) "): "an HTTP request",
    re.compile(rb"SSH-"): "an SSH greeting",
}
"""Names of other protocols whose clients connect to this port by mistake."""


def framed(message: bytes) -> bytes:
    """Return `message` in its frame."""
    return BEGIN + message + END


class Content(NamedTuple):
    """Content of a piece of the stream."""

    body: bytes
    is_complete: bool
    """False for the beginning of a message that is too long."""
    is_rest: bool
    """True for the rest of the message before it, which contained an end mark."""


def content(piece: bytes) -> Content:
    """Return the content of a piece between its marks; a piece may lack them."""
    inner = piece[_lead(piece, 0) :]
    if not inner.startswith(BEGIN):
        is_rest = _BARE.match(inner) is None
        return Content(_MARK.sub(b"", inner), is_complete=True, is_rest=is_rest)
    body = _MARK.sub(b"", inner[1:])
    return Content(body, is_complete=len(body) < len(inner) - 1, is_rest=False)


class MllpScanner:
    """Splits a byte stream into messages and rejected runs, however it arrives in pieces.

    A message is the content between 0B and 1C, with or without the CR that belongs after it; or a
    text without marks that begins with a header. 0B begins a new message only before a header, and
    1C ends one only before a line end or the next 0B. A run directly after an end that holds rows
    and has its own end is the rest of that message: the first end mark was in one of its texts.
    Blanks before a message are part of its piece.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0  # no end within this many bytes of the buffer
        self._is_after_end = False

    def __len__(self) -> int:
        return len(self._buffer)

    @property
    def has_end(self) -> bool:
        """True where the newest message may be whole: its end mark came, or its last line ended."""
        lead = _lead(self._buffer, 0)
        if self._buffer.startswith(BEGIN, lead):
            return _MARK.search(self._buffer, len(self._buffer) - _LOOK) is not None
        return bool(_BARE.match(self._buffer, lead)) and self._buffer.endswith(_ENDS_OF_BARE)

    def feed(self, data: bytes) -> list[bytes | FrameRejected]:
        """Return the unchanged messages and rejected runs that `data` completes, in order."""
        self._buffer += data
        found: list[bytes | FrameRejected] = []
        begin = 0
        while begin < len(self._buffer):
            cut = self._next(begin)
            if cut is None:
                break
            found.append(cut)
            begin += len(cut.raw if isinstance(cut, FrameRejected) else cut)
            self._searched = 0
            self._is_after_end = isinstance(cut, bytes) and bool(_CLOSED.search(cut))
        del self._buffer[:begin]
        return found

    def quiet(self) -> list[bytes | FrameRejected]:
        """Return what is left after a silence: half a message can no longer complete."""
        lead = _lead(self._buffer, 0)
        if lead == len(self._buffer) < _MOST_LEAD:
            return []
        has_end, rest = self.has_end, bytes(self._buffer)
        self._buffer.clear()
        self._searched, self._is_after_end = 0, False
        if has_end:
            return [rest]
        if rest.startswith(BEGIN, lead):
            return [FrameRejected("the line fell silent before the end of a message", rest)]
        if not _BARE.match(rest, lead):
            return [_named("the line fell silent after bytes outside a message", rest)]
        # A row without its line end may be incomplete.
        whole = _LAST_LINE_END.match(rest, lead)
        if whole is None:
            return [FrameRejected("the line fell silent before the end of a message", rest)]
        half = rest[whole.end() :]
        cut = [FrameRejected("the line fell silent within a line", half)] if half else []
        return [rest[: whole.end()], *cut]

    def _next(self, begin: int) -> bytes | FrameRejected | None:
        """Return the message or rejected run from `begin` on; None while it is incomplete."""
        lead = _lead(self._buffer, begin)
        if lead - begin >= _MOST_LEAD:
            return FrameRejected("nothing but blanks", self._run(begin, lead))
        if self._buffer.startswith(BEGIN, lead):
            return self._framed(begin, lead)
        if _BARE.match(self._buffer, lead):
            return self._bare(begin, lead)
        return None if self._may_become_bare(lead) else self._stray(begin, lead)

    def _bare(self, begin: int, lead: int) -> bytes | FrameRejected | None:
        over = self._search(_BARE_OVER, begin, lead + 1)
        run = self._too_long(begin) if over is None else self._run(begin, over.end())
        return run if over is not None or run is None else FrameRejected(ENDLESS, run)

    def _stray(self, begin: int, lead: int) -> bytes | FrameRejected | None:
        over = self._search(_STRAY_OVER, begin, lead + 1)
        run = self._too_long(begin) if over is None else self._run(begin, over.end())
        if run is None:
            return None
        is_rest = self._is_after_end and _CLOSED.search(run) and _ROW.search(run)
        return run if is_rest else _named("bytes outside a message", run)

    def _framed(self, begin: int, lead: int) -> bytes | FrameRejected | None:
        over = self._search(_OVER, begin, lead + 1)
        until = len(self._buffer) if over is None else over.start() + 1
        anew = _ANEW.search(self._buffer, max(lead + 1, begin + self._searched - _LOOK), until)
        if anew is not None and anew.start() < begin + MAX_FRAME:
            run = self._run(begin, anew.start())
            if ended := _ENDED.search(run):
                return run[: ended.end()]
            return FrameRejected("a new message began before this one ended", run)
        if over is not None:
            return self._run(begin, over.end())
        return self._too_long(begin)

    def _search(self, end: re.Pattern[bytes], begin: int, start: int) -> re.Match[bytes] | None:
        """Return the end of the run at `begin`, if it is within the longest legal message."""
        start = max(start, begin + self._searched - _LOOK)
        found = end.search(self._buffer, start)
        return found if found is not None and found.end() <= begin + MAX_FRAME else None

    def _too_long(self, begin: int) -> bytes | None:
        """Return the longest legal run where the run at `begin` is longer; otherwise None."""
        self._searched = len(self._buffer) - begin
        return self._run(begin, begin + MAX_FRAME) if self._searched >= MAX_FRAME + _LOOK else None

    def _run(self, begin: int, until: int) -> bytes:
        return bytes(self._buffer[begin:until])

    def _may_become_bare(self, lead: int) -> bool:
        begun = bytes(self._buffer[lead : lead + 7]).lower()
        return any(name.startswith(begun) for name in _BARE_BEGUN)


def _lead(buffer: bytes | bytearray, begin: int) -> int:
    """Return the end of the blanks that begin at `begin`."""
    blanks = _BLANKS.match(buffer, begin)
    return blanks.end() if blanks else begin


def _named(reason: str, run: bytes) -> FrameRejected:
    named = (words for pattern, words in _NAMED.items() if pattern.match(run.lstrip()))
    return FrameRejected(next((f"{reason}: {words}" for words in named), reason), run)
