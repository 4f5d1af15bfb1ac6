"""One patient's vital signs from a table, as the arrays that the batch detector reads."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from edge_agent.detect.recording import Column, Recording
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.recorded.table_file import open_table
from edge_agent.vitals.units import CONVERSIONS

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.recorded.moments import Series


def read_stay(path: Path) -> Recording:
    """Return the vital signs of a table whose columns are named as the canonical vitals.

    Raises
    ------
    ConfigError
        With the rows and columns that cannot be read.
    """
    table = open_table(path, None, {})
    times: dict[Series, array[float]] = {}
    values: dict[Series, array[float]] = {}
    first = last = None
    for moment in table.moments():
        first = moment.at_s if first is None else first
        last = moment.at_s
        for value in moment.values:
            times.setdefault(value.series, array("d")).append(moment.at_s)
            is_read = value.value is not None
            number = CONVERSIONS[value.unit_code].apply(value.value) if is_read else np.nan
            values.setdefault(value.series, array("d")).append(number)
    if first is None or last is None or not times:
        raise ConfigError((Mistake(str(path), "-", "holds no vital sign"),))
    columns = {
        series: Column(np.array(times[series]), np.array(values[series])) for series in times
    }
    return Recording(table.start_utc_ns or 0, columns, last)
