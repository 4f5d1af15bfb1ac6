"""Jobs for the journal's thread, in order; adding one never blocks."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from edge_agent.journal.entries import JournalEntry
from edge_agent.journal.gaps import Gaps
from edge_agent.journal.recorder import Recorder
from edge_agent.model.errors import JournalError

_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class JournalQuery(Generic[T]):
    """A question to the recorder, with the future of its answer."""

    def __init__(
        self, query: Callable[[Recorder], T], answer: Future[T], recorder: Recorder
    ) -> None:
        self._query = query
        self._answer = answer
        self._recorder = recorder

    def __call__(self) -> None:
        """Answer the question, unless nobody waits for it any longer."""
        if not self._answer.set_running_or_notify_cancel():
            return
        try:
            self._answer.set_result(self._query(self._recorder))
        except JournalError as error:
            self._answer.set_exception(error)
        except sqlite3.Error as error:
            self._recorder.note_error(error)
            self._recorder.touch(time.monotonic())
            self._answer.set_exception(JournalError(f"journal cannot be read: {error}"))
        except Exception as error:  # noqa: BLE001 - the asking thread must learn of every mistake
            _LOG.error("a question to the journal failed", exc_info=error)
            self._answer.set_exception(JournalError(f"question failed: {error!r}"))

    def refuse(self) -> None:
        """Fail the question because the journal no longer runs."""
        if self._answer.set_running_or_notify_cancel():
            self._answer.set_exception(JournalError("the journal does not run"))


class Jobs:
    """Readings and other jobs in the order in which they arrived.

    Jobs other than readings are rare, and wait for as long as necessary.

    Parameters
    ----------
    readings_at_most
        Readings that may wait; beyond, the oldest is discarded and counted.
    """

    def __init__(self, readings_at_most: int) -> None:
        self._readings_at_most = readings_at_most
        self._changed = threading.Condition()
        self._tickets = 0
        self._readings: deque[tuple[int, JournalEntry]] = deque()
        self._others: deque[tuple[int, Callable[[], None] | None]] = deque()
        self._gaps = Gaps()
        self._lost = 0

    def put(self, job: Callable[[], None] | None) -> None:
        """Add a job; None ends the thread."""
        with self._changed:
            self._others.append((self._next_ticket(), job))
            self._changed.notify_all()

    def put_reading(self, entry: JournalEntry) -> None:
        """Add a reading to be stored; where too many wait, discard the oldest."""
        with self._changed:
            self._readings.append((self._next_ticket(), entry))
            if len(self._readings) > self._readings_at_most:
                self._gaps.note(self._readings.popleft()[1])
                self._lost += 1
            self._changed.notify_all()

    def get(self, wait_s: float) -> JournalEntry | Callable[[], None] | None:
        """Return the oldest job, waiting up to `wait_s`.

        Raises
        ------
        TimeoutError
            If there is none.
        """
        with self._changed:
            if not self._changed.wait_for(self._has_any, wait_s):
                raise TimeoutError
            if not self._others:
                return self._readings.popleft()[1]
            if self._readings and self._readings[0][0] < self._others[0][0]:
                return self._readings.popleft()[1]
            return self._others.popleft()[1]

    def refuse_questions(self) -> None:
        """Fail all waiting questions; all other jobs wait for the next start."""
        with self._changed:
            questions = [job for _, job in self._others if isinstance(job, JournalQuery)]
            self._others = deque(
                (ticket, job) for ticket, job in self._others if not isinstance(job, JournalQuery)
            )
        for query in questions:
            query.refuse()

    def move_gaps(self, gaps: Gaps) -> None:
        """Move the counts of readings discarded since the last call into `gaps`."""
        with self._changed:
            gaps.add(self._gaps)

    def waiting(self) -> int:
        """Return the number of waiting jobs."""
        with self._changed:
            return len(self._readings) + len(self._others)

    def lost(self) -> int:
        """Return the number of readings discarded since the start."""
        with self._changed:
            return self._lost

    def _has_any(self) -> bool:
        return bool(self._others or self._readings)

    def _next_ticket(self) -> int:
        self._tickets += 1
        return self._tickets
