"""The problem card of one bed: its open alerts and the people called for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, Literal

from edge_agent.board.shapes import (
    Priority,
    ShownCalled,
    ShownMark,
    ShownNext,
    ShownProblem,
    ShownSign,
    Words,
)
from edge_agent.board.sign_texts import SignTexts
from edge_agent.board.vital_view import shown_name
from edge_agent.board.words import NOTHING, both
from edge_agent.model.alerts import Alert, AlertPriority, AlertState, SignalReason
from edge_agent.model.calls import Call, CalledPerson, CallState
from edge_agent.model.clock import Instant
from edge_agent.model.course import course_of
from edge_agent.model.duty import Duty
from edge_agent.model.measurements import VitalKind
from edge_agent.model.problems import Problem
from edge_agent.wording.status_words import duty_words, signal_words

_PRIORITIES: Final[dict[AlertPriority, Priority]] = {
    AlertPriority.HIGH: "high",
    AlertPriority.MEDIUM: "medium",
    AlertPriority.LOW: "low",
}
_STATES: Final[dict[AlertState, Literal["raised", "acknowledged", "latched"]]] = {
    AlertState.RAISED: "raised",
    AlertState.ACKNOWLEDGED: "acknowledged",
    AlertState.LATCHED: "latched",
}


def problem_view(
    problem: Problem | None,
    call: Call | None,
    texts_of: Callable[[Alert], SignTexts],
    newest: Mapping[VitalKind, float],
) -> ShownProblem | None:
    """Return the problem card of a bed; None where nothing is open.

    Parameters
    ----------
    texts_of
        Function that returns the texts of an alert.
    newest
        Newest usable values, in canonical units.
    """
    if problem is None:
        return None
    lead, unanswered = problem.lead, problem.unanswered
    texts = texts_of(lead)
    answered = [sign for sign in problem.signs if sign.state is AlertState.ACKNOWLEDGED]
    answer = max(answered, key=_answered_ns, default=None)
    silence = max(problem.signs, key=lambda sign: _ms(sign.silenced_until) or 0)
    signalled = max(problem.signs, key=lambda sign: _ms(sign.signalled_at) or 0)
    open_call = None if call is None or call.state is CallState.OVER else call
    return ShownProblem(
        priority=_PRIORITIES[problem.priority],
        kind=lead.kind.value,
        state=_state(problem),
        title=texts.title,
        sentence=texts.sentence,
        action=texts.action,
        since_ms=_known_ms(problem.since),
        signalled_ms=_ms(signalled.signalled_at),
        signal=_signal(signalled.signal),
        course=_course(lead, newest),
        is_test=any(sign.is_test for sign in problem.signs),
        signs=tuple(_sign(sign, texts_of(sign)) for sign in problem.signs),
        answered_by="" if answer is None else answer.acknowledged_by,
        answered_ms=None if answer is None else _ms(answer.acknowledged_at),
        answer_expires_ms=None if answer is None else _ms(answer.answer_expires_at),
        silenced_until_ms=_ms(silence.silenced_until),
        silenced_by=silence.silenced_by,
        called=() if open_call is None else tuple(map(_called, open_call.called)),
        next=None if open_call is None else _next(open_call),
        nobody_since_ms=_nobody_since_ms(unanswered),
    )


def _signal(reason: SignalReason | None) -> Words:
    return NOTHING if reason is None else both(lambda language: signal_words(reason, language))


def _course(
    lead: Alert, newest: Mapping[VitalKind, float]
) -> Literal["better", "worse", "same"] | None:
    found = course_of(lead, newest)
    return None if found is None else found.value


def alarmed_vitals(problem: Problem | None) -> frozenset[str]:
    """Return the vital signs of the board that the signs that last rest on."""
    named = (
        shown_name(evidence.kind)
        for sign in (() if problem is None else problem.signs)
        if sign.state is not AlertState.LATCHED
        for evidence in sign.evidence
        if evidence.statistic != "age"
    )
    return frozenset(name for name in named if name is not None)


def _state(problem: Problem) -> Literal["open", "answered", "latched"]:
    states = {sign.state for sign in problem.unanswered}
    if not states:
        return "answered"
    return "latched" if states == {AlertState.LATCHED} else "open"


def _nobody_since_ms(unanswered: Collection[Alert]) -> int | None:
    """Return the time since which the problem waits for a person; None where nobody is needed."""
    waiting = [sign for sign in unanswered if sign.state is AlertState.RAISED]
    since = (sign.unanswered_since or sign.raised_at or sign.changed_at for sign in waiting)
    return min(map(_known_ms, since), default=None)


def _sign(alert: Alert, texts: SignTexts) -> ShownSign:
    return ShownSign(
        alert_id=alert.alert_id,
        n=alert.n,
        rule_id=alert.rule_id,
        title=texts.title,
        sentence=texts.sentence,
        evidence=texts.evidence,
        marks=tuple(dict.fromkeys(_marks(alert))),
        priority=_PRIORITIES[alert.priority],
        kind=alert.kind.value,
        state=_STATES[alert.state],
        since_ms=_known_ms(alert.raised_at or alert.changed_at),
        answered_by=alert.acknowledged_by if alert.state is AlertState.ACKNOWLEDGED else "",
        is_part=bool(alert.absorbed_by),
        is_stale=alert.is_stale,
        is_inhibited=alert.is_inhibited,
    )


def _marks(alert: Alert) -> Iterator[ShownMark]:
    """Yield the readings that an alert rests on, each once."""
    for evidence in alert.evidence:
        name, at = shown_name(evidence.kind), evidence.measured_at
        if name is not None and at is not None:
            yield ShownMark(name, _known_ms(at))


def _called(person: CalledPerson) -> ShownCalled:
    return ShownCalled(
        duty=_duty(person.duty),
        person=person.person_id,
        at_ms=_known_ms(person.at),
        delivered=person.delivered_at is not None,
        seen=person.seen_at is not None,
        failed=bool(person.failed_ways) and person.delivered_at is None,
    )


def _duty(duty: Duty) -> Words:
    return both(lambda language: duty_words(duty, language))


def _next(call: Call) -> ShownNext | None:
    """Return the next step of a call; None after the last one, and once it is answered."""
    if call.next_at is None or call.steps_done >= len(call.plan):
        return None
    step = call.plan[call.steps_done]
    at = call.began_at.plus(step.after_s - call.earlier_s)
    return ShownNext(_duty(step.duty), step.person_id, _known_ms(at))


def _answered_ns(alert: Alert) -> int:
    return 0 if alert.acknowledged_at is None else alert.acknowledged_at.utc_ns


def _ms(at: Instant | None) -> int | None:
    return None if at is None else at.utc_ns // 1_000_000


def _known_ms(at: Instant) -> int:
    return at.utc_ns // 1_000_000
