"""A simulated patient as a recording."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge_agent.evaluate.stays.recording import MONDAY_UTC_NS, read_patient
from edge_agent.model.measurements import VitalKind
from simulators.cohorts.cohort_file import load_cohort
from simulators.patients.patient import BLOCK_S, Patient
from simulators.patients.plan import FaultKind, PlannedFault, Sensor

SPEC = replace(load_cohort("train"), days=0.4)


def test_the_recording_is_what_the_monitor_showed() -> None:
    member = SPEC.patient(3).patient
    faults = (
        PlannedFault(FaultKind.PROBE_ZERO, Sensor.SPO2, 1000.0, 2000.0),
        PlannedFault(FaultKind.PROBE_OFF, Sensor.TEMPERATURE, 3000.0, 4000.0),
    )
    patient = Patient(member.person, replace(member.plan, faults=faults), member.seed)
    signals, recording = read_patient(patient)
    seconds = int(patient.plan.length_s)
    site = patient.person.temperature_site
    temperatures = recording.columns[VitalKind.TEMPERATURE, site]
    assert temperatures.times_s.tolist() == list(range(seconds))
    assert np.isnan(temperatures.values[3000:4000]).all()
    assert (recording.columns[VitalKind.SPO2, ""].values[1000:2000] == 0.0).all()
    heart = recording.columns[VitalKind.HEART_RATE, ""].values
    assert np.array_equal(heart[:BLOCK_S], patient.block(0).channels["heart_rate"])
    assert np.array_equal(signals.heart_rate, heart, equal_nan=True)
    decimals = temperatures.values[:3000]
    assert np.array_equal(decimals, np.round(decimals, 1))
    cuffs = [cuff for number in range(2) for cuff in patient.block(number).cuffs]
    cuffs = [cuff for cuff in cuffs if cuff.measured_at_s < seconds]
    column = recording.columns[VitalKind.NIBP_MEAN, ""]
    assert column.times_s.tolist() == [cuff.measured_at_s for cuff in cuffs]
    assert column.values.tolist() == [float(cuff.mean) for cuff in cuffs]


def test_the_clock_of_the_recording_is_the_patient_s() -> None:
    patient = SPEC.patient(3).patient
    _, recording = read_patient(patient)
    hours = (recording.start_utc_ns - MONDAY_UTC_NS) / 3600e9
    assert abs(hours - patient.person.clock_at_start_h) < 1e-6
