"""Times of tables as numbers: their unit, and clocks that were set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
import pytest

from edge_agent.recorded.stay_file import columns_by_rows, read_stay
from edge_agent.recorded.table_columns import table_columns
from edge_agent.recorded.table_file import open_table
from tests.support.table_times import START_NS, START_S, UNDATED_NS, refusal, seconds, stay_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("unit", "per_s"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
@pytest.mark.parametrize("mapping", [None, 'time_unit = "{}"'])
def test_unix_time_is_known_by_its_size_and_said(
    tmp_path: Path, unit: str, per_s: int, mapping: str | None
) -> None:
    times = [str((START_S + second) * per_s) for second in (0, 10, 30)]
    stay = stay_of(tmp_path, times, mapping and mapping.format(unit))
    assert stay.recording.start_utc_ns == START_NS
    assert seconds(stay) == [0, 10, 30]
    assert any(f"time is Unix time in {unit}" in line for line in stay.summary)
    assert "3 rows over 30 s from 2026-03-01 08:15:02 UTC" in stay.summary[0]


def test_a_fraction_of_unix_time_counts(tmp_path: Path) -> None:
    stay = stay_of(tmp_path, [f"{START_S}.5", f"{START_S + 10}.75"])
    assert stay.recording.start_utc_ns == START_NS + 500_000_000
    assert seconds(stay) == [0, 10.25]


def test_unix_time_by_columns_is_what_it_is_by_rows(tmp_path: Path) -> None:
    stay_of(tmp_path, [str(START_S), str(START_S + 10)])
    table = open_table(tmp_path / "table.csv", None, {})
    by_columns, by_rows = table_columns(table), columns_by_rows(table)
    assert by_columns is not None
    assert by_columns.first_s == by_rows.first_s == 0
    assert by_columns.last_s == by_rows.last_s == 10
    assert by_columns.rows == by_rows.rows == 2


@pytest.mark.parametrize(
    "first",
    ["639079561020000000", "134168265020000000", "100000000000000000", "946684799000000000"],
)
def test_ticks_are_not_taken_for_unix_time(tmp_path: Path, first: str) -> None:
    assert "ticks of 100 ns? Write Unix time" in refusal(tmp_path, [first])[0]
    stated = stay_of(tmp_path, [first], 'time_unit = "ns"')
    assert stated.recording.start_utc_ns == int(first)


@pytest.mark.parametrize(
    ("times", "unit"),
    [
        (["9191749636", "9191749646"], ""),
        (["9191749637000", "9191749647000"], ""),
        (["99999999999", "99999999999"], ""),
        (["9191749637", "9191749647"], 'time_unit = "s"'),
    ],
)
def test_unix_time_beyond_the_calendar_is_refused(
    tmp_path: Path, times: list[str], unit: str
) -> None:
    if times[0] == "9191749636":
        assert stay_of(tmp_path, times, unit).recording.start_utc_ns == 9_191_749_636 * 10**9
        return
    assert "days from time 0" in refusal(tmp_path, times, unit or None)[0]


@pytest.mark.parametrize("first", ["99999999", "0", "-10"])
def test_smaller_numbers_are_no_unix_time(tmp_path: Path, first: str) -> None:
    if first == "99999999":
        assert "begins 1157 days from time 0" in refusal(tmp_path, [first])[0]
        return
    assert stay_of(tmp_path, [first, "10"]).recording.start_utc_ns == UNDATED_NS


def test_what_was_before_time_zero_is_a_part_of_the_stay(tmp_path: Path) -> None:
    assert stay_of(tmp_path, ["-1800", "10"]).recording.begins_s == -1800
    assert stay_of(tmp_path, ["1800", "1810"]).recording.begins_s == 0


@pytest.mark.parametrize("step", [1000, 10_000])
def test_elapsed_milliseconds_are_asked_for(tmp_path: Path, step: int) -> None:
    times = [str(step * number) for number in range(6)]
    (said,) = refusal(tmp_path, times)
    assert f"has a row every {step} s; are these milliseconds?" in said
    assert seconds(stay_of(tmp_path, times, 'time_unit = "ms"')) == [
        step * number / 1000 for number in range(6)
    ]
    assert seconds(stay_of(tmp_path, times, 'time_unit = "s"'))[1] == step


def test_four_steps_are_enough_to_ask_for_the_unit(tmp_path: Path) -> None:
    assert "are these milliseconds?" in refusal(tmp_path, ["0", "1000", "2000", "3000", "4000"])[0]


@pytest.mark.parametrize("times", [[0, 1000, 2000, 3000], [0, 900, 1800, 2700, 3600, 4500]])
def test_few_rows_and_other_steps_are_seconds(tmp_path: Path, times: list[int]) -> None:
    assert seconds(stay_of(tmp_path, [str(t) for t in times])) == times


@pytest.mark.parametrize("begin", [0, 46082.3333, 739677.3333])
@pytest.mark.parametrize("per_step", [4 / 24, 1 / 24, 1 / 1440, 1 / 60 / 60])
def test_days_and_hours_are_asked_for(tmp_path: Path, begin: float, per_step: float) -> None:
    times = [f"{begin + number * per_step:.9f}" for number in range(6)]
    assert (
        "are these minutes, hours or days? Write dates in ISO 8601" in refusal(tmp_path, times)[0]
    )


def test_a_file_may_state_its_days_and_its_short_steps(tmp_path: Path) -> None:
    fast = [f"{number / 8}" for number in range(6)]
    assert seconds(stay_of(tmp_path, fast, 'time_unit = "s"'))[1] == 0.125
    assert seconds(stay_of(tmp_path, [f"{number / 5}" for number in range(6)]))[1] == 0.2
    stay = stay_of(tmp_path, [f"{n / 24:.9f}" for n in range(3)], 'time_unit = "d"')
    assert seconds(stay)[2] == pytest.approx(7200, abs=0.001)


@pytest.mark.parametrize(
    ("times", "line"),
    [
        (["2000-01-01T00:00:00", "2000-01-01T00:00:10", "2026-03-01T08:00:00"], "9556 days after"),
        (["0", "10", "2678411"], "31 days after the row before; was the clock set there?"),
    ],
)
def test_a_clock_that_was_set_is_named_and_nothing_is_filled(
    tmp_path: Path, times: list[str], line: str
) -> None:
    (said,) = refusal(tmp_path, [*times, times[-1]])
    assert line in said


def test_a_month_without_a_row_is_a_pause(tmp_path: Path) -> None:
    assert seconds(stay_of(tmp_path, ["0", "2678400"])) == [0, 2_678_400]
    table = open_table(tmp_path / "table.csv", None, {})
    assert table_columns(table) is not None


def test_a_record_of_years_is_no_stay(tmp_path: Path) -> None:
    times = [str(2_600_000 * month) for month in range(13)]
    assert "is 391 days after time 0" not in refusal(tmp_path, [*times[:-1], "32000000"])[0]
    said = refusal(tmp_path, [str(2_600_001 * month) for month in range(20)])
    assert "a stay of at most 366 days can be read" in said[0]
    assert len(said) == 1


def test_a_clock_that_is_set_back_is_named(tmp_path: Path) -> None:
    said = refusal(tmp_path, ["2026-03-01T08:00:00", "2000-01-01T00:00:10"])
    assert "was the clock set?" in said[0]


def test_a_first_row_without_a_time_does_not_hide_what_the_others_are(tmp_path: Path) -> None:
    (said,) = refusal(tmp_path, ["", str(START_S), str(START_S + 10)])
    assert said == "is empty; want a time in every row"


def test_elapsed_times_of_parquet_are_read(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    times = pa.array(np.array([0, 10, 20], "timedelta64[s]"))
    pq.write_table(pa.table({"time": times, "spo2": [97, 96, 95]}), path)
    assert seconds(read_stay(path, UNDATED_NS)) == [0, 10, 20]
