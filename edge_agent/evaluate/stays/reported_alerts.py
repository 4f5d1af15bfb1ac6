"""Alerts reported to nurses, by our rules or by today's methods, in one form for the scoring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from enum import IntEnum
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from edge_agent.batch.detection import Transition
from edge_agent.evaluate.stays.spans import Bools, Float64, Spans
from edge_agent.model.alerts import Alert, AlertKind, AlertPriority, AlertState
from edge_agent.model.language import Language
from edge_agent.wording.sentence import headline_of, sentence_of

Codes = npt.NDArray[np.int8]


class About(IntEnum):
    """Subject of an alert, as far as right and wrong depend on it."""

    FEVER = 0
    CRS = 1
    PRESSURE = 2
    OXYGEN = 3
    WATCH = 4
    """Possible rise of the temperature: a work list, not an alert."""
    SCORE = 5
    """An early warning score that is not about CRS alone."""
    OTHER = 6
    """Another sign of the patient: heart rate, breaths."""
    TECHNICAL = 7


_ABOUT: Final[Mapping[str, About]] = MappingProxyType(
    {
        "crs.fever": About.FEVER,
        "crs.suspected": About.CRS,
        "crs.organ_sign": About.CRS,
        "crs.hypotension": About.PRESSURE,
        "vital.shock": About.PRESSURE,
        "crs.hypoxia": About.OXYGEN,
        "vital.severe_hypoxia": About.OXYGEN,
        "crs.prefever": About.WATCH,
        "crs.prefever.heart": About.WATCH,
        "score.news2": About.SCORE,
    }
)
"""Subject of each rule; physiological rules that are not named here are `OTHER`."""


@dataclass(frozen=True, slots=True)
class ReportedAlert:
    """One report of an alert to nurses, or of its rise in priority."""

    at_s: float
    until_s: float
    """Time at which the condition ended; the end of the recording if it did not."""
    rule_id: str
    about: About
    priority: AlertPriority
    kinds: tuple[str, ...]
    """Vital kinds that the alert rests on."""
    explanation: str
    headline: str = ""
    """Words above the explanation; empty where there are none."""


@dataclass(frozen=True, slots=True, eq=False)
class ReportedAlerts:
    """All reports about one patient in order of time, as arrays of shape (n,)."""

    at_s: Float64
    until_s: Float64
    about: Codes
    priority: Codes

    @classmethod
    def of(cls, alerts: Iterable[ReportedAlert]) -> ReportedAlerts:
        """Return the reports as arrays."""
        listed = sorted(alerts, key=lambda alert: alert.at_s)
        return cls(
            np.array([t.at_s for t in listed], np.float64),
            np.array([t.until_s for t in listed], np.float64),
            np.array([t.about for t in listed], np.int8),
            np.array([t.priority for t in listed], np.int8),
        )

    @classmethod
    def during(cls, about: About, spans: Spans) -> ReportedAlerts:
        """Return the reports of an alarm of medium priority that rings in these spans."""
        size = spans.starts_s.size
        return cls(
            spans.starts_s,
            spans.ends_s,
            np.full(size, about, np.int8),
            np.full(size, AlertPriority.MEDIUM, np.int8),
        )

    def joined(self, *others: ReportedAlerts) -> ReportedAlerts:
        """Return these and other reports, in order of time."""
        parts = (self, *others)
        at_s = np.concatenate([part.at_s for part in parts])
        order = np.argsort(at_s, kind="stable")
        return ReportedAlerts(
            at_s[order],
            np.concatenate([part.until_s for part in parts])[order],
            np.concatenate([part.about for part in parts])[order],
            np.concatenate([part.priority for part in parts])[order],
        )

    def is_about(self, *abouts: About) -> Bools:
        """Return True for each report about one of these subjects."""
        return np.asarray(np.isin(self.about, [int(about) for about in abouts]), np.bool_)


def reported_alerts(transitions: Sequence[Transition], length_s: float) -> list[ReportedAlert]:
    """Return the alerts that were reported to nurses.

    An alert that stands alone is reported when it is raised, also when it had ended unseen and
    returns or was open and has a new ground, and when its priority rises. Parts of an open
    problem are not reported, and neither are reminders and answers that expired.
    """
    reported: list[ReportedAlert] = []
    before: dict[str, Alert] = {}
    open_since: dict[str, list[int]] = {}
    for transition in transitions:
        alert = transition.alert
        was = before.get(alert.alert_id)
        before[alert.alert_id] = alert
        if alert.state in {AlertState.LATCHED, AlertState.RESOLVED}:
            for index in open_since.pop(alert.alert_id, ()):
                reported[index] = replace(reported[index], until_s=transition.at_s)
        elif _is_news(alert, was):
            open_since.setdefault(alert.alert_id, []).append(len(reported))
            reported.append(_reported_alert(transition, length_s))
    return reported


def about_of_rule(rule_id: str) -> About | None:
    """Return the subject of a rule by its name; None for a name of no family of this program."""
    if rule_id.startswith(("signal.", "system.")):
        return About.TECHNICAL
    is_sign = rule_id.startswith(("crs.", "vital.", "score."))
    return _ABOUT.get(rule_id, About.OTHER) if is_sign else None


def _about_of(alert: Alert) -> About:
    """Return the subject of an alert."""
    if alert.kind is AlertKind.TECHNICAL:
        return About.TECHNICAL
    return _ABOUT.get(alert.rule_id, About.OTHER)


def _is_news(alert: Alert, was: Alert | None) -> bool:
    if not alert.is_signalled or alert.state is not AlertState.RAISED:
        return False
    if was is None or not was.is_signalled or not was.is_open:
        return True
    return alert.raised_at != was.raised_at or alert.priority > was.priority


def _reported_alert(transition: Transition, length_s: float) -> ReportedAlert:
    alert = transition.alert
    return ReportedAlert(
        transition.at_s,
        length_s,
        alert.rule_id,
        _about_of(alert),
        alert.priority,
        tuple(dict.fromkeys(evidence.kind for evidence in alert.evidence)),
        sentence_of(alert, Language.EN, UTC) or alert.text,
        headline_of(alert, Language.EN, UTC),
    )
