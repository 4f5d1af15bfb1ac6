"""What a definition of a device says, once it is known to be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ValueField:
    """A number of the line that is measured."""

    name: str
    kind: str
    """Key of `vocabulary.KINDS`, or the part before its @ where `site_from` gives the rest."""
    digits: str
    """A `#` for each place and a point or comma, such as `###.#`."""
    is_padded: bool
    """Whether blanks fill the places before the first digit, so that the width is always the
    same; else these places are left out."""
    missing: tuple[str, ...]
    """Texts that stand for no value."""
    unit: str
    """UCUM; empty where `unit_from` gives it."""
    unit_from: str
    """Name of a field; empty where `unit` is given."""
    site_from: str
    """Name of a field; empty where the kind is complete."""
    scale: Decimal | None
    """What the number is multiplied with; None where it is taken as it stands."""
    is_sent_once: bool
    zero_is_a_value: bool
    """Whether a zero without a mark can be believed; else it is questionable."""


@dataclass(frozen=True, slots=True)
class WordField:
    """A word of the line that says where, in which unit, or how good."""

    name: str
    role: str
    """site, unit or status."""
    words: Mapping[str, str]
    """Meaning of each word: a site, a unit, or a key of `vocabulary.VERDICTS`. The words are as
    the device sends them, one character for each byte."""
    width: int
    """Width to which blanks behind the word fill it up; 0 where none do."""
    applies_to: frozenset[str]
    """Names of the values a status word judges; empty: all of its line."""


@dataclass(frozen=True, slots=True)
class TextField:
    """A text of the line: the serial number, or one that is not used."""

    name: str
    role: str
    """serial or ignore."""
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class TimeField:
    """A date, a time of day, or both."""

    name: str
    format: str
    of: str
    """line: when the line was sent; reading: when what it holds was measured."""


Field = ValueField | WordField | TextField | TimeField


@dataclass(frozen=True, slots=True)
class LineShape:
    """One kind of line."""

    regex: re.Pattern[bytes]
    """Matches the whole line; each field is a group of its name."""
    fields: tuple[Field, ...]
    checksum: Callable[[bytes], int] | None
    """Over all bytes before its two hexadecimal digits; None where the line has none."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A device and the lines it prints."""

    manufacturer: str
    model: str
    title: str
    quiet_s: float | None
    """Seconds without a line after which the device is lost; None: it prints only what it has just
    measured, and its silence says nothing."""
    lines: tuple[LineShape, ...]

    @property
    def has_serial(self) -> bool:
        """Whether one of its lines holds a serial number."""
        return any(
            isinstance(field, TextField) and field.role == "serial"
            for line in self.lines
            for field in line.fields
        )
