"""Readers of the tables that describe the fields of a line."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from edge_agent.drivers.ascii_line.definition import (
    Field,
    TextField,
    TimeField,
    ValueField,
    WordField,
)
from edge_agent.drivers.ascii_line.vocabulary import KINDS, UNIT_NAMES, UNITS, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from edge_agent.drivers.ascii_line.tables import Table

_DIGITS: Final = re.compile(r"#{1,6}([.,]#{1,4})?")
_TOKENS: Final = re.compile(r"YYYY|YY|MM|DD|hh|mm|ss|T|[A-Za-z]+|[^A-Za-z]+")
TIME_TOKENS: Final = ("YYYY", "YY", "MM", "DD", "hh", "mm", "ss")
_STEMS: Final = tuple(dict.fromkeys(name.partition("@")[0] for name in KINDS))
_SITES: Final = tuple(dict.fromkeys(name.partition("@")[2] for name in KINDS if "@" in name))
_LONGEST_TEXT: Final = 40


def read_field(name: str, table: Table) -> Field:
    """Return the field that a table describes; the table notes its mistakes."""
    role = table.choice("role", _READERS)
    if not role:
        return TextField(name, "ignore", 1, 1)
    field = _READERS[role](name, table)
    table.finish()
    return field


def time_tokens(text: str) -> list[str]:
    """Return a time format cut into tokens, runs of other letters, and runs of other characters."""
    return _TOKENS.findall(text)


def _value(name: str, table: Table) -> ValueField:
    site_from = table.text("site_from", "")
    kind = table.choice("kind", _STEMS if site_from else KINDS)
    digits = table.text("digits")
    if digits and not _DIGITS.fullmatch(digits):
        table.wrong(
            "digits", f"{digits!r}; want a # for each digit, such as '###', '###.#' or '##,#'"
        )
    unit_from = table.text("unit_from", "")
    unit = table.choice("unit", _units_of(kind), "") if unit_from else _unit(table, kind)
    if unit and unit_from:
        table.wrong("unit", f"{unit!r} beside unit_from = {unit_from!r}; want one of the two")
    scale = table.positive("scale")
    return ValueField(
        name=name,
        kind=kind,
        digits=digits if _DIGITS.fullmatch(digits) else "#",
        is_padded=table.flag("padded", default=True),
        missing=table.device_texts("missing"),
        unit=unit,
        unit_from=unit_from,
        site_from=site_from,
        scale=None if scale is None else Decimal(repr(scale)),
        is_sent_once=table.flag("sent_once", default=False),
        zero_is_a_value=table.flag("zero_is_a_value", default=False),
    )


def _unit(table: Table, kind: str) -> str:
    """Return the unit; note a mistake where it does not fit the kind."""
    unit = table.choice("unit", UNIT_NAMES)
    if unit and kind and unit not in _units_of(kind):
        table.wrong("unit", f"{unit!r} for {kind}; want one of: {', '.join(_units_of(kind))}")
    return unit


def _units_of(kind: str) -> tuple[str, ...]:
    named = [k.dimension for name, k in KINDS.items() if name.partition("@")[0] == kind]
    dimension = KINDS[kind].dimension if kind in KINDS else named[0] if named else None
    return UNIT_NAMES if dimension is None else tuple(UNITS[dimension])


def _word(role: str, meanings: tuple[str, ...]) -> Callable[[str, Table], WordField]:
    def read(name: str, table: Table) -> WordField:
        words = table.words("words", meanings)
        width = table.whole("width", _LONGEST_TEXT)
        too_long = [word for word in words if width and len(word) > width]
        if too_long:
            table.wrong("width", f"{width}; {too_long[0]!r} is longer")
        applies_to = table.texts("applies_to") if role == "status" else ()
        return WordField(name, role, words, width, frozenset(applies_to))

    return read


def _text(role: str) -> Callable[[str, Table], TextField]:
    def read(name: str, table: Table) -> TextField:
        width = table.whole("width", _LONGEST_TEXT)
        longest = table.whole("longest", _LONGEST_TEXT)
        if bool(width) == bool(longest):
            table.wrong("width", "want either width or longest")
        return TextField(name, role, width or 1, width or longest or 1)

    return read


def _time(name: str, table: Table) -> TimeField:
    text = table.text("format")
    tokens = time_tokens(text)
    for token in tokens:
        if token.isalpha() and token not in (*TIME_TOKENS, "T"):
            allowed = ", ".join(TIME_TOKENS)
            table.wrong("format", f"{text!r}; {token!r} is none of: {allowed}")
    if text and not set(tokens) & set(TIME_TOKENS):
        table.wrong("format", f"{text!r}; want at least one of: {', '.join(TIME_TOKENS)}")
    return TimeField(name, text, table.choice("of", ("line", "reading"), "line"))


_READERS: Final[Mapping[str, Callable[[str, Table], Field]]] = {
    "value": _value,
    "site": _word("site", _SITES),
    "unit": _word("unit", UNIT_NAMES),
    "status": _word("status", tuple(VERDICTS)),
    "serial": _text("serial"),
    "time": _time,
    "ignore": _text("ignore"),
}
