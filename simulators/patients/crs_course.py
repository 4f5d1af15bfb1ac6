"""A randomly drawn course of CRS after one product, with the treatment that staff give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S
from simulators.patients.person import Person
from simulators.patients.plan import (
    Cause,
    Illness,
    LimbCourse,
    PlannedEntry,
    Treatment,
    TreatmentKind,
)
from simulators.patients.products import PRODUCTS, Product
from simulators.patients.shapes import share_to_reach

_FEVER: Final = 38.0

# Differences between courses: design start values, unvalidated, unless a source is given
_RAMP_SIGMA: Final = 0.6
_RAMP_H: Final = (1.0, 18.0)
_DURATION_SIGMA: Final = 0.6
_UNTREATED_LASTS: Final = 1.35  # factor on the published duration, that of treated patients
_PEAKS: Final = {1: (38.5, 39.6), 2: (38.8, 40.0), 3: (39.4, 40.5), 4: (39.6, 40.5)}
_SEVERE_COMES_SOONER: Final = 0.75  # severe CRS begins earlier (Hay et al., Blood 2017;130:2295)
_SPIKE_EVERY_H: Final = (6.0, 12.0)
_VALLEY: Final = (0.15, 0.5)
_EXCESS_HEART_RATE: Final = (5.0, 15.0)
_SHOCK_HEART_RATE: Final = (15.0, 30.0)
_HYPOXIA_BREATHS: Final = (4.0, 8.0)
_RIGORS: Final = 0.22  # chills in 20 % of CRS (axi-cel, prescribing information)
# manifestations in grade 2 and more, from 41 % hypotension and 22 % hypoxia of all CRS (axi-cel)
_HYPOTENSION_SHARE: Final = 0.85
_HYPOXIA_SHARE: Final = 0.38
_PRESSURE_AFTER_FEVER_H: Final = (18.0, 0.6, 1.0, 48.0)
_OXYGEN_AFTER_FEVER_H: Final = (20.0, 0.5, 12.0, 48.0)
_GRADE_4_AFTER_H: Final = (108.0, 0.3, 48.0, 240.0)
"""Hours from onset of CRS: median 4.5 days (tisa-cel, J Immunother Cancer 2022); sigma, range."""
_BELOW_LIMIT: Final = {2: (4.0, 12.0), 3: (8.0, 18.0), 4: (12.0, 22.0)}
"""Depth of the untreated systolic pressure below the limit, mmHg, by grade."""
_SPO2_ON_AIR: Final = {2: (87.5, 90.5), 3: (84.0, 88.5), 4: (80.0, 86.0)}


@dataclass(frozen=True, slots=True)
class DrawnCourse:
    """An illness with its treatments and entries."""

    illness: Illness
    treatments: tuple[Treatment, ...]
    entries: tuple[PlannedEntry, ...]


def draw_crs(
    person: Person, grade: int, draw: np.random.Generator, onset_s: float | None = None
) -> DrawnCourse:
    """Return a course of a given ASTCT grade.

    Parameters
    ----------
    person
        Patient with a product.
    grade
        Worst grade, 1 to 4.
    draw
        Draws everything else.
    onset_s
        Patient time of the first fever, seconds; None draws it as published for the product.
    """
    product = PRODUCTS[person.product]
    fever_s = _onset(person, product, grade, draw) if onset_s is None else onset_s
    illness = draw_fever(person, fever_s, _ramp_s(product, fever_s, draw), _PEAKS[grade], draw)
    days = np.clip(_log(draw, product.duration_days, _DURATION_SIGMA), *product.duration_range_days)
    illness = replace(illness, end_s=fever_s + _UNTREATED_LASTS * float(days) * DAY_S)
    worst_s = fever_s + _within(draw, _GRADE_4_AFTER_H) * HOUR_S if grade == 4 else None
    if grade > 1:
        illness = _with_limbs(person, illness, fever_s, grade, draw)
    if worst_s is not None:
        illness = _lasting(illness, worst_s + 30 * HOUR_S)
    care = _Care(illness, fever_s, grade, draw)
    return DrawnCourse(illness, care.treatments(worst_s), _entries(illness, fever_s, grade, draw))


def draw_fever(
    person: Person,
    fever_s: float,
    ramp_s: float,
    peak_range: tuple[float, float],
    draw: np.random.Generator,
) -> Illness:
    """Return a fever that passes 38.0 at `fever_s`, after a drift of `ramp_s` seconds.

    It lasts a day, has the cause CRS, and has no limbs.
    """
    usual = person.baseline.temperature
    peak = max(float(draw.uniform(*peak_range)) - usual, _FEVER - usual + 0.4)
    rise_s = ramp_s / share_to_reach((_FEVER - usual) / peak)
    return Illness(
        cause=Cause.CRS,
        onset_s=fever_s - ramp_s,
        rise_s=rise_s,
        end_s=fever_s + DAY_S,
        fall_s=float(draw.uniform(6, 18)) * HOUR_S,
        peak=peak,
        excess_heart_rate=float(draw.uniform(*_EXCESS_HEART_RATE)),
        spike_every_s=float(draw.uniform(*_SPIKE_EVERY_H)) * HOUR_S,
        valley=float(draw.uniform(*_VALLEY)),
        has_rigors=bool(draw.uniform() < _RIGORS),
        shock_heart_rate=float(draw.uniform(*_SHOCK_HEART_RATE)),
        hypoxia_breaths=float(draw.uniform(*_HYPOXIA_BREATHS)),
    )


def _onset(person: Person, product: Product, grade: int, draw: np.random.Generator) -> float:
    median_h = product.onset_h * (_SEVERE_COMES_SOONER if grade >= 3 else 1.0)
    first, last = product.onset_range_days
    hours = _log(draw, median_h, product.onset_sigma)
    while not (first - 1) * 24 <= hours <= last * 24:
        hours = _log(draw, median_h, product.onset_sigma)
    return person.infused_s + max(hours, 4.0) * HOUR_S


def _ramp_s(product: Product, fever_s: float, draw: np.random.Generator) -> float:
    hours = float(np.clip(_log(draw, product.ramp_h, _RAMP_SIGMA), *_RAMP_H))
    return max(HOUR_S, min(hours * HOUR_S, 0.8 * fever_s))


def _with_limbs(
    person: Person, illness: Illness, fever_s: float, grade: int, draw: np.random.Generator
) -> Illness:
    """Return the illness with falling pressure, falling oxygen, or both."""
    falls = draw.uniform() < _HYPOTENSION_SHARE
    gasps = draw.uniform() < _HYPOXIA_SHARE or not falls
    if falls:
        begin = fever_s + _within(draw, _PRESSURE_AFTER_FEVER_H) * HOUR_S
        above = person.baseline.systolic - person.hypotension_limit
        depth = above + float(draw.uniform(*_BELOW_LIMIT[grade]))
        illness = replace(illness, hypotension=_limb(begin, depth, draw))
    if gasps:
        begin = fever_s + _within(draw, _OXYGEN_AFTER_FEVER_H) * HOUR_S
        depth = person.baseline.spo2 - float(draw.uniform(*_SPO2_ON_AIR[grade]))
        illness = replace(illness, hypoxia=_limb(begin, depth, draw))
    ends = [limb.end_s for limb in (illness.hypotension, illness.hypoxia) if limb]
    return replace(illness, end_s=max(illness.end_s, *ends))


def _limb(begin_s: float, depth: float, draw: np.random.Generator) -> LimbCourse:
    rise_s, fall_s = (float(draw.uniform(1, 4)) * HOUR_S for _ in range(2))
    length_s = float(draw.uniform(18, 60)) * HOUR_S
    return LimbCourse(begin_s, rise_s, begin_s + length_s, fall_s, depth)


def _lasting(illness: Illness, until_s: float) -> Illness:
    """Return the illness with limbs and fever that last until `until_s`."""
    longer = {
        name: replace(limb, end_s=max(limb.end_s, until_s))
        for name in ("hypotension", "hypoxia")
        if (limb := getattr(illness, name)) is not None
    }
    return replace(illness, **longer, end_s=max(illness.end_s, until_s))


@dataclass(frozen=True, slots=True)
class _Care:
    """Treatment by staff; late, and not for every patient. Design start values, unvalidated."""

    illness: Illness
    fever_s: float
    grade: int
    draw: np.random.Generator

    def treatments(self, worst_s: float | None) -> tuple[Treatment, ...]:
        given = [*self._antipyretics()]
        limbs = [limb for limb in (self.illness.hypotension, self.illness.hypoxia) if limb]
        if limbs:
            first_s = min(limb.onset_s + 0.6 * limb.rise_s for limb in limbs)
            given += self._anticytokine(first_s)
        leads = self.illness.hypotension is not None and (
            self.illness.hypoxia is None or self.draw.uniform() < 0.7
        )
        if self.illness.hypotension is not None:
            given += self._support(self.illness.hypotension, worst_s, leads=leads)
        if self.illness.hypoxia is not None:
            given += self._oxygen(self.illness.hypoxia, worst_s, leads=not leads)
        return tuple(sorted(given, key=lambda treatment: treatment.at_s))

    def _hours(self, low: float, high: float) -> float:
        return float(self.draw.uniform(low, high)) * HOUR_S

    def _responds(self) -> float:
        """Return the share of the usual effect; a course that reaches grade 4 responds poorly."""
        return float(self.draw.uniform(0.1, 0.4)) if self.grade == 4 else 1.0

    def _antipyretics(self) -> list[Treatment]:
        if self.draw.uniform() > 0.8:
            return []
        given = []
        at_s = self.fever_s + self._hours(0.4, 4.0)
        until_s = min(self.illness.end_s, self.fever_s + 4 * DAY_S)
        while at_s < until_s:
            takes_off = float(self.draw.uniform(0.5, 1.5))
            given.append(Treatment(TreatmentKind.ANTIPYRETIC, at_s, at_s, "paracetamol", takes_off))
            at_s += self._hours(6.0, 18.0)
        return given

    def _anticytokine(self, first_s: float) -> list[Treatment]:
        given = []
        if self.draw.uniform() < (0.5 if self.grade == 2 else 0.9):
            at_s = first_s + self._hours(1.0, 8.0)
            needs_second = self.draw.uniform() < 0.25  # 20 to 30 % need a second dose
            share = 0.45 if needs_second else float(self.draw.uniform(0.75, 1.0))
            first_share = share * self._responds()
            given.append(_dose(TreatmentKind.TOCILIZUMAB, at_s, "tocilizumab", first_share))
            if needs_second:
                at_s += self._hours(8.0, 16.0)
                again = 0.7 * self._responds()
                given.append(_dose(TreatmentKind.TOCILIZUMAB, at_s, "tocilizumab", again))
        if self.draw.uniform() < (0.2 if self.grade == 2 else 0.7):
            at_s = first_s + self._hours(4.0, 24.0)
            given += [
                _dose(TreatmentKind.STEROID, at_s + day * DAY_S, "dexamethasone", self._responds())
                for day in range(3)
            ]
        return given

    def _support(self, limb: LimbCourse, worst_s: float | None, *, leads: bool) -> list[Treatment]:
        seen_s = limb.onset_s + 0.8 * limb.rise_s + self._hours(0.3, 2.0)
        given = [Treatment(TreatmentKind.FLUIDS, seen_s, seen_s, "crystalloid", 1.0)]
        if self.draw.uniform() < 0.5:
            again_s = seen_s + self._hours(3.0, 6.0)
            given.append(Treatment(TreatmentKind.FLUIDS, again_s, again_s, "crystalloid", 0.5))
        if self.grade >= 3 and leads:
            begin_s = seen_s + self._hours(1.0, 5.0)
            weaned_s = limb.end_s - self._hours(0.0, 0.5) * limb.fall_s / HOUR_S
            end_s = max(begin_s + 6 * HOUR_S, weaned_s, (worst_s or 0.0) + self._hours(12, 24))
            given.append(_run(TreatmentKind.VASOPRESSOR, (begin_s, end_s), "noradrenaline", 1.0))
        if worst_s is not None and leads:
            span = (worst_s, worst_s + self._hours(8.0, 12.0))
            given.append(_run(TreatmentKind.VASOPRESSOR, span, "adrenaline", 0.8))
        return given

    def _oxygen(self, limb: LimbCourse, worst_s: float | None, *, leads: bool) -> list[Treatment]:
        begin_s = limb.onset_s + 0.8 * limb.rise_s + self._hours(0.2, 1.5)
        end_s = max(limb.end_s, begin_s + 2 * HOUR_S)
        flow = float(self.draw.integers(1, 7))
        if self.grade == 2 or not leads:
            return [_run(TreatmentKind.OXYGEN, (begin_s, end_s), "nasal cannula", flow)]
        more_s = begin_s + self._hours(1.0, 6.0)
        steps = [(begin_s, "nasal cannula", flow), (more_s, "high-flow nasal cannula", 40.0)]
        if worst_s is not None:
            steps.append((max(worst_s, more_s + HOUR_S), "bipap", 0.0))
        ends = [*(at_s for at_s, _, _ in steps[1:]), max(end_s, steps[-1][0] + 12 * HOUR_S)]
        return [
            _run(TreatmentKind.OXYGEN, (at_s, until_s), name, amount)
            for (at_s, name, amount), until_s in zip(steps, ends, strict=True)
        ]


def _entries(
    illness: Illness, fever_s: float, grade: int, draw: np.random.Generator
) -> tuple[PlannedEntry, ...]:
    """Return nurses' entries: chills, and ICE twice a day, which falls during ICANS."""
    entries = []
    if illness.has_rigors:
        entries.append(PlannedEntry(fever_s - 0.5 * HOUR_S, "symptom", "chills"))
    icans_s = fever_s + float(draw.uniform(1, 5)) * DAY_S
    worst = 10 - (int(draw.integers(1, 4)) * grade if draw.uniform() < 0.15 * grade else 0)
    at_s = fever_s + float(draw.uniform(0, 8)) * HOUR_S
    while at_s < illness.end_s:
        has_icans = icans_s <= at_s < icans_s + 2.5 * DAY_S
        entries.append(PlannedEntry(at_s, "ice", str(max(0, worst) if has_icans else 10)))
        at_s += 12 * HOUR_S
    return tuple(entries)


def _dose(kind: TreatmentKind, at_s: float, name: str, share: float) -> Treatment:
    return Treatment(kind, at_s, at_s, name, share)


def _run(kind: TreatmentKind, span: tuple[float, float], name: str, amount: float) -> Treatment:
    return Treatment(kind, span[0], span[1], name, amount)


def _log(draw: np.random.Generator, median: float, sigma: float) -> float:
    return float(median * np.exp(sigma * draw.standard_normal()))


def _within(draw: np.random.Generator, spec: tuple[float, float, float, float]) -> float:
    median, sigma, low, high = spec
    return float(np.clip(_log(draw, median, sigma), low, high))
