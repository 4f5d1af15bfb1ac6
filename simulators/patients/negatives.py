"""Confounders that can look like CRS or hide it, and monitor faults, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S, MINUTE_S
from simulators.patients.crs_course import draw_fever
from simulators.patients.person import Person
from simulators.patients.plan import (
    Cause,
    Episode,
    EpisodeKind,
    FaultKind,
    Illness,
    LimbCourse,
    Plan,
    PlannedEntry,
    PlannedFault,
    Sensor,
    Treatment,
    TreatmentKind,
)

Draw = np.random.Generator
_Addition = Callable[[Person, Plan, Draw], Plan]

_INFECTION_PEAK: Final = (38.4, 39.8)
_MEDIAN_INFECTION_DAY: Final = 6.0  # first infection at a median of 6 days (Hill, Blood 2018)


def _random_span(plan: Plan, draw: Draw, length_s: float) -> tuple[float, float]:
    begin_s = float(draw.uniform(2 * HOUR_S, max(3 * HOUR_S, plan.length_s - length_s)))
    return begin_s, begin_s + length_s


def _episode(
    kind: EpisodeKind,
    minutes: tuple[float, float],
    size: tuple[float, float],
    times: tuple[int, int] = (1, 1),
) -> _Addition:
    """Return a function that adds episodes of a kind; `times` is their least and most number."""

    def add(_person: Person, plan: Plan, draw: Draw) -> Plan:
        episodes = []
        for _ in range(int(draw.integers(times[0], times[1] + 1))):
            span = _random_span(plan, draw, float(draw.uniform(*minutes)) * MINUTE_S)
            episodes.append(Episode(kind, *span, float(draw.uniform(*size))))
        return replace(plan, episodes=(*plan.episodes, *episodes))

    return add


def _fault(
    kind: FaultKind,
    sensor: Sensor,
    minutes: tuple[float, float],
    size: tuple[float, float] = (0.0, 0.0),
    times: tuple[int, int] = (1, 3),
) -> _Addition:
    """Return a function that adds faults of a kind."""

    def add(_person: Person, plan: Plan, draw: Draw) -> Plan:
        faults = []
        for _ in range(int(draw.integers(times[0], times[1] + 1))):
            span = _random_span(plan, draw, float(draw.uniform(*minutes)) * MINUTE_S)
            faults.append(PlannedFault(kind, sensor, *span, float(draw.uniform(*size))))
        return replace(plan, faults=(*plan.faults, *faults))

    return add


def _infection(person: Person, plan: Plan, draw: Draw) -> Plan:
    """Add an infection: a fever as in CRS grade 1, sometimes followed by septic shock."""
    day = min(float(draw.gamma(3.0, _MEDIAN_INFECTION_DAY / 2.67)), plan.length_s / DAY_S - 1.5)
    fever_s = max(12 * HOUR_S, day * DAY_S)
    ramp_s = float(draw.uniform(1.0, 8.0)) * HOUR_S
    fever = draw_fever(person, fever_s, ramp_s, _INFECTION_PEAK, draw)
    length_s = float(draw.uniform(1.5, 4.0)) * DAY_S
    illness: Illness = replace(fever, cause=Cause.INFECTION, end_s=fever_s + length_s)
    treatments = plan.treatments
    if draw.uniform() < 0.12:
        begin_s = fever_s + float(draw.uniform(4.0, 20.0)) * HOUR_S
        depth = max(15.0, person.baseline.systolic - float(draw.uniform(72.0, 84.0)))
        shock = LimbCourse(begin_s, 2 * HOUR_S, begin_s + 30 * HOUR_S, 6 * HOUR_S, depth)
        illness = replace(illness, hypotension=shock, end_s=max(illness.end_s, shock.end_s))
        given_s = begin_s + 2.5 * HOUR_S
        fluids = Treatment(TreatmentKind.FLUIDS, given_s, given_s, "crystalloid", 1.0)
        treatments = (*treatments, fluids)
    entry = PlannedEntry(fever_s + 3 * HOUR_S, "culture", "taken")
    return replace(
        plan,
        illnesses=(*plan.illnesses, illness),
        treatments=treatments,
        entries=(*plan.entries, entry),
    )


def _infusion_reaction(person: Person, plan: Plan, draw: Draw) -> Plan:
    """Add a reaction to the infusion or its DMSO in the first hours."""
    begin_s = max(0.0, person.infused_s) + float(draw.uniform(5.0, 60.0)) * MINUTE_S
    end_s = begin_s + float(draw.uniform(3.0, 8.0)) * HOUR_S
    size = float(draw.uniform(0.5, 1.0))
    episode = Episode(EpisodeKind.INFUSION_REACTION, begin_s, end_s, size)
    entry = PlannedEntry(begin_s + 600.0, "flag", "infusion_reaction")
    return replace(plan, episodes=(*plan.episodes, episode), entries=(*plan.entries, entry))


def _transfusion_reaction(_person: Person, plan: Plan, draw: Draw) -> Plan:
    """Add a reaction within 4 h of a unit of blood."""
    unit_s, _ = _random_span(plan, draw, 8 * HOUR_S)
    begin_s = unit_s + float(draw.uniform(20.0, 120.0)) * MINUTE_S
    end_s = begin_s + float(draw.uniform(3.0, 6.0)) * HOUR_S
    size = float(draw.uniform(1.0, 1.6))
    episode = Episode(EpisodeKind.TRANSFUSION_REACTION, begin_s, end_s, size)
    entries = (
        PlannedEntry(unit_s, "transfusion", "start"),
        PlannedEntry(unit_s + 2 * HOUR_S, "transfusion", "stop"),
    )
    return replace(plan, episodes=(*plan.episodes, episode), entries=(*plan.entries, *entries))


def _sleep_bradycardia(person: Person, plan: Plan, draw: Draw) -> Plan:
    """Add some nights with a heart rate of 40 to 50."""
    target = float(draw.uniform(42.0, 50.0))
    size = max(5.0, person.baseline.heart_rate - 6.0 - target)
    episodes = []
    for night in range(int(plan.length_s // DAY_S)):
        if draw.uniform() < 0.5:
            hours = night * 24.0 + person.sleeps_from_h - person.clock_at_start_h
            begin_s = (hours + float(draw.uniform(0.5, 3.0))) * HOUR_S
            span = (begin_s, begin_s + float(draw.uniform(1.5, 4.0)) * HOUR_S)
            episodes.append(Episode(EpisodeKind.SLEEP_BRADYCARDIA, *span, size))
    return replace(plan, episodes=(*plan.episodes, *episodes))


def _stuck(person: Person, plan: Plan, draw: Draw) -> Plan:
    """Add a value that does not change."""
    usual = person.baseline
    sensor, value = (
        (Sensor.ECG, round(usual.heart_rate)),
        (Sensor.SPO2, round(usual.spo2)),
        (Sensor.TEMPERATURE, round(usual.temperature, 1)),
    )[int(draw.integers(3))]
    span = _random_span(plan, draw, float(draw.uniform(90.0, 300.0)) * MINUTE_S)
    return replace(plan, faults=(*plan.faults, PlannedFault(FaultKind.STUCK, sensor, *span, value)))


# sizes and lengths: design start values, unvalidated
CONFOUNDERS: Final[Mapping[str, _Addition]] = MappingProxyType(
    {
        "infection": _infection,
        "infusion_reaction": _infusion_reaction,
        "transfusion_reaction": _transfusion_reaction,
        "pain": _episode(EpisodeKind.PAIN, (5, 40), (20, 40), (3, 10)),
        "atrial_fibrillation": _episode(EpisodeKind.ATRIAL_FIBRILLATION, (30, 300), (120, 168)),
        "sleep_bradycardia": _sleep_bradycardia,
        "skin_warming": _episode(EpisodeKind.SKIN_WARMING, (20, 120), (0.3, 0.8), (2, 6)),
        "cooling": _episode(EpisodeKind.COOLING, (20, 120), (2.0, 5.0), (1, 3)),
        "haemorrhage": _episode(EpisodeKind.HAEMORRHAGE, (180, 480), (36, 52)),
        "pulmonary_embolism": _episode(EpisodeKind.PULMONARY_EMBOLISM, (180, 600), (8, 13)),
        "fluid_overload": _episode(EpisodeKind.FLUID_OVERLOAD, (600, 1200), (6, 9)),
    }
)
"""Confounders other than motion, which every patient has, and than courses that hide CRS."""

FAULTS: Final[Mapping[str, _Addition]] = MappingProxyType(
    {
        "spo2_probe_off": _fault(FaultKind.PROBE_OFF, Sensor.SPO2, (3, 60)),
        "spo2_probe_zero": _fault(FaultKind.PROBE_ZERO, Sensor.SPO2, (3, 60)),
        "spo2_probe_flat": _fault(FaultKind.PROBE_FLAT, Sensor.SPO2, (35, 90)),
        "ecg_leads_off": _fault(FaultKind.PROBE_OFF, Sensor.ECG, (3, 40)),
        "temperature_probe_off": _fault(FaultKind.PROBE_OFF, Sensor.TEMPERATURE, (20, 120)),
        "temperature_drift_off": _fault(FaultKind.DRIFT_OFF, Sensor.TEMPERATURE, (30, 150)),
        "cuff_error": _fault(FaultKind.CUFF_ERROR, Sensor.CUFF, (70, 70), (-45, -40), (2, 6)),
        "cuff_narrow": _fault(FaultKind.CUFF_ERROR, Sensor.CUFF, (70, 70), (0, 0), (2, 6)),
        "cuff_off": _fault(FaultKind.PROBE_OFF, Sensor.CUFF, (120, 360)),
        "loss": _fault(FaultKind.LOSS, Sensor.ALL, (5, 120)),
        "duplicate": _fault(FaultKind.DUPLICATE, Sensor.ALL, (10, 240)),
        "reorder": _fault(FaultKind.REORDER, Sensor.ALL, (10, 240)),
        "clock_step": _fault(FaultKind.CLOCK_STEP, Sensor.ALL, (60, 600), (-3600, 3600)),
        "fahrenheit": _fault(FaultKind.FAHRENHEIT, Sensor.TEMPERATURE, (30, 240), times=(1, 1)),
        "stuck": _stuck,
    }
)
