"""Another client with our id: reported for a while, without a fight for the connection."""

from __future__ import annotations

from typing import Final

_FIRST_WAIT_S: Final = 10
_LONGEST_WAIT_S: Final = 60
"""Longest wait before reconnecting, seconds, as two clients of one id must not take the connection
from each other every second; with the first wait, design start values, unvalidated."""
SHOWN_FOR_S: Final = 600.0
"""Seconds after the last sign of the other client for which it is reported; design start value,
unvalidated."""
_MOST_DOUBLINGS: Final = 10


class Namesake:
    """Signs of another client with our id."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._seen_s: float | None = None  # None: never, or long ago
        self._losses = 0

    def note(self, now_s: float) -> None:
        """Record a sign of the other client."""
        self._seen_s = now_s

    def words(self, now_s: float) -> str:
        """Return the report; empty where there was no sign for long."""
        if self._seen_s is None or now_s - self._seen_s >= SHOWN_FOR_S:
            self._seen_s, self._losses = None, 0
            return ""
        return self._words

    def next_wait_s(self, now_s: float, usual_s: int) -> int:
        """Return the wait before the next connection, longer each time."""
        if not self.words(now_s):
            return usual_s
        wait_s = min(_FIRST_WAIT_S << self._losses, _LONGEST_WAIT_S)
        self._losses = min(self._losses + 1, _MOST_DOUBLINGS)
        return wait_s
