"""Entries in memory that wait to be written."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Final

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.gaps import Gaps
from edge_agent.journal.store import Store

UNSTORABLE: Final = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    OverflowError,
    UnicodeEncodeError,
    TypeError,
)
"""Errors of an entry that no file could hold."""
_ONE_COMMIT: Final = 1_000_000
"""More entries than one commit ever holds."""


class Pending:
    """Entries that wait, and the gaps of the readings that had to make room.

    Parameters
    ----------
    at_most
        Number of waiting entries beyond which each new one costs the oldest reading.
    """

    def __init__(self, at_most: int) -> None:
        self.entries: deque[JournalEntry] = deque()
        self.gaps = Gaps()
        """Discarded readings; an event records them with the next commit."""
        self._at_most = at_most
        self._doubted: list[JournalEntry] = []
        """Entries of a commit that the disk failed; they may be in the file all the same."""

    def __len__(self) -> int:
        return len(self.entries) + len(self._doubted)

    def add(self, entry: JournalEntry) -> bool:
        """Add an entry; return True where the oldest reading was discarded for it."""
        self.entries.append(entry)
        return len(self) > self._at_most and self._discard_oldest_reading()

    def clear(self) -> None:
        """Forget what is written now."""
        self.entries.clear()
        self.gaps.clear()

    def doubt(self) -> None:
        """Hold apart what waits: the disk failed while it was written, or at another time."""
        self._doubted += [*self.entries, *self.gaps.entries()]
        self.clear()

    def settle(self, store: Store, after_seq: int) -> None:
        """Forget what was in doubt and is in the file; let the rest wait again.

        Parameters
        ----------
        after_seq
            Newest number in the file before the failure.
        """
        if not self._doubted:
            return
        last = self._doubted[-1]
        stored = store.read(last.lane, after_seq, _ONE_COMMIT)
        if not any(_is_same(last, entry) for entry in stored):  # a commit is there as a whole
            self.entries.extendleft(reversed(self._doubted))
        self._doubted = []

    def write_singly(self, store: Store, note_damage: Callable[[str], object]) -> None:
        """Write entry by entry, so that one that no file could hold is the only one lost."""
        while self.entries:
            entry = self.entries[0]
            try:
                store.commit((entry,), (), {})
            except UNSTORABLE as error:
                note_damage(f"an entry of {entry.lane} cannot be stored: {error}")
            self.entries.popleft()

    def _discard_oldest_reading(self) -> bool:
        for index, entry in enumerate(self.entries):
            if entry.lane is Lane.READINGS:
                del self.entries[index]
                self.gaps.note(entry)
                return True
        return False


def _is_same(entry: JournalEntry, stored: JournalEntry) -> bool:
    found = (stored.bed_id, stored.at_ns, stored.body)
    return found == (entry.bed_id, entry.at_ns, entry.body)
