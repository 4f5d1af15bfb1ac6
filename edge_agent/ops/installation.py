"""Installation of the agent as a service: folders, files, and the care for those that exist."""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from edge_agent.model.errors import CrswatchError
from edge_agent.ops.service_files import MODULES, SYSUSERS, unit

CONFIG: Final = Path("/etc/crswatch/gateway.toml")
_JOURNAL: Final = "/var/lib/crswatch/crswatch.db"
_FOLDERS: Final = ((CONFIG.parent, 0o750), (Path(_JOURNAL).parent, 0o700))
"""Folders with their rights; the service manager gives them to the agent's user."""
_HOMES: Final = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")
"""Folders that the service does not see."""
_MARK: Final = "# crswatch install wrote the lines below; their SHA-256: "
_NEW: Final = ".new"


class Fate(StrEnum):
    """Result for one file or folder."""

    MADE = "made"
    REPLACED = "replaced"
    """It was written by an earlier version, and nobody had edited it."""
    AS_IT_WAS = "as it was"
    EDITED = "was edited and stays; the new one is beside it, with .new at its end"


@dataclass(frozen=True, slots=True)
class Step:
    """One file or folder, and what became of it."""

    path: Path
    fate: Fate


def program() -> str:
    """Return the command line by which a service manager starts this program.

    Raises
    ------
    CrswatchError
        If the program is in a folder that the service does not see.
    """
    script = Path(sysconfig.get_path("scripts")) / "crswatch"
    words = str(script) if script.is_file() else f"{sys.executable} -m edge_agent"
    real = Path(__file__).resolve()
    for place in (Path(sys.executable).absolute(), real):
        if hidden := next((home for home in _HOMES if place.is_relative_to(home)), ""):
            raise CrswatchError(
                f"the program is in {place.parent}, and a service sees nothing in {hidden}; "
                "install it in an environment such as /opt/crswatch, see docs/install.md"
            )
    return words


def install(root: Path, command: str, example: str) -> list[Step]:
    """Make the folders and files of the service below `root`; return what became of each.

    A file that somebody has edited is never overwritten, and neither is a configuration.

    Parameters
    ----------
    command
        Command line of the program.
    example
        Text of the configuration where there is none.

    Raises
    ------
    OSError
        If something cannot be written.
    """
    steps = [_make_folder(_below(root, path), mode) for path, mode in _FOLDERS]
    steps.append(_write_once(_below(root, CONFIG), _with_journal(example)))
    for path, text in (
        ("/etc/systemd/system/crswatch.service", unit(command)),
        ("/etc/sysusers.d/crswatch.conf", SYSUSERS),
        ("/etc/modules-load.d/crswatch.conf", MODULES),
    ):
        steps.append(_write_own(_below(root, Path(path)), text))
    return steps


def _with_journal(example: str) -> str:
    """Return the example with its journal in the folder of the service."""
    return example.replace('path = "crswatch.db"  ', f'path = "{_JOURNAL}"')


def _below(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def _make_folder(path: Path, mode: int) -> Step:
    if path.is_dir():
        return Step(path, Fate.AS_IT_WAS)
    path.mkdir(parents=True)
    path.chmod(mode)
    return Step(path, Fate.MADE)


def _write_once(path: Path, text: str) -> Step:
    if path.exists() or path.is_symlink():
        return Step(path, Fate.AS_IT_WAS)
    _write(path, text, 0o640)
    return Step(path, Fate.MADE)


def _write_own(path: Path, text: str) -> Step:
    """Write a file that carries the hash of its lines, unless it exists and they differ from it."""
    marked = f"{_MARK}{_digest(text)}\n{text}"
    if not (path.exists() or path.is_symlink()):
        _write(path, marked, 0o644)
        return Step(path, Fate.MADE)
    found = path.read_text(errors="replace")
    if found == marked:
        return Step(path, Fate.AS_IT_WAS)
    head, _, lines = found.partition("\n")
    if head == f"{_MARK}{_digest(lines)}":
        _write(path, marked, 0o644)
        return Step(path, Fate.REPLACED)
    _write(path.with_name(path.name + _NEW), marked, 0o644)
    return Step(path, Fate.EDITED)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write(path: Path, text: str, mode: int) -> None:
    """Write a file as a whole, so that a power loss leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    file_descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(file_descriptor, "w") as file:
        os.fchmod(file_descriptor, mode)
        file.write(text)
        file.flush()
        os.fsync(file_descriptor)
    fresh.replace(path)
