"""Cost of the detector: `python -m benchmarks.detect [--json]`.

Batch: patient-days evaluated per second of one core by the shipped rules, conditioning included.
The window statistics alone, one thread each, beside polars, pandas and river, with equal results.
Live: cost of a thousand beds evaluated every ten seconds, with one message a second each.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
import tracemalloc
from dataclasses import dataclass, replace
from functools import partial
from operator import ge, gt, le, lt
from typing import Any, Final

os.environ["POLARS_MAX_THREADS"] = "1"  # read when polars is first imported

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import polars as pl
from river import stats, utils

from benchmarks.report import Promise, parser_of, show
from benchmarks.signs import USUAL
from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertOrigin
from edge_agent.batch.answers import in_window
from edge_agent.batch.detector import BatchDetector
from edge_agent.batch.medians import row_medians
from edge_agent.batch.step_medians import layout_of, step_medians
from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.engine import Engine
from edge_agent.detect.language.rule import Operator, Rule, ShareCondition
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
_COMPARED: Final[Mapping[Operator, Callable[[Any, float], Any]]] = {
    Operator.BELOW: lt,
    Operator.AT_MOST: le,
    Operator.AT_LEAST: ge,
    Operator.ABOVE: gt,
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


@dataclass(frozen=True, slots=True)
class LimitWindow:
    """Number of the last steps of a vital that satisfy a limit."""

    vital: str
    operator: Operator
    limit: float
    length: int


@dataclass(frozen=True, slots=True)
class Day:
    """Input of the statistics."""

    values: Mapping[str, FloatArray]
    """Values at 1 Hz, by vital, shape (n,)."""
    windows: tuple[LimitWindow, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Results that all libraries must agree on."""

    steps: FloatArray
    """Medians of 10 s, shape (vitals, n / 10)."""
    minutes: FloatArray
    """Medians of the steps in each minute, shape (vitals, n / 60)."""
    counts: FloatArray
    """Count of each window at each step, shape (windows, n / 10)."""


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
        LimitWindow(leaf.signal, leaf.threshold.operator, leaf.threshold.value, leaf.places)
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


def assert_equal(ours: Statistics, theirs: Statistics) -> None:
    """Refuse results that differ by more than 1e-9."""
    for name in ("steps", "minutes", "counts"):
        np.testing.assert_allclose(
            getattr(theirs, name), getattr(ours, name), rtol=0, atol=1e-9, equal_nan=True
        )


def ours_of(day: Day) -> Statistics:
    """Return the statistics as the detector calculates them over arrays."""
    size = next(iter(day.values.values())).size
    layout = layout_of((np.arange(size, dtype=np.int64) + 1) * 10**9, 0, size // 10)
    steps = {name: step_medians(values, layout)[0] for name, values in day.values.items()}
    minutes = [row_medians(values.reshape(-1, 6)) for values in steps.values()]
    counts = [
        in_window(w.operator.compare(steps[w.vital], w.limit), w.length, before=0)
        for w in day.windows
    ]
    return Statistics(
        np.array(list(steps.values())), np.array(minutes), np.array(counts, np.float64)
    )


def polars_of(day: Day) -> Statistics:
    """Return the statistics by polars."""
    size = next(iter(day.values.values())).size
    frame = pl.DataFrame({"second": np.arange(size), **day.values})
    frame = frame.with_columns(pl.exclude("second").fill_nan(None))
    steps = frame.group_by_dynamic("second", every="10i").agg(pl.exclude("second").median())
    minutes = steps.group_by_dynamic("second", every="60i").agg(pl.exclude("second").median())
    counts = steps.select(
        _COMPARED[w.operator](pl.col(w.vital), w.limit)
        .fill_null(value=False)
        .cast(pl.Float64)
        .rolling_sum(w.length, min_samples=1)
        .alias(str(place))
        for place, w in enumerate(day.windows)
    )
    names = list(day.values)
    return Statistics(
        steps.select(names).to_numpy().T, minutes.select(names).to_numpy().T, counts.to_numpy().T
    )


def pandas_of(day: Day) -> Statistics:
    """Return the statistics by pandas."""
    size = next(iter(day.values.values())).size
    index = pd.to_datetime(np.arange(size), unit="s")
    steps = pd.DataFrame(day.values, index).resample("10s").median()
    minutes = steps.resample("60s").median()
    counts = [
        _COMPARED[w.operator](steps[w.vital], w.limit)
        .astype(float)
        .rolling(w.length, min_periods=1)
        .sum()
        for w in day.windows
    ]
    return Statistics(
        steps.to_numpy().T, minutes.to_numpy().T, np.array([count.to_numpy() for count in counts])
    )


def river_of(day: Day) -> Statistics:
    """Return the statistics by river, value by value."""
    steps: dict[str, list[float]] = {name: [] for name in day.values}
    minutes: dict[str, list[float]] = {name: [] for name in day.values}
    counts: list[list[float]] = [[] for _ in day.windows]
    recent: list[Any] = [utils.Rolling(stats.Sum, window_size=w.length) for w in day.windows]
    for name, values in day.values.items():
        step: Any = stats.RollingQuantile(0.5, window_size=10)  # typed as giving None at times
        minute: Any = stats.RollingQuantile(0.5, window_size=6)
        windows = [(w, recent[i], counts[i]) for i, w in enumerate(day.windows) if w.vital == name]
        for second, value in enumerate(values.tolist(), start=1):
            step.update(value)
            if second % 10:
                continue
            median = step.get()
            steps[name].append(median)
            for window, total, count in windows:
                total.update(float(window.operator.holds(median, window.limit)))
                count.append(total.get())
            minute.update(median)
            if second % 60 == 0:
                minutes[name].append(minute.get())
    return Statistics(
        np.array(list(steps.values())), np.array(list(minutes.values())), np.array(counts)
    )


def live(rules: Sequence[Rule], size: DetectSize) -> dict[str, float]:
    """Return the cost of all beds at one message a second: percent of one core, and memory."""
    beds = [f"bed-{n:04}" for n in range(size.beds)]
    tracemalloc.start()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    engine = Engine(rules, START)
    book = AlertBook([rule.policy for rule in rules], AlertOrigin("site", "ward", "hash"))
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
