"""Files of a setup: written whole, private where they must be, never over others by accident."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge_agent.model.errors import ConfigError, Mistake

PRIVATE: Final = 0o600
PUBLIC: Final = 0o644


def write_whole(path: Path, text: bytes, mode: int) -> None:
    """Write a file so that a loss of power leaves the old content or the new, never a part.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # of mode 0600
    new = Path(name)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def refuse_changed(files: Mapping[Path, bytes]) -> None:
    """Refuse to write over files whose content is another one.

    Raises
    ------
    ConfigError
        For all such files together.
    """
    changed = [path for path, text in files.items() if path.exists() and path.read_bytes() != text]
    if changed:
        message = "is there with another content; give --replace to write over it"
        raise ConfigError(tuple(Mistake(str(path), "-", message) for path in changed))
