"""Vital signs from a table: CSV, also gzipped, or Parquet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from edge_agent.model.durations import DAY_S
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.recorded.cells import (
    Cell,
    CellError,
    Row,
    TableRow,
    number_of,
    part_of,
    why_no_number,
)
from edge_agent.recorded.mapping import (
    FileMapping,
    MappedColumn,
    looks_like,
    own_columns,
    own_names,
)
from edge_agent.recorded.mapping_file import load_mapping
from edge_agent.recorded.moments import FileMoment, RecordedValue, value_of, without_repeats
from edge_agent.recorded.parquet_table import ParquetTable
from edge_agent.recorded.table_clock import (
    LONGEST_GAP_S,
    LONGEST_STAY_S,
    TableClock,
    clock_of,
    why_back,
)
from edge_agent.recorded.text_table import TextTable

MOST_MISTAKES: Final = 20
"""Number of bad rows that a message names, at most."""
_EXAMINED_ROWS: Final = 500
"""Number of a patient's first rows from which the format of its times is recognised."""
_MANY_DAYS: Final = 1e6


class _Table(Protocol):
    """A file of rows."""

    header: Sequence[str]
    separator: str
    is_plain: bool

    def rows(self) -> Iterator[TableRow]:
        """Yield each row with its line in the file, and the reason where it cannot be read."""


class _EndError(CellError):
    """A row after which the rest of the file cannot be used."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table whose columns are assigned."""

    path: Path
    mapping: FileMapping
    where: Mapping[str, str]
    clock: TableClock
    _table: _Table

    @property
    def start_utc_ns(self) -> int | None:
        """Moment of time 0, where the mapping or the first row says so."""
        return self.clock.start_utc_ns

    @property
    def is_plain(self) -> bool:
        """True where any reader of such a file finds the same in each cell."""
        mapping = self.mapping
        is_usual = mapping.decimal == "." and not mapping.time_format
        is_simple = all(c.part is None and not c.words for c in mapping.columns)
        return self._table.is_plain and is_usual and is_simple and mapping.zone_is_utc

    @property
    def left_out(self) -> list[str]:
        """Names of the columns that are not read."""
        used = {self.mapping.time, *self.where, *(c.name for c in self.mapping.columns)}
        return [name for name in self._table.header if name not in used and name]

    @property
    def notes(self) -> list[str]:
        """Assumptions about the file that neither it nor a mapping states."""
        separator = self._table.separator
        cells = f"cells are separated by {separator!r}" if separator not in {"", ","} else ""
        guesses = looks_like(self.left_out).removeprefix(". ")
        return [note for note in (self.clock.note, cells, guesses) if note]

    def moments(self) -> Iterator[FileMoment]:
        """Yield the values in the file, row by row.

        Raises
        ------
        ConfigError
            At the end, with the rows that cannot be read or go back in time.
        """
        held = frozenset(column.series for column in self.mapping.columns if column.is_held)
        return without_repeats(self._rows(), held)

    def _rows(self) -> Iterator[FileMoment]:
        mistakes: list[Mistake] = []
        newest_s = -math.inf
        is_empty = True
        for line, row, why in self._table.rows():
            try:
                if not _is_chosen(row, why, self.where):
                    continue
                is_empty = False
                moment = self._moment(row, newest_s)
            except CellError as error:
                mistakes.append(Mistake(f"{self.path}, line {line}", error.column, str(error)))
                if len(mistakes) >= MOST_MISTAKES or isinstance(error, _EndError):
                    break
                continue
            newest_s = moment.at_s
            yield moment
        if is_empty and not mistakes:
            wanted = ", ".join(f"{name}={value}" for name, value in self.where.items())
            why = "no such row" if wanted else "has no row below the names of its columns"
            mistakes.append(Mistake(str(self.path), wanted or "-", why))
        if mistakes:
            raise ConfigError(tuple(mistakes))

    def _moment(self, row: Row, newest_s: float) -> FileMoment:
        time = self.mapping.time
        at_s = self.clock.at_s(row[time], newest_s)
        if at_s < newest_s:
            message = f"is {at_s:.10g} s; want no earlier than the row before, {newest_s:.10g} s"
            why = why_back(newest_s - at_s, is_dated=self.clock.is_dated)
            raise CellError(time, message + why)
        if why := _why_ahead(at_s, newest_s):
            raise _EndError(time, why)
        values = (self._value(column, row[column.name]) for column in self.mapping.columns)
        return FileMoment(at_s, tuple(value for value in values if value is not None))

    def _value(self, column: MappedColumn, seen: Cell) -> RecordedValue | None:
        """Return a cell's value, None where the device sent nothing."""
        if seen is None or (isinstance(seen, str) and not seen.strip()):
            return None
        if isinstance(seen, str) and seen.strip().casefold() in column.words:
            return _no_value(column, f"{seen.strip()!r} stands for no value")
        part = seen if column.part is None else part_of(seen, column.part)
        if part == "":
            return None
        decimal = self.mapping.decimal
        number = number_of(part, decimal)
        if number is None and column.part is not None:
            message = f"is {seen!r}; want a pair such as 122/73, or nothing"
            raise CellError(column.name, message)
        if number is None or math.isinf(number):
            why = why_no_number(seen, decimal)
            raise CellError(column.name, f"is {seen!r}; want a number, or nothing{why}")
        return column_value(column, number)


