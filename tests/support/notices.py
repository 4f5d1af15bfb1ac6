"""Notices, and what a way out reports about them."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from edge_agent.model.alerts import AlertPriority, SignalReason
from edge_agent.model.answers import SeenAlert
from edge_agent.model.calls import Notice, Receipt, ReceiptFact
from edge_agent.model.clock import Instant
from edge_agent.model.duty import Duty
from edge_agent.notifiers.notifier import WayEvents
from tests.support.brokers import WAIT_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from edge_agent.model.answers import Answer

AT: Final = Instant(5_000_000_000, 1_700_000_000_123_000_000)  # 2023-11-14 22:13:20.123 UTC
UUID: Final = "381a5f0b-b319-4db3-b100-4b5efa76147e"
A_NOTICE: Final = Notice(
    notice_id="n-1",
    call_id="c-1",
    bed_id="bed-1",
    way="pager",
    person_id="nurse-7",
    duty=Duty.NURSE,
    reason=SignalReason.FIRST,
    priority=AlertPriority.HIGH,
    headline="HIGH: bed-1: low blood pressure",
    sentence="BP 72/42 at 04:26, HR 147, SpO2 88 %, T 39.2 °C",
    alert_id=UUID,
    at=AT,
    seen=(SeenAlert(UUID, 3),),
    since=AT,
)
AWKWARD: Final = 'a|b^c&d~e\\f\r\ng "h" <i> ]j\' %k \t l\u00b0C Größe \u6f22 \U0001f4a7'
"""Text with every delimiter of the protocols, and beyond ASCII."""


def a_notice(number: int, **changes: object) -> Notice:
    """Return a notice with a number of its own, later than those with lower ones."""
    own: dict[str, object] = {"notice_id": f"n-{number}", "at": AT.plus(number)}
    return replace(A_NOTICE, **(own | changes))  # type: ignore[arg-type]


def wait_for(is_so: Callable[[], bool]) -> None:
    """Return once something is so; fail if it does not come to that."""
    until_s = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < until_s, "it did not come to that"
        threading.Event().wait(0.005)


class Heard:
    """Recorder of what a way reports; it holds the ward's time."""

    def __init__(self) -> None:
        self.now = AT
        self.receipts: queue.SimpleQueue[Receipt] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[tuple[Answer, str]] = queue.SimpleQueue()
        self.refusal = ""

    def events(self) -> WayEvents:
        """Return the callables to give to a way."""
        return WayEvents(self.receipts.put, self._answer, lambda: self.now)

    def _answer(self, answer: Answer, way: str) -> str:
        self.answers.put((answer, way))
        return self.refusal

    def next(self) -> Receipt:
        """Return the next receipt."""
        return self.receipts.get(timeout=WAIT_S)

    def facts(self, count: int) -> list[tuple[str, ReceiptFact]]:
        """Return the next receipts as notice and fact."""
        return [(r.notice_id, r.fact) for r in (self.next() for _ in range(count))]

    def next_answer(self) -> Answer:
        """Return the next answer."""
        return self.answers.get(timeout=WAIT_S)[0]
