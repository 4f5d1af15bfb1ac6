"""Alerts as JSON, on the wire and in the journal."""

from __future__ import annotations

from typing import Final

import msgspec

from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState, SignalReason
from edge_agent.model.findings import Evidence
from edge_agent.payloads.common import (
    NOTE,
    SCHEMA,
    encode_json,
    record_of,
)
from edge_agent.payloads.facts import FactsRecord, facts_of_record, facts_record
from edge_agent.payloads.moments import (
    PRIORITY_WORDS,
    InstantRecord,
    PriorityWord,
    instant_of,
    moment_of,
)


class _EvidenceRecord(msgspec.Struct, frozen=True):
    kind: str
    statistic: str
    value: float | None
    unit: str
    window_s: float
    coverage: float
    threshold: float
    measured_at: InstantRecord | None
    site: str


class AlertIdentity(msgspec.Struct, frozen=True):
    """Identity of a transition of an alert; consumers discard those they have seen."""

    alert_id: str
    n: int


class _AlertRecord(msgspec.Struct, frozen=True):
    alert_id: str
    n: int
    bed_id: str
    rule_id: str
    rule_version: int
    kind: AlertKind
    priority: PriorityWord
    text: str
    state: AlertState
    pending_since: InstantRecord
    changed_at: InstantRecord
    evidence: tuple[_EvidenceRecord, ...]
    config_hash: str
    present_s: float
    present_at: InstantRecord | None
    recovered_since: InstantRecord | None
    recovered_at: InstantRecord | None
    raised_at: InstantRecord | None
    acknowledged_at: InstantRecord | None
    acknowledged_by: str
    latched_at: InstantRecord | None
    resolved_at: InstantRecord | None
    absorbed_by: str
    is_signalled: bool
    explanation: str = ""
    missing: tuple[str, ...] = ()
    facts: FactsRecord | None = None
    closed_because: str = ""
    signal: SignalReason | None = None
    signal_n: int = 0
    signalled_at: InstantRecord | None = None
    answer_from_n: int = 0
    unanswered_since: InstantRecord | None = None
    answer_expires_at: InstantRecord | None = None
    answer_id: str = ""
    answer_reason: str = ""
    answered_first_at: InstantRecord | None = None
    answered_first_by: str = ""
    absorbs_until: InstantRecord | None = None
    rejected_at: InstantRecord | None = None
    rejected_by: str = ""
    silenced_until: InstantRecord | None = None
    silenced_by: str = ""
    unobserved_since: InstantRecord | None = None
    state_since: InstantRecord | None = None
    gone_since: InstantRecord | None = None
    is_stale: bool = False
    is_inhibited: bool = False
    is_test: bool = False
    event: str = "alert"
    note: str = NOTE
    schema: int = SCHEMA


_INSTANTS: Final = tuple(
    name for name, note in _AlertRecord.__annotations__.items() if "InstantRecord" in note
)
_alert_decoder: Final = msgspec.json.Decoder(_AlertRecord)
_identity_decoder: Final = msgspec.json.Decoder(AlertIdentity)


def encode_alert(alert: Alert) -> bytes:
    """Return an alert as JSON, the same for the journal and for subscribers."""
    moments = {name: moment_of(getattr(alert, name)) for name in _INSTANTS}
    evidence = tuple(
        record_of(_EvidenceRecord, e, measured_at=moment_of(e.measured_at)) for e in alert.evidence
    )
    priority = PRIORITY_WORDS[alert.priority]
    facts = None if alert.facts is None else facts_record(alert.facts)
    record = record_of(
        _AlertRecord, alert, **moments, priority=priority, evidence=evidence, facts=facts
    )
    return encode_json(record)


def decode_alert(body: bytes) -> Alert:
    """Return the alert that `encode_alert` encoded.

    Raises
    ------
    msgspec.MsgspecError
        If the body is not such a record.
    """
    record = _alert_decoder.decode(body)
    moments = {name: instant_of(getattr(record, name)) for name in _INSTANTS}
    evidence = tuple(
        record_of(Evidence, e, measured_at=instant_of(e.measured_at)) for e in record.evidence
    )
    priority = AlertPriority[record.priority.upper()]
    facts = None if record.facts is None else facts_of_record(record.facts)
    return record_of(Alert, record, **moments, priority=priority, evidence=evidence, facts=facts)


def alert_message(alert: Alert, gateway_id: str) -> bytes:
    """Return an alert for subscribers: the journal's JSON with the gateway's id."""
    return b'{"gateway_id":' + encode_json(gateway_id) + b"," + encode_alert(alert)[1:]


class AlertOwner(msgspec.Struct, frozen=True):
    """Gateway of an alert; empty if an older version published it."""

    alert_id: str
    gateway_id: str = ""


_owner_decoder: Final = msgspec.json.Decoder(AlertOwner)


def alert_owner(payload: bytes) -> AlertOwner | None:
    """Return the gateway of a received alert; None for any other payload."""
    try:
        return _owner_decoder.decode(payload)
    except msgspec.MsgspecError:
        return None


def alert_identity(body: bytes) -> AlertIdentity | None:
    """Return the alert_id and transition in an alert's body; None if it is damaged."""
    try:
        return _identity_decoder.decode(body)
    except msgspec.MsgspecError:
        return None
