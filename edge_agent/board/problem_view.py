"""The problem card of one bed: its open alerts and the people called for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Literal

from edge_agent.board.shapes import (
    Priority,
    ShownCalled,
    ShownEvidence,
    ShownNext,
    ShownProblem,
    ShownSign,
    Words,
)
from edge_agent.board.texts import DUTIES, NOTHING, SIGNALS, same
from edge_agent.board.vital_view import shown_name
from edge_agent.model.alerts import Alert, AlertPriority, AlertState
from edge_agent.model.calls import Call, CalledPerson, CallState
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Evidence
from edge_agent.model.problems import Problem, problem_of

_UNITS: Final = {"Cel": "°C", "mm[Hg]": "mmHg"}
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


def problem_view(bed_id: str, alerts: Iterable[Alert], call: Call | None) -> ShownProblem | None:
    """Return the problem card of a bed; None where nothing is open."""
    problem = problem_of(bed_id, alerts)
    return None if problem is None else _shown(problem, call)


def alarmed_vitals(problem: ShownProblem | None, alerts: Iterable[Alert]) -> frozenset[str]:
    """Return the vital signs of the board that the signs of a problem rest on."""
    open_ids = set() if problem is None else {sign.alert_id for sign in problem.signs}
    named = (
        shown_name(evidence.kind)
        for alert in alerts
        if alert.alert_id in open_ids
        for evidence in alert.evidence
        if evidence.statistic != "age"
    )
    return frozenset(name for name in named if name is not None)


def _shown(problem: Problem, call: Call | None) -> ShownProblem:
    lead, unanswered = problem.lead, problem.unanswered
    answered = [sign for sign in problem.signs if sign.state is AlertState.ACKNOWLEDGED]
    answer = max(answered, key=_answered_ns, default=None)
    silence = max(problem.signs, key=lambda sign: _ms(sign.silenced_until) or 0)
    newest = max(problem.signs, key=lambda sign: _ms(sign.signalled_at) or 0)
    call = None if call is None or call.state is CallState.OVER else call
    return ShownProblem(
        priority=_PRIORITIES[problem.priority],
        kind=lead.kind.value,
        state=_state(problem),
        title=same(lead.text),
        sentence=same(lead.explanation),
        action=NOTHING,
        since_ms=_known_ms(problem.since),
        signalled_ms=_ms(newest.signalled_at),
        signal=NOTHING if newest.signal is None else SIGNALS.get(newest.signal, NOTHING),
        course=None,
        is_test=any(sign.is_test for sign in problem.signs),
        signs=tuple(_sign(sign) for sign in problem.signs),
        answered_by="" if answer is None else answer.acknowledged_by,
        answered_ms=None if answer is None else _ms(answer.acknowledged_at),
        answer_expires_ms=None if answer is None else _ms(answer.answer_expires_at),
        silenced_until_ms=_ms(silence.silenced_until),
        silenced_by=silence.silenced_by,
        called=() if call is None else tuple(map(_called, call.called)),
        next=None if call is None else _next(call),
        nobody_since_ms=_nobody_since_ms(unanswered),
    )


def _state(problem: Problem) -> Literal["open", "answered", "latched"]:
    states = {sign.state for sign in problem.unanswered}
    if not states:
        return "answered"
    return "latched" if states == {AlertState.LATCHED} else "open"


def _nobody_since_ms(unanswered: Collection[Alert]) -> int | None:
    """Return the time since which the problem waits for a person; None where nobody is needed."""
    waiting = [sign for sign in unanswered if sign.state is AlertState.RAISED]
    return min((_known_ms(sign.raised_at or sign.changed_at) for sign in waiting), default=None)


def _sign(alert: Alert) -> ShownSign:
    return ShownSign(
        alert_id=alert.alert_id,
        n=alert.n,
        rule_id=alert.rule_id,
        title=same(alert.text),
        sentence=same(alert.explanation),
        evidence=tuple(
            ShownEvidence(_evidence_words(evidence), _ms(evidence.measured_at))
            for evidence in alert.evidence
            if evidence.value is not None and shown_name(evidence.kind) is not None
        ),
        priority=_PRIORITIES[alert.priority],
        kind=alert.kind.value,
        state=_STATES[alert.state],
        since_ms=_known_ms(alert.raised_at or alert.changed_at),
        answered_by=alert.acknowledged_by if alert.state is AlertState.ACKNOWLEDGED else "",
        is_part=bool(alert.absorbed_by),
        is_stale=alert.is_stale,
        is_inhibited=alert.is_inhibited,
    )


def _evidence_words(evidence: Evidence) -> Words:
    unit = _UNITS.get(evidence.unit, evidence.unit)
    return same(f"{evidence.kind.replace('_', ' ')} {evidence.value:g} {unit}".strip())


def _called(person: CalledPerson) -> ShownCalled:
    return ShownCalled(
        duty=DUTIES[person.duty],
        person=person.person_id,
        at_ms=_known_ms(person.at),
        delivered=person.delivered_at is not None,
        seen=person.seen_at is not None,
        failed=bool(person.failed_ways) and person.delivered_at is None,
    )


def _next(call: Call) -> ShownNext | None:
    """Return the next step of a call; None after the last one, and once it is answered."""
    if call.next_at is None or call.steps_done >= len(call.plan):
        return None
    step = call.plan[call.steps_done]
    at = call.began_at.plus(step.after_s - call.earlier_s)
    return ShownNext(DUTIES[step.duty], step.person_id, _known_ms(at))


def _answered_ns(alert: Alert) -> int:
    return 0 if alert.acknowledged_at is None else alert.acknowledged_at.utc_ns


def _ms(at: Instant | None) -> int | None:
    return None if at is None else at.utc_ns // 1_000_000


def _known_ms(at: Instant) -> int:
    return at.utc_ns // 1_000_000
