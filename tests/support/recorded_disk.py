"""A program's writes below one folder, recorded call by call by a library of ours."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.system_binaries import system_binary

if TYPE_CHECKING:
    from collections.abc import Sequence

_SOURCE: Final = Path(__file__).with_name("disk_recorder.c")
_ROOT: Final = Path(__file__).parents[2]
_HEAD: Final = struct.Struct("<cIQI")
_WAIT_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Operation:
    """One call that changed the disk, or a line that the program said."""

    kind: str
    """C created, E existed, W written, T cut to a size, S synced, F failed to sync, R renamed,
    L linked, U unlinked, A said."""
    file: int
    """Number of the file; 0 for the folder."""
    offset: int
    """Offset of a write, or size after a cut."""
    content: bytes
    """Bytes written or said, or the names concerned."""

    @property
    def names(self) -> list[str]:
        """Names of files that the call concerned."""
        return self.content.decode().split("/")


@dataclass(frozen=True, slots=True)
class Recording:
    """Operations of one run, and the folder's files before it."""

    before: dict[str, bytes]
    operations: tuple[Operation, ...]

    @property
    def lines(self) -> list[str]:
        """Everything that the program said."""
        return said(self.operations)


def said(operations: Sequence[Operation]) -> list[str]:
    """Return the whole lines that were said."""
    text = b"".join(op.content for op in operations if op.kind == "A").decode()
    return text.split("\n")[:-1]


def recorder_library(folder: Path) -> Path:
    """Compile the library; skip the test where there is no compiler or no Linux."""
    if sys.platform != "linux":
        pytest.skip("the recorder of disk operations needs Linux")
    compiler = system_binary("gcc", "gcc")
    library = folder / "disk_recorder.so"
    options = ["-O1", "-Wall", "-Werror", "-shared", "-fPIC"]
    links = ["-ldl", "-lpthread"]
    subprocess.run([compiler, *options, "-o", library, _SOURCE, *links], check=True)
    return library


def record(
    library: Path, folder: Path, module: str, arguments: Sequence[str] = (), fail_sync: str = ""
) -> Recording:
    """Run a module of the tests with a folder as its first argument, and record its writes.

    Parameters
    ----------
    fail_sync
        Syncs that fail: ending of the file's name, number of the first one, count.
    """
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    log = folder.with_name(f"{folder.name}.operations")
    log.unlink(missing_ok=True)
    environment = os.environ | {
        "LD_PRELOAD": str(library),
        "DISK_FOLDER": str(folder),
        "DISK_LOG": str(log),
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if fail_sync:
        environment["DISK_FAIL_SYNC"] = fail_sync
    command = [sys.executable, "-m", module, str(folder), *arguments]
    run = subprocess.run(
        command, env=environment, capture_output=True, timeout=_WAIT_S, check=False
    )
    assert run.returncode == 0, run.stderr.decode()
    assert b"Traceback" not in run.stderr, run.stderr.decode()
    operations = tuple(_operations(log.read_bytes()))
    log.unlink()
    return Recording(before, operations)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """Make a folder hold these files and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        path = folder / name
        path.touch(0o600)
        path.write_bytes(content)


def _operations(log: bytes) -> list[Operation]:
    found: list[Operation] = []
    at = 0
    while at < len(log):
        kind, file, offset, length = _HEAD.unpack_from(log, at)
        at += _HEAD.size
        found.append(Operation(kind.decode(), file, offset, log[at : at + length]))
        at += length
    return found
