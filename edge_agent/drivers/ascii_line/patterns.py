"""Regular expressions that cannot backtrack, made from the pattern of a line.

Every piece is literal text, an alternative inside an atomic group, or a bounded possessive run, so
that matching takes time in proportion to the length of the line, whatever the definition says.
"""

from __future__ import annotations

import re
from typing import Final

from edge_agent.drivers.ascii_line.definition import (
    Field,
    TextField,
    TimeField,
    ValueField,
    WordField,
)
from edge_agent.drivers.ascii_line.fields import time_tokens

CHECKSUM: Final = "checksum"
"""Name in a pattern for two hexadecimal digits that hold the checksum of everything before them."""

_PIECES: Final = re.compile(r"\{\{|\}\}|\{[a-z][a-z0-9_]{0,30}\}|[{}]|[^{}]+")

_NOT_SERIAL: Final = r"\x00-\x1f\x7f-\xff"
"""Characters barred from a serial number, which is journalled and shown to people."""

_TIMES: Final = {
    "YYYY": "(?:19|20)[0-9]{2}",
    "YY": "[0-9]{2}",
    "MM": "(?:0[1-9]|[12][0-9]|3[01])",  # some devices write the day first
    "DD": "(?:0[1-9]|[12][0-9]|3[01])",
    "hh": "(?:[01][0-9]|2[0-3])",
    "mm": "[0-5][0-9]",
    "ss": "[0-5][0-9]",
}


def pieces(pattern: str) -> list[str]:
    """Return a pattern cut into `{name}` pieces and literal runs; a lone brace stays alone."""
    return _PIECES.findall(pattern)


def field_name(piece: str) -> str:
    """Return the name in a `{name}` piece; empty for a literal run."""
    return piece[1:-1] if len(piece) > 2 and piece[0] == "{" else ""


def literal(piece: str) -> str:
    """Return the text that a literal run stands for."""
    return piece[0] if piece in {"{{", "}}"} else piece


def expression(field: Field, before: str) -> str:
    """Return the expression that matches a field.

    Parameters
    ----------
    before
        The character that ends a text of variable length; empty at the end of the line.
    """
    match field:
        case ValueField():
            missing = [re.escape(text) for text in field.missing]
            return f"(?P<{field.name}>(?>{'|'.join([*_numbers(field), *missing])}))"
        case WordField():
            # longest first: a word may be the beginning of another
            words = sorted(field.words, key=len, reverse=True)
            filled = "|".join(re.escape(word.ljust(field.width)) for word in words)
            return f"(?P<{field.name}>(?>{filled}))"
        case TextField():
            is_open = field.shortest != field.longest
            stop = re.escape(before) if is_open else ""
            count = f"{{{field.shortest},{field.longest}}}+"
            barred = _NOT_SERIAL if field.role == "serial" else r"\r\n"
            return f"(?P<{field.name}>[^{barred}{stop}]{count})"
        case _:
            return "".join(
                f"(?P<{time_group(field, token)}>{_TIMES[token]})"
                if token in _TIMES
                else re.escape(token)
                for token in time_tokens(field.format)
            )


def time_group(field: TimeField, token: str) -> str:
    """Return the name of the group that holds one token of a time."""
    return f"{field.name}__{token}"


def longest_text(field: Field) -> int:
    """Return the largest number of characters that a field can hold."""
    match field:
        case ValueField():
            return max(len(text) for text in (field.digits, *field.missing))
        case WordField():
            return max([field.width, *map(len, field.words)])
        case TextField():
            return field.longest
        case _:
            return len(field.format)


def _numbers(field: ValueField) -> list[str]:
    whole, point, fraction = field.digits.partition("," if "," in field.digits else ".")
    digits = len(whole)
    tail = re.escape(point) + f"[0-9]{{{len(fraction)}}}" * bool(point)
    if not field.is_padded:
        return [f"[0-9]{{1,{digits}}}+{tail}"]
    return [f" {{{digits - n}}}[0-9]{{{n}}}{tail}" for n in range(digits, 0, -1)]
