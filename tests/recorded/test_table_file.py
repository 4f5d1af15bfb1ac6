"""Tables of vital signs: what a cell says, what an empty one does not, and what cannot be read."""

from __future__ import annotations

import gzip
import math
import sys
from typing import TYPE_CHECKING

import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types
import pytest

from edge_agent.model.errors import ConfigError
from edge_agent.recorded.moments import NOT_A_NUMBER, ZERO_IS_NO_VALUE, as_feed
from edge_agent.recorded.table_file import MOST_MISTAKES, open_table
from edge_agent.replay.line_feed import feed_instant
from tests.support.recorded_feeds import PLACE, START, feed_of, said, vitals_of

if TYPE_CHECKING:
    from pathlib import Path

TABLE = """\
time,spo2,nibp_systolic,temperature.oral,note
0,97,,36.8,a
1.5,0,121,,b
3,NaN,NaN,37.1,c
"""
SAID = [
    (0, "spo2", 97, ""),
    (0, "temperature", 36.8, ""),
    (1.5, "spo2", None, ZERO_IS_NO_VALUE),
    (1.5, "nibp_systolic", 121, ""),
    (3, "spo2", None, NOT_A_NUMBER),
    (3, "temperature", 37.1, ""),
]
MAPPING = """\
time = "minute"
time_unit = "min"
where = ["stay"]
[[column]]
name = "SpO2"
kind = "spo2"
missing = [-1]
"""
OTHERS = """\
stay,minute,SpO2
1,0,97
2,-30,91
1,2,-1
2,1,92
"""


def write(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path, mapping: str | None = None, **where: str) -> list[tuple[object, ...]]:
    table = open_table(path, mapping, where)
    return [said(vital) for vital in vitals_of(feed_of(table.moments()))]


def mistakes_in(path: Path, mapping: str | None = None, **where: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        list(open_table(path, mapping, where).moments())
    return [str(m).removeprefix(str(path)).lstrip(":, ") for m in caught.value.mistakes]


def test_a_table_says_what_its_cells_say_and_an_empty_cell_says_nothing(tmp_path: Path) -> None:
    assert read(write(tmp_path, TABLE)) == SAID


def test_gzip_a_byte_order_mark_and_other_line_ends_make_no_difference(tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode()))
    assert read(path) == SAID


def test_parquet_says_the_same(tmp_path: Path) -> None:
    columns = {
        "time": [0, 1.5, 3],
        "spo2": [97, 0, math.nan],
        "nibp_systolic": [None, 121, math.nan],
        "temperature.oral": [36.8, None, 37.1],
    }
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table(columns), path)
    assert read(path) == SAID


def test_time_as_iso_8601_dates_the_rows(tmp_path: Path) -> None:
    text = "time,spo2\n2027-01-15T08:00:00Z,97\n2027-01-15T09:00:01.5+01:00,96\n"
    table = open_table(write(tmp_path, text), None, {})
    assert table.start_utc_ns == START.utc_ns
    feed = as_feed(table.moments(), PLACE, feed_instant(table.start_utc_ns))
    assert [message.at for message in feed] == [START, START.plus(1.5)]


def test_time_stamps_of_parquet_date_the_rows(tmp_path: Path) -> None:
    times = pa.array([START.utc_ns // 1000, START.utc_ns // 1000 + 250_000], pa.timestamp("us"))
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"time": times, "spo2": [97.0, 96.0]}), path)
    table = open_table(path, None, {})
    feed = list(as_feed(table.moments(), PLACE, feed_instant(table.start_utc_ns or 0)))
    assert [message.at for message in feed] == [START, START.plus(0.25)]


def test_a_mapping_says_where_time_begins(tmp_path: Path) -> None:
    mapping = write(tmp_path, "start = 2027-01-15T08:00:00Z\n" + MAPPING, "m.toml")
    table = open_table(write(tmp_path, OTHERS), str(mapping), {"stay": "1"})
    assert table.start_utc_ns == START.utc_ns


def test_rows_of_one_patient_are_chosen_and_may_begin_before_zero(tmp_path: Path) -> None:
    mapping = str(write(tmp_path, MAPPING, "m.toml"))
    path = write(tmp_path, OTHERS)
    assert read(path, mapping, stay="2") == [(-1800, "spo2", 91, ""), (60, "spo2", 92, "")]
    assert read(path, mapping, stay="1") == [
        (0, "spo2", 97, ""),
        (120, "spo2", None, "-1 stands for no value"),
    ]
    assert mistakes_in(path, mapping, stay="3") == ["stay=3: no such row"]
    assert mistakes_in(path, mapping) == [
        "stay: holds several patients; choose one with --where stay=..."
    ]
    assert "ward: no such column" in mistakes_in(path, mapping, ward="a", stay="1")[0]


def test_bad_rows_are_named_together(tmp_path: Path) -> None:
    text = "time,spo2\n0,97\n1,low\nx,96\n2,95\n1,95\n3\n4,inf\n"
    assert mistakes_in(write(tmp_path, text)) == [
        "line 3: spo2: is 'low'; want a number, or nothing",
        "line 4: time: is 'x'; want a number, or ISO 8601",
        "line 6: time: is 1 s; want no earlier than the row before, 2 s",
        "line 7: has 1 cells; want 2",
        "line 8: spo2: is 'inf'; want a number, or nothing",
    ]


def test_a_file_that_is_all_wrong_is_given_up_soon(tmp_path: Path) -> None:
    text = "time,spo2\n" + "0,low\n" * 1000
    assert len(mistakes_in(write(tmp_path, text))) == MOST_MISTAKES


def test_time_in_iso_8601_alone_takes_no_numbers(tmp_path: Path) -> None:
    mapping = write(tmp_path, MAPPING.replace('"min"', '"iso8601"'), "m.toml")
    assert mistakes_in(write(tmp_path, OTHERS), str(mapping), stay="1") == [
        "line 2: minute: is '0'; want ISO 8601",
        "line 4: minute: is '2'; want ISO 8601",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("time,spo2\n", "has no row below the names of its columns"),
        ("time,spo2,spo2\n0,1,2\n", "spo2: is the name of two columns"),
        ("time,spo2\n0,\udcff\n", "want CSV in UTF-8"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert words in "\n".join(mistakes_in(path))


@pytest.mark.parametrize("name", ["table.csv.gz", "table.parquet"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"no such thing")
    assert "cannot be read" in mistakes_in(path)[0]
    path.write_bytes(gzip.compress(TABLE.encode())[:-12])
    assert "cannot be read" in mistakes_in(path)[0]


def test_two_columns_for_one_vital_sign_are_refused(tmp_path: Path) -> None:
    second = '[[column]]\nname = "note"\nkind = "spo2"\n'
    mapping = write(tmp_path, MAPPING.replace("where", "#") + second, "m.toml")
    path = write(tmp_path, "minute,SpO2,note\n0,97,1\n")
    assert mistakes_in(path, str(mapping)) == ["note: is a second spo2; give it a site of its own"]


def test_an_empty_line_is_no_row(tmp_path: Path) -> None:
    assert read(write(tmp_path, "time,spo2\n\n0,97\n\n")) == [(0, "spo2", 97, "")]


def test_truth_values_are_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"time": [0.0], "spo2": [True]}), path)
    assert mistakes_in(path) == ["line 1: spo2: is True; want a number, or nothing"]


def test_parquet_without_the_study_extra_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    (said_of_it,) = mistakes_in(tmp_path / "table.parquet")
    assert "needs pyarrow.parquet, of the study extra: pip install 'crswatch[study]'" in said_of_it
