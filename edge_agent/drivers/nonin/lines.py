"""Real-time text lines of Nonin's table-top and hand-held oximeters.

source: operator's manuals of Nonin 8500 (`SPO2=nnn HR=nnn`), 8600 and 9847 (HH:MM:SS before it, `B`
after a breath, `*` for a marked event), Avant 9600 and 4000 (`F` for fast-responding values)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.framing import AROUND_LINES, LineScanner, without_parity
from edge_agent.drivers.nonin.numerics import BREATH, EVENT_MARK, FAST, HR, SPO2, Reading
from edge_agent.model.session_events import FrameRejected

MAX_TEXT: Final = 64
"""Longest line in bytes: the manuals' lines have up to 30 characters. The header at power-up is of
unknown length; a longer one is rejected in pieces."""

_LINE: Final = re.compile(
    rb"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9] {1,2})?+"
    rb"SPO2=(?P<spo2>[0-9]{3}|---) {1,2}HR=(?P<hr>[0-9]{3}|---)"
    rb"(?: {0,2}(?P<flag>[BF]))?+(?: ?(?P<mark>\*))?+ {0,4}"
)
_OTHER_WIDTH: Final = re.compile(
    rb"(?:[0-9:]{8} {1,2})?+SPO2=[0-9-]+ {1,2}HR=[0-9-]+(?:[ *].{0,8})?"
)
_SHORT: Final = "SPO2 or HR does not have three digits: one may be lost"
_NO_LINE: Final = "not a line of real-time data"
_BEGIN: Final = re.compile(rb"(?:[0-9]{2}:[0-9]{2}:[0-9]{2} {1,2})?+SPO2=")
_FLAGS: Final = {None: 0, b"B": BREATH, b"F": FAST}


@dataclass(frozen=True, slots=True)
class TextLine:
    """Content of one line."""

    readings: tuple[Reading, ...]
    state: int
    """Marks at the end of the line: `EVENT_MARK`, `FAST`, `BREATH`."""


def parse(raw: bytes) -> TextLine | str:
    """Return the content of a line, or why it has none; `AROUND_LINES` may surround it."""
    text = without_parity(raw.strip(AROUND_LINES)).strip(b"\r\n")
    line = _LINE.fullmatch(text)
    if line is None:
        return _SHORT if _OTHER_WIDTH.fullmatch(text) else _NO_LINE
    readings = (Reading(HR, _number(line["hr"])), Reading(SPO2, _number(line["spo2"])))
    return TextLine(readings, _FLAGS[line["flag"]] | (EVENT_MARK if line["mark"] else 0))


class TextScanner:
    """Cuts the stream into lines, and separates a line from one cut short before it."""

    def __init__(self) -> None:
        self._lines = LineScanner(MAX_TEXT)

    def feed(self, data: bytes) -> list[bytes | FrameRejected]:
        """Return the lines and rejected runs that `data` completes."""
        return [piece for line in self._lines.feed(data) for piece in _separated(line)]

    def quiet(self) -> list[FrameRejected]:
        """Reject an incomplete line after a silence."""
        return self._lines.quiet()


def _separated(line: bytes | FrameRejected) -> list[bytes | FrameRejected]:
    """Return a line, or the rest of one that was cut short and the sound line behind it."""
    if isinstance(line, FrameRejected) or isinstance(parse(line), TextLine):
        return [line]
    begin = max((found.start() for found in _BEGIN.finditer(line)), default=0)
    if not begin or not isinstance(parse(line[begin:]), TextLine):
        return [line]
    return [FrameRejected("bytes before the beginning of a line", line[:begin]), line[begin:]]


def _number(digits: bytes) -> int | None:
    return None if digits == b"---" else int(digits)
