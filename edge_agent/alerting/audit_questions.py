"""Questions of the auditor about the way of each unanswered alert to a person.

They are asked of what the journal holds, and never of what the escalator believes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edge_agent.alerting.bed_signs import signs_of
from edge_agent.model.alerts import Alert, AlertPriority
from edge_agent.model.calls import Call, CallState
from edge_agent.model.clock import Instant
from edge_agent.model.oversight import AuditFault, FaultKind, ScreenHealth, WayHealth
from edge_agent.model.shifts import OnDuty

LATE_S: Final = 5.0
"""Delay from which a step, an entry of the journal or the escalator counts as late, s on the
machine's clock; design start value, unvalidated."""
_SCREEN_S: Final = 30.0
"""Age of a screen's newest report from which it is gone: three reports; design start value,
unvalidated."""
_ROUNDING_S: Final = 1e-3
"""Difference of computed times that is none, seconds."""


@dataclass(frozen=True, slots=True)
class Audited:
    """Everything that the auditor asks about."""

    stored: Sequence[Alert]
    """Newest alerts in the journal's file."""
    reported: Sequence[Alert]
    """Newest alerts as the pipeline has reported them."""
    calls: Mapping[str, Call]
    """Newest call of each bed in the journal's file."""
    ways: Sequence[WayHealth]
    """Ways out; none where nobody can be called."""
    screens: Sequence[ScreenHealth] | None
    """Screens of the board; None where no board is configured."""
    on_duty: OnDuty
    escalator_at: Instant | None
    """Newest look of the escalator at all calls; None before its first."""
    at: Instant
    late_s: float = LATE_S
    """Delay that counts as late, ward seconds."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A fault that one audit finds; it is one if the next audit finds the same thing stuck."""

    fault: AuditFault
    stuck: str = ""
    """Transition of an alert, change of a call, or moment after which nothing has followed."""


def suspicions_of(audited: Audited) -> tuple[Suspicion, ...]:
    """Return every suspicion; none where each unanswered alert finds its way to a person."""
    return tuple(dict.fromkeys(_suspicions(audited)))


def _suspicions(audited: Audited) -> Iterator[Suspicion]:
    if _is_late(audited.escalator_at, audited):
        yield Suspicion(AuditFault(FaultKind.ESCALATION_SILENT), str(audited.escalator_at))
    stored = {(a.bed_id, a.rule_id): a for a in audited.stored}
    newest = dict(stored)
    for alert in audited.reported:
        key = alert.bed_id, alert.rule_id
        if not _holds(stored.get(key), alert):
            newest[key] = alert
            if _is_late(alert.changed_at, audited):
                fault = AuditFault(FaultKind.JOURNAL_BEHIND, alert.bed_id)
                yield Suspicion(fault, f"{alert.alert_id} {alert.n}")
    for bed_id in dict.fromkeys([*audited.calls, *(alert.bed_id for alert in newest.values())]):
        yield from _of_bed(bed_id, newest.values(), audited)
    if audited.ways and all(way.is_working is False for way in audited.ways):
        yield Suspicion(AuditFault(FaultKind.NO_WAY))
    if audited.screens is not None and not any(
        _can_sound(screen, audited) for screen in audited.screens
    ):
        yield Suspicion(AuditFault(FaultKind.NO_SOUND))


def _holds(stored: Alert | None, alert: Alert) -> bool:
    """Return True if the journal has a state of an alert, or of a newer one of its rule."""
    if stored is None:
        return False
    is_same = stored.alert_id == alert.alert_id and stored.n >= alert.n
    return is_same or stored.changed_at.utc_ns > alert.changed_at.utc_ns


def _is_late(moment: Instant | None, audited: Audited) -> bool:
    return moment is not None and audited.at.seconds_since(moment) > audited.late_s


def _can_sound(screen: ScreenHealth, audited: Audited) -> bool:
    scale = audited.late_s / LATE_S
    is_there = audited.at.seconds_since(screen.seen_at) <= _SCREEN_S * scale
    return screen.can_sound and screen.is_awake and is_there


def _of_bed(bed_id: str, alerts: Iterable[Alert], audited: Audited) -> Iterator[Suspicion]:
    call = audited.calls.get(bed_id)
    is_calling = call is not None and call.state is CallState.CALLING
    told = {s.alert_id: s.signal_n for s in call.signals} if call and is_calling else {}
    signs = signs_of(bed_id, [alert for alert in alerts if alert.bed_id == bed_id])
    for sign in signs.unanswered:
        # negative: the change is of an earlier boot, and nothing has happened since the start
        is_new = 0.0 <= audited.at.seconds_since(sign.changed_at) <= audited.late_s
        if not is_new and told.get(sign.alert_id, -1) < sign.signal_n:
            fault = AuditFault(FaultKind.NOT_CALLED, bed_id)
            yield Suspicion(fault, f"{sign.alert_id} {sign.signal_n}")
    for kind in _of_call(call, audited) if call is not None and is_calling else ():
        yield Suspicion(AuditFault(kind, bed_id), f"{call.call_id} {call.n}" if call else "")


def _of_call(call: Call, audited: Audited) -> Iterator[FaultKind]:
    if call.next_at is None or not _is_as_planned(call, call.next_at, audited.at):
        yield FaultKind.STEP_WRONG
    elif _is_late(call.next_at, audited):
        yield FaultKind.STEP_LATE
    is_at_end = bool(call.plan) and call.steps_done >= len(call.plan)
    if is_at_end and not call.called and audited.on_duty.shift is not None:
        yield FaultKind.NOBODY_CALLED
    working = {way.name: way.is_working for way in audited.ways}
    ways = {way for p in call.called if p.relieved_at is None for way in p.ways}
    if ways and all(working.get(way, False) is False for way in ways):
        yield FaultKind.NOT_REACHED


def _is_as_planned(call: Call, next_at: Instant, at: Instant) -> bool:
    """Return True if a call's next step or reminder is no later than its plan says."""
    has_plan = bool(call.plan) or call.priority is AlertPriority.LOW
    is_possible = call.reminder_s > 0 and 0 <= call.steps_done <= len(call.plan)
    if not has_plan or not is_possible or call.began_at > at:
        return False
    passed = max(0.0, call.changed_at.seconds_since(call.began_at)) // call.reminder_s
    planned_s = (passed + 1) * call.reminder_s
    if call.steps_done < len(call.plan):
        planned_s = min(planned_s, call.plan[call.steps_done].after_s - call.earlier_s)
    return next_at.seconds_since(call.began_at) <= planned_s + _ROUNDING_S
