"""Paths of what a running agent leaves beside its journal for commands on the same machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_IN_MEMORY: Final = Path("/dev/shm")
"""Folder in this machine's memory, which a full disk does not affect."""
_CONTROL_SUFFIX: Final = ".control"
_LONGEST_ADDRESS: Final = 107
"""Longest address of a Unix socket, bytes; source: unix(7), sun_path of 108 bytes with its end."""


def paths_beside(journal: Path, suffix: str) -> tuple[Path, Path]:
    """Return the two paths of one purpose: beside the journal, and in memory.

    The one in memory is for the time while the journal's disk cannot be written.
    """
    digest = hashlib.sha256(os.fsencode(os.path.realpath(journal))).hexdigest()[:16]
    beside = journal.with_name(journal.name + suffix)
    return beside, _IN_MEMORY / f"crswatch-{digest}{suffix}"


def control_paths(journal: Path) -> tuple[Path, Path]:
    """Return the paths of the control socket of the agent with this journal.

    The name begins with a dot: a copy of all files that begin as the journal must not meet a
    socket, which cannot be copied.
    """
    beside, in_memory = paths_beside(journal, _CONTROL_SUFFIX)
    return beside.with_name(f".{beside.name}"), in_memory


@contextmanager
def socket_address(path: Path) -> Iterator[str]:
    """Give the address of a socket at a path; one that is too long is reached by its folder.

    Raises
    ------
    OSError
        If the folder of a long path cannot be opened.
    """
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
