"""Staff: fluids, pressors, oxygen and drugs in answer to the signs that they see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from edge_agent.model.durations import DAY_S, HOUR_S
from simulators.patients.person import Person
from simulators.patients.plan import Cause, Treatment, TreatmentKind
from simulators.patients.shapes import Float64
from simulators.setpoint.breathing import Lung, own_shunt, spo2
from simulators.setpoint.circulation import pressor_target, reflex_gain
from simulators.setpoint.drugs import FILLING_PER_L, LADDER, REACH_OF_ONE, Device
from simulators.setpoint.forces import STEP_S
from simulators.setpoint.habits import Habits
from simulators.setpoint.organism import Course, Facts, course_of

# The rule of Brudno and Kochenderfer, Blood 2016, table 2: below 80 % of the own pressure and 100
_SHARE_OF_OWN: Final = 0.80
_AND_BELOW: Final = 100.0
_TREATED_BELOW_SPO2: Final = 92.0  # design start value, unvalidated, as are all others here
_SAFE_SPO2: Final = 93.5
_WEAN_SPO2: Final = 95.0
_WEAN_AFTER_S: Final = 2 * HOUR_S
_FLUID_LASTS_S: Final = 6 * HOUR_S
_BOLUSES: Final = 2
"""Boluses in `_FLUID_LASTS_S` after which pressors are started."""
_MORE_MISSING: Final = 0.06
_PRESSOR_ENDS_S: Final = 4 * HOUR_S
_ANTIPYRETIC_EVERY_S: Final = 6 * HOUR_S
_FEVER_LASTS_S: Final = 3 * DAY_S
"""Fever beyond 3 days is treated like grade 2 in guidelines."""
_NEXT_DOSE_S: Final = 8 * HOUR_S
_STILL_ILL: Final = 0.6
"""Effect of the first dose below which staff give a second."""
_SECOND_EFFECT: Final = 0.7
_STEROID_DOSES: Final = 4
_STEROID_EVERY_S: Final = 6 * HOUR_S


def treated(facts: Facts, habits: Habits, t: Float64) -> tuple[Treatment, ...]:
    """Return every treatment of a stay, in order of time.

    Staff give tocilizumab and steroids for the course that support alone would have, and then
    support and antipyretics for the one that is left.
    """
    plain = course_of(replace(facts, treatments=()), t)
    support = _support(facts, habits, plain, t)
    against = tuple(_against_storm(facts, habits, plain, support, t))
    if not against and not support:
        return tuple(_antipyretics(habits, plain, t))
    course = course_of(replace(facts, treatments=against), t)
    support = _support(facts, habits, course, t) if against else support
    given = (*against, *support, *_antipyretics(habits, course, t))
    return tuple(sorted(given, key=lambda one: (one.at_s, one.kind, one.name)))


def is_low(person: Person, systolic: Float64) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return the places where staff treat a systolic pressure, mmHg."""
    limit = person.hypotension_limit
    if person.is_child:
        return systolic < limit
    own = (systolic < _SHARE_OF_OWN * person.baseline.systolic) & (systolic < _AND_BELOW)
    return (systolic < limit) | own


def _support(facts: Facts, habits: Habits, course: Course, t: Float64) -> tuple[Treatment, ...]:
    every = max(1, round(habits.looks_every_s / STEP_S))
    looks = slice(None, None, every)
    low = is_low(facts.person, course.flow.systolic_untreated[looks])
    given: list[Treatment] = []
    if low.any():
        mean = course.flow.mean_untreated[looks]
        given += _Pressure(facts, habits).treat(t[looks], mean, low)
    if (course.body.spo2_on_air[looks] < _TREATED_BELOW_SPO2).any():
        given += _oxygen(facts, habits, course, t, looks)
    return tuple(given)


