"""The contents of a wheel, which work without the checkout."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from typing import TYPE_CHECKING

import pytest

from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.wheels import ROOT, built_program

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from what the repository holds."""
    return built_program(tmp_path_factory.mktemp("wheel"))


def test_every_module_is_in_the_wheel_and_none_that_is_gone(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")}
    packages = (ROOT / "edge_agent", ROOT / "simulators")
    modules = {p.relative_to(ROOT).as_posix() for of in packages for p in of.rglob("*.py")}
    assert packed == modules


def test_what_is_not_code_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    rules = {
        f"edge_agent/rules/{p.relative_to(ROOT / 'rules')}"
        for p in (ROOT / "rules").rglob("*.toml")
    }
    assert rules
    assert rules <= names
    drivers = ROOT / "edge_agent" / "drivers"
    of_drivers = {p.relative_to(ROOT).as_posix() for p in drivers.glob("*/*/*.toml")}
    assert of_drivers
    assert of_drivers <= names
    assert "edge_agent/broker_config/site.toml" in names
    assert "simulators/scenarios/crs_grade_2.toml" in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]


def test_the_installed_wheel_reads_its_rules_without_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    """Vectors run over the same files in `test_proof`, and on the wheel in `make proof-wheel`."""
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code = (
        "import sys; sys.path.insert(0, 'site'); import edge_agent; "
        "assert 'site' in edge_agent.__file__; "
        "from edge_agent.rulebook.rule_set import read_rulebook; book = read_rulebook(None); "
        "print([rule.rule_id for rule in book.rules], len(book.vector_texts))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    book = read_rulebook(None)
    assert len(book.vector_texts) > 50
    expected = f"{[rule.rule_id for rule in book.rules]} {len(book.vector_texts)}"
    assert done.stdout.strip() == expected


def test_the_lock_of_the_fuzzer_names_no_host_and_has_hashes() -> None:
    lock = (ROOT / "requirements-fuzz.lock").read_text()
    assert "://" not in lock
    assert "--hash=sha256:" in lock


def test_the_lock_names_no_host_and_has_a_hash_for_every_package() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert not [line for line in lock.splitlines() if line.startswith("-")]
    pinned = [line for line in lock.splitlines() if "==" in line]
    assert all(line.endswith("\\") for line in pinned)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for wanted in project["dependencies"]:
        name = wanted.partition(">")[0]
        assert any(line.startswith(f"{name}==") for line in pinned), name
