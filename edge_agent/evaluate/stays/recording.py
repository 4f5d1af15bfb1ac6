"""Simulated patients' vital signs as the recordings that the rules run over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.evaluate.stays.comparators import HAND_VALID_S, Signals
from edge_agent.evaluate.stays.spans import Float64
from edge_agent.model.durations import HOUR_NS
from edge_agent.model.measurements import VitalKind
from simulators.patients.context import TimedEntry
from simulators.patients.patient import BLOCK_S, Patient
from simulators.patients.sensors import CHANNELS
from simulators.patients.vitals import Cuff

MONDAY_UTC_NS: Final = 1_767_571_200_000_000_000
"""Midnight of 2026-01-05, a Monday; each patient's clock begins that day at its own hour."""
_CUFF: Final = {
    VitalKind.NIBP_SYSTOLIC: "systolic",
    VitalKind.NIBP_MEAN: "mean",
    VitalKind.NIBP_DIASTOLIC: "diastolic",
}


def read_patient(
    patient: Patient, events: Sequence[TimedEntry] = ()
) -> tuple[Signals, RecordedStay]:
    """Return the values on a patient's monitor, once a second, and each cuff reading.

    Zeros, stuck values, wrong units and gaps are in it as the cohort has them. Duplicate or
    reordered messages and steps of the monitor's clock do not show in a recording that is on the
    gateway's time.

    Parameters
    ----------
    events
        Entries of staff; temperatures by hand are read in a patient who has no probe.
    """
    shown, cuffs = _shown(patient)
    seconds = np.arange(int(patient.plan.length_s), dtype=np.float64)
    cuff_at_s = np.array([cuff.measured_at_s for cuff in cuffs], np.float64)
    columns = {}
    for name, values in shown.items():
        kind = VitalKind(name)
        site = patient.person.temperature_site if kind is VitalKind.TEMPERATURE else ""
        columns[kind, site] = RecordedVital(seconds, values)
    for kind, name in _CUFF.items():
        values = np.array([getattr(cuff, name) for cuff in cuffs], np.float64)
        columns[kind, ""] = RecordedVital(cuff_at_s, values)
    temperature, by_hand = shown["temperature"], None
    if np.isnan(temperature).all():
        taken = sorted(
            (e.at_s, e.at_s if e.entered_s is None else e.entered_s, e.amount or 0.0)
            for e in events
            if e.kind == "spot"
        )
        readings = np.array(taken, np.float64).reshape(-1, 3)
        by_hand = readings[:, 0], readings[:, 2]
        temperature = _charted(readings, temperature.size)
    signals = Signals(
        temperature,
        shown["heart_rate"],
        shown["spo2"],
        shown["respiratory_rate"],
        cuff_at_s,
        columns[VitalKind.NIBP_SYSTOLIC, ""].values,
        by_hand,
    )
    start_ns = MONDAY_UTC_NS + round(patient.person.clock_at_start_h * HOUR_NS)
    return signals, RecordedStay(start_ns, columns)


def _charted(readings: Float64, length_s: int) -> Float64:
    """Return the newest temperature by hand that was entered, once a second; NaN where none is.

    Parameters
    ----------
    readings
        Time taken, time entered and value of each, in the order in which they were taken.
    """
    chart = np.full(length_s, np.nan)
    for taken_s, entered_s, value in readings.tolist():
        chart[int(np.ceil(entered_s)) : int(taken_s + HAND_VALID_S)] = value
    return chart


def _shown(patient: Patient) -> tuple[dict[str, Float64], Sequence[Cuff]]:
    length_s = int(patient.plan.length_s)
    shown = {name: np.empty(length_s) for name in CHANNELS}
    cuffs: list[Cuff] = []
    for number in range(-(-length_s // BLOCK_S)):
        samples = patient.block(number)
        end_s = min(samples.from_s + BLOCK_S, length_s)
        for name, values in shown.items():
            part = samples.channels[name][: end_s - samples.from_s]
            # a decimal as a monitor prints it, not as single precision holds it
            values[samples.from_s : end_s] = np.round(part.astype(np.float64), 1)
        cuffs += [cuff for cuff in samples.cuffs if cuff.measured_at_s < length_s]
    return shown, cuffs
