"""Parts of several subcommands: options of tables, and the signal that ends a command."""

from __future__ import annotations

import argparse
import signal
import threading


def add_table_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for the columns and rows of a table."""
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


def stop_event() -> threading.Event:
    """Return an event that SIGTERM or Ctrl-C sets, instead of ending the program."""
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: is_over.set())
    return is_over
