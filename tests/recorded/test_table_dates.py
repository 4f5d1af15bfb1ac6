"""Times of tables as dates: their form, their zone, and the hour that autumn repeats."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
import pytest

from edge_agent.recorded.moments import moment_utc_ns
from edge_agent.recorded.stay_file import read_stay
from tests.support.table_times import START_NS, UNDATED_NS, refusal, seconds, stay_of

if TYPE_CHECKING:
    from pathlib import Path


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


def test_days_of_parquet_are_dates(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    times = pa.array([date(2026, 3, 1), date(2026, 3, 2)])
    pq.write_table(pa.table({"time": times, "spo2": [97, 96]}), path)
    stay = read_stay(path, UNDATED_NS)
    assert stay.recording.start_utc_ns == moment_utc_ns("2026-03-01T00:00:00Z")
    assert seconds(stay) == [0, 86_400]
