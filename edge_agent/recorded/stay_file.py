"""One patient's vital signs from a table, as the arrays that the batch detector reads."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from edge_agent.detect.recording import Column, Recording
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.recorded.table_columns import TableColumns, table_columns
from edge_agent.recorded.table_file import open_table
from edge_agent.vitals.units import CONVERSIONS

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.recorded.moments import Series
    from edge_agent.recorded.table_file import TableFile


def read_stay(path: Path, undated_utc_ns: int) -> Recording:
    """Return the vital signs of a table whose columns are named as the canonical vitals.

    Parameters
    ----------
    path
        CSV (`.csv`, `.csv.gz`) or Parquet (`.parquet`).
    undated_utc_ns
        When time 0 was, where the file does not say.

    Raises
    ------
    ConfigError
        With the rows and columns that cannot be read.
    """
    table = open_table(path, None, {})
    found = table_columns(table) or columns_by_rows(table)
    if not found.readings:
        raise ConfigError((Mistake(str(path), "-", "holds no vital sign"),))
    columns = {series: Column(*readings) for series, readings in found.readings.items()}
    start_ns = table.start_utc_ns
    return Recording(undated_utc_ns if start_ns is None else start_ns, columns, found.last_s)


def columns_by_rows(table: TableFile) -> TableColumns:
    """Return the readings of a table row by row.

    Raises
    ------
    ConfigError
        With the rows that cannot be read.
    """
    times: dict[Series, array[float]] = {}
    values: dict[Series, array[float]] = {}
    last_s = 0.0
    for moment in table.moments():
        last_s = moment.at_s
        for value in moment.values:
            times.setdefault(value.series, array("d")).append(moment.at_s)
            unit = CONVERSIONS[value.unit_code]
            number = np.nan if value.value is None else unit.apply(value.value)
            values.setdefault(value.series, array("d")).append(number)
    readings = {s: (np.array(times[s]), np.array(values[s])) for s in times}
    return TableColumns(last_s, readings)
