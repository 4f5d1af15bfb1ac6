"""Truth about a simulated patient, in the form that the scoring needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from edge_agent.evaluate.stays.spans import Spans
from edge_agent.model.durations import HOUR_S, MINUTE_S
from simulators.patients.crs_course import draw_crs
from simulators.patients.patient import Patient
from simulators.patients.plan import Cause, EpisodeKind, Illness
from simulators.patients.shapes import share_to_reach
from simulators.patients.truth import FEVER, Truth, truth_of

_WINDOW_AFTER_ONSET_S: Final = 12 * HOUR_S
"""Latest alert after the onset of CRS that counts as having found it, seconds. Twelve hours give
even checks every 8 hours one look, and two unless one is missed."""
_CHANCE_WINDOWS: Final = 3
"""Windows of chance in each patient without CRS."""
_REAL_EPISODES: Final = frozenset(
    {
        EpisodeKind.INFUSION_REACTION,
        EpisodeKind.TRANSFUSION_REACTION,
        EpisodeKind.ATRIAL_FIBRILLATION,
        EpisodeKind.HAEMORRHAGE,
        EpisodeKind.PULMONARY_EMBOLISM,
        EpisodeKind.FLUID_OVERLOAD,
    }
)
"""Episodes a nurse wants to know of; others (pain, walks, sleep, blankets) need no response."""

Grades = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class AlertWindow:
    """Window of an owed alert: from the temperature's drift to 12 hours after the onset."""

    drift_s: float
    """Time at which the temperature begins to leave the baseline, seconds."""
    onset_s: float
    """Time at which the true temperature reaches 38.0, seconds."""

    @property
    def end_s(self) -> float:
        """Last moment at which an alert counts, seconds."""
        return self.onset_s + _WINDOW_AFTER_ONSET_S


@dataclass(frozen=True, slots=True)
class CrsEpisode:
    """One episode of CRS that must be reported to nurses."""

    window: AlertWindow
    end_s: float
    worst_grade: int
    limb_s: float | None
    """Time at which it first reaches ASTCT grade 2, by pressure or oxygen, seconds; None: never."""

    @property
    def ramp_h(self) -> float:
        """Hours from the drift of the temperature to 38.0."""
        return (self.window.onset_s - self.window.drift_s) / HOUR_S


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Truth about one patient."""

    length_s: float
    episodes: tuple[CrsEpisode, ...]
    """Episodes of CRS whose window of an owed alert lies inside the stay."""
    chance_windows: tuple[AlertWindow, ...]
    """Windows of an episode drawn for the product, in patients without CRS; empty in all others."""
    fever: Spans
    """True temperature of 38.0 or more, whatever the cause; spikes within 6 h are one."""
    rising: Spans
    """Rises from the first drift of CRS or infection to the fever that follows."""
    hypotension: Spans
    hypoxia: Spans
    crs: Spans
    """Episodes of CRS, from the first drift to the last sign."""
    infection: Spans
    other_real: Spans
    """Reactions, atrial fibrillation, bleeding, embolism, overload."""
    grade: Grades
    """True ASTCT grade at each minute, 0 without CRS, shape (minutes,)."""
    grade_if_crs: Grades
    """The same where the signs come from something else: the grade that they would have if they
    were CRS. A fever counts, and low pressure or oxygen after therapy that stands in for it."""

    @property
    def sick(self) -> Spans:
        """CRS or infection, which vital signs cannot distinguish."""
        return self.crs.joined(self.infection)


def ground_of(patient: Patient, chance_seed: int) -> Ground:
    """Return the truth of a whole stay; the seed places the windows of chance."""
    truth = truth_of(patient)
    plan = patient.plan
    every = tuple(_episodes(patient, truth))
    fever = _spans(truth, "fever")
    infections = [i for i in plan.illnesses if i.cause is Cause.INFECTION]
    real = [(e.from_s, e.to_s) for e in plan.episodes if e.kind in _REAL_EPISODES]
    return Ground(
        length_s=plan.length_s,
        episodes=tuple(e for e in every if e.window.end_s <= plan.length_s),
        chance_windows=() if every else _chance_windows(patient, chance_seed),
        fever=fever,
        rising=Spans.of(_rises(plan.illnesses, fever)),
        hypotension=_spans(truth, "hypotension"),
        hypoxia=_spans(truth, "hypoxia"),
        crs=Spans.of((e.window.drift_s, e.end_s) for e in every),
        infection=Spans.of((i.onset_s, i.end_s) for i in infections),
        other_real=Spans.of(real),
        grade=_grades(truth, "astct_grade", plan.length_s),
        grade_if_crs=_grades(truth, "grade_if_crs", plan.length_s),
    )


def _spans(truth: Truth, what: str) -> Spans:
    return Spans.of((span.from_s, span.to_s) for span in truth.of(what))


def _episodes(patient: Patient, truth: Truth) -> Iterable[CrsEpisode]:
    courses = [i for i in patient.plan.illnesses if i.cause is Cause.CRS]
    for span in truth.of("crs"):
        drifts = [i.onset_s for i in courses if i.onset_s <= span.from_s]
        grades = [g for g in truth.of("astct_grade") if span.from_s <= g.from_s < span.to_s]
        limbs = [g.from_s for g in grades if g.value >= 2]
        yield CrsEpisode(
            AlertWindow(max(0.0, max(drifts, default=span.from_s)), span.from_s),
            span.to_s,
            int(max((g.value for g in grades), default=1)),
            min(limbs, default=None),
        )


def _rises(illnesses: tuple[Illness, ...], fever: Spans) -> Iterable[tuple[float, float]]:
    """Yield the time from each illness's first drift to its first fever; none without a fever."""
    for illness in illnesses:
        later = fever.starts_s[(fever.starts_s >= illness.onset_s)]
        if later.size and later[0] < illness.end_s:
            yield illness.onset_s, float(later[0])


def _chance_windows(patient: Patient, seed: int) -> tuple[AlertWindow, ...]:
    """Return the windows that CRS after this product could have had in this stay."""
    person, found = patient.person, []
    if not person.product:
        return ()
    draw = np.random.Generator(np.random.Philox(key=seed & (2**64 - 1)))
    usual = person.baseline.temperature
    for _ in range(_CHANCE_WINDOWS):
        if patient.physiology is None:
            illness = draw_crs(person, 1, draw).illness
            ramp_s = illness.rise_s * share_to_reach((FEVER - usual) / illness.peak)
            onset_s, fever_s = illness.onset_s, illness.onset_s + ramp_s
        else:
            onset_s, fever_s = patient.physiology.possible_crs(draw)
        window = AlertWindow(max(0.0, onset_s), fever_s)
        if window.end_s <= patient.plan.length_s:
            found.append(window)
    return tuple(found)


def _grades(truth: Truth, what: str, length_s: float) -> Grades:
    grade = np.zeros(int(np.ceil(length_s / MINUTE_S)), np.int8)
    for span in truth.of(what):
        grade[round(span.from_s / MINUTE_S) : round(span.to_s / MINUTE_S)] = int(span.value)
    return grade
