"""Parts of several subcommands: options of tables, and the signal that ends a command."""

from __future__ import annotations

import argparse
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_HERE: Final = Path("gateway.toml")
_LOG = logging.getLogger(__name__)
_INSTALLED: Final = Path("/etc/crswatch/gateway.toml")


def add_config_argument(parser: argparse.ArgumentParser) -> None:
    """Add the option for the gateway's configuration, with the usual places as its default."""
    parser.add_argument(
        "--config",
        type=Path,
        default=_HERE if _HERE.exists() else _INSTALLED,
        metavar="FILE",
        help=f"configuration of the gateway (default: {_HERE} in this folder, or {_INSTALLED})",
    )


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


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Give an event that SIGTERM, SIGHUP or Ctrl-C sets, until the end of the context."""
    is_over = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        signal.signal(number, lambda _number, _frame: is_over.set())
    try:
        yield is_over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_event() -> threading.Event:
    """Return an event that SIGTERM or Ctrl-C sets, instead of ending the program."""
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: is_over.set())
    return is_over


def ignore_hangup() -> None:
    """Go on when the terminal is closed; a service manager that asks for a reload gets none."""
    words = "SIGHUP is ignored: monitoring goes on; restart the agent for a new configuration"
    signal.signal(signal.SIGHUP, lambda _number, _frame: _LOG.warning(words))
