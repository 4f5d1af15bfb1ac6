"""Entries in memory that wait to be written."""

from __future__ import annotations

from collections import deque

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.gaps import Gaps


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

    def __len__(self) -> int:
        return len(self.entries)

    def add(self, entry: JournalEntry) -> bool:
        """Add an entry; return True where the oldest reading was discarded for it."""
        self.entries.append(entry)
        return len(self.entries) > self._at_most and self._discard_oldest_reading()

    def clear(self) -> None:
        """Forget what is written now."""
        self.entries.clear()
        self.gaps.clear()

    def _discard_oldest_reading(self) -> bool:
        for index, entry in enumerate(self.entries):
            if entry.lane is Lane.READINGS:
                del self.entries[index]
                self.gaps.note(entry)
                return True
        return False
