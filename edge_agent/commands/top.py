"""`crswatch top`: the board in a terminal, over ssh."""

from __future__ import annotations

import argparse
import os
import select
import shutil
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.live import Live

from edge_agent.board.shapes import Snapshot
from edge_agent.commands.subcommand import add_config_argument, stop_event
from edge_agent.commands.ward_access import (
    Ward,
    add_language_argument,
    checked_name,
    opened_ward,
    reader_of,
)
from edge_agent.config.gateway_file import load_config
from edge_agent.model.errors import ConfigError, LinkError, Mistake
from edge_agent.model.language import Language
from edge_agent.ward_client.answer_words import answer_words
from edge_agent.ward_client.top_picture import View, Window, picture
from edge_agent.ward_client.top_prompt import TopPrompt

_EVERY_S: Final = 1.0
"""Wall seconds between two pictures; a key is taken at once."""
_LATE_S: Final = 3.0
"""Wall seconds without a new picture after which nothing shown counts as live."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Show the ward in this terminal: a line for each bed, those with an open alert always "
        "and first, and the open problems in full as far as there is room. Keys: a answers a bed "
        "(it asks which, who, and once more), q quits. The ward is that of the agent on this "
        "machine, or else of the broker. Exit status 0: ended as requested, 2: the ward cannot "
        "be seen."
    )
    add_config_argument(parser)
    add_language_argument(parser)
    parser.add_argument("--by", default="", metavar="NAME", help="your name, offered when asked")
    parser.add_argument("--once", action="store_true", help="print one picture and end")


def run(arguments: argparse.Namespace) -> int:
    """Show the board."""
    by = checked_name(arguments.by) if arguments.by else ""
    with opened_ward(load_config(arguments.config)) as ward:
        if arguments.once:
            snapshot = ward.snapshot()
            view = View(snapshot, reader_of(snapshot, arguments.language))
            Console(highlight=False).print(picture(view, _window()))
            return 0
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            message = "is missing; without it the board needs a terminal"
            raise ConfigError((Mistake("command line", "--once", message),))
        with _single_keys():
            _Screen(ward, arguments.language, by).run()
    return 0


def _window() -> Window:
    size = shutil.get_terminal_size()
    return Window(size.columns, size.lines)


@contextmanager
def _single_keys() -> Iterator[None]:
    """Give each key at once and unseen, until the end."""
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard)
    try:
        yield
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


class _Screen:
    """The board in the whole terminal, until the person or a signal ends it."""

    def __init__(self, ward: Ward, language: Language, by: str) -> None:
        self._ward = ward
        self._language = language
        self._prompt = TopPrompt(by)
        self._snapshot: Snapshot = ward.snapshot()
        self._seen_s = time.monotonic()

    def run(self) -> None:
        """Show pictures and take keys."""
        is_over = stop_event()
        console = Console(highlight=False)
        with Live(console=console, screen=True, auto_refresh=False) as live:
            due_s = 0.0
            while not (self._prompt.is_over or is_over.is_set()):
                if time.monotonic() >= due_s:
                    self._look()
                    due_s = time.monotonic() + _EVERY_S
                live.update(picture(self._view(), _window()), refresh=True)
                self._take_keys(max(0.0, due_s - time.monotonic()))

    def _look(self) -> None:
        """Fetch the ward; without contact the last picture stays, and says so."""
        try:
            self._snapshot = self._ward.snapshot()
        except LinkError:
            return
        self._seen_s = time.monotonic()

    def _view(self) -> View:
        reader = reader_of(self._snapshot, self._language)
        is_late = time.monotonic() - self._seen_s >= _LATE_S
        lost_ms = self._snapshot.now_ms if is_late else None
        return View(self._snapshot, reader, lost_ms, self._prompt.footer(reader))

    def _take_keys(self, wait_s: float) -> None:
        """Take the keys that are pressed within the time, and give the answer they make up."""
        ready, _, _ = select.select([sys.stdin], [], [], wait_s)
        if not ready:
            return
        keys = os.read(sys.stdin.fileno(), 256).decode(errors="replace")
        if not keys:
            self._prompt.is_over = True  # the terminal was closed
        if len(keys) > 1 and keys.startswith("\x1b"):
            return  # an arrow, or another key that sends several letters
        reader = reader_of(self._snapshot, self._language)
        for key in keys:
            given = self._prompt.press(key, self._snapshot, reader)
            if given is None:
                continue
            try:
                effect = self._ward.answer(given.answer)
            except LinkError as error:
                self._prompt.note(str(error))
                return
            words = answer_words(given.answer, effect, given.seen, reader)
            self._prompt.note("; ".join(words))
