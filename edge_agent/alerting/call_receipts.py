"""Facts about notices, recorded in the call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge_agent.model.calls import Call, CalledPerson, NoticeKey, Receipt, ReceiptFact


def with_receipts(call: Call, receipts: Sequence[Receipt]) -> Call:
    """Return a call with the facts about its people."""
    for receipt in receipts:
        key = NoticeKey.read(receipt.notice_id)
        index = _index_of(call, receipt, key)
        if index is None:
            continue
        person = call.called[index]
        if key is not None and receipt.fact is not ReceiptFact.FAILED:
            person = replace(person, news_n=max(person.news_n, key.call_n))
        is_outdated = key is not None and key.call_n < person.told_n
        if not (is_outdated and receipt.fact is ReceiptFact.FAILED):
            person = _after(person, receipt)
        call = replace(call, called=(*call.called[:index], person, *call.called[index + 1 :]))
    return call


def _index_of(call: Call, receipt: Receipt, key: NoticeKey | None) -> int | None:
    """Return the index of the person whom a receipt is about; None if it is of another call."""
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
