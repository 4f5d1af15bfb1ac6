"""Readers of the tables that describe the fields of a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from edge_agent.drivers.ascii_line.definition import (
    Field,
    TextField,
    TimeField,
    ValueField,
    WordField,
)
from edge_agent.drivers.ascii_line.vocabulary import KINDS, UNIT_NAMES, UNITS, VERDICTS
from edge_agent.model.toml_table import (
    FLAG,
    FieldType,
    TomlTable,
    number_from,
    shown,
    text_like,
    whole_from,
    word_of,
)

PRINTABLE: Final = text_like("[ -~]+", "a text of printable ASCII characters")
_LONGEST: Final = 40
_WORD: Final = text_like(f"[ -~]{{1,{_LONGEST}}}", f"1 to {_LONGEST} printable ASCII characters")
_WIDTH: Final = whole_from(1, _LONGEST)
_SCALE: Final = number_from(0, is_open=True)
_OF: Final = word_of(("line", "reading"))
_DIGITS: Final = text_like(
    "#{1,6}([.,]#{1,4})?", "a # for each digit, such as '###', '###.#' or '##,#'"
)
_TOKENS: Final = re.compile(r"YYYY|YY|MM|DD|hh|mm|ss|T|[A-Za-z]+|[^A-Za-z]+")
TIME_TOKENS: Final = ("YYYY", "YY", "MM", "DD", "hh", "mm", "ss")
_STEMS: Final = tuple(dict.fromkeys(name.partition("@")[0] for name in KINDS))
_SITES: Final = tuple(dict.fromkeys(name.partition("@")[2] for name in KINDS if "@" in name))


def device_text(encoding: str) -> FieldType[str]:
    """Return the type of texts as the device sends them, one character for each byte."""

    def read(seen: object) -> str | None:
        if not isinstance(seen, str) or not seen or "\r" in seen or "\n" in seen:
            return None
        try:
            return seen.encode(encoding).decode("latin-1")
        except UnicodeEncodeError:
            return None

    return FieldType(f"a text without line ends that {encoding} can write", read, "")


def read_field(name: str, table: TomlTable, encoding: str) -> Field:
    """Return the field that a table describes; the table notes its mistakes.

    Parameters
    ----------
    name
        Name of the field in patterns.
    encoding
        Character encoding of the device.
    """
    role = table.get("role", word_of(_READERS))
    if table.refused("role"):
        table.accept_rest()
        return TextField(name, "ignore", 1, 1)
    return _READERS[role](name, table, encoding)


def time_tokens(text: str) -> list[str]:
    """Return a time format cut into tokens, runs of other letters, and runs of other characters."""
    return _TOKENS.findall(text)


def _value(name: str, table: TomlTable, encoding: str) -> ValueField:
    site_from = table.get("site_from", PRINTABLE, "")
    kind = table.get("kind", word_of(_STEMS if site_from else KINDS))
    kind = "" if table.refused("kind") else kind
    unit_from = table.get("unit_from", PRINTABLE, "")
    unit = table.get("unit", word_of(_units_of(kind)), "" if unit_from else None)
    if unit and unit_from and not table.refused("unit"):
        table.wrong("unit", f"{unit!r} beside unit_from = {unit_from!r}; want one of the two")
    scale = table.find("scale", _SCALE)
    return ValueField(
        name=name,
        kind=kind,
        digits=table.get("digits", _DIGITS) or "#",
        is_padded=table.get("padded", FLAG, default=True),
        missing=tuple(dict.fromkeys(table.items("missing", device_text(encoding)))),
        unit=unit,
        unit_from=unit_from,
        site_from=site_from,
        scale=None if scale is None else Decimal(repr(scale)),
        is_sent_once=table.get("sent_once", FLAG, default=False),
        zero_is_a_value=table.get("zero_is_a_value", FLAG, default=False),
    )


def _units_of(kind: str) -> tuple[str, ...]:
    named = [k.dimension for name, k in KINDS.items() if name.partition("@")[0] == kind]
    dimension = KINDS[kind].dimension if kind in KINDS else named[0] if named else None
    return UNIT_NAMES if dimension is None else tuple(UNITS[dimension])


def _word(role: str, meanings: tuple[str, ...]) -> Callable[[str, TomlTable, str], WordField]:
    def read(name: str, table: TomlTable, encoding: str) -> WordField:
        words = _words(table, encoding, word_of(meanings))
        width = table.get("width", _WIDTH, 0)
        too_long = [word for word in words if width and len(word) > width]
        if too_long and not table.refused("width"):
            table.wrong("width", f"{width}; {too_long[0]!r} is longer")
        applies_to = table.items("applies_to", _WORD) if role == "status" else ()
        return WordField(name, role, words, width, frozenset(applies_to))

    return read


def _words(table: TomlTable, encoding: str, meaning: FieldType[str]) -> dict[str, str]:
    """Return the words as the device sends them, with their meanings."""
    inside, found, text = table.table("words"), dict[str, str](), device_text(encoding)
    if not list(inside) and not table.refused("words"):
        table.wrong("words", "missing; want a table of words with their meanings")
    for word in inside:
        sent, meant = text.read(word), inside.get(word, meaning)
        if sent is None or len(sent) > _LONGEST:
            inside.wrong(word or '""', f"{shown(word)}; want {text.want}, at most {_LONGEST} bytes")
        else:
            found[sent] = meant
    return found


def _text(role: str) -> Callable[[str, TomlTable, str], TextField]:
    def read(name: str, table: TomlTable, _: str) -> TextField:
        width, longest = table.get("width", _WIDTH, 0), table.get("longest", _WIDTH, 0)
        if bool(width) == bool(longest):
            table.wrong("width", "want either width or longest")
        return TextField(name, role, width or 1, width or longest or 1)

    return read


def _time(name: str, table: TomlTable, _: str) -> TimeField:
    text = table.get("format", PRINTABLE)
    tokens = time_tokens(text)
    for token in tokens:
        if token.isalpha() and token not in (*TIME_TOKENS, "T"):
            table.wrong("format", f"{text!r}; {token!r} is none of {', '.join(TIME_TOKENS)}")
    if text and not set(tokens) & set(TIME_TOKENS):
        table.refuse("format", f"at least one of {', '.join(TIME_TOKENS)}")
    return TimeField(name, text, table.get("of", _OF, "line"))


_READERS: Final[Mapping[str, Callable[[str, TomlTable, str], Field]]] = {
    "value": _value,
    "site": _word("site", _SITES),
    "unit": _word("unit", UNIT_NAMES),
    "status": _word("status", tuple(VERDICTS)),
    "serial": _text("serial"),
    "time": _time,
    "ignore": _text("ignore"),
}
