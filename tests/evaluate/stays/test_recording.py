"""A simulated patient as a recording."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge_agent.evaluate.stays.comparators import HAND_VALID_S
from edge_agent.evaluate.stays.recording import MONDAY_UTC_NS, read_patient
from edge_agent.model.measurements import VitalKind
from simulators.cohorts.cohort_file import load_cohort
from simulators.patients.context import TimedEntry
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


def test_without_a_probe_the_newest_entered_temperature_by_hand_is_read() -> None:
    member = SPEC.patient(3).patient
    fault = PlannedFault(FaultKind.NO_PROBE, Sensor.TEMPERATURE, 0.0, 1e9)
    plan = replace(member.plan, faults=(fault,))
    patient = Patient(member.person, plan, member.seed)
    events = (
        TimedEntry(3600.0, "spot", "oral", 37.2, entered_s=4000.0),
        TimedEntry(3000.0, "spot", "oral", 36.8, entered_s=3100.0),
        TimedEntry(3500.0, "antipyretic", "paracetamol"),
    )
    signals, recording = read_patient(patient, events)
    assert signals.by_hand is not None
    assert [part.tolist() for part in signals.by_hand] == [[3000.0, 3600.0], [36.8, 37.2]]
    read = signals.temperature
    assert np.isnan(read[:3100]).all()
    assert (read[3100:4000] == 36.8).all()
    assert (read[4000 : int(3600 + HAND_VALID_S)] == 37.2).all()
    assert np.isnan(read[int(3600 + HAND_VALID_S) :]).all()
    site = patient.person.temperature_site
    assert np.isnan(recording.columns[VitalKind.TEMPERATURE, site].values).all()
    assert read_patient(member, events)[0].by_hand is None
