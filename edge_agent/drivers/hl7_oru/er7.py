"""Reader of the delimited text of HL7 Version 2 (ER7): segments, fields, components, escapes.

Source: HL7 Version 2.6, chapter 2.5 (message construction) and 2.7 (escape sequences). The driver
has its own reader because general parsers spend most of the time budget of a 100-fold replay on the
grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.hl7_oru import charsets
from edge_agent.drivers.hl7_oru.frames import FILL
from edge_agent.model.errors import CrswatchError

_NAME: Final = re.compile("[A-Z][A-Z0-9]{2}")
_KNOWN: Final = {
    *("FHS", "BHS", "MSH", "SFT", "UAC", "MSA", "ERR", "QRD", "QRF", "QAK", "QPD", "DSC"),
    *("PID", "PD1", "NK1", "PV1", "PV2", "ARV", "ORC", "OBR", "TQ1", "TQ2", "OBX", "PRT", "NTE"),
    *("CTD", "FT1", "CTI", "SPM", "SAC", "AL1", "DG1", "IN1", "IN2", "IN3", "GT1", "ROL", "EVN"),
    *("BTS", "FTS"),
}
"""Segments around observations (HL7 Version 2.6, chapters 2, 3, 5 and 7)."""
_COMPLETE: Final = {"OBX": 11, "MSH": 11}
"""Last field that changes the meaning of a segment: status, processing id."""
_FILL: Final = FILL.decode() + r"\x0b\x1c"
"""Control characters that are padding beside separators; inside a text they belong to the text."""
_FILLED: Final = re.compile(f"[{_FILL}]")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_BEFORE: Final = re.compile(f"^[ \\t\ufeff{_FILL}]+")
_BEHIND: Final = re.compile(f"[\ufeff{_FILL}]+$")
BLANKS: Final = re.compile(rb"(?:[ \t\r\n\x0b\x1c" + FILL + rb"]|\xef\xbb\xbf)*")
UTF_16_BEGINNINGS: Final = {
    b"\xfe\xff\x00M": "utf-16-be",
    b"\xff\xfeM\x00": "utf-16-le",
    b"\x00M\x00S": "utf-16-be",
    b"M\x00S\x00": "utf-16-le",
}
"""First bytes of a message in UTF-16; they must be known before MSH-18 (UNICODE) can be read."""


class MalformedTextError(CrswatchError):
    """A message breaks the grammar; the text is constant for each kind of mistake."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """The five separators of a message, and its charset."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str
    encoding: str

    def unescaped(self, text: str) -> str:
        """Return `text` with its escape sequences resolved; unknown sequences stay unchanged."""
        if not self.escape or self.escape not in text:
            return text
        parts = text.split(self.escape)
        tail = self.escape + parts.pop() if len(parts) % 2 == 0 else ""
        parts[1::2] = [self._meaning(sequence) for sequence in parts[1::2]]
        return "".join(parts) + tail

    def escaped(self, text: str) -> str:
        """Return `text` as content of a field: in one line, without a character that means more."""
        names = {
            self.field: "F",
            self.component: "S",
            self.repetition: "R",
            self.escape: "E",
            self.subcomponent: "T",
        }
        plain = _UNPRINTABLE.sub(" ", text)
        return "".join(self._sequence(names[c]) if c in names else c for c in plain)

    def _sequence(self, name: str) -> str:
        return f"{self.escape}{name}{self.escape}" if self.escape else " "

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


def split(text: str, separator: str) -> list[str]:
    """Return the parts of a text; the whole text where the message defines no such separator."""
    return text.split(separator) if separator else [text]


class Segment:
    """One segment; fields and components count from 1 as in the standard, also in MSH."""

    __slots__ = ("_fields", "_syntax")

    def __init__(self, fields: list[str], syntax: Syntax) -> None:
        self._fields = fields
        self._syntax = syntax

    @property
    def name(self) -> str:
        """Name of the segment, three letters."""
        return self._fields[0]

    @property
    def syntax(self) -> Syntax:
        """Separators and charset of the message."""
        return self._syntax

    def field(self, n: int) -> str:
        """Return field `n` unchanged; empty where the segment ends before it."""
        return self._fields[n] if n < len(self._fields) else ""

    def text(self, n: int) -> str:
        """Return field `n` with its escapes resolved and its separators in place."""
        return self._syntax.unescaped(self.field(n))

    def repetitions(self, n: int) -> list[str]:
        """Return the repetitions of field `n` unchanged."""
        return split(self.field(n), self._syntax.repetition)

    def components(self, n: int) -> list[str]:
        """Return the components of the first repetition of field `n`, escapes resolved."""
        parts = split(self.repetitions(n)[0], self._syntax.component)
        return [self._syntax.unescaped(part) for part in parts]

    def component(self, n: int, m: int) -> str:
        """Return component `m` of field `n`; empty where it is missing."""
        components = self.components(n)
        return components[m - 1] if m <= len(components) else ""

    def subcomponents(self, n: int, m: int) -> list[str]:
        """Return the subcomponents of component `m` of field `n`, escapes resolved."""
        parts = split(self.repetitions(n)[0], self._syntax.component)
        part = parts[m - 1] if m <= len(parts) else ""
        return [self._syntax.unescaped(text) for text in split(part, self._syntax.subcomponent)]


