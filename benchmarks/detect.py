"""Cost of the detector: `python -m benchmarks.detect [--json]`.

Batch: patient-days evaluated per second of one core by the shipped rules, conditioning included.
The window statistics alone, one thread each, beside polars, pandas and river, with equal results.
Live: cost of a thousand beds evaluated every ten seconds, with one message a second each.
"""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from benchmarks.report import Promise, parser_of, show
from benchmarks.signs import USUAL
from benchmarks.window_statistics import (
    Day,
    LimitWindow,
    Statistics,
    assert_equal,
    ours_of,
    pandas_of,
    polars_of,
    river_of,
)
from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.batch.detector import BatchDetector
from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.engine import Engine
from edge_agent.detect.language.rule import Rule, ShareCondition
from edge_agent.evaluate.stays.recording import read_patient
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import (
    DeviceTime,
    GenerationMode,
    Validity,
    Vital,
    VitalKind,
)
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.cohorts.cohort import CohortSpec
from simulators.cohorts.cohort_file import load_cohort
from simulators.patients.context import patient_entries

RIVER_S: Final = 3600
DAY_S: Final = 86_400
START: Final = Instant(1_800_000_000 * 10**9, 1_800_000_000 * 10**9)


VITALS: Final = (
    VitalKind.HEART_RATE,
    VitalKind.PULSE_RATE,
    VitalKind.SPO2,
    VitalKind.RESPIRATORY_RATE,
    VitalKind.TEMPERATURE,
    VitalKind.PERFUSION_INDEX,
)
_PROMISES: Final = {
    "patient_days_per_s_per_core": Promise(30, is_least=True),
    "times_polars": Promise(1.5, is_least=True),
    "times_pandas": Promise(4, is_least=True),
    "times_river": Promise(300, is_least=True),
    "live_cpu_percent": Promise(50),
    "bytes_per_bed": Promise(300_000),
}


@dataclass(frozen=True, slots=True)
class DetectSize:
    """Size of a measurement."""

    patients: int = 12
    days: float | None = None
    """Days of each patient; None: all."""
    runs: int = 15
    beds: int = 1000
    warm_s: int = 60
    live_s: int = 120


QUICK: Final = DetectSize(patients=1, days=1.0, runs=1, beds=2, warm_s=10, live_s=20)


def main(texts: Sequence[str] | None = None) -> None:
    """Measure, and print a table or one JSON object."""
    arguments = parser_of(__doc__, "a day of one patient, two beds").parse_args(texts)
    size = QUICK if arguments.quick else DetectSize()
    rules = read_rulebook(None).rules
    found: dict[str, float] = {"patient_days_per_s_per_core": batch(rules, size)}
    found |= compared(rules, size)
    found |= live(rules, size)
    show(found, _PROMISES, as_json=arguments.json)


def batch(rules: Sequence[Rule], size: DetectSize) -> float:
    """Return patient-days per second of one core, the median over patients of the tune cohort."""
    cohort, detector, rates = cohort_of(size), BatchDetector(rules), []
    for number in range(size.patients):
        patient = cohort.patient(number).patient
        _, recording = read_patient(patient)
        entries = patient_entries(patient, recording.start_utc_ns)
        begun = time.process_time()
        detector.run(recording, entries)
        rates.append(patient.plan.length_s / DAY_S / (time.process_time() - begun))
    return statistics.median(rates)


def cohort_of(size: DetectSize) -> CohortSpec:
    """Return the cohort whose patients are evaluated."""
    cohort = load_cohort("tune")
    return cohort if size.days is None else replace(cohort, days=size.days)


def compared(rules: Sequence[Rule], size: DetectSize) -> dict[str, float]:
    """Return the speed of our window statistics as a multiple of each other library's."""
    day = Day(first_day(size), windows_of(rules))
    ours = timed(partial(ours_of, day), size.runs)
    found = {
        "times_polars": timed(partial(polars_of, day), size.runs) / ours,
        "times_pandas": timed(partial(pandas_of, day), size.runs) / ours,
    }
    short = Day({name: values[:RIVER_S] for name, values in day.values.items()}, day.windows)
    begun = time.perf_counter()
    river = river_of(short)
    found["times_river"] = (time.perf_counter() - begun) * DAY_S / RIVER_S / ours
    for of in (polars_of, pandas_of):
        assert_equal(ours_of(day), of(day))
    assert_equal(ours_of(short), river)
    return found


def first_day(size: DetectSize) -> dict[str, FloatArray]:
    """Return a patient's first day at 1 Hz, by vital."""
    _, recording = read_patient(cohort_of(size).patient(0).patient)
    columns = {kind: column for (kind, _), column in recording.columns.items() if kind in VITALS}
    return {kind.value: columns[kind].values[:DAY_S] for kind in VITALS}


def windows_of(rules: Sequence[Rule]) -> tuple[LimitWindow, ...]:
    """Return every window of these vitals that the rules use."""
    leaves = {leaf for rule in rules for leaf in rule.leaves() if isinstance(leaf, ShareCondition)}
    windows = {
        LimitWindow(leaf.signal, leaf.threshold.operator, leaf.threshold.value, leaf.length)
        for leaf in leaves
        if leaf.kind in VITALS
    }
    return tuple(sorted(windows, key=str))


def timed(work: Callable[[], Statistics], runs: int) -> float:
    """Return the median seconds of several runs."""
    took = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def live(rules: Sequence[Rule], size: DetectSize) -> dict[str, float]:
    """Return the cost of all beds at one message a second: percent of one core, and memory."""
    beds = [f"bed-{n:04}" for n in range(size.beds)]
    tracemalloc.start()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    engine = Engine(rules, START)
    book = AlertBook([rule.policy for rule in rules], AlertLabels("site", "ward", "hash"))
    draw = np.random.default_rng(1)
    used_s, memory = 0.0, 0
    for second in range(1, size.warm_s + size.live_s + 1):
        if second == size.warm_s:
            gc.collect()
            memory = tracemalloc.get_traced_memory()[0] - before
            tracemalloc.stop()
            used_s = 0.0
        vitals = [vital for bed in beds for vital in message(bed, second, draw)]
        begun = time.process_time()
        for vital in vitals:
            engine.observe(vital)
        for bed in beds[second % 10 :: 10]:  # beds are evaluated at different moments
            at = START.plus(second)
            book.apply(engine.evaluate(bed, at, book.clearing(bed), book.reported_evidence(bed)))
        used_s += time.process_time() - begun
    return {
        "live_beds": float(size.beds),
        "live_cpu_percent": 100 * used_s / size.live_s,
        "bytes_per_bed": memory / size.beds,
    }


def message(bed: str, second: int, draw: np.random.Generator) -> list[Vital]:
    """Return the vitals that one monitor sends in one second."""
    at = START.plus(second)
    stamp = DeviceTime(elapsed_ns=at.monotonic_ns)
    noise = draw.integers(-1, 2)
    return [
        Vital(
            bed_id=bed,
            kind=kind,
            value=usual + noise * 0.1,
            validity=Validity.VALID,
            mode=GenerationMode.REAL,
            reason="",
            site=site,
            device_id=bed,
            code=0,
            device_time=stamp,
            measured_at=at,
            received_at=at,
            stored_ns=at.utc_ns,
        )
        for kind, usual, site in USUAL
    ]


if __name__ == "__main__":
    main()
