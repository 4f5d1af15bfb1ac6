"""The same figures by product, age, beta blocker, ramp, coverage and grade."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from edge_agent.evaluate.cohort.measures import (
    Count,
    Stays,
    chance,
    delay,
    lead,
    per_day,
    precision,
    sensitivity,
)
from edge_agent.evaluate.estimates.bootstrap import Estimate
from edge_agent.evaluate.stays.stay import OURS, EpisodeOutcome, StayOutcome

_FAST_H: Final = 3.0
_SLOW_H: Final = 8.0
_COMPLETE: Final = 0.99
_BURDEN: Final[Mapping[str, Count]] = MappingProxyType(
    {
        "false_fever_per_patient_day": lambda counts: counts.false_fever,
        "false_crs_per_patient_day": lambda counts: counts.false_crs,
        "false_per_patient_day": lambda counts: counts.false,
        "nurse_alerts_per_patient_day": lambda counts: counts.nurse,
        "patient_alerts_per_patient_day": lambda counts: counts.evaluated,
    }
)
"""Alerts counted per patient-day."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """One group, or one method, in figures."""

    group: str
    name: str
    patients: int
    episodes: int
    estimates: Mapping[str, Estimate]
    """Estimates by their names in the file, in its order. A comparator has no lead, and a group of
    episodes nothing that is counted in patients."""


def by_method(stays: Stays) -> tuple[Stratum, ...]:
    """Return a row for our rules and one for every comparator."""
    methods = list(stays[0].methods) if stays else []
    return tuple(_stratum("", method, stays, method) for method in methods)


def by_group(stays: Stays) -> tuple[Stratum, ...]:
    """Return our rules in each group, groups of patients first and then of episodes."""
    return (*_patient_groups(stays), *_episode_groups(stays))


def _patient_groups(stays: Stays) -> Iterator[Stratum]:
    sorts: dict[str, Callable[[StayOutcome], str]] = {
        "product": lambda stay: stay.product or "none",
        "age": lambda stay: stay.age_group,
        "temperature by": lambda stay: "probe" if stay.has_probe else "hand",
        "beta blocker": lambda stay: "yes" if stay.is_beta_blocked else "no",
    }
    for group, name_of in sorts.items():
        for name in sorted({name_of(stay) for stay in stays}):
            yield _stratum(group, name, [s for s in stays if name_of(s) == name])


def _episode_groups(stays: Stays) -> Iterator[Stratum]:
    sorts: dict[str, tuple[tuple[str, ...], Callable[[EpisodeOutcome], str]]] = {
        "ramp to 38.0": (("under 3 h", "3 to 8 h", "over 8 h"), _ramp),
        "temperature seen": (("99 % or more", "less"), _coverage),
        "worst grade": (("1", "2", "3", "4"), lambda e: str(e.truth.worst_grade)),
    }
    for group, (names, name_of) in sorts.items():
        for name in names:
            some = [_only(stay, name_of, name) for stay in stays]
            chosen = [stay for stay in some if stay.episodes]
            yield _stratum(group, name, chosen, of_patients=False)


def _ramp(episode: EpisodeOutcome) -> str:
    hours = episode.truth.ramp_h
    return "under 3 h" if hours < _FAST_H else "3 to 8 h" if hours < _SLOW_H else "over 8 h"


def _coverage(episode: EpisodeOutcome) -> str:
    return "99 % or more" if episode.coverage >= _COMPLETE else "less"


def _only(stay: StayOutcome, name_of: Callable[[EpisodeOutcome], str], name: str) -> StayOutcome:
    """Return the stay with only the episodes that belong to a group."""
    chosen = [n for n, episode in enumerate(stay.episodes) if name_of(episode) == name]
    methods = {
        key: replace(score, episodes=tuple(score.episodes[n] for n in chosen))
        for key, score in stay.methods.items()
    }
    return replace(stay, episodes=tuple(stay.episodes[n] for n in chosen), methods=methods)


def _stratum(
    group: str, name: str, stays: Stays, method: str = OURS, *, of_patients: bool = True
) -> Stratum:
    found = {"sensitivity": sensitivity(stays, method)}
    if of_patients:
        found["chance_sensitivity"] = chance(stays, method)
    found["delay_hours"] = delay(stays, method)
    if method == OURS:
        lead_4h = lead(stays, "spot_4h", with_watch=False)
        found["lead_over_4h_hours_without_watch"] = lead_4h
    if of_patients:
        found |= {key: per_day(stays, method, count) for key, count in _BURDEN.items()}
        found["ppv"] = precision(stays, method)
    return Stratum(group, name, len(stays), sum(len(stay.episodes) for stay in stays), found)
