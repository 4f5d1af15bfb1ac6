"""Damaged journals that were renamed, and what the journal in their place takes from them.

A file is called `unread` until its entries are stored in the new journal. So a loss of power at any
moment leaves the damaged journal where it was, or a file from which the next start takes them.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Final

from edge_agent.journal.entries import JournalEntry
from edge_agent.journal.folder import sync_folder
from edge_agent.journal.salvage import salvaged
from edge_agent.journal.store import Store
from edge_agent.journal.texts import Texts

_UNREAD: Final = ".unread-"
_READ: Final = ".damaged-"
_SIDE_FILES: Final = ("-wal", "-shm")
_NEWEST: Final = "damaged.newest"
"""Name under which a journal stores the newest file from which it took entries."""
_AT_MOST: Final = 20
"""Files set aside in one run; a disk that damages every new file is not filled with them."""
_LOG = logging.getLogger(__name__)


class DamagedFiles:
    """Files set aside from one path."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._taken: list[Path] = []
        """Files whose entries the next commit stores."""
        self._count = 0

    @property
    def may_be_more(self) -> bool:
        """True while another file may be set aside."""
        return self._count < _AT_MOST

    def set_aside(self) -> None:
        """Rename the journal, which is closed.

        Raises
        ------
        OSError
            If the disk refuses it.
        """
        self._count += 1
        self._path.rename(self._path.with_name(f"{self._path.name}{_UNREAD}{time.time_ns()}"))
        self.finish()

    def finish(self) -> None:
        """Rename the side files, too, also after a loss of power in between.

        Raises
        ------
        OSError
            If the disk refuses it.
        """
        unread = self._unread()
        if unread and not self._path.exists():
            _rename_side_files(self._path, unread[-1])
            sync_folder(self._path.parent)

    def take(self, store: Store, texts: Texts) -> list[JournalEntry]:
        """Return the entries that a journal takes from unread files; the texts say so with them."""
        self._taken = self._unread()
        found: list[JournalEntry] = []
        for path in self._taken:
            if path.name > (store.meta(_NEWEST) or ""):
                found += salvaged(path)
                texts.set(_NEWEST, path.name)
        return found

    def note_stored(self) -> tuple[Path, ...]:
        """Rename the files whose entries are stored; return their new paths."""
        begin = len(self._path.name) + len(_UNREAD)
        done = tuple(
            self._path.with_name(f"{self._path.name}{_READ}{path.name[begin:]}")
            for path in self._taken
        )
        for path, new in zip(self._taken, done, strict=True):
            _rename_side_files(path, new)
            path.rename(new)
            _LOG.error("journal %s was damaged and is now %s", self._path, new)
        self._taken = []
        return done

    def _unread(self) -> list[Path]:
        """Return the unread files, the oldest first."""
        if not self._path.parent.is_dir():
            return []
        begin = f"{self._path.name}{_UNREAD}"
        beside = self._path.parent.iterdir()
        return sorted(
            p for p in beside if p.name.startswith(begin) and p.name[len(begin) :].isdigit()
        )


def _rename_side_files(path: Path, new: Path) -> None:
    for suffix in _SIDE_FILES:
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(new.with_name(new.name + suffix))
