"""Takes what the journal holds to one sink: alerts first, nothing lost, nothing in the way."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from edge_agent.journal.entries import DeliveryHealth, Entry, Lane, Sink
from edge_agent.journal.marks import BACKLOG, Mark
from edge_agent.model.errors import CrswatchError, DeliveryError, JournalError
from edge_agent.payloads import AlertIdentity, alert_identity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from edge_agent.journal.recorder import Recorder
    from edge_agent.journal.writer import Journal

MAX_OFFERS: Final = 1000
"""Alert changes held in memory; beyond, the journal alone brings them, in order."""

_LOG = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How a worker deals with its sink."""

    batch_size: int = 20
    """Entries per delivery: what an alert may have to wait for (20: one MQTT window, some ms)."""
    first_wait_s: float = 0.25
    longest_wait_s: float = 5.0
    """Waiting doubles from the first to the longest while the sink fails."""
    live_lag_entries: int = 2000
    """Readings behind by so many (a minute of 32 beds) become backlog, and live ones go first."""


class DeliveryWorker:
    """One thread that delivers to one sink; an alert waits for one batch at most."""

    def __init__(self, journal: Journal, sink: Sink, policy: DeliveryPolicy) -> None:
        self._journal = journal
        self._sink = sink
        self._policy = policy
        self.name = f"sink-{sink.name}"
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        # Under the condition:
        self._offers: dict[AlertIdentity, Entry] = {}
        self._states: dict[str, Entry] = {}
        self._is_offered = False
        self._has_overflowed = False
        self._has_news = True
        self._is_stopping = False
        self._is_idle = False
        # The worker's thread only:
        self._cursors: dict[Lane, int] = {}
        self._backlog: Mark | None = None
        self._empty_lanes: set[Lane] = set()
        self._from_memory: set[AlertIdentity] = set()
        self._alerts_are_behind = True
        self._health = DeliveryHealth(sink.name)
        journal.on_commit(self._note_commit)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the delivery under way and close the sink; the journal keeps the rest."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        self._sink.close()

    def is_alive(self) -> bool:
        """Return whether its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def wait_until_idle(self, wait_s: float) -> bool:
        """Return whether the sink has taken everything committed, waiting up to `wait_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_idle and not self._has_work(), wait_s)

    def offer(self, entry: Entry) -> None:
        """Deliver an alert at once, in parallel with its commit; call it after `append`."""
        with self._changed:
            identity = alert_identity(entry.body)
            if identity is None:
                raise ValueError(f"alert body is {entry.body[:80]!r}; want alert_id and n")
            self._offers[identity] = entry
            if len(self._offers) > MAX_OFFERS:
                self._offers.clear()
                self._has_overflowed = True
            self._is_offered = True
            self._changed.notify_all()

    def offer_state(self, entry: Entry) -> None:
        """Deliver what is so at a bed now, which no journal keeps; what is newer stands for it."""
        with self._changed:
            self._states[entry.bed_id] = entry
            self._changed.notify_all()

    def health(self) -> DeliveryHealth:
        """Return how the sink fares."""
        return self._health

    def _note_commit(self) -> None:
        with self._changed:
            self._has_news = True
            self._changed.notify_all()

    def _run(self) -> None:
        wait_s = self._policy.first_wait_s
        while not self._is_stopping:
            try:
                is_busy = self._step()
            except Exception as error:  # noqa: BLE001 - a worker outlives every mistake of its sink
                self._note_failure(error)
                self._pause(wait_s)
                wait_s = min(2 * wait_s, self._policy.longest_wait_s)
            else:
                wait_s = self._policy.first_wait_s
                if not is_busy:
                    self._await_news()

    def _step(self) -> bool:
        """Deliver the most urgent batch; return whether there was one."""
        self._look_around()
        if self._catch_up_alerts() or self._deliver_offers():
            return True
        if self._deliver_states() or any(self._deliver_lane(lane) for lane in Lane):
            return True
        return self._deliver_backlog()

    def _catch_up_alerts(self) -> bool:
        """Deliver older alerts before those in memory, unless the journal cannot be read."""
        if not self._alerts_are_behind:
            return False
        try:
            return self._deliver_lane(Lane.ALERTS)
        except JournalError:
            self._deliver_offers()
            raise

    def _look_around(self) -> None:
        if not self._cursors:
            self._load_marks()
        with self._changed:
            if self._has_news:
                self._empty_lanes.clear()
            if self._has_overflowed:
                self._alerts_are_behind = True
            self._has_news = self._has_overflowed = self._is_offered = False

    def _load_marks(self) -> None:
        name = self._sink.name
        self._backlog = self._ask(lambda r: r.marks.get(name, BACKLOG))
        self._cursors = self._ask(lambda r: {lane: r.marks.get(name, lane).seq for lane in Lane})

    def _deliver_offers(self) -> bool:
        with self._changed:
            offers = dict(self._offers)
        if not offers:
            return False
        try:
            self._sink.deliver(tuple(offers.values()))
        except DeliveryError as error:
            if error.retryable:
                raise
            # The journal brings the same alerts and finds out which of them is the poison.
            self._alerts_are_behind = True
        else:
            self._from_memory |= offers.keys()
            self._note_success(len(offers))
        self._forget_offers(offers.keys())
        return True

    def _deliver_states(self) -> bool:
        """Deliver each bed's newest state once: where that fails, a newer one comes soon."""
        with self._changed:
            states, self._states = self._states, {}
        if states:
            self._sink.deliver(tuple(states.values()))
        return bool(states)

    def _deliver_lane(self, lane: Lane) -> bool:
        if lane in self._empty_lanes:
            return False
        size = self._policy.batch_size
        after_seq = self._cursors[lane]
        entries = self._ask(lambda r: r.store.read(lane, after_seq, size))
        if not entries:
            self._empty_lanes.add(lane)
            self._alerts_are_behind = self._alerts_are_behind and lane is not Lane.ALERTS
            return False
        if lane is Lane.READINGS and len(entries) == size and self._lags():
            self._skip_to_live()
            return True
        if lane is Lane.ALERTS:
            self._deliver_alerts(entries)
        else:
            self._deliver(entries)
        self._cursors[lane] = entries[-1].seq
        self._journal.advance(self._sink.name, lane, entries[-1].seq)
        return True

    def _deliver_alerts(self, entries: Sequence[Entry]) -> None:
        self._deliver([e for e in entries if alert_identity(e.body) not in self._from_memory])
        known = {alert_identity(entry.body) for entry in entries}
        self._from_memory -= known
        self._forget_offers(known)

    def _deliver_backlog(self) -> bool:
        mark = self._backlog
        if mark is None or mark.until_seq is None or mark.seq >= mark.until_seq:
            return False
        size = self._policy.batch_size
        after_seq, until_seq = mark.seq, mark.until_seq
        entries = self._ask(lambda r: r.store.read(Lane.READINGS, after_seq, size, until_seq))
        if entries:
            self._deliver(entries)
        taken = entries[-1].seq if entries else mark.until_seq
        self._backlog = replace(mark, seq=taken)
        self._journal.advance_backlog(self._sink.name, taken)
        return True

    def _lags(self) -> bool:
        after_seq, limit = self._cursors[Lane.READINGS], self._policy.live_lag_entries
        return self._ask(lambda r: r.store.waiting(Lane.READINGS, after_seq, limit)) == limit

    def _skip_to_live(self) -> None:
        name = self._sink.name
        self._backlog = self._ask(lambda r: r.marks.skip_to_live(name, r.newest_seq))
        self._cursors[Lane.READINGS] = self._backlog.until_seq or 0

    def _ask(self, question: Callable[[Recorder], T]) -> T:
        """Return the journal's answer; alerts do not wait for a disk that stalls meanwhile."""
        answer = self._journal.ask(question)
        answer.add_done_callback(lambda _: self._notify())
        while not answer.done():
            with self._changed:
                self._changed.wait_for(
                    lambda: answer.done() or self._is_offered or self._is_stopping
                )
                self._is_offered = False
                if self._is_stopping and not answer.done():
                    raise JournalError("stopped while the journal was busy")
            if not self._alerts_are_behind:
                self._deliver_offers()
        return answer.result()

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _deliver(self, entries: Sequence[Entry]) -> None:
        """Deliver all but those that the sink will never take."""
        if not entries:
            return
        try:
            self._sink.deliver(entries)
        except DeliveryError as error:
            if error.retryable:
                raise
            if len(entries) == 1:
                self._quarantine(entries[0], str(error))
                return
            half = len(entries) // 2
            self._deliver(entries[:half])
            self._deliver(entries[half:])
        else:
            self._note_success(len(entries))

    def _quarantine(self, entry: Entry, reason: str) -> None:
        self._ask(lambda r: r.store.quarantine(self._sink.name, entry, reason))
        if self._health.quarantined == 0:
            _LOG.error("%s refused entry %d for good: %s", self._sink.name, entry.seq, reason)
        self._health = replace(self._health, quarantined=self._health.quarantined + 1)

    def _forget_offers(self, identities: Collection[AlertIdentity | None]) -> None:
        with self._changed:
            self._offers = {i: e for i, e in self._offers.items() if i not in identities}

    def _note_success(self, count: int) -> None:
        if self._health.fault:
            _LOG.warning("%s takes entries again", self._sink.name)
        self._health = replace(self._health, fault="", delivered=self._health.delivered + count)

    def _note_failure(self, error: Exception) -> None:
        text = str(error) or type(error).__name__
        if text != self._health.fault:
            is_known = isinstance(error, CrswatchError)
            _LOG.warning("%s: %s", self._sink.name, text, exc_info=None if is_known else error)
        self._health = replace(self._health, fault=text)

    def _pause(self, wait_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopping or self._is_offered, wait_s)

    def _await_news(self) -> None:
        with self._changed:
            self._is_idle = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_stopping or self._has_work())
            self._is_idle = False

    def _has_work(self) -> bool:
        return bool(self._offers or self._states) or self._has_news