@dataclass(slots=True)
class _Pressure:
    """Treatment of low pressure, look by look."""

    facts: Facts
    habits: Habits
    given: list[Treatment] = field(default_factory=list)
    boluses: list[float] = field(default_factory=list)
    running: dict[str, float] = field(default_factory=dict)
    """Begin of each pressor that runs, patient time in seconds."""
    enough_since_s: float | None = None  # None while a pressor is needed

    def treat(
        self, looks_s: Float64, mean: Float64, low: np.ndarray[tuple[int], np.dtype[np.bool_]]
    ) -> list[Treatment]:
        """Return the treatments for ln(mean pressure) and lowness at each look."""
        speed = 1.0 + reflex_gain(self.facts.person, self.facts.nature)
        target = pressor_target(self.facts.person)
        for at_s, now, is_low_now in zip(
            looks_s.tolist(), mean.tolist(), low.tolist(), strict=True
        ):
            wet = sum(
                np.exp(-(at_s - s) / _FLUID_LASTS_S)
                for s in self.boluses
                if s <= at_s < s + 4 * _FLUID_LASTS_S
            )
            missing = target - now - FILLING_PER_L * self.habits.bolus_l * wet / speed
            if self.running:
                self._pressors(at_s, missing)
            elif is_low_now:
                self._begin(at_s, missing)
        for name in list(self.running):
            self._end(name, float(looks_s[-1]))
        return self.given

    def _begin(self, at_s: float, missing: float) -> None:
        """Give a bolus, or a pressor where boluses did not help."""
        recent = [s for s in self.boluses if at_s - s < _FLUID_LASTS_S]
        if len(recent) < _BOLUSES:
            if not recent or at_s - recent[-1] >= 2 * self.habits.looks_every_s:
                then_s = at_s + self.habits.answers_after_s
                self.boluses.append(then_s)
                litres = self.habits.bolus_l
                self.given.append(Treatment(TreatmentKind.FLUIDS, then_s, then_s, "saline", litres))
        elif missing > 0.0 and at_s - recent[-1] >= 2 * self.habits.looks_every_s:
            self._start("noradrenaline", at_s)

    def _pressors(self, at_s: float, missing: float) -> None:
        """Add a pressor where one is too weak; end all where none is needed."""
        if missing > REACH_OF_ONE:
            is_far = missing > REACH_OF_ONE + _MORE_MISSING
            if self.habits.prefers_vasopressin and not is_far:
                self._start("vasopressin", at_s)
            elif is_far:
                self._start("adrenaline", at_s)
        if missing > -_MORE_MISSING / 2:
            self.enough_since_s = None
            return
        self.enough_since_s = at_s if self.enough_since_s is None else self.enough_since_s
        if at_s - self.enough_since_s >= _PRESSOR_ENDS_S:
            for name in list(self.running):
                self._end(name, at_s)

    def _start(self, name: str, at_s: float) -> None:
        if name not in self.running:
            self.running[name] = at_s + self.habits.answers_after_s
            self.enough_since_s = None

    def _end(self, name: str, at_s: float) -> None:
        begin_s = self.running.pop(name)
        if at_s > begin_s:
            self.given.append(Treatment(TreatmentKind.VASOPRESSOR, begin_s, at_s, name, 1.0))


def _oxygen(
    facts: Facts, habits: Habits, course: Course, t: Float64, looks: slice
) -> Iterator[Treatment]:
    """Yield the devices of a stay, one after the other."""
    shunt = own_shunt(facts.nature, facts.person.baseline.spo2) + course.forces.shunt[looks]
    poor, heat = course.forces.poor_lung[looks], course.body.elevation[looks]
    with_each = np.array(
        [
            spo2(
                facts.nature,
                Lung(shunt, poor * (1.0 - device.recruits)),
                device.fraction,
                heat,
            )
            for device in LADDER
        ]
    )
    rung, since_s, weans_since_s = 0, 0.0, None
    for look, at_s in enumerate(t[looks].tolist()):
        wanted = rung
        if with_each[rung, look] < _TREATED_BELOW_SPO2:
            weans_since_s = None
            wanted = _rung(with_each[:, look], rung)
        elif rung and with_each[rung - 1, look] >= _WEAN_SPO2:
            weans_since_s = at_s if weans_since_s is None else weans_since_s
            if at_s - weans_since_s >= _WEAN_AFTER_S:
                wanted, weans_since_s = rung - 1, at_s
        else:
            weans_since_s = None
        if wanted == rung or at_s < since_s:
            continue
        changes_s = at_s + (habits.answers_after_s if wanted > rung else 0.0)
        if rung:
            yield _given(LADDER[rung], since_s, changes_s)
        rung, since_s = wanted, changes_s
    if rung:
        yield _given(LADDER[rung], since_s, float(t[-1]))


