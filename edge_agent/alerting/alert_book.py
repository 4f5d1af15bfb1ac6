"""The alerts of all beds, where an open problem absorbs its parts."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.alerting import lifecycle, parts
from edge_agent.model.alerts import Acknowledgement, Alert, AlertKind, AlertPolicy, AlertState
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Evidence, Finding

ANOTHER_PATIENT: Final = "another patient"
LEFT: Final = "patient left the bed"


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert after a transition; all are journalled, only signalled ones are published."""

    alert: Alert

    @property
    def is_signalled(self) -> bool:
        """True if people are alerted: not while pending, nor while absorbed from the start."""
        return self.alert.is_signalled


def _as_it_is(finding: Finding) -> Finding:
    return finding


class AlertBook:
    """The newest alert of every rule on every bed.

    While an absorbing rule's alert (the problem) is open, the alerts it absorbs are its parts:
    their states continue and are journalled, but only parts that were reported before are reported
    again. A problem absorbs the signs of the patient that were raised before it, and those raised
    up to `WITH_IT_S` after it, before it was acknowledged and before it ended. A sign that is
    raised later is reported on its own, whether the problem was acknowledged or not, even if it was
    a part before and had ended. The same holds for a sign that is more urgent than the problem, and
    for any sign under an alert about the monitoring. A sign that states less about the problem's
    own sign, which the rule names under `covers`, is absorbed at any time until somebody
    acknowledges the problem.

    Parameters
    ----------
    policies
        Policies of checked rules: no rule absorbs itself through others.
    labels
        Labels of every alert.
    of_patients
        Rules whose alerts end with the stay, technical ones included.
    completed
        Function that adds the evidence to a finding that was applied without it; findings about
        parts may lack theirs, because it matters only when a part stands alone.
    """

    def __init__(
        self,
        policies: Iterable[AlertPolicy],
        labels: lifecycle.AlertLabels,
        of_patients: Container[str] = frozenset(),
        completed: Callable[[Finding], Finding] = _as_it_is,
    ) -> None:
        self._completed = completed
        self._of_patients = of_patients
        self._policies = {policy.rule_id: policy for policy in policies}
        self._labels = labels
        by_urgency = sorted(self._policies.values(), key=lambda p: (-p.priority, p.rule_id))
        self._absorbers = {
            rule_id: [p.rule_id for p in by_urgency if p.absorbs_rule(rule_id)]
            for rule_id in self._policies
        }
        self._current: dict[str, dict[str, Alert]] = {}
        self._newest: dict[str, dict[str, Finding]] = {}
        """Newest finding of each rule about the present patient of each bed."""

    def apply(self, findings: Sequence[Finding]) -> list[AlertChange]:
        """Return the changes by one evaluation of one bed, parts last, each in order of rank."""
        if not findings:
            return []
        alerts = self._current.setdefault(findings[0].bed_id, {})
        newest = self._newest.setdefault(findings[0].bed_id, {})
        before = dict(alerts)
        for finding in findings:
            newest[finding.rule_id] = finding
            policy = self._policies[finding.rule_id]
            alert = lifecycle.advance(alerts.get(finding.rule_id), finding, policy, self._labels)
            if alert is not None:
                alerts[finding.rule_id] = alert
        at, evaluated = findings[0].at, {finding.rule_id for finding in findings}
        for rule_id, alert in alerts.items():
            if rule_id not in evaluated:
                alerts[rule_id] = lifecycle.escalated(alert, self._policies[rule_id], at)
        return self._assign_parts(alerts, before, at)

    def acknowledge(self, ack: Acknowledgement, at: Instant) -> list[AlertChange] | str:
        """Return the changes by an acknowledgement, or the reason why it is refused.

        A second acknowledgement changes nothing and is not refused.
        """
        alerts = self._current.get(ack.bed_id, {})
        alert = next((a for a in alerts.values() if a.alert_id == ack.alert_id), None)
        if alert is None:
            return f"no alert {ack.alert_id} on {ack.bed_id}"
        if not alert.is_open:
            refused = f"alert is {alert.state.value}; nothing to acknowledge"
            return [] if alert.acknowledged_at else refused
        before = dict(alerts)
        alerts[alert.rule_id] = lifecycle.acknowledge(alert, ack, at)
        return self._assign_parts(alerts, before, at)

    def move(self, bed_from: str, bed_to: str, at: Instant) -> list[AlertChange]:
        """Return the changes when a patient goes to another bed, or leaves (`bed_to` empty).

        The open alerts that follow the patient are closed at the old bed and continue at the new
        one under their ids, acknowledged or not. All other alerts about a patient at either bed are
        closed, pending ones too. Alerts about the monitoring stay at their bed.

        Parameters
        ----------
        bed_from
            Empty for a patient who was in no bed.
        """
        for bed_id in (bed_from, bed_to):
            self._newest.pop(bed_id, None)
        changes = self._close(bed_to, ANOTHER_PATIENT, at)
        followed = [alert for alert in self.alerts(bed_from) if self._follows_patient(alert)]
        changes += self._close(bed_from, moved_to(bed_to) if bed_to else LEFT, at)
        for alert in followed if bed_to else ():
            continued = lifecycle.continue_at(alert, bed_to, at)
            self._current.setdefault(bed_to, {})[alert.rule_id] = continued
            changes.append(AlertChange(continued))
        return changes

    def restore(self, alerts: Iterable[Alert]) -> None:
        """Restore the newest journalled alert of each rule and bed, as not observed since then."""
        for alert in sorted(alerts, key=lambda a: (a.changed_at, a.n)):
            if alert.rule_id in self._policies:
                unseen = replace(alert, present_at=None, recovered_since=None, recovered_at=None)
                self._current.setdefault(alert.bed_id, {})[alert.rule_id] = unseen

    def restore_snapshot(self, alerts: Iterable[Alert]) -> list[AlertChange]:
        """Restore the alerts of a snapshot where the journal has nothing newer.

        Returns those that the journal does not have.
        """
        changes = []
        for alert in alerts:
            held = self._current.setdefault(alert.bed_id, {})
            known = held.get(alert.rule_id)
            if known is None or (known.changed_at, known.n) < (alert.changed_at, alert.n):
                changes.append(AlertChange(alert))
            elif (known.alert_id, known.n) != (alert.alert_id, alert.n):
                continue
            held[alert.rule_id] = alert
        return changes

    def alerts(self, bed_id: str) -> list[Alert]:
        """Return the newest alert of each rule on a bed, open or not, in order of rank."""
        return sorted(self._current.get(bed_id, {}).values(), key=lambda alert: alert.rank)

    def is_changed_since(self, bed_id: str, rule_id: str, at: Instant) -> bool:
        """Return True if a rule's alert on a bed has changed after a moment."""
        alert = self.current(bed_id, rule_id)
        return alert is not None and alert.changed_at > at

    def current(self, bed_id: str, rule_id: str) -> Alert | None:
        """Return a rule's newest alert on a bed, open or not; None if there never was one."""
        return self._current.get(bed_id, {}).get(rule_id)

    def clearing(self, bed_id: str) -> set[str]:
        """Return the rules of a bed whose alert would clear on recovery."""
        alerts = self._current.get(bed_id, {})
        return {rule_id for rule_id, alert in alerts.items() if alert.is_open}

    def reported_evidence(self, bed_id: str) -> dict[str, Sequence[Evidence]]:
        """Return the reported evidence of a bed's open alerts that have not ended, by rule.

        Parts are left out: each is explained again while it holds, because it may stand on its own
        at any time.
        """
        alerts = self._current.get(bed_id, {}).values()
        return {
            a.rule_id: a.evidence for a in alerts if lifecycle.is_active(a) and not a.absorbed_by
        }

    def due_at(self, bed_id: str, after: Instant) -> Instant | None:
        """Return the next time an alert of a bed changes if all findings stay the same."""
        alerts = self._current.get(bed_id, {}).values()
        due = (lifecycle.due_at(a, self._policies[a.rule_id]) for a in alerts)
        return min((at for at in due if at is not None and at > after), default=None)

    def open_alerts(self) -> list[Alert]:
        """Return the open alerts of all beds."""
        return [a for alerts in self._current.values() for a in alerts.values() if a.is_open]

    def _follows_patient(self, alert: Alert) -> bool:
        is_patients = alert.kind is AlertKind.PHYSIOLOGICAL
        return alert.is_open and is_patients and self._policies[alert.rule_id].follows_patient

    def _close(self, bed_id: str, because: str, at: Instant) -> list[AlertChange]:
        """Close the alerts about the patient of a bed, and their parts that were never reported."""
        unresolved = [a for a in self.alerts(bed_id) if a.state is not AlertState.RESOLVED]
        ending = {alert.alert_id for alert in unresolved if self._ends_with_stay(alert)}
        over = [
            lifecycle.close(alert, because, at)
            for alert in unresolved
            if alert.alert_id in ending or (alert.absorbed_by in ending and not alert.is_signalled)
        ]
        self._current.get(bed_id, {}).update((alert.rule_id, alert) for alert in over)
        return [AlertChange(alert) for alert in over]

    def _ends_with_stay(self, alert: Alert) -> bool:
        return alert.kind is AlertKind.PHYSIOLOGICAL or alert.rule_id in self._of_patients

    def _assign_parts(
        self, alerts: dict[str, Alert], before: dict[str, Alert], at: Instant
    ) -> list[AlertChange]:
        """Assign the parts to their problems; return every alert that differs from `before`."""
        for rule_id in sorted(alerts, key=self._depth):
            alerts[rule_id] = parts.resolved_if_acknowledged(alerts[rule_id], alerts, at)
            alert = alerts[rule_id]
            if alert.is_open and alert.absorbed_by and self._root(alert, alerts) is None:
                newest = self._newest_of(alert, at)
                alerts[rule_id] = parts.stand_alone(alert, newest, alerts, at)
        roots = {alert.rule_id: self._root(alert, alerts) for alert in alerts.values()}
        changes = []
        for rule_id, root in roots.items():
            alert, was = alerts[rule_id], before.get(rule_id)
            if root is not None:
                if alert.absorbed_by != root.alert_id:
                    alert = replace(alert, absorbed_by=root.alert_id)
            elif alert.is_open and not alert.absorbed_by and not alert.is_signalled:
                alert = replace(alert, is_signalled=True)
            n_before = was.n if was is not None and was.alert_id == alert.alert_id else 0
            if alert.n != n_before or (was is not None and alert.absorbed_by != was.absorbed_by):
                alert = replace(alert, n=n_before + 1, changed_at=at)
                changes.append(AlertChange(alert))
            alerts[rule_id] = alert
        return sorted(changes, key=lambda c: (bool(c.alert.absorbed_by), c.alert.rank))

    def _root(self, alert: Alert, alerts: dict[str, Alert]) -> Alert | None:
        """Return the open alert that `alert` is part of, None where it stands alone."""
        if not alert.is_open:
            return None
        for rule_id in self._absorbers[alert.rule_id]:
            absorber = alerts.get(rule_id)
            if absorber is None or not absorber.is_open:
                continue
            root = self._root(absorber, alerts) or absorber
            if root is absorber and absorber.absorbed_by and not absorber.is_signalled:
                continue  # a part that was never reported waits for a new finding
            if not parts.is_separate_sign(alert, root, is_covered=self._covers(absorber, alert)):
                return root
        return None

    def _depth(self, rule_id: str) -> int:
        """Return the longest chain of rules that absorb a rule; problems precede their parts."""
        return max((1 + self._depth(absorber) for absorber in self._absorbers[rule_id]), default=0)

    def _newest_of(self, alert: Alert, at: Instant) -> Finding | None:
        """Return the newest finding of an alert's rule, None if it is too old to be observed."""
        newest = self._newest.get(alert.bed_id, {}).get(alert.rule_id)
        if newest is None or not self._labels.is_observed(newest.at, at):
            return None
        return self._completed(newest)

    def _covers(self, problem: Alert, alert: Alert) -> bool:
        """Return True if an unacknowledged problem states more about the same sign."""
        is_raised = problem.state is AlertState.RAISED
        return is_raised and self._policies[problem.rule_id].covers_rule(alert.rule_id)


def moved_to(bed_id: str) -> str:
    """Return the reason for closing an alert whose patient moved to another bed."""
    return f"patient moved to {bed_id}"
