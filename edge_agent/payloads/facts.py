"""Facts behind an alert as JSON; a field with its usual value is left out."""

from __future__ import annotations

import msgspec

from edge_agent.model.facts import (
    Fact,
    FactKind,
    Facts,
    Limit,
    LimitOf,
    Note,
    NoteKind,
    Reference,
)
from edge_agent.payloads.common import record_of


class _LimitRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    value: float
    is_lower: bool = False
    of: LimitOf = LimitOf.VALUE
    for_s: float = 0.0
    times: int = 0


class _FactRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: FactKind
    value: float | None = None
    unit: str = ""
    measured_utc_ns: int | None = None
    diastolic: float | None = None
    mean: float | None = None
    is_line: bool = False
    is_by_hand: bool = False
    is_doubtful: bool = False
    is_former: bool = False
    is_lost: bool = False
    above: float | None = None
    reference: Reference | None = None
    limit: _LimitRecord | None = None
    names: tuple[str, ...] = ()


class _NoteRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    kind: NoteKind
    words: tuple[str, ...] = ()
    value: float | None = None
    at_utc_ns: int | None = None


class FactsRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """Facts about a bed when an alert was raised; see `model.facts.Facts`."""

    at_utc_ns: int
    rang: tuple[_FactRecord, ...] = ()
    others: tuple[_FactRecord, ...] = ()
    product: str = ""
    infused_utc_ns: int | None = None
    day: int | None = None
    notes: tuple[_NoteRecord, ...] = ()


def facts_record(facts: Facts) -> FactsRecord:
    """Return facts as they are encoded."""
    return record_of(
        FactsRecord,
        facts,
        rang=tuple(map(_fact_record, facts.rang)),
        others=tuple(map(_fact_record, facts.others)),
        notes=tuple(record_of(_NoteRecord, note) for note in facts.notes),
    )


def facts_of_record(record: FactsRecord) -> Facts:
    """Return decoded facts."""
    return record_of(
        Facts,
        record,
        rang=tuple(map(_fact, record.rang)),
        others=tuple(map(_fact, record.others)),
        notes=tuple(record_of(Note, note) for note in record.notes),
    )


def _fact_record(fact: Fact) -> _FactRecord:
    limit = None if fact.limit is None else record_of(_LimitRecord, fact.limit)
    return record_of(_FactRecord, fact, limit=limit)


def _fact(record: _FactRecord) -> Fact:
    limit = None if record.limit is None else record_of(Limit, record.limit)
    return record_of(Fact, record, limit=limit)
