"""Writer of a cohort: its spec, vital signs per second as Parquet, context events and truth."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # ships no types

from simulators.cohorts.cohort import CohortPatient, CohortSpec
from simulators.cohorts.cohort_file import SPEC_FILE, format_cohort
from simulators.patients.patient import BLOCK_S, Patient
from simulators.patients.sensors import CHANNELS
from simulators.patients.truth import truth_of
from simulators.patients.vitals import Cuff

_VITALS_FOLDER: Final = "vitals"
_CUFF: Final = ("nibp_systolic", "nibp_mean", "nibp_diastolic")
_WHOLE: Final = ("heart_rate", "pulse_rate", "spo2", "respiratory_rate", *_CUFF)
_DAY_S: Final = 86_400
VITALS_SCHEMA: Final = pa.schema(
    [
        pa.field("time", pa.int32(), nullable=False),
        *(
            pa.field(name, pa.int16() if name in _WHOLE else pa.float64())
            for name in (*CHANNELS, *_CUFF)
        ),
    ]
)
"""Seconds since monitoring began, and each kind in its canonical unit; null where no value is
shown. A cuff reading is in the row of the second it was taken."""
_PATIENTS: Final = pa.schema(
    [
        ("patient_id", pa.string()),
        ("grade", pa.int16()),
        ("marks", pa.string()),
        ("product", pa.string()),
        ("age_years", pa.float64()),
        ("weight_kg", pa.float64()),
        ("temperature_site", pa.string()),
        ("infused_s", pa.float64()),
    ]
)
_CONTEXT: Final = pa.schema(
    [
        ("patient_id", pa.string()),
        ("time", pa.float64()),
        ("kind", pa.string()),
        ("value", pa.string()),
        ("amount", pa.float64()),
        ("until", pa.float64()),
    ]
)
_ENTERED: Final = pa.field("entered", pa.float64())
"""Time at which staff of a ward with habits entered it; null for at once."""
_TRUTH: Final = pa.schema(
    [
        ("patient_id", pa.string()),
        ("what", pa.string()),
        ("from_s", pa.float64()),
        ("to_s", pa.float64()),
        ("value", pa.float64()),
    ]
)
_TABLES: Final = {"patients": _PATIENTS, "context": _CONTEXT, "truth": _TRUTH}

Rows = dict[str, list[dict[str, Any]]]
"""Rows of one patient, by table."""


def write_cohort(spec: CohortSpec, folder: Path, workers: int) -> Iterator[str]:
    """Write a cohort into a new or empty folder; yield the id of each finished patient.

    The same spec gives the same bytes, whatever the number of workers. Each worker holds a few
    hours of one patient in memory.

    Raises
    ------
    FileExistsError
        If the folder holds something.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; want a new or an empty folder")
    (folder / SPEC_FILE).write_text(format_cohort(spec), encoding="utf-8")
    (folder / _VITALS_FOLDER).mkdir()
    tables = dict(_TABLES)
    if spec.ward is not None:
        tables["context"] = _CONTEXT.append(_ENTERED)
    writers = {
        name: pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd")
        for name, schema in tables.items()
    }
    try:
        for patient_id, rows in _each(_PatientWriter(spec, folder), workers):
            for name, writer in writers.items():
                if rows[name]:
                    writer.write_table(pa.Table.from_pylist(rows[name], schema=tables[name]))
            yield patient_id
    finally:
        for writer in writers.values():
            writer.close()


@dataclass(frozen=True, slots=True)
class _PatientWriter:
    """Writes one patient; sent to the workers."""

    spec: CohortSpec
    folder: Path

    def __call__(self, number: int) -> tuple[str, Rows]:
        member = self.spec.patient(number)
        _write_vitals(member.patient, self.folder / _VITALS_FOLDER / f"{member.patient_id}.parquet")
        return member.patient_id, _rows(member)


def _each(work: _PatientWriter, workers: int) -> Iterator[tuple[str, Rows]]:
    """Yield the id and rows of each patient, in order."""
    numbers = range(work.spec.patients)
    if workers == 1:
        yield from map(work, numbers)
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(work, numbers)


def _write_vitals(patient: Patient, path: Path) -> None:
    """Write a patient's vital signs once a second, a row group a day."""
    with pq.ParquetWriter(
        path,
        VITALS_SCHEMA,
        compression="zstd",
        use_dictionary=[name for name in VITALS_SCHEMA.names if name != "time"],
        column_encoding={"time": "DELTA_BINARY_PACKED"},
        write_statistics=False,
    ) as writer:
        day: list[pa.RecordBatch] = []
        for batch in _vitals_batches(patient):
            day.append(batch)
            if sum(len(part) for part in day) >= _DAY_S:
                writer.write_table(pa.Table.from_batches(day))
                day = []
        if day:
            writer.write_table(pa.Table.from_batches(day))


def _vitals_batches(patient: Patient) -> Iterator[pa.RecordBatch]:
    """Yield a patient's vital signs once a second in pieces of a few hours, of `VITALS_SCHEMA`."""
    length_s = int(patient.plan.length_s)
    for number in range(-(-length_s // BLOCK_S)):
        samples = patient.block(number)
        seconds = min(BLOCK_S, length_s - samples.from_s)
        time = np.arange(samples.from_s, samples.from_s + seconds, dtype=np.int32)
        columns = [pa.array(time)]
        for name in CHANNELS:
            values = samples.channels[name][:seconds]
            columns.append(_column(name, values.astype(np.float64), np.isnan(values)))
        columns += _cuff_columns(samples.cuffs, samples.from_s, seconds)
        yield pa.RecordBatch.from_arrays(columns, schema=VITALS_SCHEMA)


def _column(name: str, values: np.ndarray[Any, Any], missing: np.ndarray[Any, Any]) -> pa.Array:
    if name in _WHOLE:
        shown = np.where(missing, 0, values).astype(np.int16)
        return pa.array(shown, mask=missing if missing.any() else None)
    return pa.array(np.round(values, 1), mask=missing if missing.any() else None)


def _cuff_columns(cuffs: tuple[Cuff, ...], from_s: int, seconds: int) -> list[pa.Array]:
    shown = np.zeros((3, seconds), np.int16)
    missing = np.ones(seconds, bool)
    for cuff in cuffs:
        second = int(cuff.measured_at_s) - from_s
        if second < seconds:
            shown[:, second] = (cuff.systolic, cuff.mean, cuff.diastolic)
            missing[second] = False
    return [pa.array(values, mask=missing) for values in shown]


def _rows(member: CohortPatient) -> Rows:
    person = member.patient.person
    who = {"patient_id": member.patient_id}
    patient = {
        **who,
        "grade": member.grade,
        "marks": " ".join(member.marks),
        "product": person.product,
        "age_years": round(person.age_years, 2),
        "weight_kg": round(person.weight_kg, 1),
        "temperature_site": person.temperature_site,
        "infused_s": person.infused_s,
    }
    context = [
        {
            **who,
            "time": round(event.at_s, 1),
            "kind": event.kind,
            "value": event.value,
            "amount": event.amount,
            "until": event.until_s,
            "entered": event.entered_s,
        }
        for event in member.events()
    ]
    truth = [
        {
            **who,
            "what": span.what,
            "from_s": round(span.from_s, 1),
            "to_s": round(span.to_s, 1),
            "value": span.value,
        }
        for span in truth_of(member.patient).spans
    ]
    return {"patients": [patient], "context": context, "truth": truth}
