"""The worst misses and the false alerts worth a look, chosen from all patients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge_agent.evaluate.cohort.measures import Stays
from edge_agent.evaluate.estimates.clocks import in_minutes
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlert
from edge_agent.evaluate.stays.stay import OURS, StayOutcome
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.durations import HOUR_S

_SHOWN: Final = 20
_WORST_ABOUT: Final = (About.CRS, About.FEVER, About.PRESSURE, About.OXYGEN, About.SCORE)
"""Order in which false alerts are listed; all others follow."""
_FROM_ONE_PATIENT: Final = 2


@dataclass(frozen=True, slots=True)
class Case:
    """One moment of one patient, to be drawn."""

    stay: StayOutcome
    at_s: float
    title: str
    text: str
    """Text of the alert, or a statement that there was none."""


def worst_misses(stays: Stays) -> tuple[Case, ...]:
    """Return the missed episodes, the most severe first, and then those found latest."""
    ranked = []
    for stay in stays:
        for outcome, found in zip(stay.episodes, stay.methods[OURS].episodes, strict=True):
            if found.was_open_before:
                continue
            onset_s, grade = outcome.truth.window.onset_s, outcome.truth.worst_grade
            if found.reported_s is None:
                what = "no owed alert until 12 h after the onset"
                ranked.append(
                    ((1, float(grade), 0.0), _case(stay, onset_s, f"missed, grade {grade}", what))
                )
                continue
            hours = (found.reported_s - onset_s) / HOUR_S
            first = next(one for one in stay.reported if one.at_s == found.reported_s)
            when = f"{in_minutes(abs(hours))} {'before' if hours < 0 else 'after'} the onset"
            title = f"reported {when}, grade {grade}"
            ranked.append(((0, hours, float(grade)), _case(stay, onset_s, title, _words(first))))
    ranked.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(case for _, case in ranked[:_SHOWN])


def worst_false_alerts(stays: Stays) -> tuple[Case, ...]:
    """Return false alerts, high priority first, at most two from one patient."""
    ranked = [ranked for stay in stays for ranked in _false_of(stay)]
    ranked.sort(key=lambda pair: pair[0])
    return tuple(case for _, case in ranked[:_SHOWN])


def _false_of(stay: StayOutcome) -> Iterator[tuple[tuple[int, int, str], Case]]:
    false = [
        one
        for one, is_right in zip(stay.reported, stay.is_right, strict=True)
        if not is_right and one.priority >= AlertPriority.MEDIUM
    ]
    for one in sorted(false, key=_order)[:_FROM_ONE_PATIENT]:
        title = f"false {one.rule_id}, {one.priority.name.lower()}"
        yield (*_order(one), stay.patient_id), _case(stay, one.at_s, title, _words(one))


def _order(one: ReportedAlert) -> tuple[int, int]:
    rank = _WORST_ABOUT.index(one.about) if one.about in _WORST_ABOUT else len(_WORST_ABOUT)
    return -int(one.priority), rank


def _case(stay: StayOutcome, at_s: float, title: str, text: str) -> Case:
    return Case(stay, at_s, title, text)


def _words(one: ReportedAlert) -> str:
    return f"{one.rule_id}: {one.explanation}"
