"""Notices that wait for one way out: which is next, which are replaced, when to try again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge_agent.model.calls import Notice

_MOST_WAITING: Final = 1000
"""Notices that may wait for one way; 32 beds and 30 people come to fewer. Design start value,
unvalidated."""


@dataclass(frozen=True, slots=True)
class RetryTimes:
    """Seconds between the attempts to deliver one notice; design start values, unvalidated."""

    first_s: float = 1.0
    longest_s: float = 15.0


@dataclass(slots=True)
class Waiting:
    """One notice that is not delivered yet."""

    notice: Notice
    due_s: float = 0.0
    """Time of the next attempt, s on the caller's clock; in the past where it is due."""
    tries: int = 0
    """Number of attempts that failed."""

    @property
    def key(self) -> tuple[str, str, bool]:
        """Identity of what it tells to whom; a test never replaces a real notice."""
        return self.notice.bed_id, self.notice.person_id, self.notice.is_test

    @property
    def order(self) -> tuple[bool, int, bool, int]:
        """Order of attempts: new ones first, then by urgency, then by age."""
        notice = self.notice
        return self.tries > 0, -notice.priority, notice.is_over, notice.at.monotonic_ns


class PendingNotices:
    """Notices that wait, the newest of each person about each bed."""

    def __init__(self, times: RetryTimes) -> None:
        self._times = times
        self._waiting: dict[tuple[str, str, bool], Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, notice: Notice) -> list[Notice]:
        """Add a notice; return those that it replaces or that find no room."""
        new = Waiting(notice)
        old = self._waiting.pop(new.key, None)
        self._waiting[new.key] = new
        gone = [] if old is None or old.notice.notice_id == notice.notice_id else [old.notice]
        if len(self._waiting) > _MOST_WAITING:
            least = max(self._waiting.values(), key=_expendability)
            del self._waiting[least.key]
            gone.append(least.notice)
        return gone

    def take(self, now_s: float, *, is_new: bool) -> Waiting | None:
        """Remove and return the most urgent notice that is due; None where there is none.

        Parameters
        ----------
        is_new
            True for notices that were never tried only.
        """
        due = [w for w in self._waiting.values() if w.due_s <= now_s and not (is_new and w.tries)]
        if not due:
            return None
        first = min(due, key=lambda waiting: waiting.order)
        return self._waiting.pop(first.key)

    def put_back(self, waiting: Waiting, now_s: float) -> bool:
        """Let a notice wait again after a failed attempt; return False where a newer one waits."""
        if waiting.key in self._waiting:
            return False
        wait_s = min(self._times.first_s * 2.0**waiting.tries, self._times.longest_s)
        waiting.tries, waiting.due_s = waiting.tries + 1, now_s + wait_s
        self._waiting[waiting.key] = waiting
        return True

    def hurry(self, now_s: float) -> None:
        """Make every notice due, as the way has just worked."""
        for waiting in self._waiting.values():
            waiting.due_s = min(waiting.due_s, now_s)

    def due_s(self) -> float | None:
        """Return the time of the next attempt; None where nothing waits."""
        return min((waiting.due_s for waiting in self._waiting.values()), default=None)

    def clear(self) -> list[Notice]:
        """Remove and return every notice."""
        notices = [waiting.notice for waiting in self._waiting.values()]
        self._waiting.clear()
        return notices


def _expendability(waiting: Waiting) -> tuple[bool, int, int]:
    """Return the order in which notices go where there is no room: the last goes first."""
    notice = waiting.notice
    return notice.is_over, -notice.priority, -notice.at.monotonic_ns
