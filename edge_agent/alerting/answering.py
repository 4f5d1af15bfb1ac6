"""Changes of a bed's alerts by a person's answer, and the reasons why a part of it is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.alerting import lifecycle
from edge_agent.alerting.settings import AlertSettings
from edge_agent.alerting.signals import audible, signalled, unanswered
from edge_agent.model.alerts import Alert, AlertPriority, AlertState, SignalReason
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.clock import Instant
from edge_agent.model.problems import problem_of

_NEWS: Final[Mapping[SignalReason | None, str]] = {
    SignalReason.FIRST: "it was just raised",
    SignalReason.NEW_SIGN: "a new sign",
    SignalReason.WORSE: "a higher priority",
    SignalReason.BACK: "it came back",
    SignalReason.ANSWER_EXPIRED: "its answer expired",
    SignalReason.REJECTED: "its answer was withdrawn",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Reason why an answer leaves some alerts as they are."""

    reason: str
    alert_ids: tuple[str, ...]
    """Empty if it names no alert of the bed."""


@dataclass(frozen=True, slots=True)
class _Target:
    """An alert that an answer is about, in the form in which the person saw it."""

    alert: Alert
    n: int
    """Transition that the person saw; 0 for the newest."""


class BedAnswer:
    """One answer, applied to the alerts of its bed.

    Parameters
    ----------
    alerts
        Newest alerts of the bed by rule; not changed.
    """

    def __init__(
        self, answer: Answer, alerts: Mapping[str, Alert], settings: AlertSettings, at: Instant
    ) -> None:
        self._answer = answer
        self._settings = settings
        self._at = at
        self._refused: dict[str, list[str]] = {}
        self.changed: dict[str, Alert] = {}
        """Changed alerts by rule."""
        targets = list(self._targets(alerts))
        taken = [target for target in targets if not self._is_of_another(target.alert)]
        for target in taken:
            self._apply(target, [each.alert for each in taken])
        if not self.changed:
            for target in targets:
                if self._is_of_another(target.alert):
                    by = target.alert.acknowledged_by
                    self._refuse(f"already answered by {by}", target.alert.alert_id)

    @property
    def refusals(self) -> list[Refusal]:
        """Refused parts of the answer, by reason."""
        return [Refusal(reason, tuple(ids)) for reason, ids in self._refused.items()]

    def _targets(self, alerts: Mapping[str, Alert]) -> Iterator[_Target]:
        bed_id = self._answer.bed_id
        if not self._answer.seen:
            problem = problem_of(bed_id, alerts.values())
            for sign in problem.signs if problem else ():
                yield _Target(sign, 0)
            if problem is None:
                self._refuse(f"nothing is open on {bed_id}")
            return
        by_id = {alert.alert_id: alert for alert in alerts.values()}
        named = {seen.alert_id: seen for seen in self._answer.seen}
        for seen in named.values():
            alert = by_id.get(seen.alert_id)
            if alert is None:
                self._refuse(f"no alert {seen.alert_id} on {bed_id}")
                continue
            yield _Target(alert, seen.n)
            for part in by_id.values():
                if part.alert_id not in named and _is_seen_with(part, alert, seen):
                    yield _Target(part, 0)

    def _is_of_another(self, alert: Alert) -> bool:
        """Return True if other people have acknowledged the alert."""
        by = self._answer.by
        return bool(alert.acknowledged_by) and by not in _answered_by(alert)

    def _apply(self, target: _Target, together: Sequence[Alert]) -> None:
        """Apply the answer to one alert, where nothing is against it.

        Parameters
        ----------
        together
            All alerts that the answer is about.
        """
        alert, answer = target.alert, self._answer
        if alert.acknowledged_by and not (
            alert.state is AlertState.ACKNOWLEDGED and answer.kind is AnswerKind.REJECT
        ):
            return  # the same person's answer once more
        is_unknown = not alert.is_signalled and (alert.absorbed_by or alert.is_inhibited)
        against = self._against(target, together)
        if alert.is_open and is_unknown:
            against = "nobody was alerted to it yet"
        if against:
            self._refuse(against, alert.alert_id)
            return
        changed = {
            AnswerKind.ACKNOWLEDGE: self._acknowledged,
            AnswerKind.REJECT: self._rejected,
            AnswerKind.SILENCE: self._silenced,
        }[answer.kind](alert)
        if changed != alert:
            self.changed[alert.rule_id] = replace(
                changed, n=alert.n + 1, changed_at=self._at, answer_id=answer.answer_id
            )

    def _against(self, target: _Target, together: Sequence[Alert]) -> str:
        """Return the reason why an alert is not answered; empty if it is."""
        alert, kind = target.alert, self._answer.kind
        if not alert.is_open:
            return f"alert is {alert.state.value}; nothing to {kind.value}"
        if 0 < target.n < alert.answer_from_n:
            news = _NEWS.get(alert.signal, "news")
            return f"it has signalled again since it was seen ({news}) and waits for an answer"
        if kind is AnswerKind.SILENCE:
            return self._against_silence(alert)
        others = [a for a in together if a.is_unanswered and a.absorbed_by != alert.alert_id]
        is_confirmed = kind is AnswerKind.ACKNOWLEDGE and alert.rule_id in self._settings.confirming
        if is_confirmed and others not in ([], [alert]):
            return "it is answered on its own only, because the answer confirms what it asks"
        if kind is AnswerKind.ACKNOWLEDGE and alert.answered_first_by == self._answer.by:
            return "another person must acknowledge it, too"
        return ""

    def _against_silence(self, alert: Alert) -> str:
        longest_s = self._settings.longest_silence_s(alert.priority)
        for_s = self._answer.for_s
        if for_s is not None and for_s > longest_s:
            allowed = f"at most {longest_s / 60:g} min at priority {alert.priority.name}"
            return f"a silence lasts {allowed}; got {for_s / 60:g} min"
        is_silent = alert.silenced_until is not None and alert.silenced_by != self._answer.by
        return f"already silenced by {alert.silenced_by}" if is_silent else ""

    def _silenced(self, alert: Alert) -> Alert:
        """Return the alert, silent for a while; a running silence is never made longer.

        It silences what the person has heard: later signs are no part of it.
        """
        if alert.silenced_until is not None:
            return alert
        for_s = self._answer.for_s or self._settings.longest_silence_s(alert.priority)
        return replace(
            alert,
            silenced_until=self._at.plus(for_s),
            silenced_by=self._answer.by,
            absorbs_until=alert.absorbs_until or self._at,
            answer_reason=self._answer.reason,
        )

    def _rejected(self, alert: Alert) -> Alert:
        """Return the alert as it signals because a person cannot come, or cannot stay with it."""
        by = self._answer.by
        if alert.rejected_by == by:
            return alert
        was_answered = by in _answered_by(alert)
        if alert.state is AlertState.ACKNOWLEDGED:
            alert = replace(alert, state=AlertState.RAISED)
        if was_answered:
            alert = unanswered(alert, self._at)
        alert = signalled(alert, SignalReason.REJECTED, self._at, is_news=was_answered)
        reason = self._answer.reason
        return replace(alert, rejected_at=self._at, rejected_by=by, answer_reason=reason)

    def _acknowledged(self, alert: Alert) -> Alert:
        """Return the alert with the person's acknowledgement; what has ended is resolved by it."""
        by, at = self._answer.by, self._at
        is_urgent = alert.priority is AlertPriority.HIGH and not alert.is_test
        needed = self._settings.answers_for_high if is_urgent else 1
        until = alert.absorbs_until or at
        if needed > 1 and not alert.answered_first_by:
            return replace(alert, answered_first_at=at, answered_first_by=by, absorbs_until=until)
        answered = replace(
            audible(alert),
            acknowledged_at=at,
            acknowledged_by=by,
            unanswered_since=None,
            absorbs_until=until,
        )
        if alert.state is AlertState.LATCHED or alert.is_test:
            return lifecycle.close(answered, "", at)
        expires_at = at.plus(self._settings.times_of(alert.priority).answer_s)
        return replace(answered, state=AlertState.ACKNOWLEDGED, answer_expires_at=expires_at)

    def _refuse(self, reason: str, *alert_ids: str) -> None:
        self._refused.setdefault(reason, []).extend(alert_ids)


def _answered_by(alert: Alert) -> set[str]:
    return {alert.acknowledged_by, alert.answered_first_by} - {""}


def _is_seen_with(part: Alert, problem: Alert, seen: SeenAlert) -> bool:
    """Return True if a part that people were alerted to is answered with its problem."""
    if part.absorbed_by != problem.alert_id or not (part.is_open and part.is_signalled):
        return False
    if seen.n == 0 or part.signalled_at is None or problem.signalled_at is None:
        return seen.n == 0
    return part.signalled_at <= problem.signalled_at
