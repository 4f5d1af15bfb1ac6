"""The alert state machine.

Missing data change no state: they neither clear an alert nor count towards raising one. An alert is
raised after `for_s` seconds in which the condition was seen to hold, and cleared after
`clear_for_s` seconds of unbroken recovery. If the condition ends before anybody acknowledges the
alert, it stays latched for as long as the rule says.

An open alert about the patient, acknowledged or not, is raised again when its rule holds on a sign
that was not reported yet (`model.signs`). An alert that nobody acknowledges becomes more urgent by
time alone, whatever the data, except while it recovers.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.model.alerts import Acknowledgement, Alert, AlertKind, AlertPolicy, AlertState
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Branch, Finding, Presence
from edge_agent.model.signs import adds_sign

_MAX_STEP_S: Final = 15.0
"""Longest time between two findings that counts as observed; findings come at least every 10 s."""

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:crswatch:alert")


@dataclass(frozen=True, slots=True)
class AlertLabels:
    """Labels that every alert of one gateway carries."""

    site: str
    ward: str
    config_hash: str
    observed_within_s: float = _MAX_STEP_S
    """Longest time between two findings that counts as observed; infinite for an archive, where
    every step is evaluated but only steps with changes are followed."""

    def is_observed(self, before: Instant | None, at: Instant) -> bool:
        """Return True if the time between two findings counts as observed."""
        return before is not None and at.seconds_since(before) <= self.observed_within_s


def advance(
    alert: Alert | None, finding: Finding, policy: AlertPolicy, labels: AlertLabels
) -> Alert | None:
    """Return the alert after `finding`, None if there is none.

    Parameters
    ----------
    alert
        The newest alert of this rule and bed, open or not; None if there is none.
    finding
        The newest evaluation; must not be older than the one before.
    policy
        Settings of the rule's alerts.
    labels
        Labels for the identity of a new alert.
    """
    is_present = finding.presence is Presence.PRESENT
    if alert is None or alert.state is AlertState.RESOLVED:
        return _begin(alert, finding, policy, labels) if is_present else alert
    after = _after_present if is_present else _after_not_present
    return escalated(after(alert, finding, policy, labels), policy, finding.at)


def _after_not_present(
    alert: Alert, finding: Finding, policy: AlertPolicy, labels: AlertLabels
) -> Alert:
    """Return an alert after a finding that is not PRESENT."""
    if alert.present_at is not None:
        alert = replace(alert, present_at=None)
    if alert.state is AlertState.PENDING:
        is_over = finding.presence is Presence.ABSENT
        return _enter(alert, AlertState.RESOLVED, finding.at) if is_over else alert
    if alert.state is AlertState.LATCHED:
        return _expire(alert, finding, policy)
    return _recover(alert, finding, policy, labels)


def acknowledge(alert: Alert, ack: Acknowledgement, at: Instant) -> Alert:
    """Return the alert after an acknowledgement; a second one changes nothing.

    A latched alert is resolved by it.
    """
    if alert.state not in {AlertState.RAISED, AlertState.LATCHED}:
        return alert
    is_over = alert.state is AlertState.LATCHED
    acknowledged = replace(alert, acknowledged_at=at, acknowledged_by=ack.by)
    return _enter(acknowledged, AlertState.RESOLVED if is_over else AlertState.ACKNOWLEDGED, at)


def close(alert: Alert, because: str, at: Instant) -> Alert:
    """Return the alert, resolved for a reason other than the end of its condition."""
    return _enter(replace(alert, closed_because=because), AlertState.RESOLVED, at)


def continue_at(alert: Alert, bed_to: str, at: Instant) -> Alert:
    """Return an open alert at its patient's new bed, after it was closed at the old one."""
    return replace(alert, bed_id=bed_to, n=alert.n + 2, changed_at=at)


def due_at(alert: Alert, policy: AlertPolicy) -> Instant | None:
    """Return the next time an alert changes if its findings stay the same; None: never."""
    match alert.state:
        case AlertState.PENDING if alert.present_at is not None:
            return alert.present_at.plus(policy.for_s - alert.present_s)
        case AlertState.LATCHED if policy.latch_s is not None:
            return alert.changed_at.plus(policy.latch_s)
        case AlertState.RAISED | AlertState.ACKNOWLEDGED if alert.recovered_since is not None:
            return alert.recovered_since.plus(policy.clear_for_s)
        case AlertState.RAISED if alert.raised_at and alert.priority < policy.escalate_priority:
            return alert.raised_at.plus(policy.escalate_after_s)
    return None


