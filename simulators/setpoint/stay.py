"""Drawing of a whole stay: the person, the course that reaches a grade, and all that staff do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S
from simulators.habits.people import Traits
from simulators.patients.patient import Patient
from simulators.patients.plan import (
    CuffPlan,
    Episode,
    Illness,
    Plan,
    PlannedEntry,
    Treatment,
    TreatmentKind,
)
from simulators.patients.shapes import Float64
from simulators.patients.truth import truth_of
from simulators.setpoint.confounders import add_confounder
from simulators.setpoint.draw_storm import draw_crs
from simulators.setpoint.fitting import refitted
from simulators.setpoint.forces import grid
from simulators.setpoint.habits import Habits, draw_habits
from simulators.setpoint.lived_body import LivedBody
from simulators.setpoint.nature import draw_person, peculiar
from simulators.setpoint.organism import EXCESS_DRIVE, Facts
from simulators.setpoint.staff import treated
from simulators.setpoint.storm import DRIFT, Storm, drift_s, drives

_STORMS: Final = 2
"""Storms of one patient that are drawn until one reaches the wanted grade under treatment."""
_TRIES: Final = 4
"""Depths of a storm that are tried until it reaches the wanted grade under treatment."""
_DEEPER: Final = 1.2
_SHALLOWER: Final = 0.9
_STILL_FELT: Final = 0.05
_CUFF_EVERY_S: Final = (1800.0, 3600.0)
_CLOSE_CUFF_S: Final = 900.0
_CLOSE_FOR_S: Final = 6 * HOUR_S
_CHILLS_FROM: Final = 0.3
"""Strength of a rigor that staff see."""
_ICE_EVERY_S: Final = 12 * HOUR_S


@dataclass(frozen=True, slots=True)
class Admission:
    """Facts that a cohort decides about a stay."""

    age_years: float
    product: str
    clock_at_start_h: float
    temperature_site: str
    beta_blocked: float
    """Share of patients with a beta blocker."""
    days: float
    grade: int
    """Worst ASTCT grade that the course should reach, 0 for no CRS."""
    confounders: Mapping[str, float]
    """Share of patients with each confounder."""


@dataclass(frozen=True, slots=True)
class WardLife:
    """Traits and pains that a ward brings into a body."""

    traits: Traits
    pains: tuple[Episode, ...]
    """Attacks of pain and procedures; the body feels them, and the ward adds them to the plan."""


NO_WARD: Final = WardLife(Traits(), ())


@dataclass(frozen=True, slots=True)
class Stay:
    """A drawn stay."""

    patient: Patient
    grade: int
    """Worst ASTCT grade that the course reaches without confounders."""
    marks: tuple[str, ...]
    """Names of confounders."""


def draw_stay(admission: Admission, draw: np.random.Generator, life: WardLife = NO_WARD) -> Stay:
    """Return a stay that `draw` decides; a ward draws nothing from it and changes no illness."""
    person, nature = draw_person(
        age_years=admission.age_years,
        product=admission.product,
        clock_at_start_h=admission.clock_at_start_h,
        temperature_site=admission.temperature_site,
        beta_blocked=admission.beta_blocked,
        draw=draw,
    )
    length_s = admission.days * DAY_S
    t = grid(length_s)
    habits = draw_habits(draw, person.weight_kg)
    cuff_s = float(draw.choice(_CUFF_EVERY_S))
    facts, grade = Facts(person, nature, ()), 0
    if admission.grade:
        facts, grade = _with_crs(facts, habits, admission.grade, length_s, draw)
    marks, entries = [], list(_flags(facts))
    for name, share in admission.confounders.items():
        if draw.uniform() < share:
            added = add_confounder(name, facts, t, draw)
            marks.append(name)
            entries += added.entries
            facts = replace(
                facts,
                storms=(*facts.storms, *added.storms),
                episodes=(*facts.episodes, *added.episodes),
            )
    if marks or not facts.storms:
        facts = replace(facts, treatments=treated(facts, habits, t))
    seed = int(draw.integers(2**62))
    body = LivedBody(facts, length_s, seed)
    observed = _observed(body, t, draw)
    if life != NO_WARD:
        there, grade = _on_ward(facts, habits, grade, life, length_s)
        body = LivedBody(there, length_s, seed)
        observed = _observed(body, t, np.random.Generator(np.random.Philox(key=seed)))
        facts = replace(there, episodes=facts.episodes)
    entries = sorted((*entries, *observed), key=lambda e: e.at_s)
    plan = _plan(facts, length_s, cuff_s, tuple(entries))
    return Stay(Patient(facts.person, plan, seed, body), grade, tuple(marks))


def _with_crs(
    facts: Facts, habits: Habits, grade: int, length_s: float, draw: np.random.Generator
) -> tuple[Facts, int]:
    """Return the facts with a storm that reaches a grade under treatment, and the grade reached."""
    t = grid(length_s)
    best: tuple[Facts, int] | None = None
    for _ in range(_STORMS):
        storm = draw_crs(facts, grade, t, draw)
        found = _reaching(replace(facts, storms=(storm,)), habits, grade, length_s)
        if best is None or abs(found[1] - grade) < abs(best[1] - grade):
            best = found
        if best[1] == grade or _is_late(storm, length_s):
            break
    assert best is not None
    return best


def _reaching(facts: Facts, habits: Habits, grade: int, length_s: float) -> tuple[Facts, int]:
    """Return the facts with their only storm at the depth that comes nearest to a grade."""
    t = grid(length_s)
    [storm] = facts.storms
    best: tuple[Facts, int] | None = None
    for _ in range(_TRIES):
        sick = replace(facts, storms=(storm,))
        sick = replace(sick, treatments=treated(sick, habits, t))
        reached = _grade_of(sick, length_s)
        if best is None or abs(reached - grade) < abs(best[1] - grade):
            best = (sick, reached)
        if reached == grade or _is_late(storm, length_s):
            break
        change = _DEEPER if reached < grade else _SHALLOWER
        storm = replace(storm, tone=change * storm.tone, leak=min(0.93, change * storm.leak))
    assert best is not None
    return best


def _is_late(storm: Storm, length_s: float) -> bool:
    """Return whether a storm begins so late that its worst lies after the stay."""
    return storm.fever_at_s > length_s - 2 * DAY_S


def _on_ward(
    facts: Facts, habits: Habits, grade: int, life: WardLife, length_s: float
) -> tuple[Facts, int]:
    """Return the same illnesses in a body with a ward's traits and pains, and the grade reached."""
    t = grid(length_s)
    person, nature = peculiar(facts.person, facts.nature, life.traits)
    there = replace(facts, person=person, nature=nature, treatments=())
    if life.traits.names:
        storms = tuple(refitted(storm, facts, there, t) for storm in facts.storms)
        if grade:
            alone = replace(there, storms=storms[:1], episodes=())
            sick, grade = _reaching(alone, habits, grade, length_s)
            storms = (*sick.storms, *storms[1:])
        there = replace(there, storms=storms)
    there = replace(there, episodes=(*facts.episodes, *life.pains))
    return replace(there, treatments=treated(there, habits, t)), grade


