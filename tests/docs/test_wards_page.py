"""The page about wards tells every key and every fault, and nothing else."""

from __future__ import annotations

from simulators.wards import ward_file
from simulators.wards.line_faults import HELD_LIMIT
from simulators.wards.ward_plan import LineFaultKind
from tests.support.pages import page, rows


def section(heading: str) -> str:
    """Return the text below a heading of the page."""
    text = page("wards.md").partition(f"## {heading}\n")[2]
    return text.partition("\n## ")[0]


def keys(text: str) -> set[str]:
    return {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}


def test_every_key_of_a_ward_file_is_on_the_page() -> None:
    ward, _, bed = section("What the file holds").partition("Of a bed:")
    assert keys(ward) == set(ward_file._KEYS)
    assert keys(bed) | {"patient"} == set(ward_file._BED_KEYS)


def test_every_fault_is_on_the_page_with_its_own_keys() -> None:
    told = rows("wards.md")
    assert keys(section("Faults on cue")) == {kind.value for kind in LineFaultKind}
    for kind, own in ward_file._FAULT_KEYS.items():
        assert all(f"`{key}`" in told[kind.value][0] for key in own)
    assert f"{HELD_LIMIT} bytes" in told["stall"][0]


def test_every_fault_by_chance_is_on_the_page() -> None:
    text = section("Faults by chance")
    often = {key for key, _ in ward_file._SPANS.values()}
    assert keys(text) == {*ward_file._RATES, *often}
    assert all(f"`{long}`" in text for _, long in ward_file._SPANS.values())
