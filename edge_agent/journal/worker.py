"""Delivery thread of one sink: alerts first, nothing lost, nothing blocked.

Beds do not share a fate: `sender` finds the entry that the sink does not accept, the journal sets
it aside for a later offer (`aside`), and everything else continues.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from typing import Final, TypeVar

from edge_agent.journal.aside import OTHERS
from edge_agent.journal.delivery_log import DeliveryLog
from edge_agent.journal.entries import DeliveryHealth, JournalEntry, Lane, Sink
from edge_agent.journal.guarded_sink import GuardedSink
from edge_agent.journal.lane_delivery import DeliveryPolicy, LaneDelivery
from edge_agent.journal.recorder import Recorder
from edge_agent.journal.sender import Key, Sender, key_of
from edge_agent.journal.writer import Journal
from edge_agent.model.errors import JournalError
from edge_agent.payloads.alerts import AlertIdentity, alert_identity

MAX_OFFERS: Final = 1000
"""Alert changes held in memory; beyond, only the journal brings them, in order."""
_COUNT_EVERY_S: Final = 5.0
"""Wall seconds between two counts of waiting entries, and two checks for a request to retry."""
STOP_WAIT_S: Final = 2.0
"""Seconds for which a delivery under way may end by itself, and again once interrupted."""
_CHECK_ALIVE_S: Final = 1.0
"""Seconds within which a waiting thread notices a hanging disk."""

T = TypeVar("T")


class DeliveryWorker:
    """One thread that delivers to one sink; an alert waits for one batch at most."""

    def __init__(
        self,
        journal: Journal,
        sink: Sink,
        policy: DeliveryPolicy,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._journal = journal
        self._sink = sink
        self._policy = policy
        self.name = f"sink-{sink.name}"
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        # Guarded by the condition:
        self._offers: dict[AlertIdentity, JournalEntry] = {}
        self._states: dict[str, JournalEntry] = {}
        self._is_offered = False
        self._has_overflowed = False
        self._has_news = True
        self._is_stopping = False
        self._is_idle = False
        # Used by the worker's thread only:
        self._log = DeliveryLog(sink.name, now_ns)
        self._sender = Sender(GuardedSink(sink, self._log), self._log.note_accepted)
        self._lanes = LaneDelivery(journal, self._sender, self._log, policy, self._run_query)
        self._alerts_are_behind = True
        self._counted_s = 0.0
        journal.on_commit(self._note_commit)

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the delivery under way and close the sink; the rest stays in the journal."""
        with self._changed:
            self._is_stopping = self._log.is_stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(STOP_WAIT_S)
            if self._thread.is_alive():
                self._sink.interrupt()
                self._thread.join(STOP_WAIT_S)
        self._sink.close()

    def is_alive(self) -> bool:
        """Return True while the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def wait_until_idle(self, wait_s: float) -> bool:
        """Return True once the sink has accepted everything committed; wait up to `wait_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_idle and not self._has_work(), wait_s)

    def offer(self, entry: JournalEntry) -> None:
        """Deliver an alert at once, in parallel with its commit; it is appended as well."""
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

    def offer_state(self, entry: JournalEntry) -> None:
        """Deliver the bed's current state; it is not journalled, and only the newest is stored."""
        with self._changed:
            self._states[entry.bed_id] = entry
            self._changed.notify_all()

    def wake(self) -> None:
        """Try again at once; for a sink whose link came or went."""
        with self._changed:
            self._is_offered = True
            self._changed.notify_all()

    def health(self) -> DeliveryHealth:
        """Return the health of the sink."""
        return self._log.health()

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
                self._log.note_failure(error)
                self._pause(wait_s)
                wait_s = min(2 * wait_s, self._policy.longest_wait_s)
            else:
                wait_s = self._policy.first_wait_s
                if not is_busy:
                    self._await_news()

    def _step(self) -> bool:
        """Deliver the most urgent batch; return True where there was one."""
        self._read_news()
        if self._catch_up_alerts() or self._deliver_offers():
            return True
        self._sink.tend()
        if self._lanes.offer_again((Lane.ALERTS,)) or self._deliver_states():
            return True
        if any(self._deliver_lane(lane) for lane in Lane):
            return True
        return self._lanes.deliver_backlog() or self._lanes.offer_again(OTHERS)

    def _catch_up_alerts(self) -> bool:
        """Deliver older alerts before those in memory, unless the journal cannot be read."""
        if not self._alerts_are_behind:
            return False
        try:
            return self._deliver_lane(Lane.ALERTS)
        except JournalError:
            self._deliver_offers()
            raise

    def _read_news(self) -> None:
        self._lanes.load()
        with self._changed:
            if self._has_news:
                self._lanes.empty.clear()
            if self._has_overflowed:
                self._alerts_are_behind = True
            self._has_news = self._has_overflowed = self._is_offered = False
        self._count()
        if fault := self._sink.fault():
            self._log.hold("", fault)
        else:
            self._log.release("")

    def _count(self) -> None:
        """Count waiting entries, now and then; a silent journal does not hold up alerts."""
        if time.monotonic() - self._counted_s < _COUNT_EVERY_S:
            return
        self._counted_s = time.monotonic()
        try:
            waiting, oldest_ns = self._lanes.count()
        except JournalError:
            return
        with self._changed:
            offered = [entry.at_ns for entry in self._offers.values()]
        oldest_ns = min([*offered, oldest_ns] if oldest_ns else offered, default=0)
        self._log.note_waiting(max(waiting, len(offered)), oldest_ns)

    def _deliver_offers(self) -> bool:
        with self._changed:
            # After an overflow the journal brings older alerts first.
            offers = {} if self._has_overflowed else dict(self._offers)
        if not offers:
            return False
        result = self._sender.send(tuple(offers.values()))
        if result.is_proven:
            self._lanes.queues.try_again(Lane.ALERTS)
        accepted = {key_of(entry) for entry in result.accepted}
        self._lanes.queues.ahead |= accepted
        refused = {key_of(refused.entry) for refused in result.refused}
        if refused:
            # The journal brings the same alerts, and its lane finds the one that is refused.
            self._alerts_are_behind = True
        self._forget_offers(accepted | refused)
        if result.fault is not None:
            raise result.fault
        return True

    def _deliver_states(self) -> bool:
        """Deliver each bed's newest state once; after a failure, a newer one follows soon."""
        with self._changed:
            states, self._states = self._states, {}
        if not states:
            return False
        result = self._sender.send(tuple(states.values()))
        if result.fault is not None:
            raise result.fault
        if result.refused:
            self._log.hold("states", result.refused[0].reason)
        else:
            self._log.release("states")
        return True

    def _deliver_lane(self, lane: Lane) -> bool:
        was_empty = lane in self._lanes.empty
        is_busy = self._lanes.deliver_lane(lane)
        if lane is Lane.ALERTS:
            self._forget_offers(self._lanes.pop_done())
            if lane in self._lanes.empty and not was_empty:
                self._alerts_are_behind = False  # the journal was read and holds no more alerts
        return is_busy

    def _run_query(self, query: Callable[[Recorder], T]) -> T:
        """Return the journal's answer; alerts do not wait for a disk that stalls meanwhile."""
        answer = self._journal.submit(query)
        answer.add_done_callback(lambda _: self._notify())
        while not answer.done():
            with self._changed:
                self._changed.wait_for(
                    lambda: answer.done() or self._is_offered or self._is_stopping, _CHECK_ALIVE_S
                )
                self._is_offered = False
                if self._is_stopping and not answer.done():
                    raise JournalError("stopped while the journal was busy")
            is_held = self._lanes.holds_alerts() or self._journal.hangs()
            if not self._alerts_are_behind or is_held:
                self._deliver_offers()
        return answer.result()

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _forget_offers(self, keys: Collection[Key]) -> None:
        with self._changed:
            self._offers = {i: e for i, e in self._offers.items() if i not in keys}

    def _pause(self, wait_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopping or self._is_offered, wait_s)

    def _await_news(self) -> None:
        now_s = time.monotonic()
        wait_s = min(_COUNT_EVERY_S, self._lanes.wait_s(now_s))
        is_whole = not self._lanes.queues.are_held
        if is_whole:
            self._log.note_waiting(0, 0)
        with self._changed:
            self._is_idle = is_whole
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._is_stopping or self._is_offered or self._has_work(), wait_s
            )
            self._is_idle = False

    def _has_work(self) -> bool:
        return bool(self._offers or self._states) or self._has_news