def _grade_of(facts: Facts, length_s: float) -> int:
    plan = _plan(facts, length_s, _CUFF_EVERY_S[0], ())
    return truth_of(Patient(facts.person, plan, 0, LivedBody(facts, length_s, 0))).worst_grade


def _plan(facts: Facts, length_s: float, cuff_s: float, entries: tuple[PlannedEntry, ...]) -> Plan:
    t = grid(length_s)
    return Plan(
        length_s=length_s,
        cuff=_cuffs(facts.treatments, cuff_s),
        illnesses=tuple(_illness(storm, facts, t) for storm in facts.storms),
        treatments=facts.treatments,
        episodes=facts.episodes,
        entries=entries,
    )


def _illness(storm: Storm, facts: Facts, t: Float64) -> Illness:
    """Return the storm in the words of a plan; only its times and size are read there."""
    effect = drives(storm, t)
    onset_s = drift_s(storm, t)
    felt = effect.rise >= DRIFT
    if storm.tone:
        felt |= effect.vessels >= _STILL_FELT
    if storm.leak:
        felt |= effect.lungs >= _STILL_FELT
    still = np.flatnonzero(felt & (t >= onset_s))
    end_s = float(t[still[-1]]) if still.size else max(storm.until_s, onset_s)
    return Illness(
        cause=storm.cause,
        onset_s=onset_s,
        rise_s=max(storm.fever_at_s - onset_s, 60.0),
        end_s=max(end_s, onset_s + HOUR_S),
        fall_s=storm.decline_s,
        peak=storm.height,
        excess_heart_rate=EXCESS_DRIVE,
        spike_every_s=float(np.mean(np.diff(storm.bursts_s))) if storm.bursts_s[1:] else DAY_S,
        valley=0.0,
        has_rigors=facts.nature.is_rigor_prone,
    )


def _cuffs(treatments: tuple[Treatment, ...], routine_s: float) -> tuple[CuffPlan, ...]:
    """Return the routine interval, and close readings while fluids or pressors are given."""
    kinds = {TreatmentKind.FLUIDS, TreatmentKind.VASOPRESSOR}
    plans = [CuffPlan(0.0, routine_s)]
    close_until_s = 0.0
    for given in (g for g in treatments if g.kind in kinds):
        if given.at_s >= close_until_s:
            if close_until_s:
                plans.append(CuffPlan(close_until_s, routine_s))
            plans.append(CuffPlan(max(0.0, given.at_s - _CLOSE_CUFF_S), _CLOSE_CUFF_S))
        close_until_s = max(close_until_s, given.until_s + _CLOSE_FOR_S)
    if close_until_s:
        plans.append(CuffPlan(close_until_s, routine_s))
    return tuple(plans)


def _flags(facts: Facts) -> tuple[PlannedEntry, ...]:
    """Return the entries about traits that careful staff make at the start."""
    if facts.nature.paced_at is not None:
        return (PlannedEntry(0.0, "flag", "paced"),)
    if facts.person.heart_rate_response < 0.5:
        return (PlannedEntry(0.0, "flag", "beta_blocker"),)
    return ()


def _observed(body: LivedBody, t: Float64, draw: np.random.Generator) -> list[PlannedEntry]:
    """Return what staff see and enter: chills, and the ICE score twice a day."""
    shaking = body.shiver >= _CHILLS_FROM
    begins = np.flatnonzero(shaking & ~np.concatenate(([False], shaking[:-1])))
    entries = [
        PlannedEntry(float(t[step]) + 60.0 * float(draw.uniform(1.0, 15.0)), "symptom", "chills")
        for step in begins
        if draw.uniform() < 0.7
    ]
    times = np.arange(_ICE_EVERY_S, float(t[-1]), _ICE_EVERY_S)
    entries += [PlannedEntry(float(at_s), "ice", "10") for at_s in times]
    return entries
