"""A table as arrays: by columns it says what it says by rows."""

from __future__ import annotations

import gzip
import math
import sys
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
import pytest

from edge_agent.model.errors import ConfigError
from edge_agent.model.measurements import VitalKind
from edge_agent.recorded.stay_file import columns_by_rows, read_stay
from edge_agent.recorded.table_columns import TableColumns, table_columns
from edge_agent.recorded.table_file import open_table

if TYPE_CHECKING:
    from pathlib import Path

UNDATED_NS = 946_684_800_000_000_000
TABLES = {
    "numbers": "time,spo2,perfusion_index,nibp_systolic,temperature.oral,note\n"
    "-1.5,97,0,,36.8,a\n0,0,1.2,121,,b\n0,NaN,,NaN,nan,\n3e1,+9.6E1,.5,0,37,c\n99,,,,,\n",
    "dated": "time,spo2\n2027-01-15T08:00:00Z,97\n2027-01-15T09:00:01.5+01:00,96\n",
    "days": "time,spo2\n2027-01-15,97\n2027-01-15 00:00:10,96\n",
    "quoted": 'time,note,spo2\n0,"two\nlines, one comma",97\n"10",,"96"\n\n20,,95\n',
    "marked": "\ufefftime,spo2\r\n0,97\r\n1,96\r\n",
    "one empty column": "time,spo2,heart_rate\n0,97,\n1,96,\n",
}
BAD = {
    "word": "time,spo2\n0,97\n1,high\n",
    "infinite": "time,spo2\n0,inf\n",
    "back": "time,spo2\n1,97\n0,97\n",
    "short row": "time,spo2\n1,97\n2\n",
    "no time": "time,spo2\n1,97\n,97\n",
    "endless time": "time,spo2\n1,97\ninf,97\n",
    "one date": "time,spo2\n2027-01-15,97\nsoon,97\n",
    "date after numbers": "time,spo2\n0,97\n2027-01-15,97\n",
    "no rows": "time,spo2\n",
}


def write(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode())
    return path


def assert_same(found: TableColumns | None, wanted: TableColumns) -> None:
    assert found is not None
    assert found.last_s == wanted.last_s
    assert set(found.readings) == set(wanted.readings)
    for series, pair in wanted.readings.items():
        for one, other in zip(found.readings[series], pair, strict=True):
            assert one.dtype == other.dtype == np.float64
            assert np.array_equal(one, other, equal_nan=True), series


@pytest.mark.parametrize("name", TABLES)
def test_columns_say_what_rows_say(name: str, tmp_path: Path) -> None:
    table = open_table(write(tmp_path, TABLES[name]), None, {})
    assert_same(table_columns(table), columns_by_rows(table))


def test_gzip_makes_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(TABLES["numbers"].encode()))
    table = open_table(path, None, {})
    assert_same(table_columns(table), columns_by_rows(table))


@pytest.mark.parametrize("name", BAD)
def test_a_table_with_a_mistake_is_left_to_the_rows_which_name_it(
    name: str, tmp_path: Path
) -> None:
    path = write(tmp_path, BAD[name])
    assert table_columns(open_table(path, None, {})) is None
    with pytest.raises(ConfigError):
        read_stay(path, UNDATED_NS)


def test_columns_of_parquet_say_what_rows_say(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    columns = {
        "spo2": pa.array([97, 0, None], pa.int16()),
        "temperature": [36.8, math.nan, None],
        "nibp_mean": [math.nan, 80.0, None],
        "heart_rate": pa.nulls(3),
        "note": ["a", "b", "c"],
    }
    stamps = pa.array([0, 1_500_000, 2_000_000], pa.timestamp("us", "Europe/Vienna"))
    for times in ([0, 1.5, 2], stamps, stamps.cast(pa.timestamp("ms"))):
        pq.write_table(pa.table({"time": times, **columns}), path)
        table = open_table(path, None, {})
        assert_same(table_columns(table), columns_by_rows(table))


@pytest.mark.parametrize(
    "columns",
    [
        {"time": [True, True], "spo2": [97, 96]},
        {"time": [0, None], "spo2": [97, 96]},
        {"time": [0, 1], "spo2": ["97", "96"]},
        {"time": [0, 1], "spo2": [True, False]},
        {"time": [0.0, math.nan], "spo2": [97, 96]},
    ],
)
def test_other_types_of_parquet_are_left_to_the_rows(
    columns: dict[str, list[object]], tmp_path: Path
) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table(columns), path)
    assert table_columns(open_table(path, None, {})) is None


def test_without_pyarrow_rows_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, TABLES["numbers"])
    with_it = read_stay(path, UNDATED_NS).recording
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert table_columns(open_table(path, None, {})) is None
    without = read_stay(path, UNDATED_NS).recording
    assert without.columns.keys() == with_it.columns.keys()
    assert without.length_s == with_it.length_s == 99.0


def test_time_zero_is_what_the_file_says_or_what_is_given(tmp_path: Path) -> None:
    undated = read_stay(write(tmp_path, TABLES["numbers"]), UNDATED_NS).recording
    assert undated.start_utc_ns == UNDATED_NS
    dated = read_stay(write(tmp_path, TABLES["dated"]), UNDATED_NS).recording
    assert dated.start_utc_ns == 1_800_000_000_000_000_000
    assert dated.columns[VitalKind.SPO2, ""].times_s.tolist() == [0.0, 1.5]


def test_a_table_without_a_reading_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no vital sign"):
        read_stay(write(tmp_path, "time,spo2\n0,\n"), UNDATED_NS)
