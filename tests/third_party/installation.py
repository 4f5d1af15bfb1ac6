"""Installs a distribution where a test alone can see it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parent / "pulsetrak"


class Site:
    """A folder with installed distributions, and commands that see them.

    Parameters
    ----------
    folder
        An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        site = folder / "site"
        self._env = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(site),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PIP_TARGET": str(site),
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "COLUMNS": "200",
        }

    def run(self, line: str, cwd: Path | None = None, status: int = 0) -> str:
        """Return what a command of the shell prints; it has to end with `status`."""
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=cwd or self.folder,
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == status, f"$ {line}\n{done.stdout}"
        return done.stdout
