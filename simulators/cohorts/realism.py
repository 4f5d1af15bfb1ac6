"""Comparison of a simulated cohort with published figures and measurements on real patients."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan
from typing import Final

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S
from simulators.cohorts.cohort import CohortPatient, CohortSpec
from simulators.patients.patient import BLOCK_S
from simulators.patients.plan import Cause, EpisodeKind, FaultKind, TreatmentKind
from simulators.patients.products import PRODUCTS
from simulators.patients.truth import FEVER, Truth, truth_of

_OFF_BY_MORE_THAN: Final = 0.20
_BIDMC: Final = "BIDMC, 53 recordings at 1 Hz (PhysioNet), measured"
_LEAST_PATIENTS: Final = 8
_STAY: Final = "the stay ends after 14 days and treatment shortens the course"
_OTHER_CAUSES: Final = {"haemorrhage", "pulmonary_embolism", "fluid_overload", "infection"}
_WHY: Final = {
    "duration": _STAY,
    "onset": "severe courses come sooner, and a stay of 14 days cuts the latest onsets",
    "hypotension": "the mix of grades is the cohort's own, not the trial's, and a fall below 80 % "
    "of the own pressure counts here",
    "hypoxia": "the mix of grades is the cohort's own, not the trial's",
    "tocilizumab": "within the 4 to 12 h of practice",
    "tachycardia": "the trial counted reported adverse events, here every heart above 120 /min",
    "heart rate": "the illness's own 5 to 15 /min rise with the fever and add to its 7 per degree",
    "HR - PULSE": "an average over few patients who move much and many who hardly move",
    "infection": "14 days are seen here, not 28",
}
"""Reasons for deviations, by the beginning of a figure's name; the first that fits applies."""


@dataclass(frozen=True, slots=True)
class RealismFigure:
    """One simulated figure and its real counterpart."""

    name: str
    unit: str
    published: float
    """Published value; the middle of a published range."""
    simulated: float
    """Simulated value; NaN where too few patients have one."""
    source: str

    @property
    def is_off(self) -> bool:
        """True where the two differ by more than a fifth."""
        return abs(self.simulated / self.published - 1.0) > _OFF_BY_MORE_THAN

    @property
    def why(self) -> str:
        """Reason for the deviation; empty where it is unknown, or nothing deviates."""
        found = (text for start, text in _WHY.items() if self.name.startswith(start))
        return next(found, "") if self.is_off else ""


@dataclass(frozen=True, slots=True)
class _PatientHistory:
    """A patient with their timeline."""

    member: CohortPatient
    truth: Truth

    @property
    def product(self) -> str:
        return self.member.patient.person.product

    @property
    def has_other_cause(self) -> bool:
        """True where pressure or oxygen also fall for another reason."""
        return bool({*self.member.marks} & _OTHER_CAUSES)

    def after_fever_h(self, what: str) -> float | None:
        fever, limb = self.truth.first("crs"), self.truth.first(what)
        if fever is None or limb is None or limb < fever:
            return None
        return (limb - fever) / HOUR_S


def realism(spec: CohortSpec, patients: int) -> list[RealismFigure]:
    """Return the figures of the first `patients` of a cohort."""
    seen = []
    for number in range(min(patients, spec.patients)):
        member = spec.patient(number)
        seen.append(_PatientHistory(member, truth_of(member.patient)))
    return [*_onsets(seen), *_signs(seen), *_care(seen), *_seconds(seen)]


def _onsets(seen: Sequence[_PatientHistory]) -> Iterable[RealismFigure]:
    for name, product in PRODUCTS.items():
        spans = [s.truth.of("crs")[0] for s in seen if s.product == name and s.truth.of("crs")]
        onset = _median(span.from_s / DAY_S for span in spans)
        lasts = _median((span.to_s - span.from_s) / DAY_S for span in spans)
        yield RealismFigure(f"onset, {name}", "d", product.onset_h / 24, onset, product.source)
        yield RealismFigure(f"duration, {name}", "d", product.duration_days, lasts, product.source)


def _signs(seen: Sequence[_PatientHistory]) -> Iterable[RealismFigure]:
    trial = PRODUCTS["axi-cel"].source
    axi = [
        s for s in seen if s.product == "axi-cel" and s.truth.of("crs") and not s.has_other_cause
    ]
    for what, share in (("hypotension", 41.0), ("hypoxia", 22.0)):
        with_it = [100.0 * (s.after_fever_h(what) is not None) for s in axi]
        yield RealismFigure(f"{what} in CRS, axi-cel", "%", share, _mean(with_it), trial)
    sick = [s for s in seen if s.truth.of("crs")]
    chilled = [
        100.0 * any(e.value == "chills" for e in s.member.patient.plan.entries) for s in sick
    ]
    yield RealismFigure("chills in CRS", "%", 20.0, _mean(chilled), trial)
    racing = [100.0 * (_highest(s, "heart_rate") > 120.0) for s in axi]
    yield RealismFigure("tachycardia in CRS, axi-cel", "%", 28.0, _mean(racing), trial)
    hot = [100.0 * (_highest(s, "temperature") >= 38.6) for s in sick]
    schultz = "Schultz et al., J Immunother Cancer 2022"
    yield RealismFigure("fever of 38.6 or more in CRS", "%", 95.0, _mean(hot), schultz)
    for what, middle in (("hypotension", 18.0), ("hypoxia", 24.0)):
        after = _median(h for s in seen if (h := s.after_fever_h(what)) is not None)
        yield RealismFigure(f"from fever to {what}", "h", middle, after, "design start value")
    worst = [
        (span.from_s - s.truth.of("crs")[0].from_s) / DAY_S
        for s in seen
        for span in s.truth.of("astct_grade")
        if span.value == 4
    ]
    yield RealismFigure("from onset to grade 4", "d", 4.5, _median(worst), schultz)
    slopes = [_heart_rate_per_degree(s) for s in seen if s.truth.worst_grade == 1]
    kirschen = "Kirschen et al., Am J Emerg Med 2020 (within ICU patients 5.1 to 5.9, MIMIC)"
    yield RealismFigure("heart rate per degree", "/min", 7.2, _median(slopes), kirschen)


