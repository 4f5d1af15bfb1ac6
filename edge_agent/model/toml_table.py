"""Reader of TOML files, field by field, that reports every mistake of a file at once."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from difflib import get_close_matches
from enum import Enum
from typing import Final, Generic, TypeVar

from edge_agent.model.errors import ConfigError, Mistake, RuleError
from edge_agent.model.texts import toml_of

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
EnumT = TypeVar("EnumT", bound=Enum)
LARGEST: Final = 1e9
"""Largest number where a field has no limit of its own."""
_LONGEST_SHOWN: Final = 200
_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class FieldType(Generic[T_co]):
    """Allowed values of a field."""

    want: str
    """Allowed values, for messages."""
    read: Callable[[object], T_co | None]
    """Function that returns the field's value, None where it is not allowed."""
    stand_in: T_co
    """Value used in place of a wrong one, so that reading finds the next mistake."""
    is_shown: bool = True
    """False for a value that may be a secret or a name; no message repeats it."""

    def refusal(self, seen: object) -> str:
        """Return the message about a value that is not allowed."""
        return f"{shown(seen) if self.is_shown else 'its value is not shown'}; want {self.want}"


def shown(seen: object) -> str:
    """Return a value for a message: much as it stands in the file, and limited in length."""
    text = repr(seen)
    if isinstance(seen, bool):
        text = text.lower()
    elif isinstance(seen, date | time):
        text = str(seen)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def unknown_key(name: str, known: Iterable[str]) -> str:
    """Return the message about a key that has no meaning in its table."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    return f"unknown key; known here: {', '.join(names)}" + "".join(
        f"; did you mean {key}?" for key in near
    )


def text_like(pattern: str, want: str) -> FieldType[str]:
    """Return the type of texts that match the whole `pattern`."""
    return FieldType(
        want,
        lambda seen: seen if isinstance(seen, str) and re.fullmatch(pattern, seen) else None,
        "",
    )


def number_from(low: float, high: float = LARGEST, *, is_open: bool = False) -> FieldType[float]:
    """Return the type of numbers from `low` to `high`; `is_open`: above `low`."""

    def read(seen: object) -> float | None:
        if isinstance(seen, bool) or not isinstance(seen, int | float) or not math.isfinite(seen):
            return None
        is_within = low <= seen <= high and not (is_open and seen == low)
        return float(seen) if is_within else None

    want = f"a number {'above' if is_open else 'from'} {low:.15g} to {high:.15g}"
    return FieldType(want, read, low)


def whole_from(low: int, high: int = int(LARGEST)) -> FieldType[int]:
    """Return the type of whole numbers from `low` to `high`."""
    return FieldType(
        f"a whole number from {low} to {high}",
        lambda seen: seen if type(seen) is int and low <= seen <= high else None,
        low,
    )


def one_of(choices: Mapping[str, T]) -> FieldType[T]:
    """Return the type of texts that name one of `choices`."""
    is_quoted = not all(name.strip(" ,.") for name in choices)
    names = ", ".join(repr(name) if is_quoted else name for name in choices)
    return FieldType(
        f"one of {names}" if len(choices) > 1 else names,
        lambda seen: choices.get(seen) if isinstance(seen, str) else None,
        next(iter(choices.values())),
    )


def word_of(words: Iterable[str]) -> FieldType[str]:
    """Return the type of texts that are one of `words`."""
    return one_of({word: word for word in words})


def member_of(members: type[EnumT]) -> FieldType[EnumT]:
    """Return the type of texts that are the value of a member."""
    return one_of({str(member.value): member for member in members})


FLAG: Final[FieldType[bool]] = FieldType(
    "true or false", lambda seen: seen if isinstance(seen, bool) else None, stand_in=False
)
TEXT: Final = text_like(r"(?s).*\S.*", "a text that is not empty")
NAME: Final = text_like(
    r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}",
    "1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first; "
    "never the name of a patient",
)
"""Name of a bed, a gateway, a ward or a site: a topic segment and a tag value."""
ANY_TEXT: Final = text_like(r"(?s).*", "a text")


def read_toml(
    text: str,
    source: str,
    read: Callable[[TomlTable], T],
    error: type[ConfigError | RuleError] = ConfigError,
) -> T:
    """Return the value that `read` makes of a TOML text.

    Parameters
    ----------
    read
        Function that takes every known field from the file's table and the tables in it.
    error
        Class of the error that is raised.

    Raises
    ------
    ConfigError, RuleError
        If the text is not TOML, or with every mistake in it; a field that was not accepted is one.
    """
    try:
        content = toml_of(text, source)
    except ConfigError as wrong:
        raise error(wrong.mistakes) from wrong
    found = _OpenedTables(source, [], [])
    value = read(TomlTable("", content, found))
    for table in found.tables:
        table.reject_unknown()
    if found.mistakes:
        raise error(tuple(found.mistakes))
    return value


@dataclass(frozen=True, slots=True)
class _OpenedTables:
    """Tables of one file that were opened so far, and the mistakes in them."""

    source: str
    mistakes: list[Mistake]
    tables: list[TomlTable]


class TomlTable:
    """One table of a file; returns fields by name and notes mistakes in them.

    Parameters
    ----------
    key
        Path of the table in the file; empty for the file itself.
    fields
        The table's content.
    found
        Record shared by all tables of one file.
    """

    def __init__(self, key: str, fields: Mapping[str, object], found: _OpenedTables) -> None:
        self._key = key
        self._fields = fields
        self._found = found
        self._known: set[str] = set()
        self._refused: set[str] = set()
        found.tables.append(self)

    def __contains__(self, name: str) -> bool:
        self._known.add(name)
        return name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def wrong(self, name: str, message: str) -> None:
        """Note a mistake in the field `name`; an empty name is the table itself."""
        self._refused.add(name)
        mistake = Mistake(self._found.source, self._path(name) or "-", message)
        if mistake not in self._found.mistakes:
            self._found.mistakes.append(mistake)

    def refuse(self, name: str, want: str) -> None:
        """Note that the value of a field does not go with the others."""
        self.wrong(name, f"{shown(self._fields.get(name))}; want {want}")

    def refused(self, *names: str) -> bool:
        """Return True if one of the fields was read and is wrong; without a name: any field."""
        return bool(self._refused.intersection(names) if names else self._refused)

    def any_wrong(self) -> bool:
        """Return True if a mistake was noted so far in any table of the file."""
        return bool(self._found.mistakes)

    def get(self, name: str, kind: FieldType[T], default: T | None = None) -> T:
        """Return the field `name`, or the default where it is missing; None: it is required."""
        if name in self:
            return self._read(name, self._fields[name], kind)
        if default is not None:
            return default
        self.wrong(name, f"missing; want {kind.want}")
        return kind.stand_in

    def find(self, name: str, kind: FieldType[T]) -> T | None:
        """Return the field `name`, None where it is missing."""
        return self._read(name, self._fields[name], kind) if name in self else None

    def items(self, name: str, kind: FieldType[T]) -> tuple[T, ...]:
        """Return the right values of the list `name`; none where it is missing."""
        seen = self._fields[name] if name in self else []
        if not isinstance(seen, list):
            self.wrong(name, f"{shown(seen)}; want a list, each item {kind.want}")
            return ()
        found = []
        for index, item in enumerate(seen):
            value = kind.read(item)
            if value is None:
                self.wrong(f"{name}[{index}]", kind.refusal(item))
            else:
                found.append(value)
        return tuple(found)

    def some(self, name: str, kind: FieldType[T]) -> tuple[T, ...]:
        """Return the right values of the list `name`, which needs at least one item."""
        if self._fields.get(name, []) == []:
            state = "[]" if name in self else "missing"
            self.wrong(name, f"{state}; want at least one item, {kind.want}")
        return self.items(name, kind)

    def table(self, name: str, *, is_required: bool = False) -> TomlTable:
        """Return the table `name`, an empty one if it is missing or not a table."""
        seen = self._fields[name] if name in self else None
        if isinstance(seen, dict):
            return TomlTable(self._path(name), seen, self._found)
        if seen is not None or is_required:
            state = "missing" if seen is None else shown(seen)
            self.wrong(name, f"{state}; want a table [{self._header(name)}]")
        # of a table that is something else, no field is missing
        found = self._found if seen is None else _OpenedTables(self._found.source, [], [])
        return TomlTable(self._path(name), {}, found)

    def tables(self, name: str, *, is_required: bool = False) -> list[TomlTable]:
        """Return the tables listed under `name`; if required, there must be one."""
        seen = self._fields[name] if name in self else None
        listed = seen if isinstance(seen, list) else []
        if (is_required and not listed) or (seen is not None and listed is not seen):
            state = "missing" if seen is None else shown(seen)
            self.wrong(name, f"{state}; want a list of tables [[{self._header(name)}]]")
        tables = []
        for index, item in enumerate(listed):
            if isinstance(item, dict):
                tables.append(TomlTable(self._path(f"{name}[{index}]"), item, self._found))
            else:
                self.wrong(f"{name}[{index}]", f"{shown(item)}; want a table")
        return tables

    def accept_rest(self) -> None:
        """Accept every other field, where a wrong one decides which are known."""
        self._known.update(self._fields)

    def reject_unknown(self) -> None:
        """Note every field that was never read as a mistake."""
        for name in self._fields:
            if name not in self._known:
                self.wrong(name or '""', unknown_key(name, self._known))

    def _read(self, name: str, seen: object, kind: FieldType[T]) -> T:
        value = kind.read(seen)
        if value is None:
            self.wrong(name, kind.refusal(seen))
            return kind.stand_in
        return value

    def _path(self, name: str) -> str:
        return ".".join(part for part in (self._key, name) if part)

    def _header(self, name: str) -> str:
        return _INDEX.sub("", self._path(name))
