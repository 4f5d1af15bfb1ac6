"""Drawing of the events besides CRS: reactions, pain, rhythm, bleeding, embolism and others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S, MINUTE_S
from simulators.patients.plan import Episode, EpisodeKind, PlannedEntry
from simulators.patients.shapes import Float64
from simulators.setpoint.draw_storm import draw_infection
from simulators.setpoint.organism import Facts
from simulators.setpoint.storm import Storm


@dataclass(frozen=True, slots=True)
class Added:
    """One confounder: its episodes, storms and entries."""

    episodes: tuple[Episode, ...] = ()
    storms: tuple[Storm, ...] = ()
    entries: tuple[PlannedEntry, ...] = ()


def add_confounder(name: str, facts: Facts, t: Float64, draw: np.random.Generator) -> Added:
    """Return the confounder with a name; times and sizes: design start values, unvalidated.

    Raises
    ------
    KeyError
        If there is no confounder with that name.
    """
    return _DRAWS[name](facts, t, draw)


def _sometime(t: Float64, lasts_s: float, draw: np.random.Generator) -> float:
    """Return a begin from which an event fits into the stay, seconds."""
    return float(draw.uniform(0.0, max(1.0, float(t[-1]) - lasts_s)))


def _one(
    kind: EpisodeKind, at_s: float, lasts_s: float, size: float, *entries: PlannedEntry
) -> Added:
    return Added((Episode(kind, at_s, at_s + lasts_s, size),), (), entries)


def _infection(facts: Facts, t: Float64, draw: np.random.Generator) -> Added:
    storm = draw_infection(facts, float(t[-1]), t, draw)
    taken = PlannedEntry(storm.fever_at_s + HOUR_S * float(draw.uniform(0.3, 3.0)), "culture", "")
    return Added((), (storm,), (taken,))


def _infusion_reaction(_facts: Facts, _t: Float64, draw: np.random.Generator) -> Added:
    begin_s = HOUR_S * float(draw.uniform(0.05, 2.5))
    lasts_s = HOUR_S * float(draw.uniform(0.7, 3.5))
    size = float(draw.uniform(0.5, 1.0))
    return _one(EpisodeKind.INFUSION_REACTION, begin_s, lasts_s, size)


def _transfusion_reaction(_facts: Facts, t: Float64, draw: np.random.Generator) -> Added:
    hung_s = _sometime(t, 8 * HOUR_S, draw)
    begin_s = hung_s + HOUR_S * float(draw.uniform(0.4, 2.5))
    stops_s = min(begin_s + HOUR_S * float(draw.uniform(0.2, 0.8)), hung_s + 4 * HOUR_S)
    return _one(
        EpisodeKind.TRANSFUSION_REACTION,
        begin_s,
        HOUR_S * float(draw.uniform(1.5, 4.0)),
        float(draw.uniform(1.1, 1.8)),
        PlannedEntry(hung_s, "transfusion", "start"),
        PlannedEntry(stops_s, "transfusion", "stop"),
    )


def _pain(_facts: Facts, t: Float64, draw: np.random.Generator) -> Added:
    episodes, entries = [], []
    for _ in range(1 + int(draw.poisson(2.5))):
        lasts_s = MINUTE_S * float(draw.uniform(5.0, 40.0))
        at_s = _sometime(t, lasts_s, draw)
        size = float(draw.uniform(20.0, 40.0))
        episodes.append(Episode(EpisodeKind.PAIN, at_s, at_s + lasts_s, size))
        if draw.uniform() < 0.4:
            entries.append(PlannedEntry(at_s, "flag", "procedure"))
    return Added(tuple(episodes), (), tuple(entries))


def _atrial_fibrillation(facts: Facts, t: Float64, draw: np.random.Generator) -> Added:
    """Draw a run, most often in a storm (Shouval et al., Br J Haematol 2024)."""
    lasts_s = HOUR_S * float(min(36.0, draw.lognormal(1.3, 0.9)))
    at_s = _sometime(t, lasts_s, draw)
    if facts.storms and draw.uniform() < 0.7:
        at_s = facts.storms[0].fever_at_s + HOUR_S * float(draw.uniform(4.0, 60.0))
    rate = float(draw.uniform(120.0, 168.0))
    return _one(EpisodeKind.ATRIAL_FIBRILLATION, at_s, lasts_s, rate)


def _sleep_bradycardia(facts: Facts, t: Float64, draw: np.random.Generator) -> Added:
    person = facts.person
    first_s = HOUR_S * float(np.mod(person.sleeps_from_h - person.clock_at_start_h, 24.0))
    lowest = float(draw.uniform(40.0, 49.0))
    size = max(5.0, 0.87 * person.baseline.heart_rate - lowest)
    episodes = []
    for night in range(int(t[-1] // DAY_S) + 1):
        begin_s = first_s + night * DAY_S + HOUR_S * float(draw.uniform(0.5, 2.0))
        lasts_s = HOUR_S * float(draw.uniform(2.0, max(2.1, person.sleeps_for_h - 2.5)))
        if draw.uniform() < 0.8 and begin_s < t[-1]:
            slow = Episode(EpisodeKind.SLEEP_BRADYCARDIA, begin_s, begin_s + lasts_s, size)
            episodes.append(slow)
    return Added(tuple(episodes))


def _skin_warming(_facts: Facts, t: Float64, draw: np.random.Generator) -> Added:
    episodes = []
    for _ in range(1 + int(draw.poisson(1.5))):
        lasts_s = MINUTE_S * float(draw.uniform(20.0, 120.0))
        at_s = _sometime(t, lasts_s, draw)
        warm = float(draw.uniform(0.3, 0.8))
        episodes.append(Episode(EpisodeKind.SKIN_WARMING, at_s, at_s + lasts_s, warm))
    return Added(tuple(episodes))


def _cooling(_facts: Facts, t: Float64, draw: np.random.Generator) -> Added:
    lasts_s = MINUTE_S * float(draw.uniform(15.0, 90.0))
    fall = float(draw.uniform(2.0, 6.0))
    return _one(EpisodeKind.COOLING, _sometime(t, lasts_s, draw), lasts_s, fall)


def _haemorrhage(_facts: Facts, t: Float64, draw: np.random.Generator) -> Added:
    lasts_s = HOUR_S * float(draw.uniform(3.0, 10.0))
    size = float(draw.uniform(0.55, 1.15))
    return _one(EpisodeKind.HAEMORRHAGE, _sometime(t, lasts_s, draw), lasts_s, size)


def _pulmonary_embolism(_facts: Facts, t: Float64, draw: np.random.Generator) -> Added:
    lasts_s = HOUR_S * float(draw.uniform(8.0, 48.0))
    size = float(draw.uniform(0.35, 0.65))
    return _one(EpisodeKind.PULMONARY_EMBOLISM, _sometime(t, lasts_s, draw), lasts_s, size)


def _fluid_overload(_facts: Facts, t: Float64, draw: np.random.Generator) -> Added:
    lasts_s = HOUR_S * float(draw.uniform(6.0, 24.0))
    size = float(draw.uniform(0.30, 0.60))
    return _one(EpisodeKind.FLUID_OVERLOAD, _sometime(t, lasts_s, draw), lasts_s, size)


_DRAWS: Final[Mapping[str, Callable[[Facts, Float64, np.random.Generator], Added]]] = (
    MappingProxyType(
        {
            "infection": _infection,
            "infusion_reaction": _infusion_reaction,
            "transfusion_reaction": _transfusion_reaction,
            "pain": _pain,
            "atrial_fibrillation": _atrial_fibrillation,
            "sleep_bradycardia": _sleep_bradycardia,
            "skin_warming": _skin_warming,
            "cooling": _cooling,
            "haemorrhage": _haemorrhage,
            "pulmonary_embolism": _pulmonary_embolism,
            "fluid_overload": _fluid_overload,
        }
    )
)
"""Drawing of each confounder, by the names that cohort files use."""