def _care(seen: Sequence[_PatientHistory]) -> Iterable[RealismFigure]:
    infected = [
        100.0 * any(i.cause is Cause.INFECTION for i in s.member.patient.plan.illnesses)
        for s in seen
    ]
    yield RealismFigure("infection", "%", 23.0, _mean(infected), "Hill et al., Blood 2018;131:121")
    fibrillating = [
        100.0
        * any(e.kind is EpisodeKind.ATRIAL_FIBRILLATION for e in s.member.patient.plan.episodes)
        for s in seen
    ]
    shouval = "4.3 to 10 %: Shouval et al., Br J Haematol 2024"
    yield RealismFigure("atrial fibrillation", "%", 7.0, _mean(fibrillating), shouval)
    falls = [h for s in seen if s.member.grade in {2, 3} and (h := _defervescence_h(s)) is not None]
    yield RealismFigure(
        "tocilizumab to below 38.0", "h", 8.0, _median(falls), "4 to 12 h, practice"
    )


def _seconds(seen: Sequence[_PatientHistory]) -> Iterable[RealismFigure]:
    """Yield the figures of second-by-second values, from patients with sound sensors."""
    spread: dict[str, list[float]] = {
        sign: [] for sign in ("heart_rate", "pulse_rate", "respiratory_rate", "spo2")
    }
    apart, steps, rhythm = [], [], []
    for one in seen[:100]:
        patient = one.member.patient
        if patient.plan.faults or patient.plan.episodes:
            continue
        channels = patient.block(0).channels
        for sign, spreads in spread.items():
            pieces = channels[sign].reshape(-1, 480)
            spreads.append(float(np.median(np.std(pieces, axis=1))))
        difference = np.abs(channels["heart_rate"] - channels["pulse_rate"])
        apart.append(100.0 * float(np.mean(difference > 10)))
        cuffs = [cuff.systolic for n in range(4) for cuff in patient.block(n).cuffs]
        steps += [float(later - earlier) for earlier, later in pairwise(cuffs)]
        rhythm.append(patient.person.circadian_temperature)
    for sign, measured in (
        ("heart_rate", 1.48),
        ("pulse_rate", 1.36),
        ("respiratory_rate", 1.04),
        ("spo2", 0.52),
    ):
        spreads = spread[sign]
        yield RealismFigure(f"SD of {sign} in 8 min", "", measured, _median(spreads), _BIDMC)
    yield RealismFigure("HR - PULSE above 10 /min", "% of s", 1.9, _mean(apart), _BIDMC)
    scatter = float(np.std(steps)) if len(steps) > _LEAST_PATIENTS else nan
    eicu = "eICU demo 2.0, 120 stays, measured: robust 9 to 10, plain 14"
    yield RealismFigure("SD of successive cuff readings", "mmHg", 10.4, scatter, eicu)
    yield RealismFigure(
        "circadian amplitude", "Cel", 0.275, _median(rhythm), "0.15 to 0.4, textbooks"
    )


def _highest(seen: _PatientHistory, sign: str) -> float:
    t = np.arange(0.0, seen.member.patient.plan.length_s, 600.0)
    return float(getattr(seen.member.patient.course(t), sign).max())


def _heart_rate_per_degree(seen: _PatientHistory) -> float:
    """Return the slope of heart rate over temperature in the day around the first fever."""
    patient = seen.member.patient
    onset_s = seen.truth.first("crs") or 0.0
    first = max(0, int(onset_s // BLOCK_S) - 1)
    blocks = [patient.block(number) for number in range(first, first + 4)]
    rate = np.concatenate([b.channels["heart_rate"][::60] for b in blocks])
    temperatures = np.concatenate([b.channels["temperature"][::60] for b in blocks])
    usable = (rate > 0) & (temperatures > 37.0) & (temperatures < 43.0)
    if np.count_nonzero(usable) < 60 or np.ptp(temperatures[usable]) < 1.0:
        return nan
    return float(np.polyfit(temperatures[usable], rate[usable], 1)[0])


def _defervescence_h(seen: _PatientHistory) -> float | None:
    """Return the hours from the first tocilizumab in fever until an hour below 38.0."""
    patient = seen.member.patient
    doses = (t for t in patient.plan.treatments if t.kind is TreatmentKind.TOCILIZUMAB)
    first = next(doses, None)
    if first is None or any(f.kind is FaultKind.LOSS for f in patient.plan.faults):
        return None
    t = np.arange(first.at_s, first.at_s + 2 * DAY_S, 600.0)
    is_warm = patient.course(t).temperature >= FEVER
    if not is_warm[0]:
        return None
    cool = np.convolve(~is_warm, np.ones(6), "valid") == 6
    return float(np.argmax(cool) * 600.0 / HOUR_S) if cool.any() else None


def _median(values: Iterable[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.median(known)) if len(known) >= _LEAST_PATIENTS else nan


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return float(np.mean(known)) if len(known) >= _LEAST_PATIENTS else nan
