"""Values that no patient has are flagged and keep their number."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.batch.conditioning import TimedValues, believed
from edge_agent.model.measurements import Numeric, Validity, Vital, VitalKind
from edge_agent.vitals.canonical import CODES, KINDS
from edge_agent.vitals.normalise import Normaliser
from edge_agent.vitals.plausibility import Course
from tests.support.device_readings import (
    BPM,
    CELSIUS,
    HR,
    MMHG,
    NIBP_D,
    NIBP_M,
    NIBP_S,
    PERCENT,
    PULSE,
    RPM,
    RR,
    SPO2,
    START,
    TEMPERATURE,
    message,
    numeric,
    wall,
)

ABP_S, ABP_D, ABP_M = 150037, 150038, 150039
LETTERS = {Validity.VALID: "v", Validity.QUESTIONABLE: "?", Validity.INVALID: "x"}


def judged(*numerics: Numeric) -> tuple[Vital, ...]:
    return Normaliser("bed-07").normalise(message(*numerics, device_now=wall(100)))


def course(code: int, unit: int, step_s: float, values: list[float]) -> str:
    """Return one letter per value: (v)alid, (?) questionable, (x) invalid."""
    normaliser = Normaliser("bed-07")
    letters = ""
    for count, value in enumerate(values):
        event = message(numeric(code, value, unit), at_s=count * step_s)
        (vital,) = normaliser.normalise(event)
        letters += LETTERS[vital.validity]
    return letters


@pytest.mark.parametrize(
    ("code", "unit", "value", "validity"),
    [
        (HR, BPM, 19.9, Validity.INVALID),
        (HR, BPM, 20, Validity.VALID),
        (HR, BPM, 250, Validity.VALID),
        (HR, BPM, 251, Validity.INVALID),
        (HR, BPM, 0, Validity.VALID),
        (PULSE, BPM, 0, Validity.INVALID),
        (SPO2, PERCENT, 0, Validity.INVALID),
        (SPO2, PERCENT, 39, Validity.INVALID),
        (SPO2, PERCENT, 101, Validity.INVALID),
        (RR, RPM, 0, Validity.INVALID),
        (TEMPERATURE, CELSIUS, 32.9, Validity.INVALID),
        (TEMPERATURE, CELSIUS, 42.6, Validity.INVALID),
        (TEMPERATURE, CELSIUS, 0, Validity.INVALID),
        (TEMPERATURE, CELSIUS, 100.4, Validity.INVALID),
        (TEMPERATURE, CELSIUS, 41, Validity.VALID),
    ],
)
def test_a_value_outside_its_range_is_invalid_and_kept(
    code: int, unit: int, value: float, validity: Validity
) -> None:
    (vital,) = judged(numeric(code, value, unit))
    assert (vital.value, vital.validity) == (value, validity)
    assert bool(vital.reason) == (validity is not Validity.VALID)


def test_the_reason_names_the_range() -> None:
    (vital,) = judged(numeric(TEMPERATURE, 384.5, CELSIUS))
    assert vital.reason == "outside 33-42.5 Cel"


@pytest.mark.parametrize(
    ("code", "unit", "value", "age_years", "reason"),
    [
        (HR, BPM, 280, 17.9, ""),
        (HR, BPM, 281, 0.1, "outside 20-280 /min"),
        (HR, BPM, 251, 18.0, "outside 20-250 /min"),
        (RR, RPM, 110, 0.0, ""),
        (RR, RPM, 111, 0.2, "outside 4-110 /min"),
        (RR, RPM, 71, None, "outside 4-70 /min"),
        (SPO2, PERCENT, 101, 2.0, "outside 40-100 %"),
        (PULSE, BPM, 280, 0.1, ""),
        (PULSE, BPM, 281, 0.1, "outside 20-280 /min"),
        (NIBP_S, MMHG, 30, 0.1, ""),
        (NIBP_S, MMHG, 29, 0.1, "outside 30-250 mm[Hg]"),
        (NIBP_S, MMHG, 49, 17.9, ""),
        (NIBP_S, MMHG, 49, 18.0, "outside 50-250 mm[Hg]"),
        (NIBP_S, MMHG, 49, None, "outside 50-250 mm[Hg]"),
        (NIBP_M, MMHG, 15, 0.0, ""),
        (NIBP_M, MMHG, 14, 0.0, "outside 15-200 mm[Hg]"),
        (NIBP_D, MMHG, 10, 0.1, ""),
        (NIBP_D, MMHG, 9, 0.1, "outside 10-150 mm[Hg]"),
        (ABP_S, MMHG, 20, 0.1, ""),
        (ABP_S, MMHG, 19, 0.1, "outside 20-280 mm[Hg]"),
        (ABP_M, MMHG, 15, 0.1, ""),
        (ABP_M, MMHG, 14, 0.1, "outside 15-280 mm[Hg]"),
        (ABP_D, MMHG, 10, 0.1, ""),
        (ABP_D, MMHG, 9, 0.1, "outside 10-280 mm[Hg]"),
        (ABP_D, MMHG, 29, 40.0, "outside 30-280 mm[Hg]"),
    ],
)
def test_a_child_has_other_limits_than_an_adult(
    code: int, unit: int, value: float, age_years: float | None, reason: str
) -> None:
    given_it = message(numeric(code, value, unit, stamp=wall(90)), device_now=wall(100))
    (vital,) = Normaliser("bed-07").normalise(given_it, (), age_years)
    assert (vital.reason, vital.is_usable) == (reason, not reason)
    place = (CODES[code].kind, CODES[code].site)
    column = TimedValues(np.zeros(1, np.int64), np.array([float(value)]))
    (archived,) = believed({place: column}, ages=[(0, age_years)])[place]
    assert np.isnan(archived) == bool(reason)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(list(Validity)))
def test_no_value_outside_the_range_is_ever_usable(value: float, validity: Validity) -> None:
    row = KINDS[VitalKind.SPO2]
    (vital,) = judged(numeric(SPO2, value, PERCENT, validity))
    inside = row.lowest <= value <= row.highest
    assert vital.is_usable == (inside and validity is Validity.VALID)
    assert vital.value == value


@pytest.mark.parametrize(
    ("systolic", "mean", "diastolic", "reason"),
    [
        (120, 90, 75, ""),
        (120, None, 75, ""),
        (120, 75, 90, "not systolic > mean > diastolic: 120, 75, 90"),
        (120, 120, 75, "not systolic > mean > diastolic: 120, 120, 75"),
        (80, None, 90, "not systolic > mean > diastolic: 80, 85, 90"),
        (100, 95, 85.0, ""),
        (100, 95, 85.5, "pulse pressure only 14 mm[Hg]"),
    ],
)
def test_pressures_that_contradict_each_other_are_questionable(
    systolic: float, mean: float | None, diastolic: float, reason: str
) -> None:
    readings = ((NIBP_S, systolic), (NIBP_M, mean), (NIBP_D, diastolic))
    vitals = judged(*(numeric(c, v, MMHG, stamp=wall(90)) for c, v in readings))
    assert {v.reason for v in vitals if v.value is not None} == {reason}
    assert all(v.is_usable == (not reason) for v in vitals if v.value is not None)


@pytest.mark.parametrize(
    ("systolic", "mean", "diastolic", "is_usable"),
    [
        (62, 54, 50, True),
        (60, 52, 48, True),
        (60, 55, 51, True),
        (60, 55, 51.5, False),
        (150, 140, 135, True),
    ],
)
def test_a_narrow_pulse_pressure_is_judged_by_its_share(
    systolic: float, mean: float, diastolic: float, *, is_usable: bool
) -> None:
    readings = ((NIBP_S, systolic), (NIBP_M, mean), (NIBP_D, diastolic))
    vitals = judged(*(numeric(c, v, MMHG, stamp=wall(90)) for c, v in readings))
    assert {v.is_usable for v in vitals} == {is_usable}


def test_readings_may_be_received_in_any_order() -> None:
    draw = random.Random(1)
    normaliser = Normaliser("bed-07")
    for code, unit, usual in ((HR, BPM, 80), (SPO2, PERCENT, 96), (TEMPERATURE, CELSIUS, 37)):
        for _ in range(300):
            value = usual + draw.choice([-9, 0, 0, 0, 1])
            event = message(numeric(code, value, unit), at_s=draw.uniform(0, 900))
            (vital,) = normaliser.normalise(event)
            assert vital.value == value
    course, limit = Course(), KINDS[VitalKind.SPO2].step
    assert limit is not None
    assert course.admit(START.plus(1000), 97, limit)
    assert course.admit(START.plus(1000 - limit.within_s), 96.5, limit)
    assert not course.admit(START.plus(1001), 80, limit)
    assert not course.admit(START.plus(900), 80, limit)
    assert course.admit(START.plus(1001 + limit.hold_s), 80, limit)
