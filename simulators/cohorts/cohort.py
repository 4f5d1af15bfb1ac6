"""A cohort: thousands of patients from one small spec file, each made on its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S
from simulators.habits.ward_habits import WardHabits
from simulators.habits.ward_stay import WardStay, pains_on, stay_on, traits_on
from simulators.patients.context import TimedEntry, context_events
from simulators.patients.crs_course import draw_crs
from simulators.patients.negatives import CONFOUNDERS, FAULTS
from simulators.patients.patient import Patient
from simulators.patients.person import CHILD_UNTIL_YEARS, Person, draw_person
from simulators.patients.plan import CuffPlan, Plan
from simulators.setpoint.stay import NO_WARD, Admission, WardLife, draw_stay

_CUFF_EVERY_S: Final = (1800.0, 3600.0)
"""Routine intervals in seconds; staff measure more often when the pressure falls."""
_CLOSE_CUFF_EVERY_S: Final = 900.0
_CHILD_YEARS: Final = (1.0, 16.0)
_ADULT_YEARS: Final = (18.0, 84.0)
_CHILD_PRODUCT: Final = "tisa-cel"
_SEED_STEP: Final = 16_777_216
"""Distance between the seeds of stays in two cohorts whose seeds are neighbours."""
_BETA_BLOCKED: Final = 0.35
"""Share of the usual rise of the heart rate that a beta blocker leaves."""


class PhysiologyName(StrEnum):
    """Physiologies that can make the patients of a cohort."""

    CURVES = "curves"
    """Sums of curves (`simulators/patients/`)."""
    SETPOINT = "setpoint"
    """A body that follows the set point of its temperature (`simulators/setpoint/`)."""


@dataclass(frozen=True, slots=True)
class CohortSpec:
    """Definition of a cohort."""

    name: str
    patients: int
    days: float
    seed: int
    no_crs: float
    """Share of patients without CRS; the four shares add up to 1."""
    crs_grade_1: float
    crs_grade_2: float
    crs_grade_3_4: float
    children: float
    """Share of patients under 16 years."""
    beta_blocked: float
    faults: float
    """Share of patients with faults of sensors, monitor or line."""
    products: Mapping[str, float]
    """Weight of each product among adults."""
    sites: Mapping[str, float]
    """Weight of each temperature site."""
    confounders: Mapping[str, float]
    """Share of patients with each confounder; keys of `negatives.CONFOUNDERS`."""
    ward: WardHabits | None = None
    """Ward on which the patients lie; None for one without habits, as the rates above have it."""
    physiology: PhysiologyName = PhysiologyName.CURVES

    def patient(self, number: int) -> CohortPatient:
        """Return patient `number`, 0 to `patients` - 1, made from the spec alone.

        Raises
        ------
        IndexError
            If the cohort has no patient with that number.
        """
        if not 0 <= number < self.patients:
            raise IndexError(f"patient {number}; the cohort {self.name} has 0-{self.patients - 1}")
        draw = np.random.Generator(np.random.Philox(key=self.seed, counter=number << 64))
        grade = self._grade(draw)
        if self.physiology is PhysiologyName.SETPOINT:
            return self._setpoint_patient(number, grade, draw)
        person = self._person(draw)
        if self.ward is None:
            plan, marks = self._plan(person, grade, draw)
            seed = int(draw.integers(2**62))
            return CohortPatient(self._id(number), grade, marks, Patient(person, plan, seed))
        stay_seed = self._stay_seed(number)
        traits = traits_on(self.ward, stay_seed, is_child=person.is_child)
        person = traits.of(person)
        plan, marks = self._plan(person, grade, draw)
        stay = stay_on(self.ward, stay_seed, traits, plan.length_s, plan.cuff)
        patient = Patient(person, stay.added_to(plan), int(draw.integers(2**62)))
        return CohortPatient(self._id(number), grade, (*marks, *traits.names), patient, stay)

    def _plan(
        self, person: Person, grade: int, draw: np.random.Generator
    ) -> tuple[Plan, tuple[str, ...]]:
        """Return the plan of a stay without a ward, and the names of what was planted in it."""
        plan = Plan(self.days * DAY_S, (CuffPlan(0.0, float(draw.choice(_CUFF_EVERY_S))),))
        if grade:
            plan = _with_crs(person, plan, grade, draw)
        marks = []
        for name, share in self.confounders.items():
            if draw.uniform() < share:
                plan = CONFOUNDERS[name](person, plan, draw)
                marks.append(name)
        plan = self._with_faults(person, plan, marks, draw)
        return plan, tuple(marks)

    def _setpoint_patient(
        self, number: int, grade: int, draw: np.random.Generator
    ) -> CohortPatient:
        """Return a patient of the second physiology; cohort and faults are those of the first."""
        who = self._identity(draw)
        admission = Admission(
            age_years=who.age_years,
            product=who.product,
            clock_at_start_h=who.clock_at_start_h,
            temperature_site=who.temperature_site,
            beta_blocked=self.beta_blocked,
            days=self.days,
            grade=grade,
            confounders=self.confounders,
        )
        stay_seed, is_child = self._stay_seed(number), who.age_years < CHILD_UNTIL_YEARS
        life = NO_WARD
        if self.ward is not None:
            traits = traits_on(self.ward, stay_seed, is_child=is_child)
            life = WardLife(traits, pains_on(self.ward, stay_seed, self.days * DAY_S))
        drawn = draw_stay(admission, draw, life)
        patient, marks = drawn.patient, [*drawn.marks]
        plan = self._with_faults(patient.person, patient.plan, marks, draw)
        stay = None
        if self.ward is not None:
            stay = stay_on(self.ward, stay_seed, life.traits, plan.length_s, plan.cuff)
            plan = stay.added_to(plan)
        patient = Patient(patient.person, plan, patient.seed, patient.physiology)
        all_marks = (*marks, *life.traits.names)
        return CohortPatient(self._id(number), drawn.grade, all_marks, patient, stay)

    def _stay_seed(self, number: int) -> int:
        return self.seed * _SEED_STEP + number

    def _id(self, number: int) -> str:
        return f"{self.name}-{number:05}"

    def _with_faults(
        self, person: Person, plan: Plan, marks: list[str], draw: np.random.Generator
    ) -> Plan:
        """Return the plan with the faults of a patient, if they have any; add their names."""
        if draw.uniform() < self.faults:
            for name in draw.choice(list(FAULTS), size=int(draw.integers(1, 4)), replace=False):
                plan = FAULTS[str(name)](person, plan, draw)
                marks.append(str(name))
        return plan

    def _grade(self, draw: np.random.Generator) -> int:
        """Return the ASTCT grade that a patient will reach, 0 for no CRS."""
        shares = (
            self.no_crs,
            self.crs_grade_1,
            self.crs_grade_2,
            self.crs_grade_3_4 * 0.6,
            self.crs_grade_3_4 * 0.4,
        )
        return int(draw.choice(5, p=np.array(shares) / sum(shares)))

    def _identity(self, draw: np.random.Generator) -> _Identity:
        is_child = draw.uniform() < self.children
        age = float(draw.uniform(*(_CHILD_YEARS if is_child else _ADULT_YEARS)))
        product = _weighted(self.products, draw)
        return _Identity(
            age_years=age,
            product=_CHILD_PRODUCT if is_child else product,
            clock_at_start_h=float(draw.uniform(9.0, 16.0)),
            temperature_site=_weighted(
                self.sites if self.ward is None else self.ward.probe_sites, draw
            ),
        )

    def _person(self, draw: np.random.Generator) -> Person:
        person = draw_person(infused_s=0.0, draw=draw, **self._identity(draw)._asdict())
        if draw.uniform() < self.beta_blocked:
            return replace(person, heart_rate_response=_BETA_BLOCKED)
        return person


class _Identity(NamedTuple):
    """Facts about a patient that no physiology decides."""

    age_years: float
    product: str
    clock_at_start_h: float
    temperature_site: str


@dataclass(frozen=True, slots=True)
class CohortPatient:
    """One patient of a cohort."""

    patient_id: str
    grade: int
    """Worst ASTCT grade of the drawn course, 0 for no CRS."""
    marks: tuple[str, ...]
    """Names of confounders and faults."""
    patient: Patient
    stay: WardStay | None = None
    """Stay on a ward with habits; None for a cohort without a ward."""

    def events(self) -> tuple[TimedEntry, ...]:
        """Return the patient's context as the ward's staff enter it, in order of time."""
        events = context_events(self.patient)
        if self.stay is None:
            return events
        return self.stay.charted(events, lambda t: self.patient.course(t).temperature)


def _with_crs(person: Person, plan: Plan, grade: int, draw: np.random.Generator) -> Plan:
    """Return the plan with a course of CRS, its treatment, and closer cuff readings."""
    course = draw_crs(person, grade, draw)
    illness = course.illness
    plan = replace(
        plan,
        illnesses=(*plan.illnesses, illness),
        treatments=(*plan.treatments, *course.treatments),
        entries=(*plan.entries, *course.entries),
    )
    if illness.hypotension is None:
        return plan
    limb = illness.hypotension
    routine_s = plan.cuff[0].every_s
    close_from_s = limb.onset_s + 0.8 * limb.rise_s
    closer = CuffPlan(close_from_s, _CLOSE_CUFF_EVERY_S)
    return replace(plan, cuff=(*plan.cuff, closer, CuffPlan(limb.end_s + 6 * HOUR_S, routine_s)))


def _weighted(weights: Mapping[str, float], draw: np.random.Generator) -> str:
    shares: Sequence[float] = list(weights.values())
    return str(draw.choice(list(weights), p=np.array(shares) / sum(shares)))
