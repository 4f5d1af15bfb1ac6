"""The thread of one way out: a bounded queue, attempts until delivered, and a heartbeat."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from edge_agent.model.calls import Notice, Receipt, ReceiptFact
from edge_agent.model.clock import Instant
from edge_agent.model.errors import DeliveryError
from edge_agent.model.oversight import WayHealth
from edge_agent.notifiers.notifier import Notifier, WayEvents
from edge_agent.notifiers.pending import PendingNotices, RetryTimes, Waiting

_LOG = logging.getLogger(__name__)

LOST_S: Final = 30.0
"""Seconds without a success after which a way counts as failing: three heartbeats. A receiver may
rely on the next heartbeat within this time. Design start value, unvalidated."""
_REPLACED: Final = "a newer notice came before it was delivered"
_STOPPED: Final = "the gateway stopped before it was delivered"
_OUTDATED: Final = "not delivered while it was current"


@dataclass(frozen=True, slots=True)
class WayTimes:
    """Times of one way, s on the machine's clock; design start values, unvalidated."""

    beat_s: float = 10.0
    """Time between two heartbeats."""
    lost_s: float = LOST_S
    """Time without any success after which the way counts as failing."""
    current_s: float = 3600.0
    """Age, on the ward's clock, up to which an undelivered notice is current."""
    stop_s: float = 2.0
    """Longest wait for the thread at the stop."""
    retry: RetryTimes = field(default_factory=RetryTimes)


