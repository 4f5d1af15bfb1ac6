"""The page about entries says what can be entered, and its examples are right."""

from __future__ import annotations

import re
import shlex

import pytest

from edge_agent.model.patient import EntryKind, OxygenDevice
from edge_agent.patient.absence import AWAY_REASONS
from edge_agent.patient.entry_check import (
    CRS_VERDICTS,
    FLAGS,
    LAB_UNITS,
    PROCEDURES,
    SYMPTOMS,
    check_entry,
)
from edge_agent.patient.onset import ONSETS
from edge_agent.payloads.entries import parse_entry
from edge_agent.recorded.context_file import parse_context
from tests.support.pages import block, page

PAGE = "context.md"
START_NS = 1_769_846_400_000_000_000  # 2026-01-31T08:00:00Z
MOVES = {"admitted", "transferred", "discharged"}


def names_of(kind: str) -> str:
    """Return what the table says of the names of a kind."""
    (found,) = re.findall(rf"^\| `{kind}` \|([^|]*)\|", page(PAGE), re.MULTILINE)
    return str(found)


def test_every_kind_of_entry_is_in_the_table() -> None:
    first_cells = re.findall(r"^\| (`.*?`) \|", page(PAGE), re.MULTILINE)
    named = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}
    assert named == {kind.value for kind in EntryKind} - MOVES
    assert all(f" {kind} " in page(PAGE) for kind in MOVES)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("infusion", tuple(ONSETS)),
        ("oxygen", tuple(OxygenDevice)),
        ("symptom", SYMPTOMS),
        ("flag", FLAGS),
        ("lab", tuple(LAB_UNITS)),
        ("procedure", PROCEDURES),
        ("away", AWAY_REASONS),
        ("crs", CRS_VERDICTS),
    ],
)
def test_every_name_of_a_list_is_in_the_table(kind: str, names: tuple[str, ...]) -> None:
    assert ", ".join(names) in names_of(kind)


def test_the_message_of_the_page_is_an_entry() -> None:
    given = parse_entry("bed-01", block(PAGE, "entry").encode())
    assert check_entry(given.entry) == []
    assert given.entry.name == "nasal cannula"


def test_the_file_of_the_page_is_a_context_file() -> None:
    assert len(parse_context(block(PAGE, "file"), "page", START_NS)) == 5


def test_every_command_of_the_page_names_who_and_where() -> None:
    commands = [c for c in page(PAGE).splitlines() if c.startswith("$ crswatch context")]
    assert len(commands) == 12
    for command in commands:
        words = shlex.split(command)
        assert "--config" in words
        assert ("--by" in words) != ("--list" in words)
