"""Refused entries that a full disk cannot store, in memory until it can."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from edge_agent.journal.sender import Refused

UNSTORED_AT_MOST: Final = 1000
"""Entries in memory, some 4 MB, as an entry is a message of a monitor."""


class Unstored:
    """Entries that one sink refused and the disk could not store, oldest first; never alerts."""

    def __init__(self) -> None:
        self._waiting: deque[Refused] = deque()
        self._lost = 0

    def __len__(self) -> int:
        """Return the number of entries in memory."""
        return len(self._waiting)

    def note(self, refused: Refused) -> None:
        """Add an entry; where too many wait, discard and count the oldest."""
        self._waiting.append(refused)
        if len(self._waiting) > UNSTORED_AT_MOST:
            self._waiting.popleft()
            self._lost += 1

    def store_with(self, store: Callable[[Refused], str]) -> None:
        """Store the entries up to the first failure; `store` returns its reason, or nothing."""
        while self._waiting and not store(self._waiting[0]):
            self._waiting.popleft()

    def words(self, reason: str) -> str:
        """Return a reason, with the number of entries discarded."""
        if not self._lost:
            return reason
        return f"{reason}; {self._lost} refused entries are lost, as the disk takes nothing"
