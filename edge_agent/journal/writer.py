"""The journal: appended to from any thread, written and read by one thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.gaps import Gaps
from edge_agent.journal.health import JournalHealth
from edge_agent.journal.jobs import Jobs, JournalQuery
from edge_agent.journal.recorder import Recorder
from edge_agent.journal.settings import JournalSettings
from edge_agent.model.errors import JournalError, JournalRefusedError

QUEUE_JOBS: Final = 10_000
"""Readings that may wait for a disk that hangs: about five minutes of 32 beds in some 75 MB."""
_LOG = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Times that callers wait for a disk that does not answer."""

    start_s: float = 5.0
    """Seconds after which the agent starts without the contents of the journal."""
    call_s: float = 10.0
    """Seconds for one call; a flash card may stall for seconds, one that takes longer hangs."""
    stop_s: float = 10.0
    """Seconds at the stop; entries not on disk by then are lost with the end of the program."""
    stalled_s: float = 5.0
    """Seconds of one job, which takes milliseconds, from which it is reported as a fault."""


class Journal:
    """The gateway's memory, durable, with a mark per sink and lane.

    Appending never waits. Calls that return something wait for the journal's thread and raise
    `JournalError` when the file does not answer.
    """

    name = "journal"

    def __init__(self, settings: JournalSettings, patience: Patience = Patience()) -> None:
        self._patience = patience
        self._path = settings.path
        self._jobs = Jobs(QUEUE_JOBS)
        self._recorder = Recorder(settings)
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._thread: threading.Thread | None = None
        self._opened: Future[None] = Future()
        self._is_over = True
        """True where no thread answers any longer."""
        self._working_since_s: float | None = None  # None while the thread waits for a job
        self._hangs = False
        """True where a call was not answered in time and none was since."""

    def start(self) -> None:
        """Open the file, set aside a damaged one, and start writing, unless it runs already.

        It waits `Patience.start_s` for a disk that hangs; entries then wait in memory.

        Raises
        ------
        JournalRefusedError
            If the file is not ours, another agent has it, or no file can be at its path.
        """
        if self.is_alive():
            return
        self._opened = Future()
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()
        try:
            self._opened.result(self._patience.start_s)
        except TimeoutError:
            self._hangs = True
            _LOG.error("journal %s did not open in %.0f s", self._path, self._patience.start_s)

    def stop(self) -> None:
        """Write what waits and close the file; do nothing when stopped already.

        It waits `Patience.stop_s` for a disk that hangs.
        """
        if self._thread is not None and self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join(self._patience.stop_s)
            if self._thread.is_alive():
                count = self.health().pending
                _LOG.error("journal %s hangs; %d entries are lost", self._path, count)

    def is_alive(self) -> bool:
        """Return True while the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def append(
        self, lane: Lane, bed_id: str, at_ns: int, body: bytes, *, urgent: bool = False
    ) -> None:
        """Queue an entry to be written: an urgent one at once, others within `GROUP_WAIT_S`."""
        entry = JournalEntry(0, lane, bed_id, at_ns, body)
        if lane is Lane.READINGS:
            self._jobs.put_reading(entry)
        else:
            self._jobs.put(lambda: self._recorder.add(entry, time.monotonic(), is_urgent=urgent))

    def flush(self, wait_s: float = 10.0) -> None:
        """Return when everything appended before is on disk, after `wait_s` at the latest.

        Raises
        ------
        JournalError
            While the file cannot be written.
        """
        self._answer(self._flush, wait_s)

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Register a quick listener, called on the journal's thread after each commit."""
        self._listeners = (*self._listeners, listener)

    def hangs(self) -> bool:
        """Return True where the disk has been silent too long for any caller to wait for it."""
        return self._hangs or self._working_s() >= self._patience.stalled_s

    def health(self) -> JournalHealth:
        """Return the health of the journal, also while its thread waits for the disk."""
        health = self._recorder.current_health()
        working_s = self._working_s()
        if working_s >= self._patience.stalled_s:
            health = replace(health, fault=f"the disk has not answered for {working_s:.0f} s")
        return replace(
            health,
            pending=health.pending + self._jobs.waiting(),
            lost_readings=health.lost_readings + self._jobs.lost(),
        )

    def submit(self, query: Callable[[Recorder], T]) -> Future[T]:
        """Queue `query` for the journal's thread and return the future of its answer.

        The answer raises `JournalError` when the file cannot be read, when the question itself is
        wrong, and when the thread no longer runs.
        """
        answer: Future[T] = Future()
        self._jobs.put(JournalQuery(query, answer, self._recorder))
        if self._is_over:
            self._jobs.refuse_questions()
        return answer

    def read(self, lane: Lane, after_seq: int, limit: int) -> list[JournalEntry]:
        """Return committed entries of a lane after `after_seq`, in order."""
        return self._call(lambda r: r.store.read(lane, after_seq, limit))

    def read_since(self, lane: Lane, at_ns: int, bed_id: str | None = None) -> list[JournalEntry]:
        """Return committed entries of a lane from the moment `at_ns` on, in order."""
        return self._call(lambda r: r.store.read_since(lane, at_ns, bed_id))

    def latest_alerts(self) -> list[JournalEntry]:
        """Return the newest transition of every rule on every bed, in order."""
        return self._call(lambda r: r.store.latest_alerts())

    def latest_calls(self) -> list[JournalEntry]:
        """Return the newest change of every bed's newest call, in order."""
        return self._call(lambda r: r.store.latest_calls())

    def patient_entries(self) -> list[JournalEntry]:
        """Return the entries about patients, in order."""
        return self._call(lambda r: r.store.patient_entries())

    def advance(self, sink: str, queue_name: str, seq: int) -> None:
        """Record that `sink` has accepted a lane, or its backlog, up to `seq`."""

        def move() -> None:
            self._recorder.marks.advance(sink, queue_name, seq)
            self._recorder.touch(time.monotonic())

        self._jobs.put(move)

    def snapshots(self) -> dict[str, bytes]:
        """Return the snapshot of each bed from an earlier run; empty where it is damaged."""
        return self._call(lambda r: r.store.snapshots())

    def meta(self, name: str) -> str | None:
        """Return a text that an earlier run stored; None where there is none."""
        return self._call(lambda r: r.text(name))

    def set_meta(self, name: str, value: str) -> None:
        """Store a text for the next run, as soon as the file can be written."""
        self._jobs.put(lambda: self._recorder.set_text(name, value, time.monotonic()))

    def has_damage(self) -> bool:
        """Return True where a damaged row was found, earlier notes included."""
        return self._call(lambda r: r.health.damaged_rows) > 0

    def newest_seq(self) -> int:
        """Return the highest seq given so far."""
        return self._call(lambda r: r.newest_seq)

    def note_damage(self, reason: str) -> None:
        """Count a row that cannot be used."""
        self._jobs.put(lambda: self._recorder.note_damage(reason))

    def _flush(self, recorder: Recorder) -> None:
        if recorder.commit(time.monotonic()):
            self._notify_listeners()
        if recorder.health.fault:
            raise JournalError(f"journal is not written: {recorder.health.fault}")

    def _working_s(self) -> float:
        """Return the seconds that the thread has spent on its current job; 0 while it waits."""
        since_s = self._working_since_s
        return 0.0 if since_s is None else time.monotonic() - since_s

    def _call(self, query: Callable[[Recorder], T]) -> T:
        # The first call finds out that a disk hangs; later ones do not wait as well.
        wait_s = 0.0 if self.hangs() else self._patience.call_s
        return self._answer(query, wait_s)

    def _answer(self, query: Callable[[Recorder], T], wait_s: float) -> T:
        answer = self.submit(query)
        try:
            return answer.result(wait_s)
        except TimeoutError as error:
            answer.cancel()
            self._hangs = True
            raise JournalError(f"journal {self._path}: the disk does not answer") from error

    def _run(self) -> None:
        self._working_since_s = time.monotonic()
        try:
            self._recorder.open()
        except JournalRefusedError as error:
            self._recorder.note_error(error)
            self._opened.set_exception(error)
        else:
            self._opened.set_result(None)
            while self._do_next():
                pass
            self._recorder.commit(time.monotonic())
        finally:
            self._recorder.close()
            self._working_since_s = None
            self._is_over = True
            self._jobs.refuse_questions()

    def _do_next(self) -> bool:
        """Do one job and what is due; return False where the job is to end."""
        self._hangs = False
        self._working_since_s = None
        try:
            job = self._jobs.get(self._recorder.seconds_to_wait(time.monotonic()))
        except TimeoutError:
            job = _nothing
        if job is None:
            return False
        self._working_since_s = time.monotonic()
        try:
            self._do(job)
        except Exception as error:  # noqa: BLE001 - the journal outlives every mistake of a job
            if not self._recorder.health.fault:
                _LOG.error("journal %s: a job failed", self._path, exc_info=error)
            self._recorder.put_off(error, time.monotonic())
        return True

    def _do(self, job: JournalEntry | Callable[[], None]) -> None:
        if isinstance(job, JournalEntry):
            self._recorder.add(job, time.monotonic(), is_urgent=False)
        else:
            job()
        gaps = Gaps()
        self._jobs.move_gaps(gaps)
        self._recorder.note_gaps(gaps)
        if self._recorder.run_due(time.monotonic()):
            self._notify_listeners()

    def _notify_listeners(self) -> None:
        for listener in self._listeners:
            listener()


def _nothing() -> None:
    """Do nothing: time has passed, and something may be due."""
