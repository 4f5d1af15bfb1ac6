"""Sizes, words and names of the house, checked on the source text."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("edge_agent", "simulators")
MODULES: Final = sorted(p for name in PACKAGES for p in (ROOT / name).rglob("*.py"))
TEXTS: Final = {
    path: path.read_text()
    for name in (*PACKAGES, "benchmarks", "tests")
    for path in (ROOT / name).rglob("*.py")
}
TREES: Final = {path: ast.parse(TEXTS[path]) for path in MODULES}
LONGEST_MODULE: Final = 300
LONGEST_FUNCTION: Final = 60
TABLES_OF_CODES: Final = {
    "edge_agent/drivers/ge_dri/numerics.py",
    "simulators/monitors/hl7/dialects.py",
}
OPENING: Final = re.compile(r"(What|Who|Whom|Whose|How|Whether|Which|Of|Have)\b")
EXTENDED: Final = ("edge_agent/model/", "edge_agent/drivers/")
"""Folders that third-party drivers build on; every public name in them is a promise."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


each_module = pytest.mark.parametrize("path", MODULES, ids=named)


@each_module
def test_a_module_is_read_at_one_sitting(path: Path) -> None:
    if named(path) not in TABLES_OF_CODES:
        assert len(TEXTS[path].splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize(
    "path", [p for p in MODULES if named(p).startswith("edge_agent/")], ids=named
)
def test_a_module_of_the_program_has_one_block_of_imports(path: Path) -> None:
    assert "TYPE_CHECKING" not in TEXTS[path]


@each_module
def test_a_function_fits_on_a_screen(path: Path) -> None:
    lengths = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}


def docstrings(tree: ast.Module) -> Iterator[str]:
    """Yield the docstrings of a module, its classes and functions, and the notes of attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | Definition):
            yield ast.get_docstring(node) or ""
        if isinstance(node, ast.Module | ast.ClassDef):
            notes = [statement.value for statement in node.body if isinstance(statement, ast.Expr)]
            values = [note.value for note in notes if isinstance(note, ast.Constant)]
            yield from (value for value in values if isinstance(value, str))


@each_module
def test_a_docstring_opens_with_a_noun_or_a_verb(path: Path) -> None:
    assert [text for text in docstrings(TREES[path]) if OPENING.match(text)] == []


def public_names(tree: ast.Module) -> set[str]:
    """Return the public names that a module defines at its top level."""
    names = {node.name for node in tree.body if isinstance(node, Definition)}
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


def promised_types(tree: ast.Module) -> set[str]:
    """Return the names in signatures and fields of what is public: who uses it meets them."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            members = [part for part in node.body if not _is_private(part)]
            for part in members:
                found |= _annotated(part)
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            found |= _annotated(node)
    return found


def _is_private(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and re.match(r"_(?!_init__)", node.name) is not None


def _annotated(node: ast.stmt) -> set[str]:
    notes: list[ast.expr | None] = []
    if isinstance(node, ast.AnnAssign):
        notes = [node.annotation]
    elif isinstance(node, ast.FunctionDef):
        arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        notes = [node.returns, *(argument.annotation for argument in arguments)]
    return {
        name.id
        for note in notes
        if note is not None
        for name in ast.walk(note)
        if isinstance(name, ast.Name)
    }


def _users() -> dict[str, set[Path]]:
    users: dict[str, set[Path]] = defaultdict(set)
    for path, text in TEXTS.items():
        for word in set(re.findall(r"[A-Za-z_]\w*", text)):
            users[word].add(path)
    return users


USERS: Final = _users()


@each_module
def test_what_one_module_uses_is_private_to_it(path: Path) -> None:
    if named(path).startswith(EXTENDED):
        return
    kept = promised_types(TREES[path]) | {"add_parser", "run", "main"}
    alone = {name for name in public_names(TREES[path]) - kept if USERS[name] == {path}}
    assert alone == set()