@dataclass(frozen=True, slots=True)
class Er7Message:
    """One message, header first."""

    syntax: Syntax
    header: Segment
    segments: list[Segment]
    """Segments after the header."""
    is_whole: bool
    """True where the rows certainly belong to the patients that the message names."""
    stray_lines: int
    """Number of lines that neither are nor continue a segment."""


def parse(body: bytes, charset: str = "") -> Er7Message:
    """Return the message in `body`.

    Parameters
    ----------
    body
        One message without its start and end marks.
    charset
        Codec of the sender whatever it declares; empty for the declared one.

    Raises
    ------
    MalformedTextError
        If it does not begin with a header that defines the separators.
    """
    text, encoding = _decoded(body, charset)
    lines = lines_of(text)
    if not lines or lines[0][:3].upper() != "MSH":
        raise MalformedTextError("it does not begin with MSH")
    syntax = _syntax(lines[0], encoding)
    if _FILLED.search(text):
        lines = [_unfilled(line, syntax) for line in lines]
    separator = syntax.field
    rows = [["MSH", separator, *lines[0][4:].split(separator)]]
    return _message(rows, lines[1:], syntax)


def _message(rows: list[list[str]], lines: list[str], syntax: Syntax) -> Er7Message:
    torn: list[int] = []
    stray = 0
    for line in lines:
        name, *fields = line.split(syntax.field)
        if _is_segment(name.strip().upper(), rows[-1]):
            rows.append([name.strip().upper(), *fields])
            continue
        is_complete = _is_complete(rows[-1])
        if fields and (is_complete or len(rows) > 1):
            torn.append(len(rows))
        if is_complete:
            stray += 1
        else:
            rows[-1][-1] += "\n" + name
            rows[-1] += fields
    names = [row[0] for row in rows]
    is_whole = names.count("MSH") == 1 and _is_one_patients(names, torn)
    header, *segments = (Segment(row, syntax) for row in rows)
    return Er7Message(syntax, header, segments, is_whole, stray)


def _is_segment(name: str, before: list[str]) -> bool:
    """Return whether a line begins a segment rather than continuing the one before.

    An unknown name of three letters after half a row is a word of that row, such as MDC.
    """
    if name in _KNOWN:
        return True
    is_half = before[0] in _COMPLETE and not _is_complete(before)
    return bool(_NAME.fullmatch(name)) and (not is_half or name.startswith("Z"))


def _is_complete(row: list[str]) -> bool:
    """Return whether a segment is complete without the next line."""
    last = _COMPLETE.get(row[0], len(row))
    return len(row) > (last if row[-1] else last + 1)


def _is_one_patients(names: list[str], torn: list[int]) -> bool:
    """Return whether no line outside the segments can have changed the patient of the rows.

    A line with fields may have been any segment, including one that names the next patient.
    """
    if not torn:
        return True
    if names.count("PV1") != 1 or names.count("PID") > 1:
        return False
    return "OBX" not in names[min(torn) : names.index("PV1")]


def lines_of(text: str) -> list[str]:
    """Return the lines with content; senders end segments with CR, CR LF or LF."""
    lines = (
        _BEHIND.sub("", _BEFORE.sub("", line, 1)) for line in text.replace("\n", "\r").split("\r")
    )
    return [line for line in lines if line and not line.isspace()]


def _unfilled(line: str, syntax: Syntax) -> str:
    """Return `line` without padding beside its separators; padding inside a text stays."""
    marks = syntax.field + syntax.component + syntax.repetition + syntax.subcomponent
    beside = f"[{re.escape(marks)}]"
    return re.sub(rf"[{_FILL}]+(?={beside})|(?<={beside})[{_FILL}]+", "", line)


def _syntax(line: str, encoding: str) -> Syntax:
    separator = line[3:4]
    marks = line[4:].split(separator or None, 1)[0] if line[4:] else ""
    marks = marks.replace("\\\\", "\\")  # programs mistakenly escape the escape itself
    used = separator + marks
    if not separator or any(mark.isalnum() or mark.isspace() for mark in used):
        raise MalformedTextError("its separators are not punctuation")
    if not 1 <= len(marks) <= 5 or len(set(used)) < len(used):
        raise MalformedTextError("its separators are not all different")
    component, repetition, escape, subcomponent, *_ = [*marks, "", "", ""]
    return Syntax(separator, component, repetition, escape, subcomponent, encoding)


def _decoded(body: bytes, charset: str) -> tuple[str, str]:
    """Return the text of a message and its codec; damage becomes U+FFFD."""
    encoding = UTF_16_BEGINNINGS.get(body[:4]) or charset
    if not encoding:
        line = BLANKS.sub(b"", body, 1).split(b"\r", 1)[0].split(b"\n", 1)[0]
        head = line.split(line[3:4] or b"|")
        names = head[17].decode("ascii", "replace").split("~") if len(head) > 17 else [""]
        encoding = charsets.declared(names)
    return body.decode(encoding, "replace"), encoding
