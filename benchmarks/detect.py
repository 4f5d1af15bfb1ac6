"""What the detector costs: `python -m benchmarks.detect [--json]`.

Batch: patient-days judged per second of one core by the shipped rules, conditioning included. The
window statistics alone, one thread each, beside polars, pandas and river, with equal results. Live:
what a thousand beds cost once a second.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import time
import tracemalloc
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

os.environ["POLARS_MAX_THREADS"] = "1"  # read when polars is first imported

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np
import pandas as pd
import polars as pl
from rich.console import Console
from rich.table import Table
from river import stats, utils

from edge_agent.alerting.lifecycle import Origin
from edge_agent.alerting.problem import AlertBook
from edge_agent.batch import BatchDetector
from edge_agent.detect.archive import layout_of, step_medians
from edge_agent.detect.archive_answers import in_window
from edge_agent.detect.engine import Engine
from edge_agent.evaluate.recordings import read_patient
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import (
    DeviceTime,
    GenerationMode,
    Validity,
    Vital,
    VitalKind,
)
from edge_agent.rulebook import read_rulebook
from simulators.cohort_file import load_cohort
from simulators.context import patient_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from edge_agent.detect.rule import Rule
    from edge_agent.detect.window import FloatArray

PATIENTS: Final = 12
BEDS: Final = 1000
WARM_S: Final = 60
LIVE_S: Final = 120
RIVER_S: Final = 3600
SHARES: Final = ((6, 85.0), (18, 88.0), (18, 90.0), (90, 92.0), (6, 94.0))
"""Windows in steps and limits, as the rules ask them of SpO2."""
DAY_S: Final = 86_400
START: Final = Instant(1_800_000_000 * 10**9, 1_800_000_000 * 10**9)


@dataclass(frozen=True, slots=True)
class Windows:
    """The statistics that all of them work out."""

    steps: FloatArray
    """Medians of 10 s."""
    minutes: FloatArray
    """Medians of the minutes, of the steps in them."""
    low: FloatArray
    """How many of the last steps are below the limit, for each of `SHARES`, shape (5, n)."""


def main() -> None:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    rules = read_rulebook(None).rules
    found: dict[str, float] = {"patient_days_per_s_per_core": batch(rules)}
    found |= compared()
    found |= live(rules)
    table = Table("figure", "value")
    for name, value in found.items():
        table.add_row(name, f"{value:.1f}")
    Console().print(table)
    if arguments.json:
        sys.stdout.write(json.dumps({name: round(v, 2) for name, v in found.items()}) + "\n")


def batch(rules: Sequence[Rule]) -> float:
    """Return patient-days per second of one core, the median over patients of the tune cohort."""
    cohort, detector, rates = load_cohort("tune"), BatchDetector(rules), []
    for number in range(PATIENTS):
        patient = cohort.patient(number).patient
        _, recording = read_patient(patient)
        entries = patient_entries(patient, recording.start_utc_ns)
        begun = time.process_time()
        detector.run(recording, entries)
        rates.append(patient.plan.lasts_s / DAY_S / (time.process_time() - begun))
    return statistics.median(rates)


def compared() -> dict[str, float]:
    """Return how many times as fast our window statistics are as those of others."""
    patient = load_cohort("tune").patient(0).patient
    signals, _ = read_patient(patient)
    values = signals.spo2[:DAY_S]
    ours = timed(partial(ours_of, values))
    found = {
        "times_polars": timed(partial(polars_of, values)) / ours,
        "times_pandas": timed(partial(pandas_of, values)) / ours,
    }
    short = values[:RIVER_S]
    begun = time.perf_counter()
    river = river_of(short)
    found["times_river"] = (time.perf_counter() - begun) * DAY_S / RIVER_S / ours
    for of in (polars_of, pandas_of):
        assert_equal(ours_of(values), of(values))
    assert_equal(ours_of(short), river)
    return found


def timed(work: Callable[[], Windows]) -> float:
    """Return the median seconds of seven runs."""
    took = []
    for _ in range(7):
        begun = time.perf_counter()
        work()
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def assert_equal(ours: Windows, theirs: Windows) -> None:
    """Refuse results that differ by more than 1e-9."""
    for name in ("steps", "minutes", "low"):
        np.testing.assert_allclose(
            getattr(theirs, name), getattr(ours, name), rtol=0, atol=1e-9, equal_nan=True
        )


def ours_of(values: FloatArray) -> Windows:
    """Return the statistics as the detector works them out over arrays."""
    times_ns = (np.arange(values.size, dtype=np.int64) + 1) * 10**9
    steps, _ = step_medians(values, layout_of(times_ns, 0, values.size // 10))
    minutes = bn.nanmedian(steps.reshape(-1, 6), axis=1)
    low = [in_window(steps < limit, length, before=0) for length, limit in SHARES]
    return Windows(steps, minutes, np.array(low, np.float64))


def polars_of(values: FloatArray) -> Windows:
    """Return the statistics by polars."""
    seconds = pl.Series("second", np.arange(values.size))
    frame = pl.DataFrame({"second": seconds, "value": values}).with_columns(
        pl.col("value").fill_nan(None)
    )
    steps = frame.group_by_dynamic("second", every="10i").agg(pl.col("value").median())
    minutes = steps.group_by_dynamic("second", every="60i").agg(pl.col("value").median())
    low = steps.select(
        (pl.col("value") < limit)
        .fill_null(value=False)
        .cast(pl.Float64)
        .rolling_sum(length, min_samples=1)
        .alias(f"{length}_{limit}")
        for length, limit in SHARES
    )
    return Windows(
        steps["value"].to_numpy().astype(float),
        minutes["value"].to_numpy().astype(float),
        low.to_numpy().T,
    )


def pandas_of(values: FloatArray) -> Windows:
    """Return the statistics by pandas."""
    index = pd.to_datetime(np.arange(values.size), unit="s")
    steps = pd.Series(values, index).resample("10s").median()
    minutes = steps.resample("60s").median()
    low = [(steps < limit).astype(float).rolling(n, min_periods=1).sum() for n, limit in SHARES]
    return Windows(
        np.array(steps, np.float64), np.array(minutes, np.float64), np.array(low, np.float64)
    )


def river_of(values: FloatArray) -> Windows:
    """Return the statistics by river, value by value."""
    steps: list[float] = []
    minutes: list[float] = []
    low: list[list[float]] = []
    step = stats.RollingQuantile(0.5, window_size=10)
    minute = stats.RollingQuantile(0.5, window_size=6)
    recent: list[Any] = [utils.Rolling(stats.Sum(), window_size=length) for length, _ in SHARES]
    for second, value in enumerate(values.tolist(), start=1):
        step.update(value)
        if second % 10 == 0:
            steps.append(step.get() or np.nan)
            for share, (_, limit) in zip(recent, SHARES, strict=True):
                share.update(float(steps[-1] < limit))
            low.append([share.get() for share in recent])
            minute.update(steps[-1])
            if second % 60 == 0:
                minutes.append(minute.get() or np.nan)
    return Windows(np.array(steps), np.array(minutes), np.array(low).T)


def live(rules: Sequence[Rule]) -> dict[str, float]:
    """Return what `BEDS` beds cost at one message a second, as a share of one core."""
    beds = [f"bed-{n:04}" for n in range(BEDS)]
    tracemalloc.start()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    engine = Engine(rules, START)
    book = AlertBook([rule.policy for rule in rules], Origin("site", "ward", "hash"))
    draw = np.random.default_rng(1)
    used_s, memory = 0.0, 0
    for second in range(1, WARM_S + LIVE_S + 1):
        if second == WARM_S:
            gc.collect()
            memory = tracemalloc.get_traced_memory()[0] - before
            tracemalloc.stop()
            used_s = 0.0
        vitals = [vital for bed in beds for vital in message(bed, second, draw)]
        begun = time.process_time()
        for vital in vitals:
            engine.observe(vital)
        for bed in beds[second % 10 :: 10]:  # beds are judged at different moments
            at = START.plus(second)
            book.apply(engine.evaluate(bed, at, book.clearing(bed)))
        used_s += time.process_time() - begun
    return {
        "live_beds": float(BEDS),
        "live_cpu_percent": 100 * used_s / LIVE_S,
        "bytes_per_bed": memory / BEDS,
    }


_USUAL: Final = (
    (VitalKind.HEART_RATE, 80.0, ""),
    (VitalKind.PULSE_RATE, 80.0, "spo2"),
    (VitalKind.SPO2, 97.0, ""),
    (VitalKind.RESPIRATORY_RATE, 16.0, ""),
    (VitalKind.TEMPERATURE, 36.8, "tympanic"),
    (VitalKind.PERFUSION_INDEX, 2.0, ""),
)


def message(bed: str, second: int, draw: np.random.Generator) -> list[Vital]:
    """Return what one monitor sends in one second."""
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
        for kind, usual, site in _USUAL
    ]


if __name__ == "__main__":
    main()
