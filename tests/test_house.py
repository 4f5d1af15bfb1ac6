"""The house style: sizes, words and names, checked on the source text."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.untraced
ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("edge_agent", "simulators")
TEXTS: Final = {
    path: path.read_text()
    for name in ("edge_agent", "simulators", "benchmarks", "tests")
    for path in sorted((ROOT / name).rglob("*.py"))
}
MODULES: Final = [path for path in TEXTS if path.parts[len(ROOT.parts)] in PACKAGES]
LONGEST_MODULE: Final = 300
LONGEST_FUNCTION: Final = 60
TABLES_OF_CODES: Final = {"simulators/monitors/hl7/dialects.py"}
OPENING: Final = re.compile(r"(What|Who|Whom|Whose|How|Whether|Which|Of|Have)\b")
EXTENDED: Final = ("edge_agent/model/", "edge_agent/drivers/")
"""Folders that third-party drivers build on; every public name in them is a promise."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(TEXTS[path])


def test_a_module_is_read_at_one_sitting() -> None:
    lengths = {named(path): len(text.splitlines()) for path, text in TEXTS.items()}
    long = {name for name, lines in lengths.items() if lines > LONGEST_MODULE}
    assert long == TABLES_OF_CODES


def test_a_module_of_the_program_has_one_block_of_imports() -> None:
    assert [named(path) for path in MODULES if "TYPE_CHECKING" in TEXTS[path]] == []


def test_a_function_fits_on_a_screen() -> None:
    lengths = {
        (named(path), node.name): (node.end_lineno or 0) - node.lineno + 1
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert len(lengths) > 3000
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


def test_a_docstring_opens_with_a_noun_or_a_verb() -> None:
    found = [(named(path), text) for path in TEXTS for text in docstrings(tree_of(path))]
    assert len(found) > 5000
    assert [place for place in found if OPENING.match(place[1])] == []


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


def users_by_name() -> dict[str, set[Path]]:
    users: dict[str, set[Path]] = defaultdict(set)
    for path, text in TEXTS.items():
        for word in set(re.findall(r"[A-Za-z_]\w*", text)):
            users[word].add(path)
    return users


def test_what_one_module_uses_is_private_to_it() -> None:
    users = users_by_name()
    own = [path for path in MODULES if not named(path).startswith(EXTENDED)]
    kept = {path: promised_types(tree_of(path)) | {"add_arguments", "run", "main"} for path in own}
    public = [(path, name) for path in own for name in public_names(tree_of(path)) - kept[path]]
    assert len(public) > 1000
    assert [(named(path), name) for path, name in public if users[name] == {path}] == []
