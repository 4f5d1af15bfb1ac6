"""Parts of every subcommand: its place on the command line and the signal that ends it."""

from __future__ import annotations

import argparse
import signal
import threading
from typing import Protocol


class Subparsers(Protocol):
    """Parser to which a subcommand adds itself."""

    def add_parser(self, name: str, *, description: str) -> argparse.ArgumentParser:
        """Return a new parser for the subcommand `name`."""


def until_told() -> threading.Event:
    """Return an event that SIGTERM or Ctrl-C sets, instead of ending the program."""
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: is_over.set())
    return is_over
