"""A bed whose alerts are answered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.alerting.settings import AlertSettings
from edge_agent.model.alerts import TEST_RULE, Alert, AlertKind, AlertPriority
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.findings import Branch, Evidence
from tests.support.findings import BED, at, finding, policy

if TYPE_CHECKING:
    from edge_agent.alerting.alert_book import Answered

ACKNOWLEDGE, REJECT, SILENCE = AnswerKind.ACKNOWLEDGE, AnswerKind.REJECT, AnswerKind.SILENCE
HIGH: Final = AlertPriority.HIGH
POLICIES: Final = [
    replace(policy("vital.shock", for_s=0, latch_s=None), priority=HIGH),
    policy("crs.suspected", for_s=0, latch_s=None, absorbs=("crs.fever", "crs.fast")),
    policy("crs.fever", for_s=0, latch_s=None),
    policy("crs.fast", for_s=0, latch_s=None),
    policy("system.changed", for_s=0, absorbs=("signal.lost",), kind=AlertKind.TECHNICAL),
    policy("signal.lost", for_s=0, kind=AlertKind.TECHNICAL),
    replace(policy(TEST_RULE, for_s=0, kind=AlertKind.TECHNICAL), priority=HIGH),
]
GROUNDS: Final = {
    mark: (Evidence(kind, "for_60_s", 160.0, "1", 60.0, 1.0, 150.0, at(0)),)
    for mark, kind in (("P", "temperature"), ("N", "heart_rate"))
}


class AnsweredBed:
    """The alerts of one bed, by the last part of their rules' names."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - fields of AlertSettings
        given = {"confirming": {"system.changed"}} | settings
        labels = AlertLabels("site", "ward", "hash")
        self.book = AlertBook(POLICIES, labels, AlertSettings(**given))

    def step(self, seconds: float, **marks: str) -> None:
        """Apply one evaluation; N holds on another sign than P."""
        rules = {p.rule_id.split(".")[-1]: p.rule_id for p in POLICIES}
        found = []
        for name, mark in marks.items():
            said = finding("P" if mark == "N" else mark, seconds, rules[name])
            branches = tuple(Branch(e, e) for e in (GROUNDS.get(mark, ()),))
            found.append(replace(said, evidence=GROUNDS.get(mark, ()), branches=branches))
        self.book.apply(found)

    def __getattr__(self, name: str) -> Alert:
        """Return the newest alert of a rule."""
        (alert,) = (a for a in self.book.alerts(BED) if a.rule_id.split(".")[-1] == name)
        return alert

    def seen(self, *names: str) -> tuple[SeenAlert, ...]:
        """Return alerts as they are seen now."""
        alerts = [getattr(self, name) for name in names]
        return tuple(SeenAlert(alert.alert_id, alert.n) for alert in alerts)

    def answer(self, at_s: float, *seen: SeenAlert, **how: Any) -> Answered:  # noqa: ANN401 - fields
        """Answer as nurse A, who acknowledges if nothing else is said."""
        plain = Answer(BED, ACKNOWLEDGE, "nurse A", seen)
        return self.book.answer(replace(plain, **how), at(at_s))

    def states(self) -> dict[str, str]:
        """Return the state of every alert."""
        return {a.rule_id.split(".")[-1]: a.state.value for a in self.book.alerts(BED)}


def refused(answered: Answered) -> dict[str, int]:
    """Return the reasons of the refusals, each with the number of alerts."""
    return {each.reason: len(each.alert_ids) for each in answered.refusals}
