"""Health of one sink; the log holds one line for each change."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from edge_agent.journal.entries import DeliveryHealth
from edge_agent.model.errors import CrswatchError

QUIET_S: Final = 2.0
"""Seconds after the start in which faults are not logged, as a connection takes its time."""
_MOST_TEXTS: Final = 8
"""Different texts that are logged during one fault, at most."""

_LOG = logging.getLogger(__name__)


class DeliveryLog:
    """State of one sink; written by its worker's thread, read by any.

    Parameters
    ----------
    now_ns
        Clock, UTC nanoseconds.
    """

    def __init__(self, sink: str, now_ns: Callable[[], int]) -> None:
        self.sink = sink
        self._now_ns = now_ns
        self._fault = ""
        """Reason why the sink accepts nothing at all; empty while it accepts something."""
        self._held: dict[str, str] = {}
        """Reason of each queue whose entries are all refused, by the queue's name."""
        self._since_ns = 0
        self._started_s = time.monotonic()
        self._failures = 0
        self._texts: set[str] = set()
        """Texts logged since the fault began."""
        self._mistakes: set[str] = set()
        self._delivered = 0
        self._aside = (0, "")
        self._refused = 0
        self._waiting = (0, 0)
        self.is_stopping = False
        """True while the agent leaves the sink; its faults are then not logged."""

    def health(self) -> DeliveryHealth:
        """Return the health of the sink."""
        held = [f"{name}: {why}" if name else why for name, why in self._held.items()]
        faults = [self._fault, *held] if self._fault else held
        return DeliveryHealth(
            sink=self.sink,
            fault="; ".join(dict.fromkeys(faults)),
            quarantined=self._aside[0],
            refused=self._refused,
            delivered=self._delivered,
            since_ns=self._since_ns,
            reason=self._aside[1],
            waiting=self._waiting[0],
            oldest_alert_ns=self._waiting[1],
        )

    def note_accepted(self, count: int) -> None:
        """Record that the sink has accepted entries, and so can be reached."""
        self._delivered += count
        self._since_ns = self._since_ns or self._now_ns()
        if self._fault:
            self._fault = ""
            self._note_recovery("takes entries again")

    def note_failure(self, error: Exception) -> None:
        """Record that the sink accepts nothing, and why."""
        if self.is_stopping:
            return
        self._failures += 1
        self._begin(str(error) or type(error).__name__)
        self._fault = str(error) or type(error).__name__
        if not isinstance(error, CrswatchError):
            self.note_mistake(error)

    def note_mistake(self, error: Exception) -> None:
        """Log a programming mistake, once, with its traceback."""
        text = f"{type(error).__name__}: {error}"
        if text not in self._mistakes and len(self._mistakes) < _MOST_TEXTS:
            self._mistakes.add(text)
            _LOG.error("%s: a mistake in the program", self.sink, exc_info=error)

    def hold(self, name: str, reason: str) -> None:
        """Record that all entries of a queue are refused while others may be accepted.

        The empty name stands for a fault that the sink itself reports.
        """
        if not self.is_stopping:
            self._begin(f"{name}: {reason}" if name else reason)
            self._held = {**self._held, name: reason}

    def release(self, name: str) -> None:
        """Record that a queue continues, or that the sink no longer reports a fault."""
        if name in self._held:
            self._held = {other: why for other, why in self._held.items() if other != name}
            self._note_recovery("is whole again")

    def note_aside(self, count: int, reason: str) -> None:
        """Record the number of entries set aside, and the reason of the newest."""
        self._aside = (count, reason)

    def log_set_aside(self, what: str, reason: str) -> None:
        """Log that an entry was set aside; repeats of a reason are counted, not logged."""
        self._refused += 1
        if self._aside[1] != reason:
            _LOG.error("%s: %s is set aside: %s", self.sink, what, reason)

    def note_waiting(self, count: int, oldest_alert_ns: int) -> None:
        """Record the number of waiting entries."""
        self._waiting = (count, oldest_alert_ns)

    def _begin(self, text: str) -> None:
        if not self._fault and not self._held:
            self._since_ns = self._now_ns()
        is_early = time.monotonic() - self._started_s < QUIET_S
        if text not in self._texts and len(self._texts) < _MOST_TEXTS and not is_early:
            self._texts.add(text)
            _LOG.warning("%s: %s", self.sink, text)

    def _note_recovery(self, words: str) -> None:
        if self._fault or self._held or self.is_stopping:
            return
        now_ns = self._now_ns()
        if self._texts:
            failing_s = (now_ns - self._since_ns) / 1e9
            tries = self._failures
            _LOG.warning("%s %s after %.0f s, %d failed tries", self.sink, words, failing_s, tries)
        self._since_ns, self._failures = now_ns, 0
        self._texts.clear()
