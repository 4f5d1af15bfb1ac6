"""Speed and memory of making simulated patients.

Patients of the test cohort at 1 Hz, context and truth, written as Parquet: on one core and on all,
alone by the second physiology, and by both on wards.
`patient_days_per_s_per_core` is the promise.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import harmonic_mean
from typing import Final

from benchmarks.report import Promise, parser_of, show
from simulators.cohorts.cohort import PhysiologyName
from simulators.cohorts.cohort_file import load_cohort
from simulators.cohorts.cohort_store import write_cohort
from simulators.habits.drawn_wards import shipped_wards
from simulators.habits.ward_habits import WardHabits

_PROMISES: Final = {"patient_days_per_s_per_core": Promise(20, is_least=True)}


def rate(
    patients: int,
    workers: int,
    days: float | None = None,
    *,
    ward: WardHabits | None = None,
    physiology: PhysiologyName = PhysiologyName.CURVES,
) -> float:
    """Return patient-days per second per core; `days` of each patient, None: all."""
    spec = replace(load_cohort("test"), patients=patients, ward=ward, physiology=physiology)
    spec = spec if days is None else replace(spec, days=days)
    with tempfile.TemporaryDirectory() as folder:
        begun_s = time.perf_counter()
        for _ in write_cohort(spec, Path(folder) / "cohort", workers):
            pass
        return spec.patients * spec.days / (time.perf_counter() - begun_s) / workers


def rate_on_wards(physiology: PhysiologyName) -> float:
    """Return patient-days per second on the wards to tune on, on one core."""
    wards = shipped_wards("tune")
    return harmonic_mean([rate(2, 1, ward=ward, physiology=physiology) for ward in wards])


def peak_mb(patients: int) -> float:
    """Return the most memory that a process held while it made `patients` patients, in MB."""
    code = (
        "import resource; from benchmarks.cohort import rate; "
        f"rate({patients}, 1); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    answer = subprocess.check_output([sys.executable, "-c", code], text=True)
    return float(answer) / 1024


def main(texts: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = parser_of(__doc__, "a day of one patient, on one core")
    parser.add_argument("--patients", type=int, default=40)
    arguments = parser.parse_args(texts)
    found = {"patient_days_per_s_alone": rate(1, 1, 1.0)}
    if not arguments.quick:
        cores = min(2, os.cpu_count() or 1)
        found = {
            "patient_days_per_s_per_core": rate(arguments.patients, cores),
            "patient_days_per_s_alone": rate(arguments.patients // 2, 1),
            "patient_days_per_s_on_wards": rate_on_wards(PhysiologyName.CURVES),
            "setpoint_patient_days_per_s_alone": rate(
                arguments.patients // 2, 1, physiology=PhysiologyName.SETPOINT
            ),
            "setpoint_patient_days_per_s_on_wards": rate_on_wards(PhysiologyName.SETPOINT),
            "cores": cores,
            "peak_mb_4_patients": peak_mb(4),
            "peak_mb_24_patients": peak_mb(24),
        }
    show(found, _PROMISES, as_json=arguments.json)


if __name__ == "__main__":
    main()
