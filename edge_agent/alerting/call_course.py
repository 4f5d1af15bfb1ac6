"""The course of a running call: new signs, steps, rejections, reminders, change of shift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge_agent.alerting.bed_signs import BedSigns, reason_of
from edge_agent.alerting.call_notices import Notices
from edge_agent.alerting.call_plan import planned, reassigned
from edge_agent.model.alerts import Alert, SignalReason
from edge_agent.model.calls import Call, CalledPerson, CalledSignal
from edge_agent.model.clock import Instant
from edge_agent.model.shifts import OnDuty

_QUIET: Final = frozenset({SignalReason.REMINDER, SignalReason.REJECTED})
"""Signals that the call itself passes on: by its own reminders, and by its next step."""
_UNCHANGED: Final = _QUIET | {SignalReason.SILENCE_ENDED}
"""Signals of a condition that is as it was when people were called for it."""


class CallCourse:
    """One evaluation of a call that is calling."""

    def __init__(self, signs: BedSigns, on_duty: OnDuty, at: Instant, notices: Notices) -> None:
        self._signs = signs
        self._on_duty = on_duty
        self._at = at
        self._notices = notices
        self._lead = signs.wanted[0]

    def advanced(self, call: Call) -> Call:
        """Return the call after everything that is due."""
        told = {signal.alert_id: signal.signal_n for signal in call.signals}
        fresh = [s for s in self._signs.unanswered if told.get(s.alert_id, -1) < s.signal_n]
        call = self._recorded(call, fresh)
        if self._on_duty.shift is not None and call.shift != self._on_duty.shift_name:
            call = self._handed_over(call)
        if self._is_worse(call):
            call = self._restarted(call)
        self._ring_all(call, [sign for sign in fresh if self._calls_people(sign, call)])
        call = self._first_answered(call)
        call = self._after_steps(call, reason_of([self._lead]))
        call = self._rejected(call, fresh)
        if self._is_unreached(call):
            call = self._hastened(call, reason_of([self._lead]))
        return self._notices.recorded(self._timed(self._reminded(call)))

    def _recorded(self, call: Call, fresh: Sequence[Alert]) -> Call:
        """Return a call with the unanswered alerts and their newest signals."""
        unanswered = self._signs.unanswered
        new_ids = {sign.alert_id for sign in fresh}
        open_ids = {sign.alert_id for sign in self._signs.open}
        told = {signal.alert_id: signal for signal in call.signals}
        known = [s for s in call.signals if s.alert_id in open_ids - new_ids]
        new = [_signalled(sign, told.get(sign.alert_id), call.n) for sign in fresh]
        alert_ids = tuple(sign.alert_id for sign in unanswered)
        return replace(call, alert_ids=alert_ids, signals=(*known, *new))

    def _first_answered(self, call: Call) -> Call:
        """Return a call with the first of two answers; the others hear that a second is needed."""
        names = self._signs.first_answerers
        if names == call.answered_by:
            return call
        call = replace(call, answered_by=names)
        for index in _reached(call) if names else ():
            if call.called[index].person_id not in names:
                self._notices.second(call, index, self._lead)
        return call

    def _calls_people(self, sign: Alert, call: Call) -> bool:
        has_steps = bool(self._on_duty.plan.steps.get(sign.priority))
        return has_steps and sign.signal not in _QUIET and sign.is_test is call.is_test

    def _is_worse(self, call: Call) -> bool:
        is_real_now = call.is_test and not self._signs.is_test
        return self._signs.priority > call.priority or is_real_now

    def _restarted(self, call: Call) -> Call:
        """Return a call with the plan of its new priority; those called so far hear of it."""
        priority, plan = self._signs.priority, self._on_duty.plan
        call = replace(
            call,
            priority=priority,
            plan=planned(priority, call.bed_id, self._on_duty),
            began_at=self._at,
            steps_done=0,
            is_test=self._signs.is_test,
            earlier_s=0.0,
            reminder_s=plan.times[priority].reminder_s,
            reminder_at=None,
        )
        self._ring_all(call, [self._lead])
        return call

    def _ring_all(self, call: Call, signs: Sequence[Alert]) -> None:
        """Call everybody again who was called so far, for the most urgent of some signs."""
        for index in _reached(call) if signs else ():
            self._notices.ring(call, index, reason_of(signs), signs[0])

    def _after_steps(self, call: Call, reason: SignalReason) -> Call:
        """Return a call with every step done that is due."""
        while call.steps_done < len(call.plan) and _step_due_at(call) <= self._at:
            step, call = call.plan[call.steps_done], replace(call, steps_done=call.steps_done + 1)
            if self._has_answered(call, step.person_id):
                call = replace(call, earlier_s=call.earlier_s + _wait_after(call))
            elif step.person_id:
                person = CalledPerson(step.person_id, step.duty, step.ways, self._at)
                call = replace(call, called=(*call.called, person))
                self._notices.ring(call, len(call.called) - 1, reason, self._lead)
        return call

    def _has_answered(self, call: Call, person_id: str) -> bool:
        """Return True if a person has given the first of two answers to all that is wanted."""
        return person_id in call.answered_by

    def _rejected(self, call: Call, fresh: Sequence[Alert]) -> Call:
        """Return a call after the rejections among new signals: each goes to the next step."""
        for sign in fresh:
            if sign.signal is not SignalReason.REJECTED or sign.rejected_at is None:
                continue
            by, at_ns = sign.rejected_by, sign.rejected_at.utc_ns
            if (by, at_ns) == (call.rejected_by, call.rejected_ns):
                continue
            call = replace(call, rejected_by=by, rejected_ns=at_ns)
            if call.steps_done < len(call.plan):
                call = self._hastened(call, SignalReason.REJECTED)
                continue
            for index in _reached(call):
                if call.called[index].person_id != by:
                    self._notices.ring(call, index, SignalReason.REJECTED, self._lead)
        return call

    def _is_unreached(self, call: Call) -> bool:
        """Return True if no way out could reach the person who was called last."""
        reached = _reached(call)
        if not reached or call.steps_done >= len(call.plan):
            return False
        newest = call.called[reached[-1]]
        return newest.delivered_at is None and set(newest.ways) <= set(newest.failed_ways)

    def _hastened(self, call: Call, reason: SignalReason) -> Call:
        """Return a call with its next step done now, and the later ones as much earlier."""
        early_s = max(0.0, _step_due_at(call).seconds_since(self._at))
        return self._after_steps(replace(call, earlier_s=call.earlier_s + early_s), reason)

    def _reminded(self, call: Call) -> Call:
        """Return a call after its due reminder, to everybody called so far."""
        if call.reminder_at is not None and call.reminder_at <= self._at:
            for index in _reached(call):
                name = call.called[index].person_id
                if not (self._notices.has_rung(name) or self._has_answered(call, name)):
                    self._notices.ring(call, index, SignalReason.REMINDER, self._lead)
        elif call.reminder_at is not None:
            return call
        passed = int(self._at.seconds_since(call.began_at) // call.reminder_s)
        return replace(call, reminder_at=call.began_at.plus((passed + 1) * call.reminder_s))

    def _timed(self, call: Call) -> Call:
        """Return a call with the time of its next step or reminder."""
        due = [call.reminder_at] if call.reminder_at is not None else []
        due += [_step_due_at(call)] if call.steps_done < len(call.plan) else []
        return replace(call, next_at=min(due))

    def _handed_over(self, call: Call) -> Call:
        """Return a call that goes on with the people of the present shift.

        Whoever has a duty now whose step is done is called at once, and the person called for it
        before is relieved. Where nobody has the duty now, that person stays.
        """
        plan = reassigned(call.plan, call.steps_done, call.bed_id, self._on_duty)
        call = replace(call, plan=plan, shift=self._on_duty.shift_name)
        for duty in dict.fromkeys(step.duty for step in call.plan[: call.steps_done]):
            holder = self._on_duty.person(duty, call.bed_id)
            of_duty = [i for i in _reached(call) if call.called[i].duty is duty]
            names = [call.called[i].person_id for i in of_duty]
            if holder is None or holder.person_id in names:
                continue
            people = [
                replace(person, relieved_at=self._at) if index in of_duty else person
                for index, person in enumerate(call.called)
            ]
            new = CalledPerson(holder.person_id, duty, holder.ways, self._at)
            call = replace(call, called=(*people, new))
            self._notices.ring(call, len(people), SignalReason.HANDOVER, self._lead)
        working = {call.called[index].person_id for index in _reached(call)}
        for index, person in enumerate(call.called):
            if person.relieved_at == self._at and person.person_id not in working:
                self._notices.end(call, index, self._lead)
        return call


def _signalled(sign: Alert, told: CalledSignal | None, call_n: int) -> CalledSignal:
    """Return the record of a signal; whoever saw an unchanged condition before saw this one."""
    is_seen = told is not None and sign.signal in _UNCHANGED
    return CalledSignal(sign.alert_id, sign.signal_n, told.call_n if told and is_seen else call_n)


def _reached(call: Call) -> list[int]:
    """Return the indices of the people called so far whose shift goes on."""
    return [index for index, person in enumerate(call.called) if person.relieved_at is None]


def _step_due_at(call: Call) -> Instant:
    """Return the time of a call's next step, of which there must be one."""
    return call.began_at.plus(call.plan[call.steps_done].after_s - call.earlier_s)


def _wait_after(call: Call) -> float:
    """Return the seconds from the step just done to the next one; 0 after the last."""
    done = call.steps_done
    return call.plan[done].after_s - call.plan[done - 1].after_s if done < len(call.plan) else 0.0
