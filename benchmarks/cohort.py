"""Speed and memory of making simulated patients.

Patients of the test cohort at 1 Hz, context and truth, written as Parquet: on one core and on all.
With `--json` the last line is one object with `patient_days_per_s_per_core`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from simulators.cohorts.cohort_file import load_cohort
from simulators.cohorts.cohort_store import write_cohort

if TYPE_CHECKING:
    from collections.abc import Sequence


def rate(patients: int, workers: int, days: float | None = None) -> float:
    """Return patient-days per second per core; `days` of each patient, None: all."""
    spec = replace(load_cohort("test"), patients=patients)
    spec = spec if days is None else replace(spec, days=days)
    with tempfile.TemporaryDirectory() as folder:
        begun_s = time.perf_counter()
        for _ in write_cohort(spec, Path(folder) / "cohort", workers):
            pass
        return spec.patients * spec.days / (time.perf_counter() - begun_s) / workers


def peak_mb(patients: int) -> float:
    """Return the most memory that a process held while it made `patients` patients, in MB."""
    code = (
        "import resource; from benchmarks.cohort import rate; "
        f"rate({patients}, 1); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    return float(answer.stdout) / 1024


def main(texts: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--patients", type=int, default=40)
    parser.add_argument("--quick", action="store_true", help="a day of one patient, on one core")
    arguments = parser.parse_args(texts)
    found = {"patient_days_per_s_alone": round(rate(1, 1, 1.0), 1)}
    if not arguments.quick:
        cores = min(2, os.cpu_count() or 1)
        found = {
            "patient_days_per_s_per_core": round(rate(arguments.patients, cores), 1),
            "patient_days_per_s_alone": round(rate(arguments.patients // 2, 1), 1),
            "cores": cores,
            "peak_mb_4_patients": round(peak_mb(4), 1),
            "peak_mb_24_patients": round(peak_mb(24), 1),
        }
    for name, value in found.items():
        sys.stdout.write(f"{name:<30} {value:>10}\n")
    if arguments.json:
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
