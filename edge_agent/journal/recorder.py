"""State of the journal's thread: the file, and the entries in memory that wait to be written."""

from __future__ import annotations

import logging
import sqlite3
import time
from dataclasses import replace
from typing import Final

from edge_agent.journal.damaged_files import DamagedFiles
from edge_agent.journal.entries import JournalEntry
from edge_agent.journal.gaps import Gaps
from edge_agent.journal.health import Damages, JournalHealth, with_lost_aside
from edge_agent.journal.lock import JournalLock
from edge_agent.journal.marks import SinkMarks, is_sound
from edge_agent.journal.ownership import Owner, owner_of, refuse_for_good
from edge_agent.journal.pending import UNSTORABLE, Pending
from edge_agent.journal.retention import Ages, boot_id, prune
from edge_agent.journal.schema import (
    WrongTablesError,
    is_damage,
    is_disk_error,
    rewrite_log,
)
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.store import Store
from edge_agent.journal.texts import Texts
from edge_agent.model.errors import JournalError, JournalRefusedError

GROUP_WAIT_S: Final = 0.2
"""Longest wait of an entry for others to share its commit, seconds."""
GROUP_ROWS: Final = 500
_RETRY_S: Final = 1.0
_PRUNE_EVERY_S: Final = 10.0
_LOG = logging.getLogger(__name__)


