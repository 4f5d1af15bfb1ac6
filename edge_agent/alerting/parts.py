"""The parts of a problem: alerts that are not absorbed, and parts whose problem has ended."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from dataclasses import replace
from typing import Final

from edge_agent.alerting import lifecycle
from edge_agent.model.alerts import Alert, AlertKind, AlertState
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Finding, Presence

WITH_IT_S: Final = 600.0
"""Seconds after a problem was raised within which a new sign counts as part of it: the problem
crs.suspected is itself confirmed for as long, and most of its signs no longer than that; design
start value, unvalidated."""
ANOTHER_PATIENT: Final = "another patient"
PROBLEM_OVER: Final = "its signs were gone when the alert it was part of ended"


def is_separate_sign(alert: Alert, root: Alert, *, is_covered: bool) -> bool:
    """Return True if an open alert is a sign of the patient that the problem does not include."""
    if alert.kind is not AlertKind.PHYSIOLOGICAL:
        return False
    if root.kind is not AlertKind.PHYSIOLOGICAL or alert.priority > root.priority:
        return True
    if is_covered:
        return False
    ends = (root.absorbs_until, root.acknowledged_at, root.latched_at, root.gone_since)
    with_it_until = _raised_at(root).plus(WITH_IT_S)
    return _raised_at(alert) > min((with_it_until, *(end for end in ends if end is not None)))


def _raised_at(alert: Alert) -> Instant:
    """Return the latest time at which an open alert was raised."""
    return alert.raised_at or alert.changed_at


def resolved_with_problem(alert: Alert, alerts: Mapping[str, Alert], at: Instant) -> Alert:
    """Return a latched part that was never reported, resolved once its problem was acknowledged.

    It is also resolved with a problem that nobody acknowledged. A part that was reported waits for
    an answer of its own: the answer to its problem included it, or did not apply to it.
    """
    if alert.state is not AlertState.LATCHED or not alert.absorbed_by or alert.is_signalled:
        return alert
    root = _problem_of(alert, alerts)
    is_over = root is None or not root.is_open or root.acknowledged_at is not None
    return _resolved(alert, root, at) if is_over else alert


def stand_alone(
    alert: Alert, newest: Finding | None, alerts: Mapping[str, Alert], at: Instant
) -> Alert:
    """Return a part that no problem absorbs any longer, with the present evidence if it holds.

    A part is not raised from old readings. It is resolved if its condition is ABSENT, and either it
    was never reported or it was acknowledged with its problem, which has ended. If its presence is
    unknown, a part that was never reported waits until it is known, unless it has become more
    urgent than its problem by time alone; its explanation is then empty.

    Parameters
    ----------
    newest
        The newest finding of its rule; None if it is too old to be observed.
    alerts
        All alerts of the bed, its problem included.
    """
    if alert.state is AlertState.LATCHED:
        return replace(alert, absorbed_by="", is_signalled=True)
    if newest is not None and newest.presence is Presence.PRESENT:
        return replace(
            alert,
            absorbed_by="",
            is_signalled=True,
            evidence=newest.evidence,
            explanation="",
            facts=newest.facts,
            missing=newest.missing,
        )
    root = _problem_of(alert, alerts)
    is_absent = newest is not None and newest.presence is Presence.ABSENT
    if is_absent and not (alert.is_signalled and _waits(alert, root, at)):
        return _resolved(alert, root, at)
    is_escalated = root is not None and root.is_open and alert.priority > root.priority
    if not (alert.is_signalled or is_escalated):
        return alert
    return replace(alert, absorbed_by="", is_signalled=True, explanation="", facts=None)


def over_with_stay(
    alerts: Collection[Alert], of_patients: Container[str], because: str, at: Instant
) -> list[Alert]:
    """Close the alerts about the patient of a bed, and their parts that were never reported.

    Parameters
    ----------
    of_patients
        Rules about the monitoring whose alerts end with the stay, too.
    """
    unresolved = [alert for alert in alerts if alert.state is not AlertState.RESOLVED]
    ending = {
        alert.alert_id
        for alert in unresolved
        if alert.kind is AlertKind.PHYSIOLOGICAL or alert.rule_id in of_patients
    }
    return [
        lifecycle.close(alert, because, at)
        for alert in unresolved
        if alert.alert_id in ending or (alert.absorbed_by in ending and not alert.is_signalled)
    ]


def _waits(alert: Alert, root: Alert | None, at: Instant) -> bool:
    """Return True if nobody had answered a reported part, or its problem, before this moment."""
    if root is None or root.is_open or root.acknowledged_at is None:
        return True
    return alert.is_unanswered and alert.unanswered_since != at


def _problem_of(alert: Alert, alerts: Mapping[str, Alert]) -> Alert | None:
    return next((a for a in alerts.values() if a.alert_id == alert.absorbed_by), None)


def _resolved(alert: Alert, root: Alert | None, at: Instant) -> Alert:
    """Return the part as resolved, acknowledged by the person who acknowledged its problem."""
    by = root if root is not None and root.acknowledged_at is not None else alert
    has_ended = alert.state is AlertState.LATCHED
    over = replace(alert, acknowledged_at=by.acknowledged_at, acknowledged_by=by.acknowledged_by)
    return lifecycle.close(over, "" if has_ended else PROBLEM_OVER, at)


def gone_to(bed_id: str) -> str:
    """Return the reason for closing the alerts of a patient who moved or left (no bed)."""
    return f"patient moved to {bed_id}" if bed_id else "patient left the bed"
