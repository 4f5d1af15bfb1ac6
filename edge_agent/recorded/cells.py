"""Strict reading of numbers in table cells, and the likely cause where a cell holds none."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

Cell = object
Row = Mapping[str, Cell]
TableRow = tuple[int, Row, str]
"""Line in the file, cells, and the reason why it is no row; empty where it is one."""
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_WORDS: Final = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}
_PAIR: Final = re.compile(
    r"\s*(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)\s*(?:[/(\[]\s*(\d+(?:\.\d+)?)\s*[)\]]?)?\s*",
    re.ASCII,
)
"""Systolic and diastolic pressure, with or without the mean: 122/73, 122/73 (89)."""
_NO_READING: Final = frozenset(
    {"na", "n/a", "n.a.", "#n/a", "null", "none", "nil", "nr", "nd", "missing", "invalid", "error"}
)
"""Words that programs write where there is no reading."""
_WITH_UNIT: Final = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*(?:[%°a-zA-Z][^\d]*)", re.ASCII)


class CellError(ValueError):
    """A cell that cannot be read."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def number_of(seen: Cell, decimal: str = ".") -> float | None:
    """Return the number in a cell, None where the cell holds no number.

    Parameters
    ----------
    seen
        Text, or a value from a typed table.
    decimal
        The mark before the fraction, a point or a comma; no other mark is accepted.
    """
    if isinstance(seen, bool):
        return None
    if isinstance(seen, int | float | Decimal):
        return float(seen)
    if not isinstance(seen, str):
        return None
    text = seen.strip()
    if decimal == ",":
        text = "" if "." in text else text.replace(",", ".")
    if _NUMBER.fullmatch(text):
        return float(text)
    word = _WORDS.get(text.lstrip("+-").casefold())
    return None if word is None else math.copysign(word, -1 if text.startswith("-") else 1)


def part_of(seen: Cell, part: int) -> str | None:
    """Return one number of a pair of pressures, empty if the pair lacks it; None if no pair."""
    found = _PAIR.fullmatch(seen) if isinstance(seen, str) else None
    return None if found is None else found.group(part + 1) or ""


def why_no_number(seen: Cell, decimal: str) -> str:
    """Return the likely cause of a cell without a number, as a further clause; often empty."""
    text = str(seen).strip()
    other = "," if decimal == "." else "."
    if math.isfinite(number_of(text, other) or math.nan):
        return f'; if its fraction begins with {other!r}, set decimal = "{other}" in a mapping'
    if is_no_reading(text):
        return f'; if it stands for no reading, set missing = ["{text}"] in a mapping'
    if part_of(text, 0) is not None:
        return '; a pair of pressures: set kind = "nibp" for this column in a mapping'
    if _WITH_UNIT.fullmatch(text):
        return "; want the number alone, without its unit"
    return ""


def is_no_reading(text: str) -> bool:
    """Return True for text that means "no reading": a word for it, or no letter or digit at all."""
    return text.casefold() in _NO_READING or not any(c.isalnum() for c in text)
