"""The thread that calls people: alert changes and receipts in, calls and notices out.

Nothing here waits for the pipeline, and the pipeline never waits for it. What one bed's call does
is decided by `alerting.escalation` from the bed's newest alerts and its newest call, so that a
change that found no room in the queue is made up for by reading the newest alerts again. Every bed
is evaluated at every look: where nothing has arrived and nothing is due, nothing may change, and a
change is reported as a correction.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.alerting.bed_signs import signs_of
from edge_agent.alerting.call_notices import Say, notice_about
from edge_agent.alerting.escalation import Circumstances, escalate, undelivered
from edge_agent.model.alerts import Alert
from edge_agent.model.calls import Call, CallState, Notice, NoticeKey, Receipt
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.oversight import AuditFault, FaultKind
from edge_agent.model.shifts import OnDuty

_MOST_NEWS: Final = 4096
"""Longest queue: a minute of a ward of 32 beds in which every alert changes each second."""
_LONGEST_WAIT_S: Final = 1.0  # wall: time until a stop or another shift is noticed
_LEAST_WAIT_S: Final = 0.005  # wall: limits the wake-ups with a very fast clock
_STOP_WAIT_S: Final = 5.0  # wall: a thread that hangs does not hold up the stop
_LOG = logging.getLogger(__name__)

News = Alert | Receipt


@dataclass(frozen=True, slots=True)
class EscalatorPorts:
    """Functions that the escalator calls on its thread; none may wait."""

    store: Callable[[Call | Receipt], None]
    """Journals a change and shows it."""
    send: Callable[[Notice], None]
    """Hands a notice to the way out that it names."""
    alerts: Callable[[], Iterable[Alert]]
    """Returns the newest state of every reported alert."""
    on_duty: Callable[[Instant], OnDuty]
    say: Say
    """Returns the texts about an alert."""
    report: Callable[[AuditFault], None]
    """Reports a fault in the calls of a bed."""


class Escalator:
    """Calls people until each problem is answered; a part that can be restarted as it is.

    Parameters
    ----------
    clock
        The ward's time.
    """

    name: Final = "escalation"

    def __init__(self, clock: Clock, ports: EscalatorPorts) -> None:
        self._clock = clock
        self._ports = ports
        self._news: queue.Queue[News] = queue.Queue(_MOST_NEWS)
        self._has_missed = True
        """True where alerts must be read again; at the start, all of them."""
        self._is_stopping = threading.Event()
        self._thread = threading.Thread()
        self._alerts: dict[str, dict[str, Alert]] = defaultdict(dict)
        """Newest alert by bed and rule."""
        self._arrived: dict[str, list[Receipt]] = {}
        """Receipts since the last evaluation of each bed that has news."""
        self._failing: set[str] = set()
        """Beds whose calls could not be evaluated last."""
        self._restored: tuple[Call, ...] = ()
        self.calls: Mapping[str, Call] = {}
        """Newest call of each bed; replaced as a whole."""
        self.ticked_at: Instant | None = None
        """Time of the newest look at all calls; None before the first."""

    def restore(self, calls: Iterable[Call]) -> None:
        """Set the calls of an earlier run, on this run's clock, before the start."""
        self._restored = tuple(calls)
        self.calls = {call.bed_id: call for call in self._restored}

    def note(self, news: News) -> bool:
        """Take in news; return False where there is no room. An alert is never lost by that."""
        try:
            self._news.put_nowait(news)
        except queue.Full:
            if isinstance(news, Alert):
                self._has_missed = True
            return False
        return True

    def recall(self, notice_id: str) -> Notice | None:
        """Return a notice of a newest call by its id, as it would be sent now; None for others."""
        key = NoticeKey.read(notice_id)
        calls = self.calls.values()
        call = next((c for c in calls if key is not None and c.call_id == key.call_id), None)
        if call is None or key is None or key.index >= len(call.called):
            return None
        alerts = [a for a in self._ports.alerts() if a.bed_id == call.bed_id]
        lead = signs_of(call.bed_id, alerts).lead_of(call)
        return notice_about(call, key, lead, self._ports.say)

    def start(self) -> None:
        """Start, or restart after the thread died."""
        self._is_stopping.clear()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the news so far; open calls continue at the next start."""
        self._is_stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_WAIT_S)

    def is_alive(self) -> bool:
        """Return True while the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            self._look(self._wait_s())
        self._look(0.0)

    def _look(self, wait_s: float) -> None:
        """Take in the news, after `wait_s` for the first where there is none, and act on them."""
        self._take_news(wait_s)
        now = self._clock.now()
        self._take_up(now)
        on_duty = self._ports.on_duty(now)
        for bed_id in [*dict.fromkeys([*self._alerts, *self._arrived, *self.calls])]:
            try:
                self._advance(bed_id, on_duty, now)
            except Exception as error:  # noqa: BLE001 - one bed's mistake must not end all calls
                if bed_id not in self._failing:
                    _LOG.error("the call for %s failed", bed_id, exc_info=error)
                self._failing.add(bed_id)
                self._ports.report(AuditFault(FaultKind.CALL_FAILED, bed_id, type(error).__name__))
            else:
                self._failing.discard(bed_id)
        self.ticked_at = now

    def _wait_s(self) -> float:
        """Return the longest wait for news, s on the machine's clock."""
        now = self._clock.now()
        calling = (call.next_at for call in self.calls.values())
        dues = [at.seconds_since(now) for at in calling if at is not None]
        ends_ns = self._ports.on_duty(now).ends_ns
        dues += [] if ends_ns is None else [(ends_ns - now.utc_ns) / 1e9]
        wait_s = min(dues, default=_LONGEST_WAIT_S) / self._clock.factor
        return max(_LEAST_WAIT_S, min(wait_s, _LONGEST_WAIT_S))

    def _take_news(self, wait_s: float) -> None:
        """Take in everything that waits, after `wait_s` for the first where nothing does."""
        try:
            self._sort(self._news.get(timeout=wait_s) if wait_s else self._news.get_nowait())
            for _ in range(_MOST_NEWS):
                self._sort(self._news.get_nowait())
        except queue.Empty:
            pass
        if self._has_missed:
            self._has_missed = False
            for alert in self._ports.alerts():
                self._sort(alert)

    def _sort(self, news: News) -> None:
        arrived = self._arrived.setdefault(news.bed_id, [])
        if isinstance(news, Receipt):
            self._ports.store(news)
            arrived.append(news)
        else:
            known = self._alerts[news.bed_id].get(news.rule_id)
            is_older = known is not None and known.alert_id == news.alert_id and known.n > news.n
            if not is_older:
                self._alerts[news.bed_id][news.rule_id] = news

    def _take_up(self, now: Instant) -> None:
        """Journal the open calls of an earlier run anew, and send again what had no news."""
        restored, self._restored = self._restored, ()
        for call in restored:
            if call.state is not CallState.CALLING:
                continue
            _LOG.info("the call for %s goes on after a restart", call.bed_id)
            self._change(replace(call, n=call.n + 1, changed_at=now))
            self._arrived.setdefault(call.bed_id, [])
            signs = signs_of(call.bed_id, self._alerts[call.bed_id].values())
            for notice in undelivered(call, signs, self._ports.say):
                self._ports.send(notice)

    def _advance(self, bed_id: str, on_duty: OnDuty, now: Instant) -> None:
        before, arrived = self.calls.get(bed_id), self._arrived.pop(bed_id, None)
        is_due = before is not None and _is_due(before, on_duty, now)
        signs = signs_of(bed_id, self._alerts[bed_id].values())
        circumstances = Circumstances(signs, on_duty, now, tuple(arrived or ()))
        result = escalate(before, circumstances, self._ports.say)
        for call in result.calls:
            self._change(call)
        for notice in result.notices:
            self._ports.send(notice)
        if result.calls and arrived is None and not is_due:
            _LOG.error("the call for %s was not as it should be", bed_id)
            self._ports.report(AuditFault(FaultKind.CALL_CORRECTED, bed_id))

    def _change(self, call: Call) -> None:
        self.calls = {**self.calls, call.bed_id: call}
        self._ports.store(call)


def _is_due(call: Call, on_duty: OnDuty, now: Instant) -> bool:
    """Return True if time alone changes a call now: a step, a reminder or another shift."""
    is_another_shift = on_duty.shift is not None and call.shift != on_duty.shift_name
    return call.next_at is not None and (call.next_at <= now or is_another_shift)
