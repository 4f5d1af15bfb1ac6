"""The escalation of a bed's problem: who is called next, and when.

`escalate` looks at the newest alerts of a bed and at its newest call, and returns what has to
happen now; called twice, it does nothing the second time. A call therefore continues after a
restart from the call in the journal alone.

A call begins with the first unanswered signal, and its plan is fixed then. A sign of a higher
priority begins the plan of that priority; any other new signal reaches everybody called so far and
leaves the clock. A sign whose priority has no steps calls nobody, not even within another's call.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.alerting.bed_signs import BedSigns
from edge_agent.alerting.call_course import CallCourse
from edge_agent.alerting.call_notices import Notices, Say, notice_about
from edge_agent.alerting.call_plan import planned
from edge_agent.alerting.call_receipts import with_receipts
from edge_agent.model.calls import Call, CallState, Notice, NoticeKey, Receipt
from edge_agent.model.clock import Instant
from edge_agent.model.shifts import OnDuty

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:crswatch:call")


@dataclass(frozen=True, slots=True)
class Escalated:
    """Changes of a bed's call, in order, and the notices that they send."""

    calls: tuple[Call, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Circumstances of one evaluation of a call."""

    signs: BedSigns
    on_duty: OnDuty
    at: Instant
    receipts: Sequence[Receipt] = ()
    """Facts about notices since the last evaluation."""


def escalate(before: Call | None, now: Circumstances, say: Say) -> Escalated:
    """Return what has to happen now with the call of a bed.

    Parameters
    ----------
    before
        The bed's newest call; None if there never was one.
    say
        Returns the texts of notices.
    """
    notices = Notices(say, now.at)
    calls: list[Call] = []
    call = before
    if before is not None:
        call = _settled(with_receipts(replace(before, n=before.n + 1), now.receipts), now, notices)
        if call.state is not CallState.CALLING and call != replace(before, n=call.n):
            calls.append(replace(call, changed_at=now.at))
    if call is None or call.state is not CallState.CALLING:
        if not now.signs.wanted:
            return Escalated(tuple(calls), notices.all())
        call = _begun(call, now)
    advanced = CallCourse(now.signs, now.on_duty, now.at, notices).advanced(call)
    if before is None or advanced != replace(before, n=advanced.n):
        calls.append(replace(advanced, changed_at=now.at))
    return Escalated(tuple(calls), notices.all())


def undelivered(call: Call, signs: BedSigns, say: Say) -> tuple[Notice, ...]:
    """Return the notices of a running call without any news, to be sent once more after a restart.

    Each has the id that it had, so that a receiver that has it already does nothing.
    """
    lead = signs.lead_of(call)
    return tuple(
        notice_about(call, NoticeKey(call.call_id, person.told_n, index, way), lead, say)
        for index, person in enumerate(call.called)
        if call.state is CallState.CALLING
        and person.relieved_at is None
        and person.news_n < person.told_n
        for way in person.ways
    )


def _settled(call: Call, now: Circumstances, notices: Notices) -> Call:
    """Return a call, answered or over if nobody has to be called for it any longer."""
    names = now.signs.answerers(call)
    state = _state_after(call, now.signs, is_answered=bool(names))
    if state is call.state:
        return call
    if call.state is CallState.CALLING:
        call = replace(call, answered_by=names)
    return _ended(call, state, now, notices)


def _state_after(call: Call, signs: BedSigns, *, is_answered: bool) -> CallState:
    if call.state is CallState.OVER or not signs.open:
        return CallState.OVER
    if call.state is CallState.ANSWERED or _is_urgent(call, signs):
        return call.state
    if is_answered:
        return CallState.ANSWERED
    is_lesser_left = bool(signs.wanted) and not _is_real_over(call, signs)
    return CallState.CALLING if is_lesser_left else CallState.OVER


def _is_urgent(call: Call, signs: BedSigns) -> bool:
    """Return True if a sign as urgent as the call is unanswered."""
    is_same = signs.priority >= call.priority and not _is_real_over(call, signs)
    return bool(signs.wanted) and is_same


def _is_real_over(call: Call, signs: BedSigns) -> bool:
    """Return True if only a test is left of what was called for."""
    return signs.is_test and not call.is_test


def _ended(call: Call, state: CallState, now: Circumstances, notices: Notices) -> Call:
    """Return a call that has ended, and tell everybody who was called."""
    call = replace(call, state=state, next_at=None, reminder_at=None)
    lead = now.signs.lead_of(call)
    for index, person in enumerate(call.called):
        if person.relieved_at is None:
            notices.end(call, index, lead)
    return notices.recorded(call)


def _begun(ended: Call | None, now: Circumstances) -> Call:
    """Return the call that begins, or the one that goes on because its problem is back."""
    signs, plan = now.signs, now.on_duty.plan
    if ended is not None and _goes_on(ended, now):
        return replace(ended, state=CallState.CALLING)
    lead, priority = signs.wanted[0], signs.priority
    onset = f"{signs.bed_id}/{lead.alert_id}/{lead.signal_n}/{now.at.utc_ns}"
    return Call(
        call_id=str(uuid.uuid5(_NAMESPACE, onset)),
        n=1,
        bed_id=signs.bed_id,
        priority=priority,
        alert_ids=(),
        plan=planned(priority, signs.bed_id, now.on_duty),
        began_at=now.at,
        steps_done=0,
        next_at=now.at,
        state=CallState.CALLING,
        changed_at=now.at,
        is_test=signs.is_test,
        shift=now.on_duty.shift_name,
        reminder_s=plan.times[priority].reminder_s,
    )


def _goes_on(ended: Call, now: Circumstances) -> bool:
    """Return True if a problem that ended unanswered is back before its next reminder.

    An alarm that comes and goes would otherwise call the same person each time.
    """
    is_recent = now.at.seconds_since(ended.changed_at) <= ended.reminder_s
    is_alike = now.signs.priority is ended.priority and now.signs.is_test is ended.is_test
    return not ended.answered_by and is_recent and is_alike and not ended.is_test
