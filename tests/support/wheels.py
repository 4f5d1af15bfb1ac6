"""Wheels, built from a copy of the source: an earlier build beside it would be packed, too."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_PACKED: Final = (
    "edge_agent",
    "simulators",
    "rules",
    "broker_config",
    "pyproject.toml",
    "README.md",
)


def built(source: Path, folder: Path) -> Path:
    """Return the wheel of a source tree, built in `folder` with this environment's setuptools."""
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "-w", str(folder), str(source)]
    subprocess.run(command, check=True, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def built_program(folder: Path) -> Path:
    """Return the wheel of crswatch as the repository has it."""
    source = folder / "source"
    source.mkdir()
    for name in _PACKED:
        found = ROOT / name
        if found.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(found, source / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(found, source)
    wheel = built(source, folder)
    shutil.rmtree(source)
    return wheel
