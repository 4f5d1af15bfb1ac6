"""One patient's vital signs from a table, as the arrays that the batch detector reads."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.recorded.moments import Series
from edge_agent.recorded.reading_counts import FileFacts, ReadingCounts
from edge_agent.recorded.table_columns import TableColumns, table_columns
from edge_agent.recorded.table_file import TableFile, open_table
from edge_agent.vitals.units import CONVERSIONS


@dataclass(frozen=True, slots=True)
class StayFile:
    """Recording of a stay from a file, and the summary of the file."""

    recording: RecordedStay
    summary: tuple[str, ...]
    """Human-readable summary, line by line."""


def read_stay(
    path: Path,
    undated_utc_ns: int,
    mapping_source: str | None = None,
    where: Mapping[str, str] = MappingProxyType({}),
) -> StayFile:
    """Return the vital signs of one patient from a table.

    Parameters
    ----------
    path
        CSV (`.csv`, `.csv.gz`) or Parquet (`.parquet`).
    undated_utc_ns
        Moment of time 0 where the file does not say.
    mapping_source
        A mapping's name or file; None: columns are named after the canonical kinds.
    where
        Columns, and the text that selected rows have there.

    Raises
    ------
    ConfigError
        With the rows and columns that cannot be read.
    """
    table = open_table(path, mapping_source, where)
    found = table_columns(table) or columns_by_rows(table)
    if not found.readings:
        raise ConfigError((Mistake(str(path), "-", "holds no vital sign"),))
    columns = {series: RecordedVital(*readings) for series, readings in found.readings.items()}
    start_ns = undated_utc_ns if table.start_utc_ns is None else table.start_utc_ns
    recording = RecordedStay(start_ns, columns, found.last_s, min(found.first_s, 0.0))
    return StayFile(recording, tuple(_summary(table, found)))


def _summary(table: TableFile, found: TableColumns) -> Iterator[str]:
    counts = ReadingCounts()
    for series, (times_s, values) in found.readings.items():
        counts.add_all(series, times_s, values)
    start = table.start_utc_ns
    first_ns = None if start is None else start + round(found.first_s * 1e9)
    span_s = found.last_s - found.first_s
    facts = FileFacts(str(table.path), found.rows, span_s, first_ns, table.left_out, table.notes)
    return counts.summary(facts)


def columns_by_rows(table: TableFile) -> TableColumns:
    """Return the readings of a table row by row.

    Raises
    ------
    ConfigError
        With the rows that cannot be read.
    """
    times: dict[Series, array[float]] = {}
    values: dict[Series, array[float]] = {}
    rows, first_s, last_s = 0, 0.0, 0.0
    for moment in table.moments():
        last_s = moment.at_s
        first_s = first_s if rows else last_s
        rows += 1
        for value in moment.values:
            times.setdefault(value.series, array("d")).append(moment.at_s)
            unit = CONVERSIONS[value.unit_code]
            number = np.nan if value.value is None else unit.apply(value.value)
            values.setdefault(value.series, array("d")).append(number)
    readings = {s: (np.array(times[s]), np.array(values[s])) for s in times}
    return TableColumns(first_s, last_s, rows, readings)
