"""Records from the journal, decoded and checked: a damaged record may still decode.

A number far out of its range would hide everything after it, and in the end the journal could not
be written any longer. Every function raises one of `journal.rows.UNREADABLE`.
"""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Final

from edge_agent.model.alerts import Alert
from edge_agent.model.bed_events import MonitorAccepted
from edge_agent.model.calls import Call, CalledPerson
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Evidence
from edge_agent.model.measurements import Readings
from edge_agent.patient.entry_check import check_entry
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.calls import decode_call
from edge_agent.payloads.events import ContextEvent, decode_accepted, decode_event
from edge_agent.payloads.readings import decode_readings

_FARTHEST_NS: Final = 10 * 366 * 86_400 * 10**9
"""Ten years: a clock that was ahead by that much may have been corrected since."""
_LAST_NS: Final = 2**63
"""Largest time in the journal's file."""
_LAST_UTC_NS: Final = 2**64
"""Largest time in a record: the year 2554."""
_MOST_CHANGES: Final = 2**31
_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"
"""Replacement for bytes of the file that are not text."""


def stored_alert(body: bytes) -> Alert:
    """Return an alert, with its times and counts checked."""
    alert = decode_alert(body)
    records: list[Alert | Evidence] = [alert, *alert.evidence]
    if not all(_is_possible(at) for record in records for at in moments_of(record).values()):
        raise ValueError("a time is none that a clock shows")
    if not (0 < alert.n < _MOST_CHANGES and 0 <= alert.rule_version < _MOST_CHANGES):
        raise ValueError(f"n is {alert.n}, rule_version {alert.rule_version}")
    if not (0 <= alert.signal_n <= alert.n and 0 <= alert.answer_from_n <= alert.n):
        raise ValueError(f"signal_n is {alert.signal_n}, answer_from_n {alert.answer_from_n}")
    if not 0 <= alert.present_s < _FARTHEST_NS / 1e9:
        raise ValueError(f"present_s is {alert.present_s}")
    return alert


def stored_call(body: bytes) -> Call:
    """Return a call, with its times and counts checked."""
    call = decode_call(body)
    records: list[Call | CalledPerson] = [call, *call.called]
    if not all(_is_possible(at) for record in records for at in moments_of(record).values()):
        raise ValueError("a time is none that a clock shows")
    if not (0 < call.n < _MOST_CHANGES and 0 <= call.steps_done <= len(call.plan)):
        raise ValueError(f"n is {call.n}, steps_done {call.steps_done} of {len(call.plan)}")
    if not 0 < call.reminder_s < _FARTHEST_NS / 1e9 or not 0 <= call.earlier_s < math.inf:
        raise ValueError(f"reminder_s is {call.reminder_s}, earlier_s {call.earlier_s}")
    return call


def moments_of(record: Alert | Evidence | Call | CalledPerson) -> dict[str, Instant]:
    """Return the moments in the fields of a record, by name; those that are None are left out."""
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    return {name: value for name, value in values.items() if isinstance(value, Instant)}


def stored_readings(body: bytes) -> Readings:
    """Return readings, with their times checked to be close together."""
    readings = decode_readings(body)
    received = readings.received_at
    if not _is_possible(received):
        raise ValueError("the time of a message is none that a clock shows")
    for vital in readings.vitals:
        apart_ns = (
            vital.measured_at.monotonic_ns - received.monotonic_ns,
            vital.measured_at.utc_ns - received.utc_ns,
            vital.received_at.monotonic_ns - received.monotonic_ns,
            vital.stored_ns - received.utc_ns,
        )
        if max(map(abs, apart_ns)) > _FARTHEST_NS:
            raise ValueError(f"{vital.kind} is dated years from its message")
    return readings


def stored_entry(body: bytes) -> ContextEvent:
    """Return an entry about a patient."""
    event = decode_event(body)
    if not isinstance(event, ContextEvent):
        raise TypeError(f"is of {type(event).__name__}")
    wrong = check_entry(event.entry)
    if wrong:
        raise ValueError(f"entry {event.entry.entry_id[:80]!r}: {'; '.join(wrong)}")
    return event


def stored_monitor(text: str) -> MonitorAccepted:
    """Return an accepted monitor; an unreadable name is refused, because it would match none."""
    if _REPLACED in text:
        raise ValueError("no UTF-8")
    accepted = decode_accepted(text.encode())
    if not _is_possible(accepted.at):
        raise ValueError("its time is none that a clock shows")
    return accepted


def _is_possible(at: Instant) -> bool:
    return abs(at.monotonic_ns) < _LAST_NS and 0 <= at.utc_ns < _LAST_UTC_NS
