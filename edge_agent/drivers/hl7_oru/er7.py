"""Read the delimited text of HL7 Version 2 (ER7): segments, fields, components, escapes.

Source: HL7 Version 2.6, chapter 2.5 (message construction) and 2.7 (escape sequences). One's own
reader, as the general parsers take most of the time budget of a 100-fold replay for the grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from edge_agent.model.errors import CrswatchError

_NAME: Final = re.compile("[A-Z][A-Z0-9]{2}")
_CHARSETS: Final = {
    "UNICODE UTF-8": "utf-8",
    "8859/1": "latin-1",
    "8859/2": "iso8859-2",
    "8859/5": "iso8859-5",
    "8859/9": "iso8859-9",
    "8859/15": "iso8859-15",
    "GB 18030-2000": "gb18030",
    "BIG-5": "big5",
}
"""Python's codec by MSH-18 (HL7 table 0211); everything else is read as UTF-8, as ASCII is."""
_UTF_16_BEGINNINGS: Final = {
    b"\xfe\xff\x00M": "utf-16-be",
    b"\xff\xfeM\x00": "utf-16-le",
    b"\x00M\x00S": "utf-16-be",
    b"M\x00S\x00": "utf-16-le",
}
"""How a message in UTF-16 begins; MSH-18 (UNICODE) cannot be read before this is known."""


class MalformedError(CrswatchError):
    """A message that breaks the grammar; the text is constant per kind of break."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """How one message is written: its five separators and its charset."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str
    encoding: str

    def unescaped(self, text: str) -> str:
        """Return `text` with its escape sequences resolved; unknown ones stay as they are."""
        if not self.escape or self.escape not in text:
            return text
        parts = text.split(self.escape)
        tail = self.escape + parts.pop() if len(parts) % 2 == 0 else ""
        parts[1::2] = [self._meaning(sequence) for sequence in parts[1::2]]
        return "".join(parts) + tail

    def _meaning(self, sequence: str) -> str:
        meaning = {
            "F": self.field,
            "S": self.component,
            "R": self.repetition,
            "E": self.escape,
            "T": self.subcomponent,
            "H": "",
            "N": "",
            ".br": "\n",
        }.get(sequence)
        if meaning is not None:
            return meaning
        if sequence.startswith("X"):
            try:
                return bytes.fromhex(sequence[1:]).decode(self.encoding, "replace")
            except ValueError:
                pass
        return self.escape + sequence + self.escape


class Segment:
    """One segment; fields and components count from 1 as in the standard, also in MSH."""

    __slots__ = ("_fields", "_syntax")

    def __init__(self, fields: list[str], syntax: Syntax) -> None:
        self._fields = fields
        self._syntax = syntax

    @property
    def name(self) -> str:
        """The three letters it begins with."""
        return self._fields[0]

    def field(self, n: int) -> str:
        """Return field `n` as it is written; empty where the segment ends before it."""
        return self._fields[n] if n < len(self._fields) else ""

    def text(self, n: int) -> str:
        """Return field `n` with its escapes resolved, its separators left in."""
        return self._syntax.unescaped(self.field(n))

    def repetitions(self, n: int) -> list[str]:
        """Return the repetitions of field `n` as they are written."""
        separator = self._syntax.repetition
        return self.field(n).split(separator) if separator else [self.field(n)]

    def components(self, n: int) -> list[str]:
        """Return the components of the first repetition of field `n`, escapes resolved."""
        first = self.repetitions(n)[0]
        separator = self._syntax.component
        parts = first.split(separator) if separator else [first]
        return [self._syntax.unescaped(part) for part in parts]

    def first_components(self, n: int) -> list[str]:
        """Return the first component of every repetition of field `n`, escapes resolved."""
        separator = self._syntax.component
        firsts = (r.split(separator)[0] if separator else r for r in self.repetitions(n))
        return [self._syntax.unescaped(first) for first in firsts]

    def component(self, n: int, m: int) -> str:
        """Return component `m` of field `n`, or an empty text where there is none."""
        components = self.components(n)
        return components[m - 1] if m <= len(components) else ""

    def subcomponents(self, n: int, m: int) -> list[str]:
        """Return the subcomponents of component `m` of field `n`, escapes resolved."""
        first = self.repetitions(n)[0]
        component_at, separator = self._syntax.component, self._syntax.subcomponent
        parts = first.split(component_at) if component_at else [first]
        part = parts[m - 1] if m <= len(parts) else ""
        texts = part.split(separator) if separator else [part]
        return [self._syntax.unescaped(text) for text in texts]


@dataclass(frozen=True, slots=True)
class Message:
    """One message, its header first."""

    syntax: Syntax
    header: Segment
    segments: list[Segment]
    """Those after the header."""

    @property
    def is_whole(self) -> bool:
        """Whether no segment was cut, and no second message runs on in this one."""
        names = {segment.name for segment in self.segments}
        return "MSH" not in names and all(map(_NAME.fullmatch, names))


def parse(body: bytes) -> Message:
    """Return the message that `body` holds.

    Raises
    ------
    MalformedError
        If it does not begin with a header that says how it is written.
    """
    text, encoding = _decoded(body)
    # A line feed is no character of a field; senders end segments with CR LF or LF, too.
    lines = [line for line in text.replace("\n", "\r").split("\r") if line and not line.isspace()]
    if not lines or not lines[0].startswith("MSH"):
        raise MalformedError("it does not begin with MSH")
    syntax = _syntax(lines[0], encoding)
    separator = syntax.field
    header = Segment(["MSH", separator, *lines[0][4:].split(separator)], syntax)
    segments = [Segment(line.split(separator), syntax) for line in lines[1:]]
    return Message(syntax, header, segments)


def _syntax(line: str, encoding: str) -> Syntax:
    separator = line[3:4]
    marks = line[4:].split(separator or None, 1)[0] if line[4:] else ""
    used = separator + marks
    if not separator or any(mark.isalnum() or mark.isspace() for mark in used):
        raise MalformedError("its separators are no punctuation")
    if not 1 <= len(marks) <= 5 or len(set(used)) < len(used):
        raise MalformedError("its separators are not told apart")
    component, repetition, escape, subcomponent, *_ = [*marks, "", "", ""]
    return Syntax(separator, component, repetition, escape, subcomponent, encoding)


def _decoded(body: bytes) -> tuple[str, str]:
    """Return the text of a message and the codec it was read with; damage becomes U+FFFD."""
    encoding = _UTF_16_BEGINNINGS.get(body[:4])
    if encoding is None:
        head = body.split(b"\r", 1)[0].split(body[3:4] or b"|")
        charset = head[17].split(b"~")[0].decode("ascii", "replace") if len(head) > 17 else ""
        encoding = _CHARSETS.get(charset.strip().upper(), "utf-8")
    return body.decode(encoding, "replace").removeprefix("\ufeff"), encoding
