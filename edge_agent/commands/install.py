"""`crswatch install`: the agent as a service of this machine, or of an image."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from edge_agent.commands.example_config import EXAMPLE
from edge_agent.model.errors import CrswatchError
from edge_agent.ops.installation import CONFIG, Fate, install, program

_NEXT: Final = f"""\
next:
  systemd-sysusers && systemctl restart systemd-modules-load && systemctl daemon-reload
  crswatch check-config {CONFIG}     # after you have edited it: beds, ports, broker
  systemctl enable --now crswatch
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Write what makes the agent a service of systemd: its unit, its user, the kernel modules "
        "of serial adapters, its folders, and an example configuration where there is none. "
        "Nothing that somebody has edited is overwritten, and nothing is started. "
        "Exit status 0: done, 1: a file was edited and stays, 2: something could not be written."
    )
    parser.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        metavar="DIR",
        help="write below this folder, for an image (default: /)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Install, and say what was written and what to do next."""
    root: Path = arguments.root
    if not root.is_dir():
        raise CrswatchError(f"--root is {str(root)!r}; want an existing folder")
    steps = install(root, program(), EXAMPLE)
    for step in steps:
        sys.stdout.write(f"{step.path}: {step.fate.value}\n")
    sys.stdout.write(_NEXT)
    return 1 if any(step.fate is Fate.EDITED for step in steps) else 0
