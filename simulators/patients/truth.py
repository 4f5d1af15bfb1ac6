"""The true timeline of a simulated patient: fever, CRS, limbs, grade, confounders and faults.

It is computed from the course without noise, minute by minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from edge_agent.model.durations import HOUR_S, MINUTE_S
from simulators.patients.patient import Patient
from simulators.patients.person import Person
from simulators.patients.plan import Cause, Treatment, TreatmentKind
from simulators.patients.shapes import Float64

Bools = npt.NDArray[np.bool_]
_Ints = npt.NDArray[np.int64]

FEVER: Final = 38.0  # ASTCT 2019 (Lee et al., Biol Blood Marrow Transplant 2019;25:625)
_SHARE_OF_BASELINE: Final = 0.8  # and below 100 (Brudno and Kochenderfer, Blood 2016, table 2)
_BELOW_BASELINE_UNDER: Final = 100.0
HYPOXIA: Final = 92.0  # design start value, unvalidated: SpO2 on air that calls for oxygen
_FEVER_GAP_S: Final = 6 * HOUR_S
"""Longest gap between two spikes of one fever, seconds."""
_LIMB_GAP_S: Final = 2 * HOUR_S
_LEAST_S: Final = 300.0
"""Shortest span that counts, seconds, so that a dip in sleep is not hypoxia; design start value,
unvalidated."""
_EPISODE_GAP_S: Final = 7 * 86_400.0
"""Longest gap within one episode: CRS that returns within 7 days (TRANSCEND CLL)."""
_STANDS_IN_S: Final = {
    TreatmentKind.ANTIPYRETIC: 12 * HOUR_S,  # design start value, unvalidated
    TreatmentKind.TOCILIZUMAB: _EPISODE_GAP_S,
    TreatmentKind.STEROID: _EPISODE_GAP_S,
}
"""Time for which each therapy stands in for fever, seconds."""
_LOW_FLOW_L_MIN: Final = 6.0
_LOW_FLOW: Final = frozenset({"nasal cannula", "blow-by"})
_POSITIVE_PRESSURE: Final = frozenset({"cpap", "bipap", "ventilator"})


@dataclass(frozen=True, slots=True)
class TruthSpan:
    """A span of time in which something is true."""

    what: str
    """Sort: fever, crs, hypotension, hypoxia, astct_grade, grade_if_crs, or confounder: and fault:
    with a kind."""
    from_s: float
    to_s: float
    value: float = 0.0
    """The grade, or a size."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A patient's timeline."""

    spans: tuple[TruthSpan, ...]
    """Spans in order of their beginning."""

    def of(self, what: str) -> tuple[TruthSpan, ...]:
        """Return the spans of one sort."""
        return tuple(span for span in self.spans if span.what == what)

    def first(self, what: str) -> float | None:
        """Return the first beginning of a sort, patient time in seconds; None for never."""
        return next((span.from_s for span in self.spans if span.what == what), None)

    @property
    def worst_grade(self) -> int:
        """The highest ASTCT grade; 0 without CRS."""
        return int(max((span.value for span in self.of("astct_grade")), default=0))


def truth_of(patient: Patient) -> Truth:
    """Return the timeline of a patient's whole stay."""
    plan, person = patient.plan, patient.person
    t = np.arange(0.0, plan.length_s, MINUTE_S)
    now = patient.course(t)
    pressors = _pressors(plan.treatments, t)
    oxygen = _oxygen_grade(plan.treatments, t)
    low_pressure = _is_hypotensive(now.systolic_untreated, person) | (pressors > 0)
    low_oxygen = (now.spo2_on_air < HYPOXIA) | (oxygen > 0)
    fever = now.temperature >= FEVER
    spans = [TruthSpan("fever", *ends) for ends in _runs(fever, t, _FEVER_GAP_S)]
    spans += [TruthSpan("hypotension", *ends) for ends in _runs(low_pressure, t, _LIMB_GAP_S)]
    spans += [TruthSpan("hypoxia", *ends) for ends in _runs(low_oxygen, t, _LIMB_GAP_S)]
    grade = np.maximum(
        np.where(low_pressure, 2 + np.minimum(pressors, 2), 1),
        np.where(low_oxygen, np.maximum(oxygen, 2), 1),
    )
    if_crs = np.where(_is_like_crs(spans, plan.treatments, t), grade, 0)
    for begin, end in _crs(patient, t, (pressors > 0) | (oxygen > 0)):
        spans.append(TruthSpan("crs", begin, end))
        inside = (t >= begin) & (t < end)
        spans += _grades("astct_grade", np.where(inside, grade, 0), t)
        if_crs[inside] = grade[inside]
    spans += _grades("grade_if_crs", if_crs, t)
    spans += [TruthSpan(f"confounder:{e.kind}", e.from_s, e.to_s, e.size) for e in plan.episodes]
    spans += [
        TruthSpan(f"confounder:{i.cause}", i.onset_s, i.end_s, i.peak)
        for i in plan.illnesses
        if i.cause is not Cause.CRS
    ]
    spans += [
        TruthSpan(f"fault:{f.kind}:{f.sensor}", f.from_s, f.to_s, f.size) for f in plan.faults
    ]
    return Truth(tuple(sorted(spans, key=lambda span: (span.from_s, span.what, span.to_s))))