class WayWorker:
    """Delivers the notices of one way, each until it arrives, is replaced or is too old.

    Parameters
    ----------
    confirms
        False for a way that can fail but never confirms anything, such as a datagram.
    has_beat
        False where no heartbeat is sent but by `beat_soon`: the other side has no use for one, or
        it is the auditor's, which withholds it. Only failures show then that the way fails.
    """

    def __init__(
        self,
        notifier: Notifier,
        events: WayEvents,
        times: WayTimes | None = None,
        *,
        confirms: bool = True,
        has_beat: bool = True,
    ) -> None:
        self._notifier = notifier
        self._events = events
        self._times = times or WayTimes()
        self._confirms = confirms
        self._has_beat = has_beat
        self.way = notifier.name
        self.name = f"way-{notifier.name}"
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        # Guarded by the condition:
        self._pending = PendingNotices(self._times.retry)
        self._beat_due_s: float | None = 0.0 if has_beat else None  # None: no beat is wanted
        self._is_stopping = False
        self._fault = ""
        self._worked_s: float | None = None  # None before the first success
        self._started_s: float | None = None  # None before the start
        self._is_working: bool | None = None
        self._since = events.now()

    def start(self) -> None:
        """Start the thread."""
        if self._started_s is None:
            self._started_s = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        """Return True if the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def begin_stop(self) -> None:
        """Ask the thread to end; return at once."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        self._notifier.close()

    def stop(self) -> None:
        """Stop within a bounded time; record what is not delivered."""
        self.begin_stop()
        if self._thread is not None:
            self._thread.join(self._times.stop_s)
        with self._changed:
            undelivered = self._pending.clear()
        for notice in undelivered:
            self._report(notice, ReceiptFact.FAILED, _STOPPED)

    def offer(self, notice: Notice) -> None:
        """Deliver a notice as soon as possible; never waits."""
        with self._changed:
            is_stopping = self._is_stopping
            gone = [notice] if is_stopping else self._pending.add(notice)
            self._changed.notify_all()
        for old in gone:
            self._report(old, ReceiptFact.FAILED, _STOPPED if is_stopping else _REPLACED)

    def beat_soon(self) -> None:
        """Send a heartbeat as soon as possible."""
        with self._changed:
            self._beat_due_s = 0.0
            self._changed.notify_all()

    def health(self) -> WayHealth:
        """Return the health of the way, whether its thread answers or not."""
        with self._changed:
            is_working = self._works_at(time.monotonic())
            if is_working is not self._is_working:
                self._is_working, self._since = is_working, self._events.now()
            words = ""
            if is_working is False:
                words = self._fault or f"no heartbeat has arrived for {self._times.lost_s:g} s"
            return WayHealth(self.way, is_working, self._since, words)

    def _works_at(self, now_s: float) -> bool | None:
        """Return whether the way works; None where that is not known."""
        if self._worked_s is not None and now_s - self._worked_s <= self._times.lost_s:
            return True if self._confirms else None
        if not self._has_beat:
            return False if self._fault else None
        reference_s = self._worked_s if self._worked_s is not None else self._started_s
        is_lost = reference_s is not None and now_s - reference_s > self._times.lost_s
        return False if is_lost else None

    def _run(self) -> None:
        while not self._is_stopping:
            waiting, is_beat = self._next()
            if waiting is not None:
                self._deliver(waiting)
            elif is_beat:
                self._beat()

    def _next(self) -> tuple[Waiting | None, bool]:
        """Wait for something to do: a notice, or else whether a heartbeat is due.

        New notices come before a heartbeat, unless it is late by as much as its interval; attempts
        that failed before come after it.
        """
        with self._changed:
            now_s = time.monotonic()
            beat_s = self._beat_due_s
            is_late = beat_s is not None and 0.0 < beat_s <= now_s - self._times.beat_s
            if not is_late and (new := self._pending.take(now_s, is_new=True)) is not None:
                return new, False
            if beat_s is not None and beat_s <= now_s:
                self._beat_due_s = None
                return None, True
            if (again := self._pending.take(now_s, is_new=False)) is not None:
                return again, False
            moments = [s for s in (beat_s, self._pending.due_s()) if s is not None]
            self._changed.wait(min(moments) - now_s if moments else None)
            return None, False

    def _deliver(self, waiting: Waiting) -> None:
        notice = waiting.notice
        if self._events.now().seconds_since(notice.at) > self._times.current_s:
            self._report(notice, ReceiptFact.FAILED, _OUTDATED)
            return
        fault = self._attempt(lambda: self._notifier.notify(notice))
        if fault is None:
            self._report(notice, ReceiptFact.DELIVERED, "")
            return
        is_kept = False
        with self._changed:
            if fault.retryable and not self._is_stopping:
                is_kept = self._pending.put_back(waiting, time.monotonic())
        if waiting.tries <= 1 or not is_kept:
            detail = str(fault)
            if not is_kept and fault.retryable:
                detail += f"; {_STOPPED if self._is_stopping else _REPLACED}"
            self._report(notice, ReceiptFact.FAILED, detail)

    def _beat(self) -> None:
        self._attempt(lambda: self._notifier.beat(self._events.now()))
        if self._has_beat:
            with self._changed:  # counted from its end, so that slow ones leave room for notices
                self._beat_due_s = time.monotonic() + self._times.beat_s

    def _attempt(self, act: Callable[[], None]) -> DeliveryError | None:
        """Return None after a success, else the reason of the failure."""
        try:
            act()
        except DeliveryError as error:
            return self._note_failure(error, None)
        except Exception as error:  # noqa: BLE001 - a way outlives every mistake of its notifier
            fault = DeliveryError(f"{type(error).__name__}: {error}", retryable=True)
            return self._note_failure(fault, error)
        self._note_success()
        return None

    def _note_failure(self, fault: DeliveryError, mistake: Exception | None) -> DeliveryError:
        """Log the first failure after a success, with the traceback of a mistake of ours."""
        with self._changed:
            is_news = not self._fault and not self._is_stopping
            self._fault = str(fault)
        if is_news:
            _LOG.warning("%s: %s", self.name, fault, exc_info=mistake)
        return fault

    def _note_success(self) -> None:
        with self._changed:
            was_faulty, self._fault = bool(self._fault), ""
            self._worked_s = time.monotonic()
            if was_faulty:
                self._pending.hurry(self._worked_s)
        if was_faulty:
            _LOG.info("%s works again", self.name)

    def _report(self, notice: Notice, fact: ReceiptFact, detail: str) -> None:
        at: Instant = self._events.now()
        receipt = Receipt(notice.notice_id, notice.bed_id, self.way, fact, at, "", detail)
        self._events.on_receipt(receipt)
