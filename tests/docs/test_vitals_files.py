"""The page about files of vital signs, checked against the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.model.measurements import VitalKind
from edge_agent.recorded.mapping_file import shipped_mappings
from edge_agent.recorded.moments import ZERO_IS_NO_VALUE
from edge_agent.recorded.table_file import MOST_MISTAKES, open_table
from edge_agent.replay.vitals_plan import _ENDINGS
from edge_agent.vitals.canonical import max_age_s
from tests.support.pages import block, page, rows
from tests.support.recorded_feeds import feed_of, said, vitals_of

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "vitals_files.md"


def write(folder: Path, name: str, ending: str) -> Path:
    path = folder / f"{name}.{ending}"
    path.write_text(block(PAGE, name))
    return path


def test_the_table_without_a_mapping_is_read(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "own", "csv"), None, {})
    assert [said(vital) for vital in vitals_of(feed_of(table.moments()))] == [
        (0, "heart_rate", 88, ""),
        (0, "spo2", 97, ""),
        (0, "temperature", 38.6, ""),
        (1, "heart_rate", 88, ""),
        (1, "spo2", None, ZERO_IS_NO_VALUE),
        (2, "heart_rate", 89, ""),
        (2, "spo2", 96, ""),
        (2, "nibp_systolic", 104, ""),
    ]


def test_the_table_with_the_mapping_is_read(tmp_path: Path) -> None:
    mapping = write(tmp_path, "mapping", "toml")
    table = open_table(write(tmp_path, "chart", "csv"), str(mapping), {"stay": "7"})
    assert table.start_utc_ns == 1_772_352_000_000_000_000
    assert [said(vital) for vital in vitals_of(feed_of(table.moments()))] == [
        (-1800, "temperature", 38.5, ""),
        (-1800, "nibp_systolic", 118, ""),
        (900, "spo2", None, "-1 stands for no value"),
        (900, "nibp_systolic", 121, ""),
    ]


def test_the_form_of_the_page_is_read(tmp_path: Path) -> None:
    mapping = write(tmp_path, "form", "toml")
    path = tmp_path / "own.csv"
    path.write_bytes(
        b"time;temperature;\xe4\n01.11.2026 08:00:00;37,8;\xe4\n02.11.2026 08:00:00;---;\n"
    )
    table = open_table(path, str(mapping), {})
    assert table.start_utc_ns == 1_793_516_400_000_000_000
    assert [moment.at_s for moment in table.moments()] == [0, 86_400]


def test_every_name_ending_and_mapping_is_on_the_page() -> None:
    text = page(PAGE)
    names = [f"`{kind}`" for kind in VitalKind] + [f"`{ending}`" for ending in _ENDINGS]
    assert not [name for name in names if name not in text]
    assert set(shipped_mappings()) <= rows(PAGE).keys()


def test_the_numbers_of_the_page_are_those_of_the_program() -> None:
    text = page(PAGE)
    assert f"the first {MOST_MISTAKES} bad rows" in text
    assert f'"{ZERO_IS_NO_VALUE}"' in text
    assert max_age_s(VitalKind.SPO2, "") == max_age_s(VitalKind.HEART_RATE, "") == 30
    assert max_age_s(VitalKind.NIBP_SYSTOLIC, "") == 3600
    assert max_age_s(VitalKind.TEMPERATURE, "predictive") == 8 * 3600
    assert max_age_s(VitalKind.TEMPERATURE, "") == 300
