"""The past of a bed's present patient: what was entered, and the alerts that are over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from edge_agent.board.bed_state import BedState
from edge_agent.board.shapes import Priority, SubjectKind, Words
from edge_agent.board.sign_texts import Reader, SignTextBook
from edge_agent.journal.entries import Lane
from edge_agent.journal.past import JournalPast
from edge_agent.model.alerts import Alert, AlertPriority, AlertState
from edge_agent.model.clock import Instant
from edge_agent.model.patient import PatientEntry
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.common import UNREADABLE
from edge_agent.payloads.events import ContextEvent, decode_event

_MOST_ALERTS: Final = 200
_MOST_CHANGES: Final = 5000
"""Newest changes of a bed's alerts that are looked through."""
_MILLION: Final = 1_000_000
_PRIORITIES: Final[dict[AlertPriority, Priority]] = {
    AlertPriority.HIGH: "high",
    AlertPriority.MEDIUM: "medium",
    AlertPriority.LOW: "low",
}


class PastEntry(msgspec.Struct, frozen=True):
    """One entry, with the fields of its form."""

    entry_id: str
    kind: str
    name: str
    amount: float | None
    unit: str
    site: str
    at_ms: int
    until_ms: int | None
    patient_id: str
    by: str
    entered_ms: int
    corrects: str
    is_void: bool


class PastAlert(msgspec.Struct, frozen=True):
    """One alert that is over."""

    alert_id: str
    rule_id: str
    title: Words
    sentence: Words
    priority: Priority
    kind: SubjectKind
    since_ms: int
    ended_ms: int | None
    answered_by: str
    answered_ms: int | None
    is_test: bool


class PastOfBed(msgspec.Struct, frozen=True):
    """The past of one bed."""

    id: str
    entries: tuple[PastEntry, ...]
    alerts: tuple[PastAlert, ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """The present stay at one bed, as far as it is known."""

    bed_id: str
    patient_id: str
    """Empty where it is not known: everything entered at the bed counts."""
    since_ms: int
    entries: tuple[PatientEntry, ...]
    """Entries that arrived since the board's start."""
    alerts: tuple[Alert, ...]
    """Newest states that arrived since the board's start."""


def stay_of(bed: BedState) -> Stay:
    """Return the present stay at a bed, to be read by another thread."""
    return Stay(
        bed.bed_id,
        bed.patient_id,
        bed.stay_since_ms,
        tuple(bed.entries),
        tuple(bed.past_alerts.values()),
    )


def past_of(stay: Stay, past: JournalPast | None, reader: Reader) -> PastOfBed:
    """Return the past of a stay, from memory and from the journal; it may wait for the disk.

    Raises
    ------
    JournalError
        If there is a journal that cannot be read now.
    """
    entries = {entry.entry_id: entry for entry in stay.entries}
    alerts: dict[str, Alert] = {}
    if past is not None:
        stored = _events(past.entered(stay.bed_id))
        entries = {event.entry.entry_id: event.entry for event in stored} | entries
        alerts = _newest(_alerts(past.newest(Lane.ALERTS, stay.bed_id, _MOST_CHANGES)))
    alerts = _newest([*alerts.values(), *stay.alerts])
    own = [entry for entry in entries.values() if _is_of(stay, entry)]
    over = [alert for alert in alerts.values() if _is_over(stay, alert)]
    over.sort(key=lambda alert: alert.pending_since.utc_ns, reverse=True)
    book = SignTextBook()
    return PastOfBed(
        stay.bed_id,
        tuple(map(_past_entry, own)),
        tuple(_past_alert(alert, book, reader) for alert in over[:_MOST_ALERTS]),
    )


def _events(bodies: Iterable[bytes]) -> list[ContextEvent]:
    found = []
    for body in bodies:
        try:
            event = decode_event(body)
        except UNREADABLE:
            continue  # a damaged row: the others are shown
        if isinstance(event, ContextEvent):
            found.append(event)
    return found


def _alerts(bodies: Iterable[bytes]) -> list[Alert]:
    found = []
    for body in bodies:
        try:
            found.append(decode_alert(body))
        except UNREADABLE:
            continue  # a damaged row: the others are shown
    return found


def _newest(alerts: Iterable[Alert]) -> dict[str, Alert]:
    """Return the newest state of each alert by its id."""
    newest: dict[str, Alert] = {}
    for alert in alerts:
        known = newest.get(alert.alert_id)
        if known is None or alert.n >= known.n:
            newest[alert.alert_id] = alert
    return newest


def _is_of(stay: Stay, entry: PatientEntry) -> bool:
    if stay.patient_id:
        return entry.patient_id == stay.patient_id
    return entry.at_utc_ns // _MILLION >= stay.since_ms


def _is_over(stay: Stay, alert: Alert) -> bool:
    """Return True for an alert of this stay that people were alerted to and that is over."""
    began_ms = alert.pending_since.utc_ns // _MILLION
    is_signalled = alert.is_signalled and alert.state is AlertState.RESOLVED
    return is_signalled and began_ms >= stay.since_ms


def _past_entry(entry: PatientEntry) -> PastEntry:
    until_ns = entry.until_utc_ns
    return PastEntry(
        entry_id=entry.entry_id,
        kind=entry.kind.value,
        name=entry.name,
        amount=entry.amount,
        unit=entry.unit,
        site=entry.site,
        at_ms=entry.at_utc_ns // _MILLION,
        until_ms=None if until_ns is None else until_ns // _MILLION,
        patient_id=entry.patient_id,
        by=entry.by,
        entered_ms=entry.entered_utc_ns // _MILLION,
        corrects=entry.corrects,
        is_void=entry.is_void,
    )


def _past_alert(alert: Alert, book: SignTextBook, reader: Reader) -> PastAlert:
    texts = book.texts(alert, reader)
    return PastAlert(
        alert_id=alert.alert_id,
        rule_id=alert.rule_id,
        title=texts.title,
        sentence=texts.sentence,
        priority=_PRIORITIES[alert.priority],
        kind=alert.kind.value,
        since_ms=_ms(alert.raised_at or alert.pending_since),
        ended_ms=_ms(alert.resolved_at or alert.latched_at or alert.changed_at),
        answered_by=alert.acknowledged_by,
        answered_ms=None if alert.acknowledged_at is None else _ms(alert.acknowledged_at),
        is_test=alert.is_test,
    )


def _ms(at: Instant) -> int:
    return at.utc_ns // _MILLION
