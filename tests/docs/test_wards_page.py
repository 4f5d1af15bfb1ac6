"""The page about wards tells every key and every fault, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.model.errors import ConfigError
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


def known(text: str, where: str) -> set[str]:
    """Return the keys that the reader names beside an unknown one, `x`."""
    with pytest.raises(ConfigError) as caught:
        ward_file.parse_ward(text, "ward.toml", Path())
    found = {mistake.key: mistake.message for mistake in caught.value.mistakes}
    return set(found[f"{where}x"].partition("known here: ")[2].split(", "))


def test_every_key_of_a_ward_file_is_on_the_page() -> None:
    ward, _, bed = section("What the file holds").partition("Of a bed:")
    assert keys(ward) == known("x = 1", "")
    assert keys(bed) | {"patient"} == known("[[bed]]\nx = 1", "bed[0].")


def test_every_fault_is_on_the_page_with_its_own_keys() -> None:
    told = rows("wards.md")
    assert keys(section("Faults on cue")) == {kind.value for kind in LineFaultKind}
    for kind in LineFaultKind:
        text = f'[[bed]]\n[[bed.fault]]\nkind = "{kind.value}"\nx = 1'
        for key in known(text, "bed[0].fault[0].") - {"kind", "at", "for"}:
            assert f"`{key}`" in told[kind.value][0]
    assert f"{HELD_LIMIT} bytes" in told["stall"][0]


def test_every_fault_by_chance_is_on_the_page() -> None:
    text = section("Faults by chance")
    often = {key for key, _ in ward_file._SPANS.values()}
    assert keys(text) == {*ward_file._RATES, *often}
    assert all(f"`{long}`" in text for _, long in ward_file._SPANS.values())
