"""Options for the columns and rows of a table, the same for each command."""

from __future__ import annotations

import argparse


def add_table_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--mapping", metavar="M", help="meaning of a table's columns: a name or a file"
    )
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="only rows of a table that have this; may be given several times",
    )
