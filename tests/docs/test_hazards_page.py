"""The page about hazards: each has a control, each control a test, and each test exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.support.pages import page

PAGE = "hazards.md"
ROOT = Path(__file__).parents[2]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def cells(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without its first two rows."""
    part = page(PAGE).split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def defined(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_hazard_has_a_control_and_every_control_a_hazard() -> None:
    hazards = [row[0] for row in cells("Hazards")]
    assert hazards == [f"H{number}" for number in range(1, len(hazards) + 1)]
    assert {row[0] for row in cells("Controls")} == set(hazards)


def test_every_control_names_a_test() -> None:
    assert [row[1] for row in cells("Controls") if not TEST.findall(row[2])] == []


def test_every_test_that_is_named_exists() -> None:
    named = TEST.findall(page(PAGE))
    assert len(named) == page(PAGE).count("::test_")
    assert [f"{path}::{name}" for path, name in named if name not in defined(path)] == []
