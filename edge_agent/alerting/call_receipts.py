"""Facts about notices: recorded in the call, and the answers that some of them are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.calls import Call, CalledPerson, NoticeKey, Receipt, ReceiptFact

_ANSWERS = {
    ReceiptFact.ACCEPTED: AnswerKind.ACKNOWLEDGE,
    ReceiptFact.REJECTED: AnswerKind.REJECT,
}


def with_receipts(call: Call, receipts: Sequence[Receipt]) -> Call:
    """Return a call with the facts about its people."""
    for receipt in receipts:
        index = _index_of(call, receipt)
        if index is not None:
            person = _after(call.called[index], receipt)
            call = replace(call, called=(*call.called[:index], person, *call.called[index + 1 :]))
    return call


def answer_of(call: Call, receipt: Receipt) -> Answer | None:
    """Return the answer that a person gave on a way out; None for any other fact.

    It applies to what had been signalled when the notice was sent.
    """
    kind, key = _ANSWERS.get(receipt.fact), NoticeKey.read(receipt.notice_id)
    index = _index_of(call, receipt)
    if kind is None or key is None or index is None:
        return None
    seen = [SeenAlert(s.alert_id, s.signal_n) for s in call.signals if s.call_n <= key.call_n]
    if not seen:
        return None
    return Answer(
        call.bed_id,
        kind,
        receipt.by.strip() or call.called[index].person_id,
        tuple(seen),
        reason=receipt.detail,
        answer_id=f"{receipt.notice_id}.{receipt.fact}",
    )


def _index_of(call: Call, receipt: Receipt) -> int | None:
    """Return the index of the person whom a receipt is about; None if it is of another call."""
    key = NoticeKey.read(receipt.notice_id)
    if key is not None:
        is_ours = key.call_id == call.call_id and key.index < len(call.called)
        return key.index if is_ours else None
    if receipt.notice_id or receipt.bed_id != call.bed_id:
        return None
    by_person = [i for i, person in enumerate(call.called) if person.person_id == receipt.by]
    return by_person[-1] if by_person else None


def _after(person: CalledPerson, receipt: Receipt) -> CalledPerson:
    """Return a person after a fact about one of their notices; an answer implies the others."""
    if receipt.fact is ReceiptFact.FAILED:
        failed = (*person.failed_ways, receipt.way)
        return replace(person, failed_ways=tuple(dict.fromkeys(failed)))
    failed = tuple(way for way in person.failed_ways if way != receipt.way)
    person = replace(person, failed_ways=failed, delivered_at=person.delivered_at or receipt.at)
    if receipt.fact is ReceiptFact.DELIVERED:
        return person
    return replace(person, seen_at=person.seen_at or receipt.at)
