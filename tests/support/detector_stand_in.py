"""A detector that knows two rules, for tests of what stands around it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from edge_agent.batch.detection import Detection, Transition
from edge_agent.evaluate.stays.spans import Spans, persistent, runs
from edge_agent.model.alerts import AlertState
from edge_agent.model.measurements import VitalKind
from tests.evaluate.stays.test_reported_alerts import RAISED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.batch.recorded_stay import RecordedStay
    from edge_agent.model.alerts import Alert
    from edge_agent.model.patient import PatientEntry

CHANNELS = (
    "temperature",
    "heart_rate",
    "spo2",
    "respiratory_rate",
    "nibp_systolic",
    "crs_score_low",
    "crs_score_high",
    "grade_low",
    "grade_high",
    "news2_low",
    "news2_high",
)


def transition(at_s: float, alert: Alert, explanation: str = "") -> Transition:
    """Return a change of an alert with its explanation."""
    return Transition(at_s, replace(alert, explanation=explanation))


def detect(recording: RecordedStay, _entries: Sequence[PatientEntry]) -> Detection:
    """Return fever of 38.0 for 10 min, and every two cuff readings in a row below 90."""
    end_s = max(column.times_s[-1] for column in recording.columns.values())
    steps_s = np.arange(10.0, end_s + 10.0, 10.0)
    channels = {name: np.zeros(steps_s.size) for name in CHANNELS}
    channels["grade_high"] += 4.0
    told: list[tuple[str, Spans]] = []
    for (kind, _), column in recording.columns.items():
        if kind is VitalKind.TEMPERATURE:
            hot = runs((column.values >= 38.0) & (column.values < 42.5), 1.0)
            told.append(("crs.fever", persistent(hot, 600.0, 7200.0)))
        if kind is VitalKind.NIBP_SYSTOLIC and column.values.size:
            low = column.values < 90
            twice = np.concatenate(([False], low[1:] & low[:-1]))
            pairs = zip(column.times_s[twice], column.times_s[twice] + 1.0, strict=True)
            told.append(("crs.hypotension", Spans.of(pairs)))
    changes = [change for rule_id, spans in told for change in _changes(rule_id, spans)]
    return Detection(
        tuple(sorted(changes, key=lambda change: change.at_s)),
        steps_s,
        minutes_s=np.zeros(0),
        step_signals=channels,
        minute_signals={},
        minute_of_step=np.zeros(0, np.int64),
    )


def _changes(rule_id: str, spans: Spans) -> list[Transition]:
    changes = []
    for number, (begin, end) in enumerate(spans.pairs()):
        alert = replace(RAISED, rule_id=rule_id, alert_id=f"{rule_id}/{number}")
        over = replace(alert, state=AlertState.RESOLVED)
        changes += [transition(begin, alert, f"{rule_id} <now>"), transition(end, over, "over")]
    return changes