def escalated(alert: Alert, policy: AlertPolicy, at: Instant) -> Alert:
    """Return the alert, with a higher priority if nobody acknowledged it in time."""
    due = due_at(alert, policy)
    rises = alert.state is AlertState.RAISED and alert.recovered_since is None
    if not rises or due is None or at < max(due, alert.changed_at):
        return alert
    return _enter(replace(alert, priority=policy.escalate_priority), AlertState.RAISED, at)


def _begin(
    before: Alert | None, finding: Finding, policy: AlertPolicy, labels: AlertLabels
) -> Alert:
    """Return the first state of a new occurrence; one with the same onset continues its count."""
    onset = (labels.site, labels.ward, finding.bed_id, finding.rule_id, finding.feed_time)
    alert_id = str(uuid.uuid5(_NAMESPACE, "/".join(onset)))
    is_raised = policy.for_s == 0
    return Alert(
        alert_id=alert_id,
        n=before.n + 1 if before is not None and before.alert_id == alert_id else 1,
        bed_id=finding.bed_id,
        rule_id=finding.rule_id,
        rule_version=finding.rule_version,
        kind=policy.kind,
        priority=policy.priority,
        text=policy.text,
        state=AlertState.RAISED if is_raised else AlertState.PENDING,
        pending_since=finding.at,
        changed_at=finding.at,
        evidence=finding.evidence,
        config_hash=labels.config_hash,
        explanation=finding.explanation,
        missing=finding.missing,
        present_at=finding.at,
        raised_at=finding.at if is_raised else None,
    )


def _after_present(
    alert: Alert, finding: Finding, policy: AlertPolicy, labels: AlertLabels
) -> Alert:
    """Return an alert after a PRESENT finding: raised, raised again, or still pending."""
    before = alert.present_at
    observed_s = (
        finding.at.seconds_since(before)
        if before and labels.is_observed(before, finding.at)
        else 0.0
    )
    alert = replace(
        alert,
        present_s=alert.present_s + observed_s,
        present_at=finding.at,
        recovered_since=None,
        recovered_at=None,
    )
    if alert.state is AlertState.PENDING and alert.present_s < policy.for_s:
        return alert
    if is_active(alert) and not _adds_sign(alert, finding):
        return alert
    raised = replace(
        alert,
        raised_at=finding.at,
        latched_at=None,
        acknowledged_at=None,
        acknowledged_by="",
        evidence=finding.evidence,
        explanation=finding.explanation,
        missing=finding.missing,
    )
    return _enter(raised, AlertState.RAISED, finding.at)


def is_active(alert: Alert) -> bool:
    """Return True if an alert is open and its condition has not ended."""
    return alert.state in {AlertState.RAISED, AlertState.ACKNOWLEDGED}


def _adds_sign(alert: Alert, finding: Finding) -> bool:
    is_physiological = alert.kind is AlertKind.PHYSIOLOGICAL
    branches = finding.branches or (Branch(finding.evidence, finding.evidence),)
    return is_physiological and adds_sign(alert.evidence, branches)


def _recover(alert: Alert, finding: Finding, policy: AlertPolicy, labels: AlertLabels) -> Alert:
    """Return an open alert after a finding that is not PRESENT: cleared after unbroken recovery."""
    if finding.recovered is not Presence.PRESENT:
        is_running = alert.recovered_since is not None
        return replace(alert, recovered_since=None, recovered_at=None) if is_running else alert
    since = alert.recovered_since
    if since is None or not labels.is_observed(alert.recovered_at, finding.at):
        since = finding.at
    alert = replace(alert, recovered_since=since, recovered_at=finding.at)
    if finding.at.seconds_since(since) < policy.clear_for_s:
        return alert
    if alert.state is AlertState.ACKNOWLEDGED or policy.latch_s == 0:
        return _enter(alert, AlertState.RESOLVED, finding.at)
    return _enter(replace(alert, latched_at=finding.at), AlertState.LATCHED, finding.at)


def _expire(alert: Alert, finding: Finding, policy: AlertPolicy) -> Alert:
    """Return a latched alert, resolved after its latch time; missing data keep it latched."""
    is_over = (
        policy.latch_s is not None
        and finding.presence is Presence.ABSENT
        and finding.at.seconds_since(alert.changed_at) >= policy.latch_s
    )
    return _enter(alert, AlertState.RESOLVED, finding.at) if is_over else alert


def _enter(alert: Alert, state: AlertState, at: Instant) -> Alert:
    return replace(
        alert,
        state=state,
        n=alert.n + 1,
        changed_at=at,
        resolved_at=at if state is AlertState.RESOLVED else None,
    )
