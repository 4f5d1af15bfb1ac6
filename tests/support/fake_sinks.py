"""A sink that takes, refuses or fails as told, a disk that stalls, and alerts to deliver."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from edge_agent.journal.entries import JournalEntry
from edge_agent.journal.recorder import Recorder
from edge_agent.journal.writer import Journal
from edge_agent.model.errors import DeliveryError

WAIT_S = 20.0
"""Long enough never to decide a test on a busy machine."""


class FakeSink:
    """Takes entries while `fails_with` is None; refuses bodies that hold `poison` for good."""

    def __init__(self, poison: bytes = b"poison") -> None:
        self.name = "fake"
        self.accepted: list[JournalEntry] = []
        self.attempts = 0
        self.is_closed = False
        self.fails_with: Exception | None = None
        self._poison = poison
        self.changed = threading.Condition()

    def deliver(self, entries: Sequence[JournalEntry]) -> int:
        """Take the entries, or fail as told."""
        with self.changed:
            self.attempts += 1
            self.changed.notify_all()
            if self.fails_with is not None:
                raise self.fails_with
            if any(self._poison in entry.body for entry in entries):
                raise DeliveryError("poison", retryable=False)
            self.accepted += entries
            return len(entries)

    def fault(self) -> str:
        """Return nothing: only a delivery fails."""
        return ""

    def tend(self) -> None:
        """Do nothing: nothing is due."""

    def interrupt(self) -> None:
        """Do nothing: no delivery lasts."""

    def close(self) -> None:
        """Note that it was closed."""
        self.is_closed = True

    def wait_for(self, is_reached: Callable[[], bool]) -> None:
        """Wait until something is so after a delivery."""
        with self.changed:
            assert self.changed.wait_for(is_reached, WAIT_S)

    def recover(self) -> None:
        """Take entries from now on."""
        with self.changed:
            self.fails_with = None


class GatedSink(FakeSink):
    """Holds each delivery of readings until the gate opens."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.is_held = threading.Event()

    def deliver(self, entries: Sequence[JournalEntry]) -> int:
        """Take the entries once the gate is open."""
        if entries[0].lane == "readings":
            self.is_held.set()
            assert self.gate.wait(WAIT_S)
        return super().deliver(entries)


class Stall:
    """Holds the journal's thread, as a flash card that stalls would."""

    def __init__(self, journal: Journal) -> None:
        self._released = threading.Event()
        held = threading.Event()

        def hold(_: Recorder) -> bool:
            held.set()
            return self._released.wait(WAIT_S)

        self.answer = journal.submit(hold)
        assert held.wait(WAIT_S)

    def end(self) -> None:
        """Let the journal go on."""
        self._released.set()


def alert_body(alert_id: str, n: int, rule_id: str = "crs.fever") -> bytes:
    return b'{"alert_id":"%s","n":%d,"rule_id":"%s"}' % (
        alert_id.encode(),
        n,
        rule_id.encode(),
    )
