"""Stop signals for commands that run until interrupted."""

from __future__ import annotations

import signal
import threading


def until_told() -> threading.Event:
    """Return an event that SIGTERM or Ctrl-C sets, instead of ending the program."""
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: is_over.set())
    return is_over
