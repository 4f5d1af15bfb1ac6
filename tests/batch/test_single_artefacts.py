"""One artefact of one signal, in a patient without any other sign, never makes a HIGH alert."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.batch.detector import BatchDetector
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.evaluate.stays.recording import read_patient
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.measurements import VitalKind
from simulators.patients.patient import Patient
from simulators.patients.person import draw_person
from simulators.patients.plan import CuffPlan, FaultKind, Plan, PlannedFault, Sensor
from tests.batch.test_detector import START_NS, live, rules
from tests.support.patient_entries import an_entry
from tests.support.seeds import more_seeds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from edge_agent.model.alerts import Alert

RULES: Final = rules()
LENGTH_S: Final = 5400.0
CUFF_S: Final = 900.0
RISES: Final = {"vital.very_low_pressure", "signal.doubted.blood_pressure"}
"""Requests to measure again, which rise where nobody answers them."""
AGES: Final = (0.5, 3.0, 8.0, 14.0, 30.0, 55.0, 80.0)


class Artefact(NamedTuple):
    """An artefact of one signal, and the largest span and the sizes that it may have."""

    kind: FaultKind
    sensor: Sensor
    longest_s: int
    sizes: tuple[float, float] = (0.0, 0.0)


OF_CUFF: Final = (
    Artefact(FaultKind.CUFF_DEEP, Sensor.CUFF, 2, (-70, -25)),
    Artefact(FaultKind.CUFF_HIGH, Sensor.CUFF, 2, (25, 70)),
    Artefact(FaultKind.CUFF_NARROW, Sensor.CUFF, 2, (4, 12)),
    Artefact(FaultKind.CUFF_SWAPPED, Sensor.CUFF, 2),
    Artefact(FaultKind.CUFF_FAILED, Sensor.CUFF, 2),
)
OF_PROBES: Final = (
    Artefact(FaultKind.MOTION, Sensor.SPO2, 60, (60, 88)),
    Artefact(FaultKind.PROBE_ZERO, Sensor.SPO2, 60),
    Artefact(FaultKind.PROBE_ZERO, Sensor.ECG, 60),
    Artefact(FaultKind.PROBE_ZERO, Sensor.TEMPERATURE, 60),
    Artefact(FaultKind.PROBE_FLAT, Sensor.SPO2, 600),
    Artefact(FaultKind.STUCK, Sensor.ECG, 60, (20, 240)),
    Artefact(FaultKind.PROBE_OFF, Sensor.ECG, 300),
    Artefact(FaultKind.PROBE_OFF, Sensor.SPO2, 300),
    Artefact(FaultKind.PROBE_OFF, Sensor.TEMPERATURE, 1200),
    Artefact(FaultKind.DRIFT_OFF, Sensor.TEMPERATURE, 1800),
    Artefact(FaultKind.PROBE_SLIPPED, Sensor.TEMPERATURE, 1800, (0.5, 6)),
    Artefact(FaultKind.PROBE_WARMED, Sensor.TEMPERATURE, 1800, (0.3, 1.5)),
    Artefact(FaultKind.PROBE_COOLED, Sensor.TEMPERATURE, 1800, (0.5, 3)),
    Artefact(FaultKind.FAHRENHEIT, Sensor.TEMPERATURE, 600),
)


def recorded(age_years: float, seed: int, artefact: Artefact) -> RecordedStay:
    """Return quiet hours of a person at any age, with one artefact at any time."""
    draw = np.random.default_rng(seed)
    person = draw_person(
        age_years=age_years,
        product="",
        infused_s=0.0,
        clock_at_start_h=float(draw.uniform(0, 24)),
        temperature_site="core",
        draw=draw,
    )
    quiet = replace(person, daily_rhythm=0.0, motion_per_h=0.0)
    size = float(draw.uniform(*artefact.sizes))
    if artefact in OF_CUFF:
        from_s = CUFF_S * int(draw.integers(1, 5)) - 1.0
        span = (from_s, from_s + 2.0)
    else:
        begin = int(draw.integers(900, 3600))
        span = (float(begin), float(begin + draw.integers(10, artefact.longest_s + 1)))
    fault = PlannedFault(artefact.kind, artefact.sensor, *span, size)
    plan = Plan(LENGTH_S, (CuffPlan(CUFF_S, CUFF_S),), faults=(fault,))
    recording = read_patient(Patient(quiet, plan, seed))[1]
    return replace(recording, start_utc_ns=START_NS, length_s=LENGTH_S)


def high(alerts: Iterable[Alert]) -> set[str]:
    """Return the rules of the HIGH alerts that stood on their own."""
    return {a.rule_id for a in alerts if a.priority is AlertPriority.HIGH and not a.absorbed_by}


def found_in(recording: RecordedStay, age_years: float, answered_s: float | None) -> list[Alert]:
    entries = [an_entry("age", "age", amount=age_years, at_h=-1000.0)]
    found = BatchDetector(RULES, acknowledged_after_s=answered_s).run(recording, entries)
    return [transition.alert for transition in found.transitions]


@pytest.mark.untraced
@pytest.mark.parametrize("artefact", OF_CUFF + OF_PROBES, ids=lambda a: f"{a.kind}-{a.sensor}")
@settings(max_examples=2)
@given(age_years=st.sampled_from(AGES), seed=st.integers(0, 2**31))
def test_one_artefact_never_makes_a_high_alert(
    artefact: Artefact, age_years: float, seed: int
) -> None:
    recording = recorded(age_years, seed, artefact)
    assert high(found_in(recording, age_years, 240.0)) == set()
    assert high(found_in(recording, age_years, None)) <= RISES


@pytest.mark.untraced
@pytest.mark.parametrize("artefact", OF_CUFF[:1] + OF_PROBES[:1], ids=lambda a: a.kind)
@pytest.mark.parametrize("seed", [0, *more_seeds(1, 6)])
def test_one_artefact_never_makes_a_high_alert_on_the_live_bed(
    artefact: Artefact, seed: int
) -> None:
    assert high(live(recorded(55.0, seed, artefact), RULES)) <= RISES


@pytest.mark.parametrize(
    ("answered_s", "repeated_s", "rises"),
    [(None, 1200.0, True), (840.0, 1200.0, False), (None, 840.0, False)],
)
def test_a_very_low_reading_rises_only_where_nobody_answers_or_repeats_it(
    answered_s: float | None, repeated_s: float, *, rises: bool
) -> None:
    times_s = np.arange(10.0, 5400.0, 10.0)
    cuff_s = np.array([900.0, 1800.0, 1800.0 + repeated_s, 3600.0])
    columns = {
        (VitalKind.HEART_RATE, ""): RecordedVital(times_s, 70 + times_s % 3),
        (VitalKind.NIBP_SYSTOLIC, ""): RecordedVital(cuff_s, np.array([120.0, 70, 118, 121])),
    }
    alerts = found_in(RecordedStay(START_NS, columns, 5400.0), 55.0, answered_s)
    raised = [a.priority for a in alerts if a.rule_id == "vital.very_low_pressure"]
    assert raised[0] is AlertPriority.MEDIUM
    assert high(alerts) == ({"vital.very_low_pressure"} if rises else set())
