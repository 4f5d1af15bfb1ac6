"""Doubted values reach rules and people as doubted, live and over a recording."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from edge_agent.batch.detector import recorded_stay
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.detect.bed import MonitoredBed
from edge_agent.detect.language.needs import needs_of
from edge_agent.model.measurements import (
    ANOTHER_MONITOR,
    FORMER_PATIENT,
    GenerationMode,
    Validity,
    Vital,
    VitalKind,
)
from tests.support.detector_inputs import START, at, reading
from tests.support.patient_entries import an_entry

SPO2, HEART = VitalKind.SPO2, VitalKind.HEART_RATE
SYSTOLIC = VitalKind.NIBP_SYSTOLIC
NAN = math.nan


def doubted(kind: VitalKind, seconds: float, value: float, reason: str = "odd") -> Vital:
    vital = reading(kind, seconds, value)
    return replace(vital, validity=Validity.QUESTIONABLE, reason=reason)


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({}, 80),
        ({"validity": Validity.BELOW_RANGE}, 80),
        ({"validity": Validity.INVALID, "reason": "outside 40-100 %"}, 80),
        ({"validity": Validity.INVALID, "reason": "sensor off or no signal"}, None),
        ({"validity": Validity.VALID, "reason": ""}, None),
        ({"validity": Validity.MEASURING}, None),
        ({"value": 0.0}, None),
        ({"value": None}, None),
        ({"mode": GenerationMode.DEMO}, None),
        ({"reason": ANOTHER_MONITOR}, None),
        ({"reason": f"{FORMER_PATIENT}; odd"}, None),
    ],
)
def test_a_doubted_value_is_a_patients_that_is_shown(
    change: dict[str, object], shown: float | None
) -> None:
    assert replace(doubted(SPO2, 1, 80), **change).doubted_value == shown  # type: ignore[arg-type]


def bed(*vitals: Vital) -> MonitoredBed:
    record = MonitoredBed(START, needs_of(()))
    for vital in vitals:
        record.observe(vital)
    record.close_until(at(60))
    return record


def test_the_worst_of_the_doubted_values_of_a_step_is_seen_until_one_is_believed() -> None:
    record = bed(
        reading(SPO2, 5, 97),
        doubted(SPO2, 15, 82),
        replace(doubted(SPO2, 16, 71), device_id="other"),
        reading(SPO2, 25, 96),
        replace(reading(SPO2, 26, 96), device_id="other"),
    )
    assert record.window("spo2_doubted", 6).tolist() == pytest.approx(
        [NAN, 71, NAN, NAN, NAN, NAN], nan_ok=True
    )


def test_a_heart_rate_that_the_pulse_contradicts_is_not_sure() -> None:
    pulse = [reading(VitalKind.PULSE_RATE, s, 75) for s in (5, 15)]
    record = bed(reading(HEART, 5, 0), reading(HEART, 15, 95), *pulse)
    assert record.window("heart_rate_doubted", 6)[:2].tolist() == pytest.approx(
        [0, NAN], nan_ok=True
    )


def test_a_heart_rate_that_is_not_believed_is_shown_as_it_is() -> None:
    record = bed(doubted(HEART, 5, 160))
    assert record.window("heart_rate_doubted", 6)[0] == 160


def test_of_a_vital_that_no_rule_asks_for_no_doubt_is_kept() -> None:
    record = bed(doubted(VitalKind.ETCO2, 5, 160), doubted(VitalKind.TEMPERATURE, 5, 43))
    assert set(record.window_record().doubts) == {VitalKind.TEMPERATURE}


def test_a_cuff_is_seen_as_measured_and_as_believed() -> None:
    record = bed(reading(SYSTOLIC, 5, 118), doubted(SYSTOLIC, 20, 62), reading(SYSTOLIC, 40, None))
    shown = record.events("nibp_systolic_as_measured").values.tolist()
    assert shown == pytest.approx([118, 62, NAN], nan_ok=True)
    believed = record.events(SYSTOLIC.value).values.tolist()
    assert believed == pytest.approx([118, NAN, NAN], nan_ok=True)


def test_a_recording_has_the_same_doubts() -> None:
    times_s = np.arange(1.0, 61.0)
    spo2 = np.where((times_s > 30) & (times_s <= 40), 38.0, 97.0)
    pressures = {
        (SYSTOLIC, ""): RecordedVital(np.array([5.0, 30.0]), np.array([118.0, 62.0])),
        (VitalKind.NIBP_DIASTOLIC, ""): RecordedVital(
            np.array([5.0, 30.0]), np.array([70.0, 58.0])
        ),
    }
    stay = recorded_stay(
        RecordedStay(START.utc_ns, {(SPO2, ""): RecordedVital(times_s, spo2)} | pressures), ()
    )
    assert stay.step_signals["spo2_doubted"].tolist() == pytest.approx(
        [NAN, NAN, NAN, 38, NAN, NAN], nan_ok=True
    )
    assert stay.events("nibp_systolic_as_measured", stay.span_at(0)).values.tolist() == [118, 62]
    assert stay.events(SYSTOLIC.value, stay.span_at(0)).values.tolist() == pytest.approx(
        [118, NAN], nan_ok=True
    )
    assert np.isnan(stay.step_signals["temperature_doubted"]).all()


def test_a_recorded_child_is_believed_more_than_an_adult() -> None:
    heart = {(HEART, ""): RecordedVital(np.arange(1.0, 11.0), np.full(10, 262.0))}
    for entries, shown in (((), NAN), ((an_entry("e1", "age", amount=0.2),), 262)):
        stay = recorded_stay(RecordedStay(START.utc_ns, heart), entries)
        assert stay.step_signals["heart_rate"].tolist() == pytest.approx([shown], nan_ok=True)
