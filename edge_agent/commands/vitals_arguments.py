"""Options of `crswatch replay` for recorded vital signs."""

from __future__ import annotations

import argparse

from edge_agent.commands.numbers import number_within
from edge_agent.commands.table_arguments import add_table_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that only apply to vital signs."""
    add_table_arguments(parser)
    parser.add_argument(
        "--patient", metavar="ID", help="a patient of a cohort in place of a file: test-00017"
    )
    parser.add_argument("--cohort", metavar="SPEC", help="default: the cohort named in the id")
    parser.add_argument(
        "--to",
        type=number_within(0, 1e9),
        dest="to_s",
        metavar="SECONDS",
        help="end this far into recorded vital signs; default: at the last one",
    )