def _rung(with_each: Float64, rung: int) -> int:
    """Return the first higher device that suffices; the last where none does."""
    enough = np.flatnonzero(with_each[rung + 1 :] >= _SAFE_SPO2)
    return rung + 1 + int(enough[0]) if enough.size else len(LADDER) - 1


def _given(device: Device, from_s: float, to_s: float) -> Treatment:
    return Treatment(TreatmentKind.OXYGEN, from_s, to_s, device.name, device.flow)


def _antipyretics(habits: Habits, course: Course, t: Float64) -> Iterator[Treatment]:
    """Yield the doses against fever, at most one in six hours."""
    if not habits.gives_antipyretic:
        return
    every = max(1, round(2 * habits.looks_every_s / STEP_S))
    hot = course.core.temperature[::every] >= habits.antipyretic_from
    last_s = -_ANTIPYRETIC_EVERY_S
    for at_s in t[::every][hot].tolist():
        if at_s - last_s >= _ANTIPYRETIC_EVERY_S:
            last_s = at_s + habits.answers_after_s
            yield Treatment(
                TreatmentKind.ANTIPYRETIC, last_s, last_s, "paracetamol", habits.antipyretic_fall
            )


def _against_storm(
    facts: Facts, habits: Habits, plain: Course, support: Sequence[Treatment], t: Float64
) -> Iterator[Treatment]:
    """Yield tocilizumab and steroids against CRS; nothing where there is none."""
    storms = [storm for storm in facts.storms if storm.cause is Cause.CRS]
    if not storms:
        return
    onset_s = min(storm.fever_at_s for storm in storms)
    end_s = max(storm.until_s for storm in storms)
    grade_2_s = _first_s(plain, facts, onset_s, t)
    grade_3_s = min((g.at_s for g in support if _is_grade_3(g) and g.at_s > onset_s), default=None)
    due_s = [end_s]
    if grade_3_s is not None:
        due_s.append(grade_3_s + habits.toci_after_s / 3.0)
        yield from _steroids(habits, grade_3_s)
    if grade_2_s is not None and habits.toci_in_grade_2:
        due_s.append(grade_2_s + habits.toci_after_s)
    if habits.toci_when_fever_lasts:
        due_s.append(onset_s + _FEVER_LASTS_S)
    if min(due_s) < end_s:
        yield _dose(TreatmentKind.TOCILIZUMAB, min(due_s), habits.toci_effect)
        second_s = min(due_s) + _NEXT_DOSE_S
        if habits.toci_effect < _STILL_ILL and second_s < end_s:
            yield _dose(TreatmentKind.TOCILIZUMAB, second_s, _SECOND_EFFECT)


def _steroids(habits: Habits, grade_3_s: float) -> Iterator[Treatment]:
    if habits.gives_steroid:
        for dose in range(_STEROID_DOSES):
            at_s = grade_3_s + habits.steroid_after_s + dose * _STEROID_EVERY_S
            yield _dose(TreatmentKind.STEROID, at_s, 1.0)


def _dose(kind: TreatmentKind, at_s: float, amount: float) -> Treatment:
    name = "dexamethasone" if kind is TreatmentKind.STEROID else kind.value
    return Treatment(kind, at_s, at_s, name, amount)


def _first_s(plain: Course, facts: Facts, onset_s: float, t: Float64) -> float | None:
    """Return the first time of grade 2 after the onset, seconds; None without one."""
    low = is_low(facts.person, plain.flow.systolic_untreated)
    short = plain.body.spo2_on_air < _TREATED_BELOW_SPO2
    at = np.flatnonzero((low | short) & (t >= onset_s))
    return float(t[at[0]]) if at.size else None


def _is_grade_3(given: Treatment) -> bool:
    is_more = given.kind is TreatmentKind.OXYGEN and given.name != "nasal cannula"
    return is_more or given.kind is TreatmentKind.VASOPRESSOR
