"""Progress of one sink in each lane, and the queues that wait because all is refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.marks import BACKLOG, Mark
from edge_agent.journal.recorder import Recorder
from edge_agent.journal.sender import Key, key_of
from edge_agent.journal.writer import Journal


class Queues:
    """The lanes and the backlog of one sink; used by the worker's thread.

    Parameters
    ----------
    first_hold_s
        First wait of a queue whose entries are all refused; each further wait is twice as long.
    """

    def __init__(self, sink: str, first_hold_s: float, longest_hold_s: float) -> None:
        self._sink = sink
        self._first_hold_s = first_hold_s
        self._longest_hold_s = longest_hold_s
        self.cursors: dict[Lane, int] = {}
        """Newest entry of each lane up to which all are settled."""
        self._backlog = Mark(sink, BACKLOG)
        self.ahead: set[Key] = set()
        """Settled entries beyond a cursor."""
        self._holds: dict[str, tuple[float, float]] = {}
        """End of the wait of each held queue, and its length."""

    @property
    def are_loaded(self) -> bool:
        """True where the marks of the journal are loaded."""
        return bool(self.cursors)

    @property
    def are_held(self) -> bool:
        """True where all entries of some queue are refused."""
        return bool(self._holds)

    def load(self, recorder: Recorder) -> None:
        """Load the marks from the journal; on the journal's thread."""
        self._backlog = recorder.marks.get(self._sink, BACKLOG)
        self.cursors = {lane: recorder.marks.get(self._sink, lane).seq for lane in Lane}

    def skip_to_live(self, recorder: Recorder) -> None:
        """Move the readings up to now to the backlog; on the journal's thread."""
        self._backlog = recorder.marks.skip_to_live(self._sink, recorder.newest_seq)
        self.cursors[Lane.READINGS] = self._backlog.until_seq or 0

    def backlog_span(self) -> tuple[int, int]:
        """Return the entry after which the backlog continues, and its last entry."""
        return self._backlog.seq, self._backlog.until_seq or 0

    def end_backlog(self, journal: Journal) -> None:
        """Record that the backlog is finished."""
        _, until_seq = self.backlog_span()
        self._backlog = replace(self._backlog, seq=until_seq)
        journal.advance(self._sink, BACKLOG, until_seq)

    def move(
        self,
        journal: Journal,
        queue_name: str,
        entries: Sequence[JournalEntry],
        done: Collection[Key],
    ) -> None:
        """Move a queue's cursor over its next entries, as far as they are settled."""
        self.ahead |= set(done)
        passed: list[JournalEntry] = []
        for entry in entries:
            if key_of(entry) not in self.ahead:
                break
            passed.append(entry)
        if not passed:
            return
        self.ahead -= {key_of(entry) for entry in passed}
        seq = passed[-1].seq
        if queue_name == BACKLOG:
            self._backlog = replace(self._backlog, seq=seq)
        else:
            self.cursors[Lane(queue_name)] = seq
        journal.advance(self._sink, queue_name, seq)

    def hold(self, queue_name: str, now_s: float) -> None:
        """Hold a queue, longer each time in a row."""
        _, wait_s = self._holds.get(queue_name, (0.0, self._first_hold_s / 2))
        wait_s = min(2 * wait_s, self._longest_hold_s)
        self._holds[queue_name] = (now_s + wait_s, wait_s)

    def try_again(self, queue_name: str) -> None:
        """Let a held queue try once more now."""
        if queue_name in self._holds:
            self._holds[queue_name] = (0.0, self._holds[queue_name][1])

    def release(self, queue_name: str) -> None:
        """End the wait of a queue."""
        self._holds.pop(queue_name, None)

    def is_held(self, queue_name: str, now_s: float) -> bool:
        """Return True where a queue waits."""
        return queue_name in self._holds and now_s < self._holds[queue_name][0]

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until a held queue is due; infinite where none is held."""
        dues = [due_s for due_s, _ in self._holds.values()]
        return max(0.0, min(dues) - now_s) if dues else float("inf")

    def count_waiting(self, recorder: Recorder, at_most: int) -> tuple[int, int]:
        """Return the number of waiting entries and the oldest alert's time (UTC, ns; 0: none)."""
        store = recorder.store
        waiting = sum(store.waiting(lane, seq, at_most) for lane, seq in self.cursors.items())
        after_seq, until_seq = self.backlog_span()
        if after_seq < until_seq:
            waiting += store.waiting(Lane.READINGS, after_seq, at_most, until_seq)
        alerts = store.read(Lane.ALERTS, self.cursors[Lane.ALERTS], 1)
        return waiting, alerts[0].at_ns if alerts else 0
