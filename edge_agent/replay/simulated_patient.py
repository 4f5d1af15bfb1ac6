"""Simulated patients of a cohort, and their vital signs as recorded values."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from typing import Final

from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.measurements import VitalKind
from edge_agent.recorded.mapping import canonical_unit
from edge_agent.recorded.moments import FileMoment, RecordedValue, value_of
from simulators.cohorts.cohort import CohortPatient
from simulators.cohorts.cohort_file import load_cohort
from simulators.patients.patient import BLOCK_S, Patient
from simulators.patients.sensors import Samples

_SITES: Final = {"oesophageal": "esophageal"}


def member_of(command: str, key: str, patient_id: str, cohort: str | None) -> CohortPatient:
    """Return the patient whom `key` of a command names, such as test-00017.

    Raises
    ------
    ConfigError
        If the cohort, or the one named in the id where `cohort` is None, has no such patient.
    """
    name, _, number = patient_id.rpartition("-")
    spec = load_cohort(cohort or name)
    if not number.isdecimal() or int(number) >= spec.patients:
        last = f"{spec.name}-{spec.patients - 1:05}"
        message = f"is {patient_id!r}; want {spec.name}-00000 to {last}"
        raise ConfigError((Mistake(command, key, message),))
    return spec.patient(int(number))


def patient_moments(patient: Patient) -> Iterator[FileMoment]:
    """Yield the values on a simulated patient's monitor, once a second."""
    length_s = int(patient.plan.length_s)
    for number in range(-(-length_s // BLOCK_S)):
        samples = patient.block(number)
        for second in range(min(BLOCK_S, length_s - samples.from_s)):
            yield FileMoment(float(samples.from_s + second), _shown(samples, second, patient))


def _shown(samples: Samples, second: int, patient: Patient) -> tuple[RecordedValue, ...]:
    site = patient.person.temperature_site
    values = []
    for name, channel in samples.channels.items():
        kind = VitalKind(name)
        where = _SITES.get(site, site) if kind is VitalKind.TEMPERATURE else ""
        number = round(float(channel[second]), 1)
        unit_code = canonical_unit(kind)
        is_shown = not isnan(number)
        values.append(
            value_of(kind, where, number, unit_code)
            if is_shown
            else RecordedValue(kind, where, None, unit_code)
        )
    for cuff in samples.cuffs:
        if int(cuff.measured_at_s) == samples.from_s + second:
            for kind, reading in (
                (VitalKind.NIBP_SYSTOLIC, cuff.systolic),
                (VitalKind.NIBP_MEAN, cuff.mean),
                (VitalKind.NIBP_DIASTOLIC, cuff.diastolic),
            ):
                values.append(value_of(kind, "", reading, canonical_unit(kind)))
    return tuple(values)
