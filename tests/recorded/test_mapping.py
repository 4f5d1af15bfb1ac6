"""Mappings say what columns mean, and every mistake in one is named at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.model.errors import ConfigError
from edge_agent.model.measurements import VitalKind
from edge_agent.recorded.mapping import canonical_unit, own_names
from edge_agent.recorded.mapping_file import load_mapping, parse_mapping, shipped_mappings
from edge_agent.recorded.moments import CODE_OF
from edge_agent.vitals.canonical import KINDS
from edge_agent.vitals.units import BREATHS_PER_MIN, FAHRENHEIT

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """
time = "t"
time_unit = "min"
start = 2026-01-31T08:00:00Z
where = ["stay"]
[[column]]
name = "Temp"
kind = "temperature"
unit = "F"
site = "oral"
missing = [-1]
spot = true
[[column]]
name = "RR"
kind = "respiratory_rate"
unit = "/min"
held = true
"""


def mistakes_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_mapping(text, "m.toml")
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_mapping_is_read_whole() -> None:
    mapping = parse_mapping(WHOLE, "m.toml")
    assert (mapping.time, mapping.time_scale_s, mapping.where) == ("t", 60, ("stay",))
    assert mapping.start_utc_ns == 1_769_846_400_000_000_000
    temp, breaths = mapping.columns
    assert (temp.series, temp.unit_code) == ((VitalKind.TEMPERATURE, "oral"), FAHRENHEIT)
    assert (temp.missing, temp.is_spot, temp.is_held) == (frozenset({-1}), True, False)
    assert (breaths.unit_code, breaths.is_spot, breaths.is_held) == (BREATHS_PER_MIN, False, True)


def test_every_mistake_is_named_with_its_key_and_what_is_allowed() -> None:
    text = """
    time_unit = "days"
    start = "yesterday"
    where = "stay"
    time = ""
    colour = 1
    [[column]]
    kind = "spo2"
    unit = "mmHg"
    site = "ear"
    missing = [["x"]]
    spot = 1
    size = 2
    [[column]]
    name = "Puls"
    kind = "puls"
    """
    said = "\n".join(mistakes_of(text))
    for words in (
        "m.toml: colour: unknown key; known here: column, decimal, encoding, missing, sep",
        "m.toml: time_unit: 'days'; want one of s, min, h, d, ms, us, ns, iso8601",
        "m.toml: start: 'yesterday'; want a moment such as",
        "m.toml: where: 'stay'; want a list, each item the name of a column",
        "m.toml: time: ''; want the name of a column",
        "m.toml: column[0].size: unknown key",
        "m.toml: column[0].name: missing; want the name of a column",
        "m.toml: column[0].unit: 'mmHg'; want %",
        "m.toml: column[0].site: 'ear'; want one of '', 'telemetry'",
        "m.toml: column[0].missing[0]: ['x']; want a number or a text",
        "m.toml: column[0].spot: 1; want true or false",
        "m.toml: column[1].kind: 'puls'; want one of heart_rate, pulse_rate",
    ):
        assert words in said
    assert len(said.splitlines()) == 12


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time = ", "is not TOML"),
        ("column = []", "column: []; want a list of tables [[column]]"),
        ("column = 3", "column: 3; want a list of tables [[column]]"),
        ('time = "t"\ncolumn = ["HR"]', "column[0]: 'HR'; want a table"),
    ],
)
def test_what_is_no_mapping_is_refused(text: str, words: str) -> None:
    assert words in mistakes_of(text)[0]


@pytest.mark.parametrize("name", shipped_mappings())
def test_the_shipped_mappings_are_right(name: str) -> None:
    mapping = load_mapping(name)
    for column in mapping.columns:
        assert column.series in CODE_OF
        assert column.unit_code in KINDS[column.kind].units


def test_a_mapping_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(WHOLE)
    assert load_mapping(str(path)).time == "t"
    with pytest.raises(ConfigError, match=r"no such file.*or one of bidmc, cinc2019"):
        load_mapping(str(tmp_path / "other.toml"))


def test_columns_with_names_of_their_own_need_no_mapping() -> None:
    mapping = own_names(["time", "spo2", "temperature.oral", "temperature.nose", "note"], "f.csv")
    assert [(c.name, *c.series) for c in mapping.columns] == [
        ("spo2", "spo2", ""),
        ("temperature.oral", "temperature", "oral"),
    ]
    with pytest.raises(ConfigError) as caught:
        own_names(["t", "HR"], "f.csv")
    assert [mistake.key for mistake in caught.value.mistakes] == ["time", "columns"]


@pytest.mark.parametrize("kind", VitalKind)
def test_every_kind_has_a_canonical_unit_that_fits(kind: VitalKind) -> None:
    assert canonical_unit(kind) in KINDS[kind].units
