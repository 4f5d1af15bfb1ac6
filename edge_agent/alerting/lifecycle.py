"""The alert state machine: states that follow from findings.

Missing data change no state: they neither clear an alert nor count towards raising one. An alert is
raised after `for_s` seconds in which the condition was seen to hold, and cleared after
`clear_for_s` seconds of unbroken recovery. If the condition ends before anybody acknowledges the
alert, it stays latched for as long as the rule says.

An open alert about the patient, acknowledged or not, is raised again when its rule holds on a sign
that was not reported yet (`model.signs`), when its condition comes back after a long time without
it (`returns`), or when its rule has become more urgent. Changes by time alone are in `signals`,
those by people in `answering`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.alerting import returns
from edge_agent.alerting.signals import STALE_AFTER_S, audible, signalled, unanswered
from edge_agent.model.alerts import (
    TEST_RULE,
    Alert,
    AlertKind,
    AlertPolicy,
    AlertState,
    SignalReason,
)
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
    return _observed(returns.noted(after(alert, finding, policy, labels), finding), finding)


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


def close(alert: Alert, because: str, at: Instant) -> Alert:
    """Return the alert, resolved for a reason other than the end of its condition."""
    return _enter(replace(alert, closed_because=because), AlertState.RESOLVED, at)


def continue_at(alert: Alert, bed_to: str, at: Instant) -> Alert:
    """Return an open alert at its patient's new bed, after it was closed at the old one."""
    return replace(alert, bed_id=bed_to, n=alert.n + 2, changed_at=at, state_since=at)


def unseen(alert: Alert) -> Alert:
    """Return the alert without anything that was running when it was last observed."""
    return replace(
        alert,
        present_at=None,
        gone_since=None,
        recovered_since=None,
        recovered_at=None,
        unobserved_since=None,
    )


def due_at(alert: Alert, policy: AlertPolicy) -> Instant | None:
    """Return the next time an alert changes if its findings stay the same; None: never."""
    if is_active(alert) and alert.unobserved_since is not None and not alert.is_stale:
        return alert.unobserved_since.plus(STALE_AFTER_S)
    match alert.state:
        case AlertState.PENDING if alert.present_at is not None:
            return alert.present_at.plus(policy.for_s - alert.present_s)
        case AlertState.LATCHED if policy.latch_s is not None:
            return (alert.latched_at or alert.changed_at).plus(policy.latch_s)
        case AlertState.RAISED | AlertState.ACKNOWLEDGED if alert.recovered_since is not None:
            return alert.recovered_since.plus(policy.clear_for_s)
    return None


def unobserved(alert: Alert, at: Instant) -> Alert:
    """Return the alert after a time without any observation: stale while its condition lasts.

    Nobody can say that it recovers: an answer expires meanwhile as it does without recovery.
    """
    if not is_active(alert) or at < alert.changed_at:
        return alert
    if alert.recovered_since is not None:
        alert = replace(alert, recovered_since=None, recovered_at=None)
    if alert.is_stale:
        return alert
    return replace(alert, is_stale=True, n=alert.n + 1, changed_at=at)


def _observed(alert: Alert, finding: Finding) -> Alert:
    """Return the alert with a note on whether the finding says anything about its condition."""
    is_unknown = finding.presence is finding.recovered is Presence.INDETERMINATE
    if is_unknown and is_active(alert):
        since = alert.unobserved_since or finding.at
        alert = alert if alert.unobserved_since else replace(alert, unobserved_since=since)
        is_long = finding.at.seconds_since(since) >= STALE_AFTER_S
        return unobserved(alert, finding.at) if is_long else alert
    if alert.unobserved_since is not None:
        alert = replace(alert, unobserved_since=None)
    if not alert.is_stale or finding.at < alert.changed_at:
        return alert
    return replace(alert, is_stale=False, n=alert.n + 1, changed_at=finding.at)


def _begin(
    before: Alert | None, finding: Finding, policy: AlertPolicy, labels: AlertLabels
) -> Alert:
    """Return the first state of a new occurrence; one with the same onset continues its count."""
    onset = (labels.site, labels.ward, finding.bed_id, finding.rule_id, finding.feed_time)
    alert_id = str(uuid.uuid5(_NAMESPACE, "/".join(onset)))
    n_before = before.n if before is not None and before.alert_id == alert_id else 0
    begun = Alert(
        alert_id=alert_id,
        n=n_before,
        bed_id=finding.bed_id,
        rule_id=finding.rule_id,
        rule_version=finding.rule_version,
        kind=policy.kind,
        priority=policy.priority,
        text=policy.text,
        state=AlertState.PENDING,
        pending_since=finding.at,
        changed_at=finding.at,
        evidence=finding.evidence,
        config_hash=labels.config_hash,
        facts=finding.facts,
        missing=finding.missing,
        present_at=finding.at,
        is_test=finding.rule_id == TEST_RULE,
    )
    if policy.for_s > 0:
        return replace(begun, n=n_before + 1)
    return _raised(begun, finding, SignalReason.FIRST)


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
    reason = _news(alert, finding, policy)
    if reason is None:
        return alert
    if reason is SignalReason.WORSE:
        alert = replace(alert, priority=policy.priority)
    return _raised(alert, finding, reason)


def _news(alert: Alert, finding: Finding, policy: AlertPolicy) -> SignalReason | None:
    """Return the reason why a PRESENT finding raises the alert; None if it tells nothing new."""
    match alert.state:
        case AlertState.PENDING:
            return SignalReason.FIRST
        case AlertState.LATCHED:
            return SignalReason.BACK
    if policy.priority > alert.priority:
        return SignalReason.WORSE  # the rules are others than when it was raised
    if alert.kind is not AlertKind.PHYSIOLOGICAL:
        return None
    if returns.has_returned(alert, finding.at):
        return SignalReason.BACK
    branches = finding.branches or (Branch(finding.evidence, finding.evidence),)
    is_new = adds_sign(alert.evidence, branches, policy.again_at)
    return SignalReason.NEW_SIGN if is_new else None


def _raised(alert: Alert, finding: Finding, reason: SignalReason) -> Alert:
    """Return the alert, raised by a finding; answers to what was before do not count."""
    raised = replace(
        unanswered(alert, finding.at),
        state=AlertState.RAISED,
        raised_at=finding.at,
        latched_at=None,
        absorbs_until=None,
        unobserved_since=None,
        is_stale=False,
        evidence=finding.evidence,
        explanation="",
        facts=finding.facts,
        missing=finding.missing,
    )
    return signalled(raised, reason, finding.at)


def is_active(alert: Alert) -> bool:
    """Return True if an alert is open and has not ended: its condition holds, or recovers."""
    return alert.state in {AlertState.RAISED, AlertState.ACKNOWLEDGED}


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
        and finding.at.seconds_since(alert.latched_at or alert.changed_at) >= policy.latch_s
    )
    return _enter(alert, AlertState.RESOLVED, finding.at) if is_over else alert


def _enter(alert: Alert, state: AlertState, at: Instant) -> Alert:
    """Return the alert in a state in which its condition is over."""
    is_over = state is AlertState.RESOLVED
    if is_over:
        alert = audible(alert)
        alert = replace(alert, unanswered_since=None, answer_expires_at=None, is_inhibited=False)
    return replace(
        alert,
        state=state,
        n=alert.n + 1,
        changed_at=at,
        state_since=at,
        resolved_at=at if is_over else None,
        unobserved_since=None,
        is_stale=False,
    )
