"""What the journal's thread owns: the file, and what waits in memory to be written."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from edge_agent.journal.entries import Entry, Lane
from edge_agent.journal.marks import Marks
from edge_agent.journal.schema import is_damage, set_aside
from edge_agent.journal.store import Store
from edge_agent.model.errors import JournalError

if TYPE_CHECKING:
    from pathlib import Path

GROUP_WAIT_S: Final = 0.2
"""An entry waits at most so long for others to share its commit."""
GROUP_ROWS: Final = 500
PENDING_ROWS: Final = 20_000
"""About ten minutes of 32 beds in some 150 MB: what a failing disk may hold up."""
RETRY_S: Final = 1.0
PRUNE_EVERY_S: Final = 10.0
PRUNE_ROWS: Final = 5000
"""500 a second outruns any ward and holds the file for some 20 ms."""
_FREED_PAGES: Final = 256

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """Where the journal is and how long it keeps what everybody has taken."""

    path: Path
    sinks: tuple[str, ...]
    """An entry is kept until all of these took it."""
    retain_s: float
    pending_rows: int = PENDING_ROWS
    """Beyond this the oldest readings that a failing disk holds up are given up and counted."""


@dataclass(frozen=True, slots=True)
class JournalHealth:
    """How the journal fares."""

    fault: str = ""
    """Why entries wait in memory; empty while the file takes them."""
    pending: int = 0
    """Entries that are not on disk yet."""
    lost_readings: int = 0
    """Readings given up because the disk failed for longer than memory could bridge."""
    set_aside: tuple[Path, ...] = ()
    """Damaged files that were renamed to start an empty one."""


class Recorder:
    """Groups entries into commits and rides out a disk that fails; has no thread of its own."""

    def __init__(self, settings: JournalSettings) -> None:
        self._settings = settings
        self._store: Store | None = None
        self.marks = Marks(settings.sinks)
        self.health = JournalHealth()
        self._pending: deque[Entry] = deque()
        self._due_s: float | None = None
        self._prune_s = 0.0
        self._newest_seq = 0
        self._newest_ns = 0

    @property
    def store(self) -> Store:
        """The open file.

        Raises
        ------
        JournalError
            While it cannot be opened.
        """
        if self._store is None:
            raise JournalError(f"journal {self._settings.path}: {self.health.fault}")
        return self._store

    @property
    def newest_seq(self) -> int:
        """The highest seq given so far."""
        return self._newest_seq

    def open(self) -> None:
        """Open the file, or note why it cannot be opened yet."""
        self.close()
        try:
            self._open()
        except (sqlite3.Error, OSError) as error:
            self.note_error(error)
            self._due_s = 0.0

    def add(self, entry: Entry, now_s: float, *, is_urgent: bool) -> None:
        """Take an entry; it is on disk after the commit that falls due."""
        self._pending.append(entry)
        self._newest_ns = max(self._newest_ns, entry.at_ns)
        if len(self._pending) > self._settings.pending_rows:
            self._give_up_oldest_reading()
        if self.health.fault:
            self._wait(now_s, RETRY_S)
        elif is_urgent or len(self._pending) >= GROUP_ROWS:
            self._due_s = now_s
        else:
            self._wait(now_s, GROUP_WAIT_S)

    def touch(self, now_s: float) -> None:
        """Have moved marks written with the next commit."""
        self._wait(now_s, RETRY_S if self.health.fault else GROUP_WAIT_S)

    def seconds_to_wait(self, now_s: float) -> float:
        """Return how long nothing is due."""
        due_s = self._prune_s if self._due_s is None else self._due_s
        return max(0.0, due_s - now_s)

    def run_due(self, now_s: float) -> bool:
        """Do what is due; return whether entries were committed."""
        if self._due_s is not None and self._due_s <= now_s:
            return self.commit(now_s)
        if self._prune_s <= now_s:
            self._prune_s = now_s + PRUNE_EVERY_S
            self._prune()
        return False

    def commit(self, now_s: float) -> bool:
        """Write what waits; return whether there were entries. Failing, try again later."""
        unsaved = self.marks.unsaved()
        try:
            if self._store is None:
                self._open()
            self.store.commit(self._pending, unsaved)
        except (sqlite3.Error, OSError) as error:
            self.note_error(error)
            self._due_s = now_s + RETRY_S
            return False
        count = len(self._pending)
        self._newest_seq += count
        self._pending.clear()
        self.marks.saved()
        self._due_s = None
        if self.health.fault:
            _LOG.warning("journal %s is written again", self._settings.path)
            self.health = replace(self.health, fault="")
        return count > 0

    def note_error(self, error: Exception) -> None:
        """Report why the file does not do; put a damaged one aside."""
        if not self.health.fault:
            _LOG.error("journal %s: %s", self._settings.path, error)
        self.health = replace(self.health, fault=str(error) or type(error).__name__)
        if isinstance(error, sqlite3.Error) and is_damage(error):
            self._replace_file()

    def current_health(self) -> JournalHealth:
        """Return the health with the number of entries that wait."""
        return replace(self.health, pending=len(self._pending))

    def close(self) -> None:
        """Close the file."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _open(self) -> None:
        first_seq = max(time.time_ns() // 1_000_000, self._newest_seq)
        store = Store(self._settings.path, first_seq)
        stored = store.marks()
        if stored:
            self.marks = Marks(self._settings.sinks, stored)
        self._newest_seq, newest_ns = store.newest()
        self._newest_ns = max(self._newest_ns, newest_ns)
        self._store = store

    def _replace_file(self) -> None:
        self.close()
        try:
            aside = set_aside(self._settings.path)
            self.health = replace(self.health, set_aside=(*self.health.set_aside, aside))
            _LOG.error("journal %s was damaged and is now %s", self._settings.path, aside)
            self.marks.forget_saved()
            self._open()
            self.health = replace(self.health, fault="")
        except (sqlite3.Error, OSError) as error:
            _LOG.exception("journal %s cannot be replaced", self._settings.path)
            self.health = replace(self.health, fault=str(error))

    def _prune(self) -> None:
        if self._store is None:
            return
        before_ns = self._newest_ns - round(self._settings.retain_s * 1e9)
        try:
            for lane in Lane:
                taken = self.marks.taken_by_all(lane)
                until_seq = self._newest_seq if taken is None else taken
                self._store.prune(lane, until_seq, before_ns, PRUNE_ROWS)
            self._store.give_back(_FREED_PAGES)
        except sqlite3.Error as error:
            self.note_error(error)
            self._due_s = self._prune_s

    def _give_up_oldest_reading(self) -> None:
        for place, entry in enumerate(self._pending):
            if entry.lane is Lane.READINGS:
                del self._pending[place]
                lost = self.health.lost_readings + 1
                self.health = replace(self.health, lost_readings=lost)
                return

    def _wait(self, now_s: float, wait_s: float) -> None:
        if self._due_s is None:
            self._due_s = now_s + wait_s
