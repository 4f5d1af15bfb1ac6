"""Habits of staff on a ward: entries, temperatures by hand, and answers to alerts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S, MINUTE_S
from simulators.habits.chance import Stream, chance
from simulators.habits.people import Traits
from simulators.habits.ward_habits import WardHabits
from simulators.patients.context import TimedEntry
from simulators.patients.plan import Episode, EpisodeKind, FaultKind, PlannedFault
from simulators.patients.shapes import Float64

_ENTERED_AT_ONCE: Final = frozenset({"infusion", "away", "spot"})
"""Kinds that are never late or left out here: a spot temperature carries its own delay."""
_LONGEST_DELAY_S: Final = 12 * HOUR_S
# design start values, unvalidated
_PAIN_S: Final = (5 * MINUTE_S, 40 * MINUTE_S)
_PAIN_HEART_RATE: Final = (15.0, 32.0)
_PROCEDURE_S: Final = (10 * MINUTE_S, 60 * MINUTE_S)
_PROCEDURE_HEART_RATE: Final = (10.0, 28.0)
_BASELINE_ENTERED_S: Final = (1 * HOUR_S, 72 * HOUR_S)
_LONGEST_ABSENCE_S: Final = 4 * HOUR_S  # a longer absence is no valid entry
_THERMOMETER: Final = (34.0, 42.0)
"""Range of a clinical thermometer, Celsius."""
HAND_SITES: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"oral": (-0.1, 0.15), "tympanic": (0.0, 0.25), "axillary": (-0.4, 0.3)}
)
"""Difference from the core and its spread from reading to reading, Celsius, by site."""


def draw_pains(
    ward: WardHabits, length_s: float, draw: np.random.Generator
) -> tuple[tuple[Episode, ...], tuple[TimedEntry, ...]]:
    """Return attacks of pain and procedures, and the entries of those that staff note."""
    episodes, entries = [], []
    for name, per_day, length, size in (
        ("pain", ward.pain_per_day, _PAIN_S, _PAIN_HEART_RATE),
        ("procedure", ward.procedures_per_day, _PROCEDURE_S, _PROCEDURE_HEART_RATE),
    ):
        for _ in range(int(draw.poisson(per_day * length_s / DAY_S))):
            begin_s = float(draw.uniform(0.0, length_s))
            end_s = begin_s + float(draw.uniform(*length))
            episodes.append(Episode(EpisodeKind.PAIN, begin_s, end_s, float(draw.uniform(*size))))
            if draw.uniform() < ward.pain_entered_share:
                entries.append(TimedEntry(begin_s, "flag", name))
    return tuple(episodes), tuple(entries)


def draw_notes(
    ward: WardHabits, traits: Traits, faults: Sequence[PlannedFault], draw: np.random.Generator
) -> tuple[TimedEntry, ...]:
    """Return entries about peculiarities for life and about absences, where somebody makes them."""
    entries = []
    pressure_at_s = float(draw.uniform(*_BASELINE_ENTERED_S))
    if draw.uniform() < ward.low_pressure_entered_share and traits.systolic is not None:
        usual = round(traits.systolic)
        entries.append(TimedEntry(pressure_at_s, "baseline", "nibp_systolic", float(usual)))
    if draw.uniform() < ward.pacemaker_entered_share and traits.paced_per_min:
        entries.append(TimedEntry(0.0, "flag", "paced"))
    for fault in faults:
        if fault.kind is FaultKind.TRANSPORT and draw.uniform() < ward.transport_entered_share:
            until_s = min(fault.to_s, fault.from_s + _LONGEST_ABSENCE_S)
            entries.append(TimedEntry(fault.from_s, "away", "transport", until_s=until_s))
    return tuple(entries)


def draw_hand_times(
    ward: WardHabits, length_s: float, draw: np.random.Generator
) -> tuple[float, ...]:
    """Return the times at which a nurse takes the temperature by hand."""
    every_s = ward.hand_every_h * HOUR_S
    due = np.arange(draw.uniform(0.0, every_s), length_s, every_s)
    jitter_s = ward.hand_jitter_min * MINUTE_S
    times = due + draw.uniform(-jitter_s, jitter_s, due.size)
    is_done = draw.uniform(size=due.size) >= ward.hand_missed_share
    return tuple(np.sort(times[is_done & (times >= 0) & (times < length_s)]).tolist())


def hand_temperatures(
    ward: WardHabits,
    at_s: Sequence[float],
    core_at: Callable[[Float64], Float64],
    draw: np.random.Generator,
) -> tuple[TimedEntry, ...]:
    """Return the temperatures taken by hand, each at one site per patient.

    Parameters
    ----------
    at_s
        Times of the measurements.
    core_at
        Gives the core temperature at such times, Celsius, whatever body it is of.
    """
    if not at_s:
        return ()
    weights = np.array([ward.hand_oral, ward.hand_tympanic, ward.hand_axillary])
    site = str(draw.choice(list(HAND_SITES), p=weights / weights.sum()))
    bias, spread = HAND_SITES[site]
    times = np.array(at_s)
    felt = core_at(times) + bias + spread * draw.standard_normal(times.size)
    shown = np.clip(np.round(felt, 1), *_THERMOMETER)
    delays_s = _delays_s(ward, times.size, draw)
    return tuple(
        TimedEntry(when_s, "spot", site, value, entered_s=when_s + delay_s)
        for when_s, value, delay_s in zip(
            times.tolist(), shown.tolist(), delays_s.tolist(), strict=True
        )
    )


def entered(
    ward: WardHabits, events: Sequence[TimedEntry], draw: np.random.Generator
) -> tuple[TimedEntry, ...]:
    """Return the events that staff enter, each with the time at which they do."""
    delays_s = _delays_s(ward, len(events), draw)
    is_noted = draw.uniform(size=len(events)) >= ward.entry_missing_share
    made = []
    for event, delay_s, is_made in zip(events, delays_s.tolist(), is_noted.tolist(), strict=True):
        if event.kind in _ENTERED_AT_ONCE:
            made.append(event)
        elif is_made:
            made.append(replace(event, entered_s=max(0.0, event.at_s) + delay_s))
    return tuple(made)


def answer_delay_s(ward: WardHabits, stay_seed: int, number: int) -> float | None:
    """Return the time from an alert to its answer, seconds; None where nobody answers.

    Parameters
    ----------
    stay_seed
        Seed of the stay.
    number
        Number of the alert within the stay, 0 or more.
    """
    draw = chance(ward.seed, stay_seed, Stream.ANSWERS, number)
    if draw.uniform() < ward.answer_never_share:
        return None
    spread = float(np.clip(ward.answer_spread * draw.standard_normal(), -2.5, 2.5))
    return float(ward.answer_median_min * MINUTE_S * np.exp(spread))


def _delays_s(ward: WardHabits, count: int, draw: np.random.Generator) -> Float64:
    spread = np.exp(ward.entry_delay_spread * draw.standard_normal(count))
    return np.minimum(ward.entry_delay_median_min * MINUTE_S * spread, _LONGEST_DELAY_S)
