"""Checked definition of a device that prints text lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ValueField:
    """A measured number in a line."""

    name: str
    kind: str
    """Key of `vocabulary.KINDS`; with `site_from` only the part before its @."""
    digits: str
    """One `#` for each digit and a point or comma, such as `###.#`."""
    is_padded: bool
    """True where blanks fill the columns before the first digit, so that the width is constant;
    False where the device leaves these columns out."""
    missing: tuple[str, ...]
    """Texts that mean "no value"."""
    unit: str
    """UCUM unit; empty where `unit_from` names the field that holds it."""
    unit_from: str
    """Name of the unit field; empty where `unit` is given."""
    site_from: str
    """Name of the site field; empty where `kind` already holds the site."""
    scale: Decimal | None
    """Factor applied to the number; None for a factor of 1."""
    is_sent_once: bool
    zero_is_a_value: bool
    """True where an unmarked zero is a valid value; False makes it questionable."""


@dataclass(frozen=True, slots=True)
class WordField:
    """A word in a line that gives a site, a unit or a status."""

    name: str
    role: str
    """site, unit or status."""
    words: Mapping[str, str]
    """Meaning of each word: a site, a unit, or a key of `vocabulary.VERDICTS`. The words stand as
    the device sends them, one character for each byte."""
    width: int
    """Width in characters to which trailing blanks pad the word; 0 without padding."""
    applies_to: frozenset[str]
    """Names of the values that a status word judges; empty: all values of its line."""


@dataclass(frozen=True, slots=True)
class TextField:
    """A text in a line: the serial number, or a text that is not used."""

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
    """line: the time when the line was sent; reading: the time of the measurement in it."""


Field = ValueField | WordField | TextField | TimeField


@dataclass(frozen=True, slots=True)
class LineShape:
    """One kind of line: its pattern, fields and checksum."""

    regex: re.Pattern[bytes]
    """Matches the whole line, with a group named after each field."""
    fields: tuple[Field, ...]
    checksum: Callable[[bytes], int] | None
    """Sum over all bytes before its two hexadecimal digits; None where the line has no checksum."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A device and the lines it prints."""

    manufacturer: str
    model: str
    title: str
    quiet_s: float | None
    """Seconds without a line after which the device counts as lost. None for a device that prints
    only when it has measured, so that its silence says nothing."""
    lines: tuple[LineShape, ...]

    @property
    def has_serial(self) -> bool:
        """True where one of its lines holds a serial number."""
        return any(
            isinstance(field, TextField) and field.role == "serial"
            for line in self.lines
            for field in line.fields
        )
