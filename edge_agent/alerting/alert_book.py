"""The alerts of all beds, where an open problem absorbs its parts."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.alerting import lifecycle, parts, signals
from edge_agent.alerting.absorption import Absorption, problem_alert
from edge_agent.alerting.answering import BedAnswer, Refusal
from edge_agent.alerting.observation import observed_as
from edge_agent.alerting.settings import AlertSettings
from edge_agent.alerting.transitions import audible_again, transition, waits
from edge_agent.model.alerts import Alert, AlertKind, AlertPolicy
from edge_agent.model.answers import Answer
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Evidence, Finding

_ANSWERS_KNOWN: Final = 64
"""Newest answers of a bed that are recognised when they are sent again: more than one resends."""
_SOON_S: Final = 1e-9
"""Seconds until a signal that is due already: the next evaluation makes it."""
_DEFAULTS: Final = AlertSettings()


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert after a transition; all are journalled, only signalled ones are published."""

    alert: Alert

    @property
    def is_signalled(self) -> bool:
        """True if people are alerted: not while pending, nor while absorbed from the start."""
        return self.alert.is_signalled


@dataclass(frozen=True, slots=True)
class Answered:
    """Effects of a person's answer."""

    changes: list[AlertChange]
    refusals: list[Refusal]


class AlertBook:
    """The newest alert of every rule on every bed.

    While an absorbing rule's alert (the problem) is open, the alerts it absorbs are its parts:
    their states continue and are journalled, but only parts that were reported before are reported
    again (`absorption`).

    Parameters
    ----------
    policies
        Policies of checked rules: no rule absorbs itself through others.
    labels
        Labels of every alert.
    settings
        Response times, and the rules that are treated alike.
    completed
        Function that adds the evidence to a finding that was applied without it; findings about
        parts may lack theirs, because it matters only when a part stands alone.
    """

    def __init__(
        self,
        policies: Iterable[AlertPolicy],
        labels: lifecycle.AlertLabels,
        settings: AlertSettings = _DEFAULTS,
        completed: Callable[[Finding], Finding] = lambda finding: finding,
    ) -> None:
        self.settings = settings
        """Settings in force; replaced as a whole by the thread that owns the book."""
        self._completed = completed
        self._policies = {policy.rule_id: policy for policy in policies}
        self._labels = labels
        self._absorption = Absorption(self._policies)
        self._current: dict[str, dict[str, Alert]] = {}
        self._newest: dict[str, dict[str, Finding]] = {}
        """Newest finding of each rule about the present patient of each bed."""
        self._away: set[str] = set()
        """Beds whose patients are away."""
        self._answer_ids: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_ANSWERS_KNOWN))
        """Ids of the newest answers of each bed."""

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
        return self._after_time(alerts, before, findings[0].at)

    def pass_time(self, bed_id: str, at: Instant) -> list[AlertChange]:
        """Return the changes by time alone at a bed whose rules could not be evaluated for long."""
        alerts = self._current.get(bed_id, {})
        before = dict(alerts)
        alerts.update((r, lifecycle.unobserved(alert, at)) for r, alert in before.items())
        return self._after_time(alerts, before, at)

    def answer(self, answer: Answer, at: Instant) -> Answered:
        """Return the effects of a person's answer; one sent twice has none the second time."""
        alerts = self._current.get(answer.bed_id, {})
        known = {*self._answer_ids[answer.bed_id], *(a.answer_id for a in alerts.values())}
        if answer.answer_id and answer.answer_id in known:
            return Answered([], [])
        given = BedAnswer(answer, alerts, self.settings, at)
        before = dict(alerts)
        alerts.update(given.changed)
        if given.changed:
            self._answer_ids[answer.bed_id].append(answer.answer_id)
        return Answered(self._assign_parts(alerts, before, at), given.refusals)

    def inhibit(self, bed_id: str, at: Instant, *, is_away: bool) -> list[AlertChange]:
        """Return the changes as a patient goes away from a bed, or is there again.

        Alerts about missing or doubted readings are inhibited meanwhile: they keep their states and
        do not signal. Those that still wait for an answer signal once the patient is back, with a
        higher priority where its time has come meanwhile.
        """
        self._away = self._away | {bed_id} if is_away else self._away - {bed_id}
        alerts = self._current.get(bed_id, {})
        before = dict(alerts)
        if is_away:
            return self._assign_parts(alerts, before, at)
        alerts.update((r, audible_again(alert, at)) for r, alert in before.items())
        return self._after_time(alerts, before, at)

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
        changes = self._close(bed_to, parts.ANOTHER_PATIENT, at)
        followed = [alert for alert in self.alerts(bed_from) if self._follows_patient(alert)]
        changes += self._close(bed_from, parts.gone_to(bed_to), at)
        for alert in followed if bed_to else ():
            continued = lifecycle.continue_at(alert, bed_to, at)
            self._current.setdefault(bed_to, {})[alert.rule_id] = continued
            changes.append(AlertChange(continued))
        return changes

    def restore(self, alerts: Iterable[Alert], at: Instant | None = None) -> None:
        """Restore the newest journalled alert of each rule and bed, as not observed since then.

        Of two alerts of one rule the one journalled later is newer, whatever the clock said.

        Parameters
        ----------
        at
            Start of this run; None if the alerts' times are on its clock.
        """
        for alert in alerts:
            held = self._current.setdefault(alert.bed_id, {})
            known = held.get(alert.rule_id)
            is_older = known is not None and known.alert_id == alert.alert_id and known.n > alert.n
            if alert.rule_id in self._policies and not is_older:
                held[alert.rule_id] = signals.continued(lifecycle.unseen(alert), self.settings, at)

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
                held[alert.rule_id] = alert
            else:
                held[alert.rule_id] = observed_as(known, alert)
        return changes

    def alerts(self, bed_id: str) -> list[Alert]:
        """Return the newest alert of each rule on a bed, open or not, in order of rank."""
        return sorted(self._current.get(bed_id, {}).values(), key=lambda alert: alert.rank)

    def is_changed_since(self, bed_id: str, rule_id: str, at: Instant) -> bool:
        """Return True if the state of a rule's alert on a bed has changed after a moment."""
        alert = self.current(bed_id, rule_id)
        return alert is not None and (alert.state_since or alert.changed_at) > at

    def current(self, bed_id: str, rule_id: str) -> Alert | None:
        """Return a rule's newest alert on a bed, open or not; None if there never was one."""
        return self._current.get(bed_id, {}).get(rule_id)

    def clearing(self, bed_id: str) -> set[str]:
        """Return the rules of a bed whose alert would clear on recovery."""
        alerts = self._current.get(bed_id, {})
        return {rule_id for rule_id, alert in alerts.items() if alert.is_open}

    def reported_evidence(self, bed_id: str) -> dict[str, Sequence[Evidence]]:
        """Return the reported evidence of a bed's open alerts whose conditions hold, by rule.

        Parts are left out: each is explained again while it holds, because it may stand on its own
        at any time.
        """
        alerts = self._current.get(bed_id, {}).values()
        own = [a for a in alerts if lifecycle.is_active(a) and not a.absorbed_by]
        return {a.rule_id: a.evidence for a in own if a.gone_since is None}

    def due_at(self, bed_id: str, after: Instant) -> Instant | None:
        """Return the next time an alert of a bed changes if all findings stay the same."""
        alerts = self._current.get(bed_id, {})
        due = [lifecycle.due_at(a, self._policies[a.rule_id]) for a in alerts.values()]
        later = [at for at in due if at is not None and at > after]
        for rule_id, alert in alerts.items():
            root = problem_alert(alert, alerts)
            signal_at = signals.due_at(alert, self._policies[rule_id], self.settings, root)
            if signal_at is not None:
                later.append(max(signal_at, after.plus(_SOON_S)))
        return min(later, default=None)

    def open_alerts(self) -> list[Alert]:
        """Return the open alerts of all beds."""
        return [a for alerts in self._current.values() for a in alerts.values() if a.is_open]

    def _follows_patient(self, alert: Alert) -> bool:
        is_patients = alert.kind is AlertKind.PHYSIOLOGICAL
        return alert.is_open and is_patients and self._policies[alert.rule_id].follows_patient

    def _close(self, bed_id: str, because: str, at: Instant) -> list[AlertChange]:
        """Close the alerts about the patient of a bed, and their parts that were never reported."""
        of_patients = self.settings.of_patients
        over = parts.over_with_stay(self.alerts(bed_id), of_patients, because, at)
        self._current.get(bed_id, {}).update((alert.rule_id, alert) for alert in over)
        return [AlertChange(alert) for alert in over]

    def _after_time(
        self, alerts: dict[str, Alert], before: dict[str, Alert], at: Instant
    ) -> list[AlertChange]:
        """Pass the time up to a moment; return every alert that differs from `before`."""
        known = dict(alerts)
        for rule_id, alert in known.items():
            root, policy = problem_alert(alert, known), self._policies[rule_id]
            alerts[rule_id] = signals.after_time(alert, policy, self.settings, root, at)
        return self._assign_parts(alerts, before, at)

    def _standing(self, alert: Alert, root: Alert | None, at: Instant) -> Alert:
        """Return the alert with its problem, its inhibition, and whether people are alerted."""
        is_of_presence = alert.rule_id in self.settings.needing_presence
        is_inhibited = is_of_presence and waits(alert, is_away=alert.bed_id in self._away)
        if alert.is_inhibited != is_inhibited and at >= alert.changed_at:
            alert = replace(alert, is_inhibited=is_inhibited)
        if root is not None:
            same = alert.absorbed_by == root.alert_id
            return alert if same else replace(alert, absorbed_by=root.alert_id)
        is_quiet = bool(alert.absorbed_by) or is_inhibited or alert.is_signalled
        return replace(alert, is_signalled=True) if alert.is_open and not is_quiet else alert

    def _assign_parts(
        self, alerts: dict[str, Alert], before: dict[str, Alert], at: Instant
    ) -> list[AlertChange]:
        """Assign the parts to their problems; return every alert that differs from `before`."""
        for rule_id in sorted(alerts, key=self._absorption.depth):
            alerts[rule_id] = parts.resolved_with_problem(alerts[rule_id], alerts, at)
            alert = alerts[rule_id]
            if alert.is_open and alert.absorbed_by and self._absorption.root(alert, alerts) is None:
                newest = self._newest_of(alert, at)
                alerts[rule_id] = parts.stand_alone(alert, newest, alerts, at)
        roots = {alert.rule_id: self._absorption.root(alert, alerts) for alert in alerts.values()}
        changes = []
        for rule_id, root in roots.items():
            alert = self._standing(alerts[rule_id], root, at)
            changed = transition(alert, before.get(rule_id), at)
            alerts[rule_id] = changed or alert
            if changed is not None:
                changes.append(AlertChange(changed))
        return sorted(changes, key=lambda c: (bool(c.alert.absorbed_by), c.alert.rank))

    def _newest_of(self, alert: Alert, at: Instant) -> Finding | None:
        """Return the newest finding of an alert's rule, None if it is too old to be observed."""
        newest = self._newest.get(alert.bed_id, {}).get(alert.rule_id)
        if newest is None or not self._labels.is_observed(newest.at, at):
            return None
        return self._completed(newest)