def _is_like_crs(spans: list[TruthSpan], treatments: tuple[Treatment, ...], t: Float64) -> Bools:
    """Return the places whose signs would be CRS, if CRS were their cause.

    That is a fever, or low pressure or oxygen after therapy that stands in for it (Lee et al.,
    2019).
    """
    fever, limb, therapy = (np.zeros(t.size, np.bool_) for _ in range(3))
    for span in spans:
        (fever if span.what == "fever" else limb)[(t >= span.from_s) & (t < span.to_s)] = True
    for given in treatments:
        counts_s = _STANDS_IN_S.get(given.kind, 0.0)
        therapy |= (t >= given.at_s) & (t < given.at_s + counts_s)
    return np.asarray(fever | (limb & therapy))


def _is_hypotensive(systolic: Float64, person: Person) -> Bools:
    """Return the places where a systolic pressure, mmHg, needs treatment."""
    limit = person.hypotension_limit
    if person.is_child:
        return systolic < limit
    relative = _SHARE_OF_BASELINE * person.baseline.systolic
    below_own = (systolic < relative) & (systolic < _BELOW_BASELINE_UNDER)
    return (systolic < limit) | below_own


def _crs(patient: Patient, t: Float64, supported: Bools) -> list[tuple[float, float]]:
    """Return the episodes from fever, which must be there at onset, to the last sign.

    Signs are those of CRS alone, without other illnesses, and support by vasopressors or oxygen.
    """
    person = patient.person
    courses = tuple(i for i in patient.plan.illnesses if i.cause is Cause.CRS)
    if not courses:
        return []
    alone = patient.course_of_crs(t)
    fever = alone.temperature >= FEVER
    low = _is_hypotensive(alone.systolic_untreated, person) | (alone.spo2_on_air < HYPOXIA)
    found: list[tuple[float, float]] = []
    for illness in courses:
        during = (t >= illness.onset_s) & (t <= illness.end_s)
        feverish = np.flatnonzero(during & fever)
        has_sign = np.flatnonzero(during & (fever | low | supported))
        if not has_sign.size or not (feverish.size or found):
            continue
        begin = float(t[feverish[0]] if feverish.size else t[has_sign[0]])
        end = float(t[has_sign[-1]]) + MINUTE_S
        if found and begin - found[-1][1] <= _EPISODE_GAP_S:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif feverish.size:
            found.append((begin, end))
    return found


def _pressors(treatments: tuple[Treatment, ...], t: Float64) -> _Ints:
    """Return 0 for none, 1 for one or only vasopressin, 2 for several besides vasopressin."""
    counted = np.zeros(t.size, np.int64)
    vasopressin = np.zeros(t.size, bool)
    for given in treatments:
        if given.kind is TreatmentKind.VASOPRESSOR:
            running = (t >= given.at_s) & (t < given.until_s)
            if given.name == "vasopressin":
                vasopressin |= running
            else:
                counted += running
    return np.maximum(np.minimum(counted, 2), vasopressin.astype(np.int64))


def _oxygen_grade(treatments: tuple[Treatment, ...], t: Float64) -> _Ints:
    """Return the ASTCT grade of the oxygen given; 0 for none."""
    grade = np.zeros(t.size, np.int64)
    for given in treatments:
        if given.kind is TreatmentKind.OXYGEN:
            running = (t >= given.at_s) & (t < given.until_s)
            grade = np.maximum(grade, np.where(running, _device_grade(given), 0))
    return grade


def _device_grade(given: Treatment) -> int:
    """Return the ASTCT grade of an oxygen device at its flow."""
    if given.name in _POSITIVE_PRESSURE:
        return 4
    if given.name in _LOW_FLOW and given.amount <= _LOW_FLOW_L_MIN:
        return 2
    return 3


def _runs(is_so: Bools, t: Float64, gap_s: float) -> list[tuple[float, float]]:
    """Return the true spans of `_LEAST_S` or more, with gaps up to `gap_s` closed."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_so, [False])).astype(np.int8)))
    runs: list[tuple[float, float]] = []
    for first, after in edges.reshape(-1, 2):
        begin, end = float(t[first]), float(t[after - 1]) + MINUTE_S
        if end - begin < _LEAST_S:
            continue
        if runs and begin - runs[-1][1] <= gap_s:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((begin, end))
    return runs


def _grades(what: str, grade: _Ints, t: Float64) -> list[TruthSpan]:
    """Return one span for each stretch of constant grade."""
    changes = np.flatnonzero(np.diff(grade)) + 1
    starts = np.concatenate(([0], changes))
    ends = np.concatenate((changes, [t.size]))
    return [
        TruthSpan(what, float(t[s]), float(t[e - 1]) + MINUTE_S, float(grade[s]))
        for s, e in zip(starts, ends, strict=True)
        if grade[s]
    ]
