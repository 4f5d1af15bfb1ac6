"""Calls and receipts as JSON, on the wire and in the journal; the auditor's pulse on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from edge_agent.model.alerts import AlertPriority
from edge_agent.model.calls import (
    Call,
    CalledPerson,
    CalledSignal,
    CallState,
    PlannedStep,
    Receipt,
    ReceiptFact,
)
from edge_agent.model.duty import Duty
from edge_agent.model.oversight import AuditFault, AuditorPulse
from edge_agent.payloads.common import NOTE, SCHEMA, encode_json, record_of
from edge_agent.payloads.moments import (
    PRIORITY_WORDS,
    InstantRecord,
    PriorityWord,
    instant_of,
    moment_of,
)


class _StepRecord(msgspec.Struct, frozen=True):
    after_s: float
    duty: Duty
    person_id: str
    ways: tuple[str, ...]


class _PersonRecord(msgspec.Struct, frozen=True):
    person_id: str
    duty: Duty
    ways: tuple[str, ...]
    at: InstantRecord
    delivered_at: InstantRecord | None
    seen_at: InstantRecord | None
    failed_ways: tuple[str, ...]
    relieved_at: InstantRecord | None
    told_n: int
    news_n: int


class _CallRecord(msgspec.Struct, frozen=True, tag_field="event", tag="call"):
    call_id: str
    n: int
    bed_id: str
    priority: PriorityWord
    alert_ids: tuple[str, ...]
    plan: tuple[_StepRecord, ...]
    began_at: InstantRecord
    steps_done: int
    next_at: InstantRecord | None
    state: CallState
    changed_at: InstantRecord
    is_test: bool
    signals: tuple[CalledSignal, ...]
    called: tuple[_PersonRecord, ...]
    shift: str
    earlier_s: float
    reminder_s: float
    reminder_at: InstantRecord | None
    answered_by: tuple[str, ...]
    rejected_by: str
    rejected_ns: int
    note: str = NOTE
    schema: int = SCHEMA


class _ReceiptRecord(msgspec.Struct, frozen=True, tag_field="event", tag="receipt"):
    notice_id: str
    bed_id: str
    way: str
    fact: ReceiptFact
    at: InstantRecord
    by: str
    detail: str
    schema: int = SCHEMA


class _PulseRecord(msgspec.Struct, frozen=True, tag_field="event", tag="auditor"):
    checked_at: InstantRecord | None
    beat_at: InstantRecord | None
    faults: tuple[AuditFault, ...]
    bed_id: str = ""
    note: str = NOTE
    schema: int = SCHEMA


_CALL_MOMENTS: Final = ("began_at", "next_at", "changed_at", "reminder_at")
_PERSON_MOMENTS: Final = ("at", "delivered_at", "seen_at", "relieved_at")
_PULSE_MOMENTS: Final = ("checked_at", "beat_at")
_decoder: Final = msgspec.json.Decoder(_CallRecord | _ReceiptRecord | _PulseRecord)


def encode_call(call: Call) -> bytes:
    """Return a call as JSON, the same for the journal and for the board."""
    people = tuple(
        record_of(_PersonRecord, person, **_moments(person, _PERSON_MOMENTS))
        for person in call.called
    )
    plan = tuple(record_of(_StepRecord, step) for step in call.plan)
    own: dict[str, Any] = {"called": people, "plan": plan}
    own |= {"priority": PRIORITY_WORDS[call.priority]}
    return encode_json(record_of(_CallRecord, call, **own, **_moments(call, _CALL_MOMENTS)))


def encode_receipt(receipt: Receipt) -> bytes:
    """Return a receipt as JSON."""
    return encode_json(record_of(_ReceiptRecord, receipt, at=moment_of(receipt.at)))


def encode_pulse(pulse: AuditorPulse) -> bytes:
    """Return the auditor's pulse as JSON; it is published and never journalled."""
    moments = _moments(pulse, _PULSE_MOMENTS)
    return encode_json(_PulseRecord(moments["checked_at"], moments["beat_at"], pulse.faults))


def decode_call_entry(body: bytes) -> Call | Receipt | AuditorPulse:
    """Return the call, the receipt or the pulse in a body.

    Raises
    ------
    msgspec.MsgspecError
        If the body is none of them.
    """
    record = _decoder.decode(body)
    if isinstance(record, _PulseRecord):
        return record_of(AuditorPulse, record, **_instants(record, _PULSE_MOMENTS))
    if isinstance(record, _ReceiptRecord):
        return record_of(Receipt, record, at=instant_of(record.at))
    people = tuple(
        record_of(CalledPerson, person, **_instants(person, _PERSON_MOMENTS))
        for person in record.called
    )
    plan = tuple(record_of(PlannedStep, step) for step in record.plan)
    own: dict[str, Any] = {"called": people, "plan": plan}
    own |= {"priority": AlertPriority[record.priority.upper()]}
    return record_of(Call, record, **own, **_instants(record, _CALL_MOMENTS))


def decode_call(body: bytes) -> Call:
    """Return the call in a body of the journal.

    Raises
    ------
    msgspec.MsgspecError
        If the body is no call.
    """
    found = decode_call_entry(body)
    if not isinstance(found, Call):
        raise msgspec.ValidationError(f"is a {type(found).__name__}; want a call")
    return found


def call_message(body: bytes, gateway_id: str) -> bytes:
    """Return the JSON of a call, a receipt or a pulse for subscribers, with the gateway's id."""
    return b'{"gateway_id":' + encode_json(gateway_id) + b"," + body[1:]


def _moments(record: object, names: tuple[str, ...]) -> Mapping[str, InstantRecord | None]:
    return {name: moment_of(getattr(record, name)) for name in names}


def _instants(record: object, names: tuple[str, ...]) -> Mapping[str, Any]:
    return {name: instant_of(getattr(record, name)) for name in names}
