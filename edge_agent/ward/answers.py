"""Effects of people's answers and tests at one bed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edge_agent.model.alerts import Alert, AlertState
from edge_agent.model.answers import AlertTest, Answer, AnswerKind
from edge_agent.model.bed_events import BedEvent, BedState, CommandRejected, MonitorAccepted
from edge_agent.model.clock import Instant
from edge_agent.ward.beds import Outcome
from edge_agent.ward.evaluation import WardEvaluation

_BUSY: Final = "a test runs at this bed already; it ends when somebody acknowledges it"


def answered(evaluation: WardEvaluation, answer: Answer, at: Instant) -> Iterator[Outcome]:
    """Yield the effects of a person's answer to a bed's problem, and its refused parts."""
    bed_id = answer.bed_id
    given = evaluation.book.answer(answer, at)
    yield from given.changes
    for refusal in given.refusals:
        rejected = CommandRejected(refusal.reason, refusal.alert_ids, answer.answer_id)
        yield BedEvent(bed_id, bed_id, rejected, at)
    taken = [c.alert for c in given.changes if _is_acknowledged(c.alert, answer, at)]
    if any(alert.is_test for alert in taken):
        evaluation.monitoring.end_event(bed_id, BedState.TEST_ALERT)
        evaluation.engine.clear_state(bed_id, BedState.TEST_ALERT)
    if any(alert.rule_id in evaluation.confirming for alert in taken):
        yield from _confirm_monitors(evaluation, answer, at)


def tested(evaluation: WardEvaluation, test: AlertTest, at: Instant) -> Iterator[Outcome]:
    """Yield the effects of a person's test: an alert that is marked as one."""
    bed_id = test.bed_id
    if BedState.TEST_ALERT in evaluation.monitoring.held_states(bed_id):
        yield BedEvent(bed_id, bed_id, CommandRejected(_BUSY), at)
        return
    evaluation.monitoring.note_event(bed_id, BedState.TEST_ALERT, test.by, at)
    yield from evaluation.report_state(bed_id, BedState.TEST_ALERT, at)


def _is_acknowledged(alert: Alert, answer: Answer, at: Instant) -> bool:
    """Return True if the answer acknowledged an alert whose condition has not ended."""
    is_new = alert.acknowledged_by == answer.by and alert.acknowledged_at == at
    has_ended = alert.state is AlertState.RESOLVED and not alert.is_test
    return answer.kind is AnswerKind.ACKNOWLEDGE and is_new and not has_ended


def _confirm_monitors(evaluation: WardEvaluation, answer: Answer, at: Instant) -> Iterator[Outcome]:
    """Accept the present monitors of a bed as those of its patient."""
    bed_id = answer.bed_id
    for device_id, monitor in evaluation.monitoring.monitors[bed_id].items():
        if not monitor.is_confirmed and monitor.present is not None:
            monitor.known = monitor.present
            accepted = MonitorAccepted(monitor.present, answer.by, at)
            yield BedEvent(bed_id, device_id, accepted, at)
    evaluation.engine.forget_readings(bed_id)
    yield from evaluation.update_states(bed_id, at)
