"""The driver and the simulated monitor, written apart, agree on what the patient had."""

from __future__ import annotations

from functools import cache

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import driver
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Vital, VitalKind
from edge_agent.model.session_events import NumericsReceived
from edge_agent.vitals.normalise import Normaliser
from simulators.monitors.device import PowerOn
from simulators.monitors.intellivue.monitor import IntellivueMonitor, IntellivueSettings
from simulators.patients.patient import Patient
from simulators.patients.vitals import TrueVitals
from simulators.scenarios.scenario_file import load_scenario

START = Instant(5_000_000_000_000, 1_800_000_000_000_000_000)
STEP_S = 0.128


def truth_of(kind: VitalKind, truth: TrueVitals) -> float | None:
    cuff = truth.cuff
    return {
        VitalKind.HEART_RATE: truth.heart_rate,
        VitalKind.PULSE_RATE: truth.pulse_rate,
        VitalKind.SPO2: truth.spo2,
        VitalKind.PERFUSION_INDEX: truth.perfusion_index,
        VitalKind.RESPIRATORY_RATE: truth.respiratory_rate,
        VitalKind.TEMPERATURE: truth.temperature,
        VitalKind.NIBP_SYSTOLIC: cuff.systolic if cuff else None,
        VitalKind.NIBP_MEAN: cuff.mean if cuff else None,
        VitalKind.NIBP_DIASTOLIC: cuff.diastolic if cuff else None,
    }[kind]


def watched(course: Patient, minutes: float, wall_offset_s: float) -> list[Vital]:
    """Return every vital of a course, monitor and session joined without a line."""
    settings = IntellivueSettings(wall_offset_s=wall_offset_s)
    monitor = IntellivueMonitor(PowerOn(course.vitals_at, START), settings, 1)
    session = driver("philips_intellivue").open_session(SessionOptions("bed-01"))
    normaliser = Normaliser("bed-01")
    vitals: list[Vital] = []
    for step in range(round(minutes * 60 / STEP_S)):
        at = START.plus(step * STEP_S)
        monitor.tick(at)
        events = [*session.receive(monitor.bytes_to_send(), at), *session.tick(at)]
        monitor.receive(session.bytes_to_send(), at)
        for event in events:
            if isinstance(event, NumericsReceived):
                vitals += normaliser.normalise(event)
    return vitals


@pytest.mark.untraced
@pytest.mark.parametrize("scenario", ["crs_grade_2", "probe_off"])
@pytest.mark.parametrize("wall_offset_s", [0.0, -86_400.0 * 300])
def test_what_is_read_is_what_the_patient_had(scenario: str, wall_offset_s: float) -> None:
    course = load_scenario(scenario, seed=5).patient
    vitals = watched(course, 8, wall_offset_s)
    assert {vital.kind for vital in vitals} >= {VitalKind.TEMPERATURE, VitalKind.NIBP_MEAN}
    truth_at = cache(lambda quarter: course.vitals_at(max(0, quarter) * STEP_S / 4))
    for vital in vitals:
        # A message shows the signs of the cycle it belongs to, at most one cycle and a step ago.
        seen = round(vital.received_at.seconds_since(START) / STEP_S * 4)
        candidates = {truth_of(vital.kind, truth_at(seen - ago)) for ago in range(5 * 8)}
        assert vital.value in candidates, vital


@pytest.mark.untraced
def test_each_cuff_reading_is_read_once_and_dated_to_the_second() -> None:
    course = load_scenario("crs_grade_2", seed=5).patient
    vitals = watched(course, 20, wall_offset_s=-86_400.0 * 300)
    readings = [v for v in vitals if v.kind is VitalKind.NIBP_SYSTOLIC and v.value is not None]
    taken = [v.measured_at.seconds_since(START) for v in readings]
    due = [course.plan.cuff[0].from_s + i * course.plan.cuff[0].every_s for i in range(len(taken))]
    assert len(taken) == 4
    assert taken == pytest.approx(due, abs=2.0)
    assert all(reading.is_usable for reading in readings)
