"""Another client with our id: said for a while, and not fought for the connection."""

from __future__ import annotations

from typing import Final

FIRST_WAIT_S: Final = 10
LONGEST_WAIT_S: Final = 60
"""Two clients of one id must not take the connection from each other every second; design start
values, unvalidated."""
SAID_FOR_S: Final = 600.0
"""It is said for so long after the last sign of it; design start value, unvalidated."""
_MOST_DOUBLINGS: Final = 10


class Namesake:
    """What is known of another client with our id.

    Parameters
    ----------
    words
        What is said while there is one.
    """

    def __init__(self, words: str) -> None:
        self._words = words
        self._seen_s: float | None = None  # None: never, or long ago
        self._losses = 0

    def note(self, now_s: float) -> None:
        """Note a sign of the other one."""
        self._seen_s = now_s

    def words(self, now_s: float) -> str:
        """Return what to say; empty where there was no sign for long."""
        if self._seen_s is None or now_s - self._seen_s >= SAID_FOR_S:
            self._seen_s, self._losses = None, 0
            return ""
        return self._words

    def next_wait_s(self, now_s: float, usual_s: int) -> int:
        """Return how long to wait before the connection is made again, longer each time."""
        if not self.words(now_s):
            return usual_s
        wait_s = min(FIRST_WAIT_S << self._losses, LONGEST_WAIT_S)
        self._losses = min(self._losses + 1, _MOST_DOUBLINGS)
        return wait_s