def _why_ahead(at_s: float, newest_s: float) -> str:
    """Return why a row lies too far ahead for the same stay; empty where it does not."""
    is_first = math.isinf(newest_s)
    ahead_s = abs(at_s - (0.0 if is_first else newest_s))
    if ahead_s <= LONGEST_GAP_S and at_s <= LONGEST_STAY_S:
        return ""
    if is_first:
        return f"begins {_days(ahead_s)} days from time 0; want time_unit, or start, in a mapping"
    if ahead_s <= LONGEST_GAP_S:
        return f"is {_days(at_s)} days after time 0; a stay of at most 366 days can be read"
    return (
        f"is {_days(ahead_s)} days after the row before; was the clock set there? Cut the "
        "file in two, or correct the times; if the unit is another, set time_unit in a mapping"
    )


def _days(seconds: float) -> str:
    days = seconds / DAY_S
    return f"{days:.0f}" if days < _MANY_DAYS else f"{days:.3g}"


def _is_chosen(row: Row, why: str, where: Mapping[str, str]) -> bool:
    if why:
        raise CellError("-", why)
    return all(str(row[name]) == wanted for name, wanted in where.items())


def _no_value(column: MappedColumn, reason: str) -> RecordedValue | None:
    """Return a value that is missing for a reason, None in a series of spot readings."""
    fields = (column.kind, column.site, None, column.unit_code, reason, column.is_spot)
    value = RecordedValue(*fields)
    return None if value.is_occasional else value


def column_value(column: MappedColumn, number: float) -> RecordedValue | None:
    """Return the value of a number in a column.

    NaN means that the device measured nothing. In a series of spot readings it fills the gap
    between two readings: None.
    """
    kind, site, unit_code = column.kind, column.site, column.unit_code
    if number in column.missing:
        reason = f"{number:g} stands for no value"
        return RecordedValue(kind, site, None, unit_code, reason, column.is_spot)
    value = value_of(kind, site, number * column.scale, unit_code, is_spot=column.is_spot)
    return None if math.isnan(number) and value.is_occasional else value


def open_table(path: Path, mapping_source: str | None, where: Mapping[str, str]) -> TableFile:
    """Return a table, with its columns assigned by a mapping or by their own names.

    Parameters
    ----------
    path
        Parquet (`.parquet`), else CSV, gzipped (`.gz`) or not.
    mapping_source
        A mapping's name or file; None: columns are named after the canonical kinds.
    where
        Columns, and the text that selected rows have there.

    Raises
    ------
    ConfigError
        With every mismatch.
    """
    chosen = None if mapping_source is None else load_mapping(mapping_source)
    table = _opened(path, chosen)
    header = table.header
    mapping = own_names(header, str(path)) if chosen is None else _completed(chosen, header)
    wanted = [mapping.time, *(column.name for column in mapping.columns), *where]
    mistakes = [
        Mistake(str(path), name, f"no such column; has {', '.join(header)}")
        for name in dict.fromkeys(wanted)
        if name not in header
    ]
    mistakes += [
        Mistake(str(path), name, f"holds several patients; choose one with --where {name}=...")
        for name in mapping.where
        if name not in where
    ]
    mistakes += [
        Mistake(str(path), name, "is the name of two columns")
        for name in sorted(set(wanted))
        if list(header).count(name) > 1
    ]
    series = [column.series for column in mapping.columns]
    mistakes += [
        Mistake(str(path), column.name, f"is a second {column.kind}; give it a site of its own")
        for index, column in enumerate(mapping.columns)
        if column.series in series[:index] and list(header).count(column.name) == 1
    ]
    if not mapping.columns:
        message = f"none is a vital sign: {', '.join(header)}; want [[column]] in the mapping"
        mistakes.append(Mistake(str(path), "columns", message + looks_like(header)))
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return TableFile(path, mapping, where, _clock(path, table, mapping, where), table)


def _opened(path: Path, mapping: FileMapping | None) -> _Table:
    if path.name.casefold().endswith(".parquet"):
        return ParquetTable(path)
    if mapping is None:
        return TextTable(path)
    return TextTable(path, mapping.separator, mapping.encoding)


def _completed(mapping: FileMapping, header: Sequence[str]) -> FileMapping:
    """Return a complete mapping; columns go by their own names where it names none."""
    if mapping.columns:
        return mapping
    columns = tuple(
        replace(column, missing=mapping.missing, words=mapping.words)
        for column in own_columns(header)
    )
    return replace(mapping, columns=columns)


def _clock(path: Path, table: _Table, mapping: FileMapping, where: Mapping[str, str]) -> TableClock:
    """Return the reader of the selected rows' times, recognised from the first of them."""
    cells: list[Cell] = []
    rows = (row for _, row, why in table.rows() if not why)
    chosen = (row for row in rows if _is_chosen(row, "", where))
    cells = [row[mapping.time] for row in islice(chosen, _EXAMINED_ROWS)]
    try:
        return clock_of(mapping, cells)
    except CellError as error:
        raise ConfigError((Mistake(str(path), error.column, str(error)),)) from error
