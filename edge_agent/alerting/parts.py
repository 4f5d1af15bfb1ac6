"""The parts of a problem: which alerts are none, and what becomes of one whose problem ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from edge_agent.model.alerts import AlertKind, AlertState
from edge_agent.model.findings import Presence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.model.alerts import Alert
    from edge_agent.model.clock import Instant
    from edge_agent.model.findings import Finding

WITH_IT_S: Final = 600.0
"""A sign that is raised so long after a problem arose with it: the problem crs.suspected is itself
confirmed for so long, and most of its signs are confirmed no longer; design start value,
unvalidated."""
PROBLEM_OVER: Final = "not seen as the problem that it was part of ended"


def is_news(alert: Alert, root: Alert, *, is_covered: bool) -> bool:
    """Return whether an open alert is a sign of the patient that the problem does not speak of."""
    if alert.kind is not AlertKind.PHYSIOLOGICAL:
        return False
    if root.kind is not AlertKind.PHYSIOLOGICAL or alert.priority > root.priority:
        return True
    raised_at = _raised_at(alert)
    marks = [mark for mark in (root.acknowledged_at, root.latched_at) if mark is not None]
    if not is_covered:
        marks.append(_raised_at(root).plus(WITH_IT_S))
    return raised_at > min(marks, default=raised_at)


def _raised_at(alert: Alert) -> Instant:
    """Return when an open alert was raised, at the latest."""
    return alert.raised_at or alert.changed_at


def resolved_if_seen(alert: Alert, alerts: Mapping[str, Alert], at: Instant) -> Alert:
    """Return a latched part of a problem as over once somebody has answered the problem.

    One that nobody knows of is over with the problem, answered or not.
    """
    if alert.state is not AlertState.LATCHED or not alert.absorbed_by:
        return alert
    root = _problem_of(alert, alerts)
    if root is not None and root.acknowledged_at is not None:
        return _resolved(alert, root, at)
    is_left = root is None or not root.is_open
    return _resolved(alert, root, at) if is_left and not alert.is_signalled else alert


def on_its_own(
    alert: Alert, newest: Finding | None, alerts: Mapping[str, Alert], at: Instant
) -> Alert:
    """Return a part that no problem takes up any more, with the evidence of now where it holds.

    What is not seen to hold is not raised from old readings: it is over where its condition is
    absent and nobody knows of it or its problem was answered. Where that is not known, one that
    nobody knows of waits until it is, unless it has become more urgent than its problem by time
    alone; what is told then names no old reading.

    Parameters
    ----------
    newest
        The newest finding of its rule; None where there is none of now.
    alerts
        All alerts of the bed, its problem among them.
    """
    if alert.state is AlertState.LATCHED:
        return replace(alert, absorbed_by="", is_signalled=True)
    if newest is not None and newest.presence is Presence.PRESENT:
        return replace(
            alert,
            absorbed_by="",
            is_signalled=True,
            evidence=newest.evidence,
            explanation=newest.explanation,
            missing=newest.missing,
        )
    root = _problem_of(alert, alerts)
    is_absent = newest is not None and newest.presence is Presence.ABSENT
    if is_absent and not (alert.is_signalled and _is_unanswered(root)):
        return _resolved(alert, root, at)
    has_risen = root is not None and root.is_open and alert.priority > root.priority
    if not (alert.is_signalled or has_risen):
        return alert
    return replace(alert, absorbed_by="", is_signalled=True, explanation="")


def _is_unanswered(root: Alert | None) -> bool:
    return root is None or root.is_open or root.acknowledged_at is None


def _problem_of(alert: Alert, alerts: Mapping[str, Alert]) -> Alert | None:
    return next((a for a in alerts.values() if a.alert_id == alert.absorbed_by), None)


def _resolved(alert: Alert, root: Alert | None, at: Instant) -> Alert:
    """Return a part that is over, seen by who answered its problem."""
    by = root if root is not None and root.acknowledged_at is not None else alert
    has_ended = alert.state is AlertState.LATCHED
    return replace(
        alert,
        state=AlertState.RESOLVED,
        n=alert.n + 1,
        changed_at=at,
        acknowledged_at=by.acknowledged_at,
        acknowledged_by=by.acknowledged_by,
        resolved_at=at,
        closed_because="" if has_ended else PROBLEM_OVER,
    )