class Recorder:
    """Grouping of entries into commits, also while a disk fails; has no thread of its own."""

    def __init__(self, settings: JournalSettings) -> None:
        self._settings = settings
        self._store: Store | None = None
        self.marks = SinkMarks(settings.sinks)
        self.health = JournalHealth()
        self._pending = Pending(settings.pending_rows)
        self._due_s: float | None = None
        self._prune_s = 0.0
        self._newest_seq = 0
        self._lock: JournalLock | None = None  # None while the file is not open
        self._ages = Ages((), boot_id(), settings.retain_s)
        self._now_s = 0.0
        self._texts = Texts()
        self._damages = Damages(settings.path)
        self._damaged_files = DamagedFiles(settings.path)
        self._is_in_doubt = False
        """True after a failure of the disk, until the file was opened anew."""

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
        """Highest seq given so far."""
        return self._newest_seq

    def open(self) -> None:
        """Open the file, or record why it cannot be opened yet.

        Raises
        ------
        JournalRefusedError
            If it is not ours, another agent has it, or no file can be at its path.
        """
        self.close()
        refuse_for_good(self._settings.path)
        try:
            self._open()
            if self._pending.entries:
                self._write()
        except (sqlite3.Error, OSError) as error:
            self.note_error(error)
            self._due_s = 0.0

    def add(self, entry: JournalEntry, now_s: float, *, is_urgent: bool) -> None:
        """Add an entry; it is on disk after the commit that falls due."""
        if self._pending.add(entry):
            self.health = replace(self.health, lost_readings=self.health.lost_readings + 1)
        if self.health.fault:
            self._wait(now_s, _RETRY_S)
        elif is_urgent or len(self._pending) >= GROUP_ROWS:
            self._due_s = now_s
        else:
            self._wait(now_s, GROUP_WAIT_S)

    def touch(self, now_s: float) -> None:
        """Schedule a commit for moved marks."""
        self._wait(now_s, _RETRY_S if self.health.fault else GROUP_WAIT_S)

    def seconds_to_wait(self, now_s: float) -> float:
        """Return the seconds until something is due."""
        due_s = self._prune_s if self._due_s is None else self._due_s
        return max(0.0, due_s - now_s)

    def run_due(self, now_s: float) -> bool:
        """Do what is due; return True where entries were committed."""
        self._now_s = now_s
        if self._due_s is not None and self._due_s <= now_s:
            return self.commit(now_s)
        if self._prune_s <= now_s:
            self._prune_s = now_s + _PRUNE_EVERY_S
            self._prune()
        return False

    def commit(self, now_s: float) -> bool:
        """Write what waits; return True where there were entries. On a failure, try again later."""
        self._now_s = now_s
        try:
            if self._store is not None and not self._is_in_place():
                self._close_displaced_file()
            if self._store is None:
                self._open()
            count = self._write()
        except (sqlite3.Error, OSError, JournalRefusedError) as error:
            self.note_error(error)
            self._due_s = now_s + _RETRY_S
            return False
        self._due_s = None
        if self.health.fault:
            _LOG.warning("journal %s is written again", self._settings.path)
            self.health = replace(self.health, fault="")
        return count > 0

    def _is_in_place(self) -> bool:
        return self._lock is not None and self._lock.holds(self._settings.path)

    def _close_displaced_file(self) -> None:
        """Close a file that somebody has moved, removed or replaced."""
        self.note_error(OSError("the file was moved, removed or replaced"))
        self.close()
        self.marks.forget_saved()
        self._texts.forget_saved()

    def _write(self) -> int:
        """Write what waits; return the number of entries."""
        gaps = self._pending.gaps.entries()
        count = len(self._pending) + len(gaps)
        texts = self._texts.unsaved()
        try:
            self.store.commit([*self._pending.entries, *gaps], self.marks.unsaved(), texts)
        except UNSTORABLE:
            self._pending.write_singly(self.store, self.note_damage)
            self.store.commit(gaps, self.marks.unsaved(), texts)
        self._newest_seq = self.store.newest_seq()
        self._pending.clear()
        self.marks.saved()
        self._texts.saved()
        aside = self._damaged_files.note_stored()
        self.health = replace(self.health, set_aside=(*self.health.set_aside, *aside))
        return count

    def note_damage(self, reason: str, rows: int = 1) -> None:
        """Count rows that cannot be used, each once; the rest continues without them."""
        self.health = self._damages.note(self.health, reason, rows)

    def put_off(self, error: Exception, now_s: float) -> None:
        """Report a mistake and try again later."""
        self.note_error(error)
        self._due_s = now_s + _RETRY_S

    def note_gaps(self, gaps: Gaps) -> None:
        """Add the counts of discarded readings; an event records them with the next commit."""
        if gaps.messages:
            self._pending.gaps.add(gaps)
            self.touch(self._now_s)

    def text(self, name: str) -> str | None:
        """Return a stored text; None where there is none."""
        known = self._texts.get(name)
        return self._texts.read(name, self.store) if known is None else known

    def set_text(self, name: str, text: str, now_s: float) -> None:
        """Store a text with the next commit."""
        self._texts.set(name, text)
        self.touch(now_s)

    def note_error(self, error: Exception) -> None:
        """Report why the file cannot be used; set a damaged one aside.

        A connection is not used again after a failure of the disk: after a failed sync the system
        counts what was not written as written, and a second try would succeed without it.
        """
        if not self.health.fault:
            _LOG.error("journal %s: %s", self._settings.path, error)
        self.health = replace(self.health, fault=str(error) or type(error).__name__)
        if is_disk_error(error) and self._store is not None:
            self._store.close()
            self._store = None
            self._is_in_doubt = True
            self._pending.doubt()
        is_damaged = isinstance(error, sqlite3.Error) and is_damage(error)
        if is_damaged and self._damaged_files.may_be_more:
            self._replace_file()

    def current_health(self) -> JournalHealth:
        """Return the health with the number of waiting entries."""
        return replace(self.health, pending=len(self._pending))

    def close(self) -> None:
        """Close the file, then release it to other agents."""
        if self._store is not None:
            self._store.close()
            self._store = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _open(self) -> None:
        path = self._settings.path
        self._damaged_files.finish()
        owner = owner_of(path)
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            _LOG.warning("journal %s: its folder was made; is its disk mounted?", path)
        if self._lock is not None and not self._lock.holds(path):
            self.close()
        if self._lock is None:
            self._lock = JournalLock(path)
        if owner is Owner.DAMAGED:
            raise WrongTablesError("its first page is damaged")
        if self._is_in_doubt:
            rewrite_log(path)
        first_seq = max(time.time_ns() // 1_000_000, self._newest_seq)
        store = Store(path, first_seq)
        try:
            self._load(store, first_seq)
        except sqlite3.Error:
            store.close()
            raise
        self._pending.entries.extendleft(reversed(self._damaged_files.take(store, self._texts)))
        self._store = store
        self._is_in_doubt = False

    def _load(self, store: Store, first_seq: int) -> None:
        """Load the progress of all sinks; reset what is implausible."""
        for reason, rows in store.mend(first_seq):
            self.note_damage(reason, rows)
        self._pending.settle(store, self._newest_seq)
        self._newest_seq = store.newest_seq()
        self._ages = Ages(store.age_marks(), boot_id(), self._settings.retain_s)
        if self._ages.is_damaged:
            self.note_damage("how old the entries are begins anew")
        stored = store.marks()
        sound = [mark for mark in stored if is_sound(mark, self._newest_seq)]
        if len(sound) < len(stored):
            self.note_damage("a sink's mark; it is offered again what the journal has")
        if stored and not self._is_in_doubt:
            self.marks = SinkMarks(self._settings.sinks, sound)

    def _replace_file(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
        try:
            self._damaged_files.set_aside()
            self.close()
            self.marks.forget_saved()
            self._texts.forget_saved()
            self._open()
            self._write()
            self.health = replace(self.health, fault="")
        except (sqlite3.Error, OSError, JournalRefusedError) as error:
            _LOG.error("journal %s cannot be replaced: %s", self._settings.path, error)
            self.health = replace(self.health, fault=str(error))

    def _prune(self) -> None:
        if self._store is None:
            return
        try:
            lost = prune(self._store, self._ages, self.marks, self._now_s)
            self.health = with_lost_aside(self.health, lost, self._settings.path)
        except sqlite3.Error as error:
            self.note_error(error)
            self._due_s = self._prune_s

    def _wait(self, now_s: float, wait_s: float) -> None:
        if self._due_s is None:
            self._due_s = now_s + wait_s
