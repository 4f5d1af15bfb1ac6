"""Reader of TOML tables, field by field, that collects every mistake."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from edge_agent.model.errors import ConfigError, Mistake, RuleError
from edge_agent.model.texts import toml_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")
LARGEST: Final = 1e9
"""Largest number in a file of rules."""


@dataclass(frozen=True, slots=True)
class FieldType(Generic[T]):
    """Allowed values of a field."""

    want: str
    """Allowed values, for messages."""
    read: Callable[[object], T | None]
    """Function that returns the field's value, None where it is not allowed."""
    stand_in: T
    """Value used in place of a wrong one, so that reading finds the next mistake."""


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
        is_within = (seen > low or (seen == low and not is_open)) and seen <= high
        return float(seen) if is_within else None

    return FieldType(f"a number {'>' if is_open else '>='} {low:g}, <= {high:.10g}", read, 0.0)


def whole_from(low: int) -> FieldType[int]:
    """Return the type of whole numbers not below `low`."""
    return FieldType(
        f"a whole number >= {low}, <= {LARGEST:.10g}",
        lambda seen: seen if type(seen) is int and low <= seen <= LARGEST else None,
        low,
    )


def one_of(choices: Mapping[str, T]) -> FieldType[T]:
    """Return the type of texts that name one of `choices`."""
    return FieldType(
        " | ".join(choices),
        lambda seen: choices.get(seen) if isinstance(seen, str) else None,
        next(iter(choices.values())),
    )


def list_of(item: FieldType[T]) -> FieldType[tuple[T, ...]]:
    """Return the type of lists whose items are all of one type."""

    def read(seen: object) -> tuple[T, ...] | None:
        if not isinstance(seen, list):
            return None
        items = tuple(value for value in map(item.read, seen) if value is not None)
        return items if len(items) == len(seen) else None

    return FieldType(f"a list, each item {item.want}", read, ())


FLAG: Final[FieldType[bool]] = FieldType(
    "true | false", lambda seen: seen if isinstance(seen, bool) else None, stand_in=False
)


class TomlTable:
    """One table of a file; returns fields by name and notes mistakes in them.

    Parameters
    ----------
    source_name
        The file, for messages.
    key
        Path of the table in the file; empty for the file itself.
    fields
        The table's content.
    mistakes
        List to which mistakes are added; shared by all tables of one file.
    """

    def __init__(
        self, source_name: str, key: str, fields: Mapping[str, object], mistakes: list[Mistake]
    ) -> None:
        self._source_name = source_name
        self._key = key
        self._fields = fields
        self._known: set[str] = set()
        self._refused: set[str] = set()
        self._mistakes = mistakes

    def __contains__(self, name: str) -> bool:
        self._known.add(name)
        return name in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def wrong(self, name: str, message: str) -> None:
        """Note a mistake in the field `name`."""
        self._refused.add(name)
        key = ".".join(part for part in (self._key, name) if part)
        self._mistakes.append(Mistake(self._source_name, key, message))

    def refused(self, name: str) -> bool:
        """Return True if the field `name` was read and is wrong."""
        return name in self._refused

    def take(self, name: str, kind: FieldType[T], default: T | None = None) -> T:
        """Return the field `name`, or the default where it is missing; None: it is required."""
        self._known.add(name)
        if name not in self._fields:
            if default is None:
                self.wrong(name, f"missing; want {kind.want}")
            return kind.stand_in if default is None else default
        value = kind.read(self._fields[name])
        if value is None:
            self.wrong(name, f"{self._fields[name]!r}; want {kind.want}")
            return kind.stand_in
        return value

    def table(self, name: str) -> TomlTable:
        """Return the table `name`, an empty one if it is missing or not a table."""
        self._known.add(name)
        seen = self._fields.get(name)
        if not isinstance(seen, dict):
            self.wrong(name, "missing; want a table" if seen is None else f"{seen!r}; want a table")
            seen = {}
        return self._below(name, seen)

    def tables(self, name: str) -> list[TomlTable]:
        """Return the tables listed under `name`; note a mistake if there is none."""
        self._known.add(name)
        seen = self._fields.get(name)
        if not isinstance(seen, list) or not seen:
            self.wrong(name, f"{seen!r}; want a list of tables")
            return []
        for index, item in enumerate(seen):
            if not isinstance(item, dict):
                self.wrong(f"{name}[{index}]", f"{item!r}; want a table")
        return [
            self._below(f"{name}[{index}]", item)
            for index, item in enumerate(seen)
            if isinstance(item, dict)
        ]

    def reject_unknown(self) -> None:
        """Note every field that was never read as a mistake."""
        for name in self._fields:
            if name not in self._known:
                self.wrong(name, f"unknown key; known here: {', '.join(sorted(self._known))}")

    def _below(self, name: str, fields: Mapping[str, object]) -> TomlTable:
        key = ".".join(part for part in (self._key, name) if part)
        return TomlTable(self._source_name, key, fields, self._mistakes)


def read_toml(source_name: str, text: str) -> dict[str, object]:
    """Return the content of a TOML text.

    Raises
    ------
    RuleError
        If the text is not TOML.
    """
    try:
        return toml_of(text, source_name)
    except ConfigError as error:
        raise RuleError(error.mistakes) from error
