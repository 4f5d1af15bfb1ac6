"""The same figures by product, age, beta blocker, ramp, coverage and grade."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.evaluate.cohort.measures import (
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


@dataclass(frozen=True, slots=True)
class Stratum:
    """One group, or one method, in figures."""

    group: str
    name: str
    patients: int
    episodes: int
    sensitivity: Estimate
    chance: Estimate | None
    """Sensitivity by chance; None where the group is one of episodes."""
    delay_h: Estimate
    lead_4h: Estimate | None
    """Lead over checks every 4 hours, without the watch, hours; None for a comparator."""
    false_fever: Estimate | None
    """False fever alerts per patient-day; None where the group is one of episodes."""
    false_crs: Estimate | None
    """False CRS alerts per patient-day; None where the group is one of episodes."""
    false: Estimate | None
    """False alerts about the patient, of medium or high priority, per patient-day."""
    nurse: Estimate | None
    """All alerts of medium or high priority, per patient-day."""
    ppv: Estimate | None


def by_method(stays: Stays) -> tuple[Stratum, ...]:
    """Return a row for our rules and one for every comparator."""
    methods = list(stays[0].methods) if stays else []
    return tuple(_of_patients("", method, stays, method) for method in methods)


def by_group(stays: Stays) -> tuple[Stratum, ...]:
    """Return our rules in each group, groups of patients first and then of episodes."""
    return (*_patient_groups(stays), *_episode_groups(stays))


def _patient_groups(stays: Stays) -> Iterator[Stratum]:
    sorts: dict[str, Callable[[StayOutcome], str]] = {
        "product": lambda stay: stay.product or "none",
        "age": lambda stay: stay.age_group,
        "beta blocker": lambda stay: "yes" if stay.is_beta_blocked else "no",
    }
    for group, name_of in sorts.items():
        for name in sorted({name_of(stay) for stay in stays}):
            yield _of_patients(group, name, [s for s in stays if name_of(s) == name], OURS)


def _episode_groups(stays: Stays) -> Iterator[Stratum]:
    sorts: dict[str, tuple[tuple[str, ...], Callable[[EpisodeOutcome], str]]] = {
        "ramp to 38.0": (("under 3 h", "3 to 8 h", "over 8 h"), _ramp),
        "temperature seen": (("99 % or more", "less"), _coverage),
        "worst grade": (("1", "2", "3", "4"), lambda e: str(e.truth.worst_grade)),
    }
    for group, (names, name_of) in sorts.items():
        for name in names:
            some = [_only(stay, name_of, name) for stay in stays]
            yield _of_episodes(group, name, [stay for stay in some if stay.episodes])


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


def _of_patients(group: str, name: str, stays: Sequence[StayOutcome], method: str) -> Stratum:
    return Stratum(
        group,
        name,
        len(stays),
        sum(len(stay.episodes) for stay in stays),
        sensitivity(stays, method),
        chance(stays, method),
        delay(stays, method),
        lead(stays, "spot_4h", with_watch=False) if method == OURS else None,
        per_day(stays, method, lambda c: c.false_fever),
        per_day(stays, method, lambda c: c.false_crs),
        per_day(stays, method, lambda c: c.false),
        per_day(stays, method, lambda c: c.nurse),
        precision(stays, method),
    )


def _of_episodes(group: str, name: str, stays: Sequence[StayOutcome]) -> Stratum:
    return Stratum(
        group,
        name,
        len(stays),
        sum(len(stay.episodes) for stay in stays),
        sensitivity(stays, OURS),
        None,
        delay(stays, OURS),
        lead(stays, "spot_4h", with_watch=False),
        *(None for _ in range(5)),
    )
