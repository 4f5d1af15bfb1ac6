"""The property of the new sign: no open alert keeps a condition of the patient untold.

A medium or high physiological condition that holds for `HOLDS_S` is told if one of these is true
`HOLDS_S` after it began, and again where an alert that covers it ends while it goes on:

1. an alert of its rule signalled news (not a reminder) since it began;
2. a problem signalled news since 10 minutes before it began, and its alert is part of that problem;
3. an alert of its rule that had signalled news has not ended since, and the condition was never
   gone for six hours;
4. an alert of a rule that covers it, no less urgent, has not ended, and was told itself.

A condition begins when it holds after it was seen not to hold for 10 minutes, or for the first
time: shorter breaks, and missing data, interrupt nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from edge_agent.model.alerts import Alert, AlertKind, AlertPolicy, AlertPriority, AlertState
from edge_agent.model.alerts import SignalReason as Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

HOLDS_S: Final = 900.0
_WITH_S: Final = 600.0
_GONE_S: Final = 21600.0
_NEWS: Final = {Reason.FIRST, Reason.NEW_SIGN, Reason.WORSE, Reason.BACK}
_ACTIVE: Final = {AlertState.RAISED, AlertState.ACKNOWLEDGED}


@dataclass(frozen=True, slots=True)
class _Told:
    """An alert after one of its transitions."""

    at_s: float
    alert: Alert

    @property
    def is_news(self) -> bool:
        """True if people are alerted to something new."""
        alert = self.alert
        is_signal = alert.is_signalled and alert.signal_n == alert.n and alert.is_open
        return is_signal and alert.signal in _NEWS


class ToldCourse:
    """Answers of rules about a patient, step by step, and the alerts that people got.

    Parameters
    ----------
    policies
        Policy of each rule.
    times_s
        Ends of the steps, shape (n,).
    presence
        Answer of each rule at each step: 1 PRESENT, -1 ABSENT, 0 unknown; shape (n,).
    changes
        Every transition of an alert, in order, each with its time in seconds.
    """

    def __init__(
        self,
        policies: Mapping[str, AlertPolicy],
        times_s: npt.NDArray[np.float64],
        presence: Mapping[str, npt.NDArray[np.int8]],
        changes: Sequence[tuple[float, Alert]],
    ) -> None:
        self._policies = policies
        self._times_s = times_s
        self._presence = presence
        self._of_rule: dict[str, list[_Told]] = defaultdict(list)
        self._of_id: dict[str, list[_Told]] = defaultdict(list)
        for at_s, alert in changes:
            self._of_rule[alert.rule_id].append(_Told(at_s, alert))
            self._of_id[alert.alert_id].append(_Told(at_s, alert))

    def untold(self) -> Iterator[tuple[str, float]]:
        """Yield each rule whose condition nobody was told of, and when it began to hold."""
        for rule_id, presence in self._presence.items():
            policy = self._policies[rule_id]
            if policy.kind is AlertKind.PHYSIOLOGICAL and policy.priority > AlertPriority.LOW:
                for first, end in _runs(presence == 1):
                    yield from self._untold_of(rule_id, first, end)

    def _untold_of(self, rule_id: str, first: int, end: int) -> Iterator[tuple[str, float]]:
        """Yield the moments of one run of a condition from which nobody knew of it."""
        from_s, until_s = self._times_s[first], self._times_s[end - 1]
        for moment_s in (from_s, *self._ends_of_covers(rule_id, from_s, until_s)):
            due_s = moment_s + HOLDS_S
            if due_s <= until_s and not self._is_told(rule_id, first, due_s):
                yield rule_id, float(moment_s)

    def _is_told(self, rule_id: str, first: int, by_s: float) -> bool:
        begun_s = self._begin(rule_id, first, _WITH_S)
        told = [each for each in self._of_rule[rule_id] if each.at_s <= by_s]
        if any(each.is_news and each.at_s >= begun_s for each in told):
            return True
        if not told:
            return False
        newest = told[-1].alert
        if newest.absorbed_by and newest.is_open and self._grounds(newest, begun_s, by_s):
            return True
        if newest.is_open and self._was_told_before(newest, self._begin(rule_id, first, _GONE_S)):
            return True
        return any(self._is_covering(rule, newest, by_s) for rule in self._covering(rule_id))

    def _grounds(self, part: Alert, begun_s: float, by_s: float) -> bool:
        """Return True if the problem that an alert is part of was told as its sign began."""
        since_s = begun_s - _WITH_S
        told = self._of_id[part.absorbed_by]
        return any(each.is_news and since_s <= each.at_s <= by_s for each in told)

    def _was_told_before(self, alert: Alert, since_s: float) -> bool:
        """Return True if an alert signalled news after a moment and has not ended since then."""
        was_told = False
        for each in self._of_id[alert.alert_id]:
            is_active = each.alert.state in _ACTIVE
            was_told = is_active and (was_told or (each.is_news and each.at_s >= since_s))
            if each.alert.n == alert.n:
                break
        return was_told

    def _is_covering(self, rule_id: str, part: Alert, by_s: float) -> bool:
        """Return True if an alert of a rule has not ended by a moment and was told itself."""
        known = [each for each in self._of_rule[rule_id] if each.at_s <= by_s]
        if not known or known[-1].alert.state not in _ACTIVE:
            return False
        alert = known[-1].alert
        raised_s = max(each.at_s for each in known if each.alert.raised_at == each.alert.changed_at)
        is_known = alert.is_signalled or self._is_part_told(alert, raised_s, by_s)
        return is_known and alert.priority >= part.priority

    def _is_part_told(self, alert: Alert, raised_s: float, by_s: float) -> bool:
        covering = self._covering(alert.rule_id)
        return self._grounds(alert, raised_s, by_s) or any(
            self._is_covering(rule, alert, by_s) for rule in covering
        )

    def _covering(self, rule_id: str) -> list[str]:
        return [
            r
            for r, p in self._policies.items()
            if p.covers_rule(rule_id) and p.kind is AlertKind.PHYSIOLOGICAL
        ]

    def _ends_of_covers(self, rule_id: str, from_s: float, until_s: float) -> list[float]:
        """Return when alerts that cover a rule ended within a time."""
        return [
            each.at_s
            for rule in self._covering(rule_id)
            for each in self._of_rule[rule]
            if from_s < each.at_s < until_s and each.alert.state not in _ACTIVE
        ]

    def _begin(self, rule_id: str, first: int, gone_s: float) -> float:
        """Return when a condition began; shorter times without it interrupt nothing."""
        presence, times_s = self._presence[rule_id], self._times_s
        begun = first
        for before, end in reversed([run for run in _runs(presence == 1) if run[1] < first]):
            absent = np.flatnonzero(presence[end:begun] == -1)
            if absent.size and times_s[begun] - times_s[end + absent[0]] >= gone_s:
                break
            begun = before
        return float(times_s[begun])


def _runs(holds: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first step of each unbroken run, and the one after its last."""
    edges = np.diff(np.concatenate(([False], holds, [False])).astype(np.int8))
    firsts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return list(zip(firsts.tolist(), ends.tolist(), strict=True))
