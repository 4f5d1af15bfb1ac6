"""Plausibility of recorded readings; `test_detector` compares it with that of live ones."""

from __future__ import annotations

import numpy as np
import pytest

from edge_agent.batch.conditioning import TimedValues, believed
from edge_agent.model.measurements import VitalKind

NAN = float("nan")
S_NS = 10**9
SYSTOLIC, MEAN, DIASTOLIC = (
    VitalKind.NIBP_SYSTOLIC,
    VitalKind.NIBP_MEAN,
    VitalKind.NIBP_DIASTOLIC,
)


def column(*values: float, every_s: int = 1, from_s: int = 0) -> TimedValues:
    times_ns = (from_s + np.arange(len(values), dtype=np.int64) * every_s) * S_NS
    return TimedValues(times_ns, np.array(values, np.float64))


def kept(kind: VitalKind, *values: float, site: str = "", every_s: int = 1) -> list[float]:
    found = believed({(kind, site): column(*values, every_s=every_s)})
    return [float(value) for value in found[kind, site]]


def same(found: list[float], *wanted: float) -> bool:
    return np.array_equal(np.array(found), np.array(wanted), equal_nan=True)


def test_a_zero_and_what_no_patient_has_are_no_values() -> None:
    values = kept(VitalKind.HEART_RATE, 0, 19, 20, 250, 251, NAN, every_s=60)
    assert same(values, NAN, NAN, 20, 250, NAN, NAN)
    assert same(kept(VitalKind.PERFUSION_INDEX, 0.3, 0.3, 0), 0.3, 0.3, NAN)


def test_a_pressure_of_an_infant_is_believed_of_a_child_alone() -> None:
    columns = {(SYSTOLIC, ""): column(29, 30, 50, every_s=60)}
    of_child = believed(columns, ages=[(0, 0.1)])[SYSTOLIC, ""]
    assert same(of_child.tolist(), NAN, 30, 50)
    assert same(believed(columns)[SYSTOLIC, ""].tolist(), NAN, NAN, 50)


def test_pressures_of_one_moment_that_contradict_each_other_are_doubted() -> None:
    found = believed(
        {
            (SYSTOLIC, ""): column(120, 100, 100, 100, every_s=60),
            (MEAN, ""): column(90, 110, 90, every_s=60),
            (DIASTOLIC, ""): column(70, 70, 90, 70, every_s=60),
        }
    )
    # whole; a mean above systolic; a pulse pressure of 10; no mean
    assert same(found[SYSTOLIC, ""].tolist(), 120, NAN, NAN, 100)
    assert same(found[MEAN, ""].tolist(), 90, NAN, NAN)
    assert same(kept(SYSTOLIC, 120, 90), 120, 90)
    without_mean = believed({(SYSTOLIC, ""): column(120, 80), (DIASTOLIC, ""): column(70, 70)})
    assert same(without_mean[SYSTOLIC, ""].tolist(), 120, NAN)


def test_pressures_of_other_moments_say_nothing_of_each_other() -> None:
    found = believed(
        {(SYSTOLIC, ""): column(80), (DIASTOLIC, ""): column(90, from_s=60), (MEAN, ""): column()}
    )
    assert same(found[SYSTOLIC, ""].tolist(), 80)


def test_oximetry_without_perfusion_is_doubted() -> None:
    found = believed(
        {
            (VitalKind.SPO2, ""): column(97, 97, 97),
            (VitalKind.PERFUSION_INDEX, ""): column(1.0, 0.2, 1.0),
            (VitalKind.HEART_RATE, ""): column(80, 80, 80),
        }
    )
    assert same(found[VitalKind.SPO2, ""].tolist(), 97, NAN, 97)
    assert same(found[VitalKind.HEART_RATE, ""].tolist(), 80, 80, 80)


def test_a_jump_is_held_until_it_has_lasted() -> None:
    held = kept(VitalKind.HEART_RATE, *[80] * 10, *[140] * 25)
    assert same(held[10:], *[NAN] * 20, *[140] * 5)
    back = kept(VitalKind.HEART_RATE, *[80] * 10, *[140] * 5, *[80] * 5)
    assert same(back, *[80] * 10, *[NAN] * 5, *[80] * 5)
    assert same(kept(VitalKind.HEART_RATE, *[80] * 10, *[140] * 3)[10:], *[NAN] * 3)


def test_oxygen_may_rise_at_once_but_not_fall() -> None:
    assert same(kept(VitalKind.SPO2, 85, 97), 85, 97)
    assert same(kept(VitalKind.SPO2, 97, 85), 97, NAN)


def test_a_jump_that_the_pulse_confirms_is_none() -> None:
    found = believed(
        {
            (VitalKind.HEART_RATE, ""): column(*[80] * 10, *[140] * 5),
            (VitalKind.PULSE_RATE, "spo2"): column(*[80] * 10, NAN, *[138] * 4),
            (VitalKind.PULSE_RATE, "nibp"): column(140),
        }
    )
    assert same(found[VitalKind.HEART_RATE, ""].tolist(), *[80] * 10, NAN, *[140] * 4)


@pytest.mark.parametrize(("pulse_s", "rate"), [(2, 140.0), (1, NAN)])
def test_a_pulse_confirms_a_rate_for_ten_seconds(pulse_s: int, rate: float) -> None:
    pulse = {(VitalKind.PULSE_RATE, "spo2"): column(140, from_s=pulse_s)}
    found = believed({(VitalKind.HEART_RATE, ""): column(*[80] * 12, 140), **pulse})
    assert same(found[VitalKind.HEART_RATE, ""].tolist(), *[80] * 12, rate)


def test_readings_far_apart_jump_as_they_like() -> None:
    assert same(kept(VitalKind.HEART_RATE, 80, 150, 60, every_s=60), 80, 150, 60)
    assert same(kept(VitalKind.HEART_RATE, 80), 80)
    assert same(kept(VitalKind.TEMPERATURE, 36.5, 39.5, site="predictive"), 36.5, 39.5)


def test_what_does_not_move_is_doubted_after_a_while() -> None:
    values = kept(VitalKind.HEART_RATE, *[80] * 1805, 81)
    assert same(values, *[80] * 1800, *[NAN] * 5, 81)
    assert same(kept(VitalKind.HEART_RATE, *[80] * 30, every_s=60), *[80] * 30)


def test_a_reading_at_the_moment_of_an_entry_came_before_it() -> None:
    paced = {VitalKind.HEART_RATE: [(2000 * S_NS, 2100 * S_NS)]}
    columns = {(VitalKind.HEART_RATE, ""): column(*[70.0] * 2200)}
    found = believed(columns, paced)[VitalKind.HEART_RATE, ""]
    assert np.flatnonzero(~np.isnan(found[1800:])).tolist() == list(range(201, 300))
