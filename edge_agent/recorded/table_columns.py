"""Column-wise reading of a table of vital signs, many times as fast as row by row.

It needs pyarrow and a table without a mistake. On None the caller reads the rows, which names
each mistake.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge_agent.model.measurements import VitalKind
from edge_agent.recorded.mapping import FileMapping, MappedColumn
from edge_agent.recorded.moments import CODE_OF, Series, moment_utc_ns
from edge_agent.recorded.table_clock import LONGEST_GAP_S, LONGEST_STAY_S
from edge_agent.recorded.table_file import TableFile
from edge_agent.vitals.canonical import CODES
from edge_agent.vitals.units import CONVERSIONS

Floats = npt.NDArray[np.float64]
_PARQUET: Final = ".parquet"


@dataclass(frozen=True, slots=True)
class TableColumns:
    """Readings of a table."""

    first_s: float
    """Time of the first row, seconds."""
    last_s: float
    """Time of the last row, seconds."""
    rows: int
    readings: Mapping[Series, tuple[Floats, Floats]]
    """Times, seconds, and values in the canonical unit, NaN for "no value"; shape (n,) each."""


def table_columns(table: TableFile) -> TableColumns | None:
    """Return the readings of a table of one patient, None where it must be read row by row."""
    if table.where or not table.is_plain:
        return None
    try:
        arrow = importlib.import_module("pyarrow")
    except ModuleNotFoundError:
        return None
    try:
        cells = _cells(arrow, table)
        times_s = _times_s(arrow, cells[table.mapping.time], table)
        numbers = [_numbers(arrow, cells[column.name]) for column in table.mapping.columns]
    except arrow.ArrowInvalid:
        return None
    if times_s is None or not times_s.size or any(pair is None for pair in numbers):
        return None
    if not np.isfinite(times_s).all() or not _is_one_stay(times_s):
        return None
    readings = {}
    for column, pair in zip(table.mapping.columns, numbers, strict=True):
        if pair is not None and pair[1].any():
            readings[column.series] = _readings(column, times_s, *pair)
    return TableColumns(float(times_s[0]), float(times_s[-1]), int(times_s.size), readings)


def _is_one_stay(times_s: Floats) -> bool:
    """Return True where time neither goes back nor jumps."""
    steps = np.diff(times_s)
    is_in_order = bool(((steps >= 0) & (steps <= LONGEST_GAP_S)).all())
    begins_near = abs(float(times_s[0])) <= LONGEST_GAP_S
    return is_in_order and begins_near and float(times_s[-1]) <= LONGEST_STAY_S


def _cells(arrow: Any, table: TableFile) -> Any:  # noqa: ANN401  # pyarrow ships no types
    """Return the columns in use, as a table of pyarrow."""
    names = [table.mapping.time, *(column.name for column in table.mapping.columns)]
    if table.path.name.casefold().endswith(_PARQUET):
        return importlib.import_module("pyarrow.parquet").read_table(table.path, columns=names)
    return _csv(arrow, table.path, table.mapping, is_dated=table.clock.is_dated)


def _csv(arrow: Any, path: Path, mapping: FileMapping, *, is_dated: bool) -> Any:  # noqa: ANN401  # as above
    csv = importlib.import_module("pyarrow.csv")
    types = {column.name: arrow.float64() for column in mapping.columns}
    types[mapping.time] = arrow.string() if is_dated else arrow.float64()
    return csv.read_csv(
        path,
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types, include_columns=list(types), null_values=[""]
        ),
    )


def _times_s(arrow: Any, cells: Any, table: TableFile) -> Floats | None:  # noqa: ANN401  # as above
    start_ns = table.start_utc_ns
    if arrow.types.is_timestamp(cells.type) and start_ns is not None:
        micros = _filled(cells.cast(arrow.timestamp("us", cells.type.tz)).cast(arrow.int64()))
        return None if micros is None else (micros * 1000 - start_ns) / 1e9
    if table.clock.is_dated and start_ns is not None:
        moments = [moment_utc_ns(cell) for cell in cells.to_pylist()]
        if None in moments:
            return None
        return (np.array(moments, np.int64) - start_ns) / 1e9
    if not _is_number(arrow, cells.type):
        return None
    numbers = _filled(cells)
    if numbers is None:
        return None
    seconds: Floats = numbers.astype(np.float64) * table.clock.scale_s
    unix_ns = table.clock.start_utc_ns if table.clock.unix_unit_s else None
    return seconds if unix_ns is None else seconds - unix_ns / 1e9


def _filled(cells: Any) -> npt.NDArray[Any] | None:  # noqa: ANN401  # as above
    """Return cells as an array, None where one is empty."""
    return None if cells.null_count else np.asarray(cells.to_numpy())


def _numbers(arrow: Any, cells: Any) -> tuple[Floats, npt.NDArray[np.bool_]] | None:  # noqa: ANN401  # as above
    """Return a column's numbers and where they are present; None where a cell holds no number."""
    if not (_is_number(arrow, cells.type) or arrow.types.is_null(cells.type)):
        return None
    is_there = np.asarray(cells.is_valid().to_numpy(), np.bool_)
    values = np.asarray(cells.cast(arrow.float64()).to_numpy(), np.float64)
    return None if bool(np.isinf(values).any()) else (values, is_there)


def _is_number(arrow: Any, kind: Any) -> bool:  # noqa: ANN401  # as above
    return bool(arrow.types.is_integer(kind) or arrow.types.is_floating(kind))


def _readings(
    column: MappedColumn, times_s: Floats, values: Floats, is_there: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return the readings of a column, by the rules of `table_file.column_value`."""
    if column.is_spot or CODES[CODE_OF[column.series]].is_event:
        is_there = is_there & ~np.isnan(values)
    if not is_there.all():
        times_s, values = times_s[is_there], values[is_there]
    is_none = np.isin(values, list(column.missing))
    if column.kind is not VitalKind.PERFUSION_INDEX:
        is_none |= values == 0
    unit = CONVERSIONS[column.unit_code]
    return times_s, np.where(is_none, np.nan, values * column.scale) * unit.scale + unit.offset
