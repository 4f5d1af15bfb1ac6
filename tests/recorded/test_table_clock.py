"""Times of tables: what is understood by itself, what has to be said, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
import pytest

from edge_agent.model.errors import ConfigError
from edge_agent.recorded.moments import moment_utc_ns
from edge_agent.recorded.stay_file import StayFile, columns_by_rows, read_stay
from edge_agent.recorded.table_columns import table_columns
from edge_agent.recorded.table_file import open_table

if TYPE_CHECKING:
    from pathlib import Path

START_S = 1_772_352_902  # 2026-03-01T08:15:02Z
START_NS = START_S * 10**9
UNDATED_NS = 946_684_800_000_000_000


def stay_of(folder: Path, times: list[str], mapping: str | None = None) -> StayFile:
    path = folder / "table.csv"
    path.write_text("time,spo2\n" + "".join(f'"{time}",97\n' for time in times))
    source = None
    if mapping is not None:
        source = str(folder / "m.toml")
        (folder / "m.toml").write_text(mapping)
    return read_stay(path, UNDATED_NS, source)


def seconds(stay: StayFile) -> list[float]:
    (column,) = stay.recording.columns.values()
    return [round(at_s, 6) for at_s in column.times_s.tolist()]


def refusal(folder: Path, times: list[str], mapping: str | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        stay_of(folder, times, mapping)
    return [mistake.message for mistake in caught.value.mistakes]


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
    ("first", "form"),
    [
        ("202603010800", "%Y%m%d%H%M"),
        ("20260301080000", "%Y%m%d%H%M%S"),
        ("20260301080000500", "%Y%m%d%H%M%S%f"),
        ("19991231235959", "%Y%m%d%H%M%S"),
        ("21000101000000.0", "%Y%m%d%H%M%S"),
    ],
)
def test_a_date_without_separators_is_no_number(tmp_path: Path, first: str, form: str) -> None:
    (said,) = refusal(tmp_path, [first, first])
    assert f'a date? Set time_format = "{form}" in a mapping' in said


def test_a_date_without_separators_is_read_as_its_format_says(tmp_path: Path) -> None:
    times, form = ["20260301081502", "20260301081512"], 'time_format = "%Y%m%d%H%M%S"'
    stay = stay_of(tmp_path, times, form)
    assert (stay.recording.start_utc_ns, seconds(stay)) == (START_NS, [0, 10])
    pq.write_table(
        pa.table({"time": [int(time) for time in times], "spo2": [97, 96]}),
        tmp_path / "whole.parquet",
    )
    whole = read_stay(tmp_path / "whole.parquet", UNDATED_NS, str(tmp_path / "m.toml"))
    assert (whole.recording.start_utc_ns, seconds(whole)) == (START_NS, [0, 10])


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


AUTUMN = [
    "2026-10-25 02:58:00",
    "2026-10-25 02:59:00",
    "2026-10-25 02:00:00",
    "2026-10-25 02:01:00",
]


def test_the_hour_that_autumn_doubles_is_named_and_a_zone_resolves_it(tmp_path: Path) -> None:
    said = refusal(tmp_path, AUTUMN)
    assert "the hour repeated in autumn? Set zone in a mapping" in said[0]
    stay = stay_of(tmp_path, AUTUMN, 'zone = "Europe/Berlin"')
    assert seconds(stay) == [0, 60, 120, 180]
    assert stay.recording.start_utc_ns == moment_utc_ns("2026-10-25T02:58:00+02:00")


def test_two_rows_of_one_time_are_of_one_hour(tmp_path: Path) -> None:
    twice = [AUTUMN[0], AUTUMN[0], AUTUMN[1]]
    assert seconds(stay_of(tmp_path, twice, 'zone = "Europe/Berlin"')) == [0, 0, 60]


def test_a_zone_does_not_move_a_time_that_names_its_own(tmp_path: Path) -> None:
    stay = stay_of(tmp_path, ["2026-03-01T08:00:00Z"], 'zone = "Europe/Berlin"')
    assert stay.recording.start_utc_ns == moment_utc_ns("2026-03-01T08:00:00Z")
    stay = stay_of(tmp_path, ["2026-03-01T08:00:00"], 'zone = "Europe/Berlin"')
    assert stay.recording.start_utc_ns == moment_utc_ns("2026-03-01T07:00:00Z")


@pytest.mark.parametrize(
    ("first", "second", "form"),
    [
        ("01.11.2026 08:00:00", "01.11.2026 08:01:00", "%d.%m.%Y %H:%M:%S"),
        ("11/01/2026 08:00", "11/01/2026 08:01", "%m/%d/%Y %H:%M"),
        ("08:00:00AM Nov 1, 2026", "08:01:00AM Nov 1, 2026", "%I:%M:%S%p %b %d, %Y"),
        ("20261101080000", "20261101080100", "%Y%m%d%H%M%S"),
    ],
)
def test_dates_of_any_form_are_read_where_it_is_said(
    tmp_path: Path, first: str, second: str, form: str
) -> None:
    stay = stay_of(tmp_path, [first, second], f'time_format = "{form}"\nzone = "Europe/Berlin"')
    assert stay.recording.start_utc_ns == moment_utc_ns("2026-11-01T08:00:00+01:00")
    assert seconds(stay) == [0, 60]
    said = refusal(tmp_path, [first, "soon"], f'time_format = "{form}"')
    assert "is 'soon'; want a time like time_format" in said[0]


@pytest.mark.parametrize(
    ("seen", "cause"),
    [
        ("01.11.2026 08:00:00", 'set time_format = "%d.%m.%Y %H:%M:%S"'),
        ("01.11.26", 'set time_format = "%d.%m.%y"'),
        ("11/1/2026 8:00", 'Set time_format = "%m/%d/%Y %H:%M" or "%d/%m/%Y %H:%M"'),
        ("1-11-2026", "which part is the day?"),
        ("2026/11/01 08:00:00", 'set time_format = "%Y/%m/%d %H:%M:%S"'),
        ("2026.11.01", 'set time_format = "%Y.%m.%d"'),
        ("1e300", "begins 1.16e+295 days from time 0"),
        ("9300000000000000000", "days from time 0"),
        ("08:00:00", "a time of day says no date"),
        ("8:00 pm", "a time of day says no date"),
        ("Nov 1, 2026", "if it is a date, set time_format"),
        ("9999-01-01", "want a year from 1970 to 2261"),
        ("1066-10-14", "want a year from 1970 to 2261"),
        ("", "is empty; want a time in every row"),
    ],
)
def test_times_of_other_forms_are_answered_with_what_to_say(
    tmp_path: Path, seen: str, cause: str
) -> None:
    assert cause in refusal(tmp_path, [seen, "x"])[0]


def test_numbers_among_dates_are_no_times(tmp_path: Path) -> None:
    assert "is '10'; want ISO 8601" in refusal(tmp_path, ["2026-03-01", "10"])[0]


def test_the_first_and_last_years_that_can_be_counted() -> None:
    assert moment_utc_ns("1970-01-01T00:00:00Z") == 0
    assert moment_utc_ns("2261-12-31T23:59:59Z") is not None
    assert moment_utc_ns("1969-12-31T23:59:59Z") is None
    assert moment_utc_ns("2262-01-01T00:00:00Z") is None


def test_a_first_row_without_a_time_does_not_hide_what_the_others_are(tmp_path: Path) -> None:
    (said,) = refusal(tmp_path, ["", str(START_S), str(START_S + 10)])
    assert said == "is empty; want a time in every row"


def test_days_of_parquet_are_dates(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    times = pa.array([date(2026, 3, 1), date(2026, 3, 2)])
    pq.write_table(pa.table({"time": times, "spo2": [97, 96]}), path)
    stay = read_stay(path, UNDATED_NS)
    assert stay.recording.start_utc_ns == moment_utc_ns("2026-03-01T00:00:00Z")
    assert seconds(stay) == [0, 86_400]


def test_elapsed_times_of_parquet_are_read(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    times = pa.array(np.array([0, 10, 20], "timedelta64[s]"))
    pq.write_table(pa.table({"time": times, "spo2": [97, 96, 95]}), path)
    assert seconds(read_stay(path, UNDATED_NS)) == [0, 10, 20]
