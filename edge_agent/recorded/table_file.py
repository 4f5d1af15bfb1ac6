"""Vital signs from a table: CSV, also gzipped, or Parquet."""

from __future__ import annotations

import csv
import gzip
import importlib
import math
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.recorded.mapping import load_mapping, own_names
from edge_agent.recorded.moments import (
    Moment,
    RecordedValue,
    moment_utc_ns,
    value_of,
    without_repeats,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from edge_agent.recorded.mapping import Column, FileMapping

    Cell = object
    Row = Mapping[str, Cell]

MOST_MISTAKES: Final = 20
"""So many bad rows are named; who has more wants to see the first ones."""
_BATCH_ROWS: Final = 65_536
_UNREADABLE: Final = (csv.Error, UnicodeDecodeError, EOFError, zlib.error, gzip.BadGzipFile)


class _Table(Protocol):
    """A file of rows."""

    header: Sequence[str]

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Yield each row with its line in the file; a row of another length is empty."""


class _CellError(ValueError):
    """A cell cannot be read."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table whose columns are understood."""

    path: Path
    mapping: FileMapping
    where: Mapping[str, str]
    start_utc_ns: int | None
    """When time 0 was, where the mapping or the first row says so."""
    _table: _Table

    def moments(self) -> Iterator[Moment]:
        """Yield what the file says, row by row.

        Raises
        ------
        ConfigError
            At the end, with the rows that could not be read or go back in time.
        """
        held = frozenset(column.series for column in self.mapping.columns if column.is_held)
        return without_repeats(self._rows(), held)

    def _rows(self) -> Iterator[Moment]:
        mistakes: list[Mistake] = []
        newest_s = -math.inf
        is_empty = True
        for line, row in self._table.rows():
            try:
                if not self._is_chosen(row):
                    continue
                is_empty = False
                moment = self._moment(row, newest_s)
            except _CellError as error:
                mistakes.append(Mistake(f"{self.path}, line {line}", error.column, str(error)))
                if len(mistakes) >= MOST_MISTAKES:
                    break
                continue
            newest_s = moment.at_s
            yield moment
        if is_empty and not mistakes:
            wanted = ", ".join(f"{name}={value}" for name, value in self.where.items())
            mistakes.append(Mistake(str(self.path), wanted or "-", "no such row"))
        if mistakes:
            raise ConfigError(tuple(mistakes))

    def _is_chosen(self, row: Row) -> bool:
        if not row:
            raise _CellError("-", f"has another number of cells; want {len(self._table.header)}")
        return all(str(row[name]) == wanted for name, wanted in self.where.items())

    def _moment(self, row: Row, newest_s: float) -> Moment:
        at_s = self._at_s(row[self.mapping.time])
        if at_s < newest_s:
            message = f"is {at_s:.10g} s; want no earlier than the row before, {newest_s:.10g} s"
            raise _CellError(self.mapping.time, message)
        values = (self._value(column, row[column.name]) for column in self.mapping.columns)
        return Moment(at_s, tuple(value for value in values if value is not None))

    def _at_s(self, seen: Cell) -> float:
        utc_ns = moment_utc_ns(seen)
        if utc_ns is not None and self.start_utc_ns is not None:
            return (utc_ns - self.start_utc_ns) / 1e9
        number = _number(seen)
        if number is None or not (math.isfinite(number) and self.mapping.time_scale_s):
            wanted = "a number, or ISO 8601" if self.mapping.time_scale_s else "ISO 8601"
            raise _CellError(self.mapping.time, f"is {seen!r}; want {wanted}")
        return number * self.mapping.time_scale_s

    def _value(self, column: Column, seen: Cell) -> RecordedValue | None:
        """Return a cell's value, None where nothing was sent."""
        if seen is None or seen == "":
            return None
        number = _number(seen)
        if number is None or math.isinf(number):
            raise _CellError(column.name, f"is {seen!r}; want a number, or nothing")
        return column_value(column, number)


def column_value(column: Column, number: float) -> RecordedValue | None:
    """Return what a number in a column says.

    Not a number means that nothing was measured; where readings are taken now and then it is
    what stands between them, and says nothing: None.
    """
    kind, site, unit_code = column.kind, column.site, column.unit_code
    if number in column.missing:
        reason = f"{number:g} stands for no value"
        return RecordedValue(kind, site, None, unit_code, reason, column.is_spot)
    value = value_of(kind, site, number, unit_code, is_spot=column.is_spot)
    return None if math.isnan(number) and value.is_occasional else value


def open_table(path: Path, mapping_place: str | None, where: Mapping[str, str]) -> TableFile:
    """Return a table, its columns understood by a mapping or by their own names.

    Parameters
    ----------
    path
        CSV (`.csv`, `.csv.gz`) or Parquet (`.parquet`).
    mapping_place
        A mapping's name or file; None: columns are named after the canonical kinds.
    where
        Columns and the text that chosen rows have there.

    Raises
    ------
    ConfigError
        With everything that does not fit.
    """
    table: _Table = _ParquetTable(path) if path.suffix == ".parquet" else _CsvTable(path)
    header = table.header
    mapping = own_names(header, str(path)) if mapping_place is None else load_mapping(mapping_place)
    wanted = [mapping.time, *(column.name for column in mapping.columns), *where]
    mistakes = [
        Mistake(str(path), name, f"no such column; has {', '.join(header)}")
        for name in wanted
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
        for place, column in enumerate(mapping.columns)
        if column.series in series[:place]
    ]
    if mistakes:
        raise ConfigError(tuple(mistakes))
    start = mapping.start_utc_ns
    if start is None:
        first = [row for _, row in islice(table.rows(), 1)]
        start = moment_utc_ns(first[0].get(mapping.time)) if first else None
    return TableFile(path, mapping, where, start, table)


class _CsvTable:
    def __init__(self, path: Path) -> None:
        self._path = path
        with self._opened() as lines:
            self.header: Sequence[str] = next(csv.reader(lines), [])
        if not self.header:
            raise ConfigError((Mistake(str(path), "-", "is empty; want a line of column names"),))

    def rows(self) -> Iterator[tuple[int, Row]]:
        with self._opened() as lines:
            reader = csv.reader(lines)
            next(reader)
            for cells in reader:
                if cells:
                    is_whole = len(cells) == len(self.header)
                    row = dict(zip(self.header, cells, strict=True)) if is_whole else {}
                    yield reader.line_num, row

    @contextmanager
    def _opened(self) -> Iterator[Iterator[str]]:
        opener = gzip.open if self._path.suffix == ".gz" else open
        try:
            # spreadsheets put a mark before the first column's name
            with opener(self._path, "rt", encoding="utf-8-sig", newline="") as lines:
                yield lines
        except _UNREADABLE as error:
            message = f"cannot be read: {error}; want CSV in UTF-8"
            raise ConfigError((Mistake(str(self._path), "-", message),)) from error


class _ParquetTable:
    def __init__(self, path: Path) -> None:
        # imported late: a gateway has no use for it
        try:
            parquet = importlib.import_module("pyarrow.parquet")
        except ModuleNotFoundError as error:
            message = f"needs {error.name}, of the study extra: pip install 'crswatch[study]'"
            raise ConfigError((Mistake(str(path), "-", message),)) from error
        try:
            self._file = parquet.ParquetFile(path)
        except ValueError as error:
            message = f"cannot be read as Parquet: {error}"
            raise ConfigError((Mistake(str(path), "-", message),)) from error
        self.header: Sequence[str] = self._file.schema_arrow.names

    def rows(self) -> Iterator[tuple[int, Row]]:
        line = 0
        for batch in self._file.iter_batches(batch_size=_BATCH_ROWS):
            for row in batch.to_pylist():
                line += 1
                yield line, row


def _number(seen: Cell) -> float | None:
    if not isinstance(seen, str | int | float) or isinstance(seen, bool):
        return None
    try:
        return float(seen)
    except ValueError:
        return None
