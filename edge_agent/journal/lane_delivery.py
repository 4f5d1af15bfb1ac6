"""Delivery of the journal's lanes to one sink: cursors advance, refused entries are set aside."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Protocol, TypeVar

from edge_agent.journal.aside import AsidePolicy, AsideSchedule, retry_key
from edge_agent.journal.delivery_log import DeliveryLog
from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.marks import BACKLOG
from edge_agent.journal.queues import Queues
from edge_agent.journal.recorder import Recorder
from edge_agent.journal.sender import DeliveryResult, Key, Refused, Sender, key_of
from edge_agent.journal.unstored import Unstored
from edge_agent.journal.writer import Journal

_COUNT_AT_MOST: Final = 100_000
"""Entries of a lane that are counted as waiting, at most."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """Batch size and waiting times of a worker."""

    batch_size: int = 20
    """Entries per delivery, which an alert may have to wait for (20: one MQTT window, some ms)."""
    first_wait_s: float = 0.25
    longest_wait_s: float = 5.0
    """Longest wait while the sink fails, seconds; waits double from the first up to this one."""
    live_lag_entries: int = 2000
    """Lag of readings (a minute of 32 beds) from which they are backlog, and live ones go first."""
    longest_hold_s: float = 60.0
    """Longest wait of a queue whose entries are all refused, seconds."""
    aside: AsidePolicy = field(default_factory=AsidePolicy)


class RunQuery(Protocol):
    """Question to the journal that waits for the answer."""

    def __call__(self, query: Callable[[Recorder], T], /) -> T:
        """Return the answer."""


class LaneDelivery:
    """Journalled entries on their way to one sink; used by the worker's thread.

    Parameters
    ----------
    run_query
        Raises JournalError where the journal does not answer.
    """

    def __init__(
        self,
        journal: Journal,
        sender: Sender,
        log: DeliveryLog,
        policy: DeliveryPolicy,
        run_query: RunQuery,
    ) -> None:
        self._journal = journal
        self._sink = log.sink
        self._sender = sender
        self._log = log
        self._policy = policy
        self._run_query = run_query
        self.queues = Queues(log.sink, policy.first_wait_s, policy.longest_hold_s)
        self.empty: set[Lane] = set()
        """Lanes without an undelivered entry, until the next commit."""
        self._aside = AsideSchedule(policy.aside, time.monotonic())
        self._unstored = Unstored()
        self._done: set[Key] = set()

    def load(self) -> None:
        """Load the marks of this sink from the journal, once."""
        if not self.queues.are_loaded:
            self._run_query(self.queues.load)

    def wait_s(self, now_s: float) -> float:
        """Return the seconds until something that waits for time to pass is due."""
        return min(self.queues.wait_s(now_s), self._aside.wait_s(now_s))

    def holds_alerts(self) -> bool:
        """Return True where the journal's alerts wait because the next ones are all refused."""
        return self.queues.is_held(Lane.ALERTS, time.monotonic())

    def pop_done(self) -> set[Key]:
        """Return the alerts settled since the last call."""
        done, self._done = self._done, set()
        return done

    def count(self) -> tuple[int, int]:
        """Return the number of waiting entries and the oldest alert's time (UTC, ns; 0: none).

        Also count the entries set aside, and check for a request to offer them again.
        """
        self._unstored.store_with(
            lambda refused: self._run_query(partial(_quarantine, self._sink, refused))
        )
        counts, reason = self._run_query(lambda r: r.store.quarantine.count(self._sink))
        self._aside.counts, self._aside.reason = counts, reason or self._aside.reason
        self._note_aside()
        waiting, is_wished = self._run_query(self._count_and_check)
        if is_wished:
            self._aside.offer_all()
        return waiting

    def _count_and_check(self, recorder: Recorder) -> tuple[tuple[int, int], bool]:
        key = retry_key(self._sink)
        is_wished = bool(recorder.store.meta(key))
        if is_wished:
            recorder.store.forget_meta(key)
        return self.queues.count_waiting(recorder, _COUNT_AT_MOST), is_wished

    def deliver_lane(self, lane: Lane) -> bool:
        """Deliver the next entries of a lane; return True where there were any to deliver now."""
        if lane in self.empty or self.queues.is_held(lane, time.monotonic()):
            return False
        size = self._policy.batch_size
        after_seq = self.queues.cursors[lane]
        entries = self._run_query(lambda r: r.store.read(lane, after_seq, size))
        if not entries:
            self.empty.add(lane)
            self._log.release(lane)
            return False
        if lane is Lane.READINGS and len(entries) == size and self._lags():
            self._run_query(self.queues.skip_to_live)
            return True
        self._deliver(lane, lane, entries)
        return True

    def deliver_backlog(self) -> bool:
        """Deliver the next readings of the backlog; return True where there were any."""
        after_seq, until_seq = self.queues.backlog_span()
        if after_seq >= until_seq or self.queues.is_held(BACKLOG, time.monotonic()):
            return False
        size = self._policy.batch_size
        entries = self._run_query(lambda r: r.store.read(Lane.READINGS, after_seq, size, until_seq))
        if entries:
            self._deliver(BACKLOG, Lane.READINGS, entries)
        else:
            self.queues.end_backlog(self._journal)
        return True

    def _deliver(self, queue_name: str, lane: Lane, entries: Sequence[JournalEntry]) -> None:
        """Deliver the outstanding ones of a queue's next entries, and advance its cursor."""
        unsent = [entry for entry in entries if key_of(entry) not in self.queues.ahead]
        result = self._sender.send(unsent)
        unproven = result.unproven()
        if unproven and result.fault is None and self._accepts_another(lane, unproven):
            unproven = []
        doubted = {key_of(refused.entry) for refused in unproven}
        confirmed = self._sender.confirm_refusals(
            [r for r in result.refused if key_of(r.entry) not in doubted]
        )
        unstorable = self._set_aside(confirmed.refused)
        unproven += unstorable
        unstorable_keys = {key_of(refused.entry) for refused in unstorable}
        discarded = [r.entry for r in confirmed.refused if key_of(r.entry) not in unstorable_keys]
        done = {key_of(entry) for entry in (*result.accepted, *confirmed.accepted, *discarded)}
        self.queues.move(self._journal, queue_name, entries, done)
        if lane is Lane.ALERTS:
            self._done |= done
        fault = result.fault or confirmed.fault
        if fault is not None:
            raise fault
        if unproven:
            self._sender.forget_losses([refused.entry for refused in unproven])
            self.queues.hold(queue_name, time.monotonic())
            self._log.hold(queue_name, unproven[0].reason)
        else:
            self.queues.release(queue_name)
            self._log.release(queue_name)

    def _accepts_another(self, lane: Lane, refused: Sequence[Refused]) -> bool:
        """Return True where the sink accepts a lane's newest entry, after it refused others."""
        newest = self._run_query(lambda r: r.store.newest_of(lane))
        if newest is None or key_of(newest) in {key_of(r.entry) for r in refused}:
            return False
        is_accepted = self._sender.accepts(newest)
        if is_accepted:
            self.queues.ahead.add(key_of(newest))
        return is_accepted

    def _set_aside(self, refusals: Sequence[Refused]) -> list[Refused]:
        """Set refused entries aside; return the alerts among them that the disk cannot store.

        All others that it cannot store wait in memory: vitals do not wait for a full disk.
        """
        unstorable: list[Refused] = []
        for refused in refusals:
            entry, reason = refused.entry, refused.reason
            fault = self._run_query(partial(_quarantine, self._sink, refused))
            if fault and entry.lane is Lane.ALERTS:
                unstorable.append(
                    replace(refused, reason=f"{reason}; it cannot be set aside: {fault}")
                )
                continue
            if fault:
                self._unstored.note(refused)
                self._aside.reason = reason
            else:
                self._aside.note(entry.lane, reason, time.monotonic())
            self._log.log_set_aside(f"{entry.lane} entry {entry.seq} of {entry.bed_id}", reason)
            self._note_aside()
        self._sender.forget_losses([refused.entry for refused in refusals])
        return unstorable

    def _note_aside(self) -> None:
        count = self._aside.total + len(self._unstored)
        self._log.note_aside(count, self._unstored.words(self._aside.reason))

    def offer_again(self, lanes: Sequence[Lane]) -> bool:
        """Offer the next entries of `lanes` that were set aside; return True where any were due."""
        offer = self._aside.next_offer(lanes, time.monotonic())
        if offer is None:
            return False
        lane, after_seq = offer
        name, size = self._sink, self._policy.batch_size
        entries = self._run_query(lambda r: r.store.quarantine.read(name, lane, after_seq, size))
        self._aside.end(lane)
        if not entries:
            return True
        result = self._sender.send(entries)
        self._release(lane, result)
        if result.fault is not None:
            raise result.fault
        if not result.unproven():
            self._aside.move(lane, entries[-1].seq)
        return True

    def _release(self, lane: Lane, result: DeliveryResult) -> None:
        self._sender.forget_losses([refused.entry for refused in result.refused])
        if result.accepted:
            name, accepted = self._sink, result.accepted
            self._run_query(lambda r: r.store.quarantine.release(name, accepted))
            self._aside.note_released(lane, len(accepted))
            self._note_aside()

    def _lags(self) -> bool:
        after_seq, limit = self.queues.cursors[Lane.READINGS], self._policy.live_lag_entries
        return self._run_query(lambda r: r.store.waiting(Lane.READINGS, after_seq, limit)) == limit


def _quarantine(sink: str, refused: Refused, recorder: Recorder) -> str:
    """Store a refused entry; return why the disk cannot store it, empty where it can."""
    try:
        recorder.store.quarantine.add(sink, refused.entry, refused.reason)
    except sqlite3.Error as error:
        recorder.put_off(error, time.monotonic())
        return str(error)
    return ""
