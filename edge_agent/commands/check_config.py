"""`crswatch check-config`: every mistake of a gateway.toml at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from edge_agent.config import load_config
from edge_agent.rulebook import read_rulebook

if TYPE_CHECKING:
    import argparse

    from edge_agent.commands.parsers import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "check-config",
        help="check a gateway.toml and the rules it names",
        description="Report every mistake of a configuration at once, each with its key, the "
        "value seen and what is allowed. Exit status 0: fine, 2: wrong.",
    )
    parser.add_argument("file", type=Path, help="the configuration, such as gateway.toml")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check the file and say what it sets up."""
    config = load_config(arguments.file)
    book = read_rulebook(config.rules.folder)
    sinks = [name for name in ("mqtt", "influx") if getattr(config, name) is not None]
    sys.stdout.write(
        f"{arguments.file}: fine. Ward {config.gateway.site}/{config.gateway.ward}, "
        f"{len(config.beds)} beds, {len(book.rules)} rules, "
        f"sinks: {', '.join(sinks) or 'none'}\n"
    )
    return 0
