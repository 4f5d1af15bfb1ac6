"""Replies to notices, as they come back over a way: receipts, and people's answers."""

from __future__ import annotations

import threading
import time
import uuid
from typing import Final

from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.calls import Notice, Receipt, ReceiptFact
from edge_agent.notifiers.notifier import WayEvents

_NAMESPACE: Final = uuid.UUID("5f6e1f4e-4a33-4b0b-9c6e-0d6a2f0f7c11")
"""Namespace of the ids of answers: the same reply, sent twice, is one answer."""
_MOST_NOTICES: Final = 2000
"""Notices whose replies are expected; a ward sends some hundred in a shift."""
_BURST: Final = 60
_PER_SECOND: Final = 2.0
"""Replies accepted at once, and per second after that; people stay far below. Design start values,
unvalidated."""
_ANSWERS: Final = {
    ReceiptFact.ACCEPTED: AnswerKind.ACKNOWLEDGE,
    ReceiptFact.REJECTED: AnswerKind.REJECT,
}


class Replies:
    """Notices that were sent over one way, and what became of them; used by several threads."""

    def __init__(self, way: str, events: WayEvents) -> None:
        self._way = way
        self._events = events
        self._guard = threading.Lock()
        self._sent: dict[str, Notice] = {}
        self._left = float(_BURST)
        self._at_s = time.monotonic()

    def expect(self, notice: Notice) -> None:
        """Remember a notice that is about to be sent."""
        with self._guard:
            self._sent.pop(notice.notice_id, None)
            self._sent[notice.notice_id] = notice
            if len(self._sent) > _MOST_NOTICES:
                del self._sent[next(iter(self._sent))]

    def find(self, notice_id: str) -> Notice | None:
        """Return a notice, also one of before the start; None for an unknown one."""
        with self._guard:
            known = self._sent.get(notice_id)
        if known is None:
            known = self._events.recall(notice_id)
        return known if known is not None and known.way == self._way else None

    def note(self, notice: Notice, fact: ReceiptFact, by: str, reason: str = "") -> str:
        """Record what became of a notice; return why that is not accepted, empty if it is.

        Parameters
        ----------
        by
            Person who replied; empty for the person to whom the notice went.
        """
        if not self._is_allowed():
            return f"more than {_PER_SECOND:g} replies a second; send it again"
        if fact in _ANSWERS and notice.is_over:
            fact = ReceiptFact.SEEN  # there is nothing left to answer
        if fact in _ANSWERS:
            by = by or notice.person_id
            refusal = self._answer(notice, fact, by, reason)
            if refusal:
                return refusal
        at = self._events.now()
        receipt = Receipt(notice.notice_id, notice.bed_id, self._way, fact, at, by, reason)
        self._events.on_receipt(receipt)
        return ""

    def _answer(self, notice: Notice, fact: ReceiptFact, by: str, reason: str) -> str:
        if not by.strip():
            return "nobody is named; an answer needs a person"
        answer = Answer(
            bed_id=notice.bed_id,
            kind=_ANSWERS[fact],
            by=by,
            seen=notice.seen or (SeenAlert(notice.alert_id),),
            reason=reason,
            answer_id=str(uuid.uuid5(_NAMESPACE, f"{notice.notice_id}/{fact}/{by}")),
        )
        return self._events.on_answer(answer, self._way)

    def _is_allowed(self) -> bool:
        with self._guard:
            now_s = time.monotonic()
            grown = self._left + (now_s - self._at_s) * _PER_SECOND
            self._left, self._at_s = min(float(_BURST), grown), now_s
            if self._left < 1:
                return False
            self._left -= 1
            return True
