"""A context file says what was known of a recorded patient; every mistake is named at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.model.errors import ConfigError
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, OxygenDevice
from edge_agent.patient.context import ContextLog
from edge_agent.patient.state import Measured
from edge_agent.recorded.context_file import load_context, parse_context

if TYPE_CHECKING:
    from pathlib import Path

START_NS = 1_769_846_400_000_000_000  # 2026-01-31T08:00:00Z
S_NS = 1_000_000_000

WHOLE = """
[patient]
patient_id = "P-17"
product = "axi-cel"
infused_at = -172800
age_years = 64
weight_kg = 71.5
hypercapnic = true
paced = false
[patient.baseline]
nibp_systolic = 128
[[entry]]
kind = "oxygen"
name = "nasal cannula"
amount = 2
at = 3600
until = 2026-01-31T11:00:00Z
[[entry]]
kind = "lab"
name = "crp"
amount = 88.5
unit = "mg/L"
at = "2026-01-31T10:00:00+01:00"
[[entry]]
kind = "spot"
name = "temperature"
amount = 38.2
site = "axillary"
at = 0.5
"""


def mistakes_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_context(text, "c.toml", START_NS)
    return [str(mistake).removeprefix("c.toml: ") for mistake in caught.value.mistakes]


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(WHOLE)
    entries = load_context(file, START_NS)
    assert {entry.patient_id for entry in entries} == {"P-17"}
    assert len({entry.entry_id for entry in entries}) == len(entries) == 8
    log = ContextLog(entries)
    known = log.at(START_NS + 7200 * S_NS)
    assert (known.product, known.infused_utc_ns) == ("axi-cel", START_NS - 172_800 * S_NS)
    assert known.age_years == 64
    (weight,) = log.current(EntryKind.WEIGHT)
    assert weight.amount == 71.5
    assert known.flags == {"hypercapnic"}
    assert known.baselines == {VitalKind.NIBP_SYSTOLIC: 128}
    assert (known.oxygen_device, known.oxygen_flow_l_min) == (OxygenDevice.NASAL_CANNULA, 2)
    assert known.labs == {"crp": Measured(88.5, "mg/L", START_NS + 3600 * S_NS)}
    (spot,) = log.current(EntryKind.SPOT)
    assert (spot.site, spot.at_utc_ns) == ("axillary", START_NS + S_NS // 2)
    assert log.at(START_NS + 10_800 * S_NS).oxygen_device is OxygenDevice.AIR


def test_a_file_may_know_nothing() -> None:
    assert parse_context("", "c.toml", START_NS) == ()
    (age,) = parse_context("[patient]\nage_years = 5", "c.toml", START_NS)
    assert (age.patient_id, age.amount) == ("recorded", 5)


def test_every_mistake_is_named_at_once() -> None:
    found = mistakes_of("""
colour = "red"
[patient]
patient_id = "Maria Miller"
product = "axi-cel"
age_years = "old"
weight_kg = 0
paced = 1
name = "Miller"
[patient.baseline]
spo2 = 20
pulse = 70
[[entry]]
kind = "admitted"
at = 0
[[entry]]
kind = "oxygen"
name = "cork"
at = 0
[[entry]]
kind = "ice"
amount = true
at = "noon"
name = 4
[[entry]]
kind = "cooling"
at = 10
until = 5
""")
    assert [m.partition(":")[0] for m in found] == [
        "patient.patient_id",
        "patient.infused_at",
        "patient.age_years",
        "patient.weight_kg",
        "patient.baseline.spo2",
        "patient.paced",
        "entry[0].kind",
        "entry[1]",
        "entry[2].at",
        "entry[2].amount",
        "entry[2].name",
        "entry[3].until",
        "colour",
        "patient.name",
        "patient.baseline.pulse",
    ]
    assert "Maria" not in "".join(found)
    assert "patient.infused_at: missing; want seconds from the start" in found[1]
    assert "entry[2].at: 'noon'; want seconds" in found[8]
    assert "entry[3].until: 5; want no moment before at" in found[11]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("patient = 3", "patient: 3; want a table"),
        ("entry = 3", "entry: 3; want a list of tables [[entry]]"),
        ("entry = [3]", "entry[0]: 3; want a table"),
        ("= 3", "is not TOML"),
        ("[patient]\ninfused_at = 3", "patient.product: name ''; want its name"),
    ],
)
def test_a_file_of_another_shape_is_refused(text: str, message: str) -> None:
    assert mistakes_of(text)[0].startswith(message)


def test_an_entry_may_end_when_it_begins() -> None:
    text = '[[entry]]\nkind = "cooling"\nat = 10\nuntil = 10'
    (entry,) = parse_context(text, "c.toml", START_NS)
    assert entry.until_utc_ns == entry.at_utc_ns


@pytest.mark.parametrize("at", ["1e308", "-1e308", "1000000001"])
def test_a_time_that_is_none_of_one_patient_is_refused(at: str) -> None:
    text = f'[[entry]]\nkind = "oxygen"\nname = "air"\nat = {at}\n'
    assert "want seconds from the start" in mistakes_of(text)[0]


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", "-1e9", "1970-01-21"])
def test_a_time_long_before_the_record_is_refused(at: str) -> None:
    (found,) = mistakes_of(f'[[entry]]\nkind = "oxygen"\nname = "air"\nat = {at}\n')
    assert "want nanoseconds since 1970, UTC, from 2006-01-31 on (20 years back)" in found


@pytest.mark.parametrize("age", ["", "age_years = 18", "age_years = 0.1"])
def test_a_pressure_that_only_an_infant_has_is_one_of_an_infant(age: str) -> None:
    spot = '[[entry]]\nkind = "spot"\nname = "nibp_systolic"\namount = 45\nat = 0\n'
    text = f"[patient]\n{age}\n[patient.baseline]\nnibp_systolic = 45\n{spot}"
    if "0.1" in age:
        assert len(parse_context(text, "c.toml", START_NS)) == 3
    else:
        assert [m.partition(":")[2] for m in mistakes_of(text)] == [
            " amount 45; want 50 to 250, or the age of a child entered"
        ] * 2


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read"):
        load_context(tmp_path / "none.toml", START_NS)
