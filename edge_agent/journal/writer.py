"""The journal: appended to from anywhere, written and read by one thread."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from edge_agent.journal.entries import Entry, Lane
from edge_agent.journal.marks import BACKLOG, Mark
from edge_agent.journal.recorder import JournalHealth, JournalSettings, Recorder
from edge_agent.model.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Callable

QUEUE_JOBS: Final = 10_000
"""About five minutes of 32 beds: what a flash card that stalls may hold up."""
CALL_TIMEOUT_S: Final = 30.0
"""A flash card may stall for seconds; longer than this it is broken."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Append:
    entry: Entry
    is_urgent: bool


class Journal:
    """The gateway's memory, durable, with a mark per sink and lane.

    Appending waits only while thousands of jobs wait already; calls that return something wait
    for the journal's thread and raise `JournalError` when the file does not answer.
    """

    name = "journal"

    def __init__(self, settings: JournalSettings) -> None:
        self._jobs: queue.Queue[_Append | Callable[[], None] | None] = queue.Queue(QUEUE_JOBS)
        self._recorder = Recorder(settings)
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Open the file, set aside a damaged one, and begin to write, unless it runs already."""
        if self.is_alive():
            return
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()
        self._call(lambda _: None)

    def stop(self) -> None:
        """Write what waits and close the file; does nothing when stopped already."""
        if self._thread is not None and self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()

    def is_alive(self) -> bool:
        """Return whether its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def append(
        self, lane: Lane, bed_id: str, at_ns: int, body: bytes, *, urgent: bool = False
    ) -> None:
        """Have an entry written: an urgent one at once, others within `GROUP_WAIT_S`."""
        self._jobs.put(_Append(Entry(0, lane, bed_id, at_ns, body), urgent))

    def flush(self) -> None:
        """Return when everything appended before is on disk.

        Raises
        ------
        JournalError
            While the file cannot be written.
        """
        self._call(self._flush)

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, quickly and on the journal's thread, after each commit."""
        self._listeners = (*self._listeners, listener)

    def health(self) -> JournalHealth:
        """Return how the journal fares; also while its thread waits for the disk."""
        health = self._recorder.current_health()
        return replace(health, pending=health.pending + self._jobs.qsize())

    def ask(self, question: Callable[[Recorder], T]) -> Future[T]:
        """Have `question` answered on the journal's thread, without waiting for it.

        The answer raises `JournalError` when the file cannot be read.
        """
        answer: Future[T] = Future()

        def run() -> None:
            try:
                answer.set_result(question(self._recorder))
            except JournalError as error:
                answer.set_exception(error)
            except sqlite3.Error as error:
                self._recorder.note_error(error)
                self._recorder.touch(time.monotonic())
                answer.set_exception(JournalError(f"journal cannot be read: {error}"))

        self._jobs.put(run)
        return answer

    def read(self, lane: Lane, after_seq: int, limit: int) -> list[Entry]:
        """Return committed entries of a lane after `after_seq`, in order."""
        return self._call(lambda r: r.store.read(lane, after_seq, limit))

    def read_since(self, lane: Lane, at_ns: int, bed_id: str | None = None) -> list[Entry]:
        """Return committed entries of a lane from the moment `at_ns` on, in order."""
        return self._call(lambda r: r.store.read_since(lane, at_ns, bed_id))

    def latest_alerts(self) -> list[Entry]:
        """Return the newest transition of every rule on every bed, in order."""
        return self._call(lambda r: r.store.latest_alerts())

    def kept(self) -> list[Entry]:
        """Return what was entered of patients, in order."""
        return self._call(lambda r: r.store.kept())

    def cursor(self, sink: str, lane: Lane) -> int:
        """Return the newest seq of a lane that `sink` has taken."""
        return self._call(lambda r: r.marks.get(sink, lane).seq)

    def advance(self, sink: str, lane: Lane, seq: int) -> None:
        """Note that `sink` has taken a lane up to `seq`."""
        self._advance(sink, lane, seq)

    def backlog(self, sink: str) -> Mark:
        """Return which readings an outage left behind for `sink`."""
        return self._call(lambda r: r.marks.get(sink, BACKLOG))

    def advance_backlog(self, sink: str, seq: int) -> None:
        """Note that `sink` has taken its backlog up to `seq`."""
        self._advance(sink, BACKLOG, seq)

    def quarantined(self, sink: str) -> list[Entry]:
        """Return what `sink` refused for good."""
        return self._call(lambda r: r.store.quarantined(sink))

    def snapshots(self) -> dict[str, bytes]:
        """Return what an earlier run kept of each bed; empty where it is damaged."""
        return self._call(lambda r: r.store.snapshots())

    def meta(self, name: str) -> str | None:
        """Return a text that an earlier run remembered; None where there is none."""
        return self._call(lambda r: r.store.meta(name))

    def set_meta(self, name: str, value: str) -> None:
        """Remember a text for the next run."""
        self._call(lambda r: r.store.set_meta(name, value))

    def _advance(self, sink: str, queue_name: str, seq: int) -> None:
        def move() -> None:
            self._recorder.marks.advance(sink, queue_name, seq)
            self._recorder.touch(time.monotonic())

        self._jobs.put(move)

    def _flush(self, recorder: Recorder) -> None:
        if recorder.commit(time.monotonic()):
            self._tell()
        if recorder.health.fault:
            raise JournalError(f"journal is not written: {recorder.health.fault}")

    def _call(self, question: Callable[[Recorder], T]) -> T:
        try:
            return self.ask(question).result(CALL_TIMEOUT_S)
        except TimeoutError as error:
            raise JournalError(f"journal did not answer in {CALL_TIMEOUT_S} s") from error

    def _run(self) -> None:
        self._recorder.open()
        while True:
            wait_s = self._recorder.seconds_to_wait(time.monotonic())
            try:
                job = self._jobs.get(timeout=wait_s)
            except queue.Empty:
                pass
            else:
                if job is None:
                    break
                self._take(job)
            if self._recorder.run_due(time.monotonic()):
                self._tell()
        self._recorder.commit(time.monotonic())
        self._recorder.close()

    def _take(self, job: _Append | Callable[[], None]) -> None:
        if isinstance(job, _Append):
            self._recorder.add(job.entry, time.monotonic(), is_urgent=job.is_urgent)
        else:
            job()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
