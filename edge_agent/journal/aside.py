"""Times at which refused entries are offered to their sink again.

Alerts are never discarded: they are offered again at intervals that double. Everything else is
offered again once an hour, and all of it on `crswatch sinks retry`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge_agent.journal.entries import Lane

OTHERS: Final = (Lane.CALLS, Lane.EVENTS, Lane.READINGS)
_RETRY: Final = "sinks.retry."


def retry_key(sink: str) -> str:
    """Return the name under which the journal stores a request for another offer."""
    return f"{_RETRY}{sink}"


@dataclass(frozen=True, slots=True)
class AsidePolicy:
    """Intervals at which refused entries are offered again; design start values, unvalidated."""

    first_alert_wait_s: float = 10.0
    longest_alert_wait_s: float = 600.0
    others_wait_s: float = 3600.0


class AsideSchedule:
    """Schedule of one sink's refused entries: their number, and the next ones due.

    Parameters
    ----------
    now_s
        Monotonic seconds.
    """

    def __init__(self, policy: AsidePolicy, now_s: float) -> None:
        self._policy = policy
        self.counts: dict[Lane, int] = {}
        self.reason = ""
        """Reason of the newest refusal."""
        self._alert_wait_s = policy.first_alert_wait_s
        self._alerts_due_s = now_s + self._alert_wait_s
        self._others_due_s = now_s + policy.others_wait_s
        self._offered: dict[Lane, int] = {}
        """Lanes that are being offered again, each with the newest entry offered."""

    @property
    def total(self) -> int:
        """Number of entries set aside."""
        return sum(self.counts.values())

    def note(self, lane: Lane, reason: str, now_s: float) -> None:
        """Record that an entry was set aside."""
        self.counts[lane] = self.counts.get(lane, 0) + 1
        self.reason = reason
        if lane is Lane.ALERTS:
            self._alert_wait_s = self._policy.first_alert_wait_s
            self._alerts_due_s = min(self._alerts_due_s, now_s + self._alert_wait_s)

    def note_released(self, lane: Lane, count: int) -> None:
        """Record that the sink has accepted `count` of the entries."""
        self.counts[lane] = max(0, self.counts.get(lane, 0) - count)

    def offer_all(self) -> None:
        """Offer everything again now."""
        self._offered = dict.fromkeys(Lane, 0)

    def next_offer(self, lanes: Sequence[Lane], now_s: float) -> tuple[Lane, int] | None:
        """Return the first due lane of `lanes` and the entry to continue after; None if none is."""
        if now_s >= self._alerts_due_s:
            self._alerts_due_s = now_s + self._alert_wait_s
            self._alert_wait_s = min(2 * self._alert_wait_s, self._policy.longest_alert_wait_s)
            self._offered.setdefault(Lane.ALERTS, 0)
        if now_s >= self._others_due_s:
            self._others_due_s = now_s + self._policy.others_wait_s
            self._offered |= {lane: self._offered.get(lane, 0) for lane in OTHERS}
        self._offered = {k: v for k, v in self._offered.items() if self.counts.get(k)}
        return next(((lane, self._offered[lane]) for lane in lanes if lane in self._offered), None)

    def move(self, lane: Lane, seq: int) -> None:
        """Continue after this entry."""
        self._offered[lane] = seq

    def end(self, lane: Lane) -> None:
        """Leave the rest of a lane for the next time."""
        self._offered.pop(lane, None)

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until an entry is due; infinite while nothing is set aside."""
        if self._offered:
            return 0.0
        dues = [self._alerts_due_s] if self.counts.get(Lane.ALERTS) else []
        dues += [self._others_due_s] if any(self.counts.get(lane) for lane in OTHERS) else []
        return max(0.0, min(dues) - now_s) if dues else float("inf")
