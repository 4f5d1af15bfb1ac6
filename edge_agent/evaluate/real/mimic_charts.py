"""MIMIC-III demo: counts of the suggested grade on real charts of oxygen and vasopressors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.evaluate.estimates.bootstrap import exact
from edge_agent.evaluate.estimates.figure import Figure, Target
from edge_agent.evaluate.real.real_set import RealSet, number, rows_of
from edge_agent.evaluate.stays.recording import MONDAY_UTC_NS
from edge_agent.evaluate.stays.stay import Detect
from edge_agent.model.durations import MINUTE_NS
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import NONE, EntryKind, OxygenDevice, PatientEntry
from edge_agent.patient.entry_check import check_entry
from edge_agent.patient.oxygen_text import read_oxygen_device

_HELD_MIN: Final = 60
"""Minutes for which a charted drug counts; nurses chart once an hour."""
_LONGEST_STAY_MIN: Final = 21 * 24 * 60
_SIGNS: Final = {
    "HR": VitalKind.HEART_RATE,
    "RR": VitalKind.RESPIRATORY_RATE,
    "SpO2": VitalKind.SPO2,
}
_PRESSURES: Final = {
    "SBP_ni": VitalKind.NIBP_SYSTOLIC,
    "MAP_ni": VitalKind.NIBP_MEAN,
    "DBP_ni": VitalKind.NIBP_DIASTOLIC,
}
_PRESSORS: Final = {
    "Levophed-k": "norepinephrine",
    "Norepinephrine": "norepinephrine",
    "Neosynephrine-k": "phenylephrine",
    "Phenylephrine": "phenylephrine",
    "Dopamine": "dopamine",
    "Vasopressin": "vasopressin",
    "Epinephrine-k": "epinephrine",
}
"""Vasopressors by chart label; dobutamine drives the heart, not the pressure, and is left out."""
_POSITIVE_PRESSURE: Final = frozenset(
    {OxygenDevice.CPAP, OxygenDevice.BIPAP, OxygenDevice.VENTILATOR}
)
_VASOPRESSOR_GRADE: Final = 3
_PRESSURE_GRADE: Final = 4


@dataclass(slots=True)
class Chart:
    """One stay as it was charted; times in minutes since admission."""

    stay: str
    age_years: float = float("nan")
    signs: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    oxygen: list[tuple[float, str]] = field(default_factory=list)
    pressors: list[tuple[float, float, str]] = field(default_factory=list)


def read_charts(folder: Path) -> list[Chart]:
    """Return the stays in the folder that hold vital signs."""
    charts: dict[str, Chart] = {}
    for row in rows_of(folder / "vitals_long.csv.gz"):
        chart = charts.setdefault(row["icustay_id"], Chart(row["icustay_id"]))
        minute = float(row["minute"])
        if not 0 <= minute < _LONGEST_STAY_MIN:
            continue
        if row["signal"] == "O2device":
            chart.oxygen.append((minute, row["txt"]))
        elif row["valuenum"]:
            chart.signs.setdefault(row["signal"], []).append((minute, float(row["valuenum"])))
    _read_pressors(folder, charts)
    for row in rows_of(folder / "stays.csv"):
        if row["icustay_id"] in charts:
            charts[row["icustay_id"]].age_years = number(row["age"])
    return [chart for chart in charts.values() if any(name in chart.signs for name in _SIGNS)]


def _read_pressors(folder: Path, charts: Mapping[str, Chart]) -> None:
    for row in rows_of(folder / "interventions.csv.gz"):
        name = _PRESSORS.get(row["label"])
        if name and row["icustay_id"] in charts and row["minute"] and number(row["rate"]) > 0:
            begin, end = float(row["minute"]), number(row["end_minute"])
            span = (begin, end if end > begin else begin + _HELD_MIN, name)
            charts[row["icustay_id"]].pressors.append(span)


def recording_of(chart: Chart) -> RecordedStay:
    """Return the charted numbers as readings.

    The detector lets each reading count for one and a half times the usual gap to the next one.
    """
    columns: dict[tuple[VitalKind, str], RecordedVital] = {}
    for name, kind in _SIGNS.items():
        charted = dict(chart.signs.get(name, ()))
        if charted:
            at_min = np.array(sorted(charted))
            columns[kind, ""] = RecordedVital(at_min * 60.0, np.array([charted[m] for m in at_min]))
    pressures = dict(chart.signs.get("SBP_ni", ()))
    if pressures:
        at_min = np.array(sorted(pressures))
        for name, kind in _PRESSURES.items():
            charted = dict(chart.signs.get(name, ()))
            values = np.array([charted.get(minute, np.nan) for minute in at_min])
            columns[kind, ""] = RecordedVital(at_min * 60.0, values)
    return RecordedStay(MONDAY_UTC_NS, columns)


def entries_of(chart: Chart) -> tuple[PatientEntry, ...]:
    """Return age, temperatures measured by hand, oxygen and vasopressors.

    Values that no nurse could enter, such as a temperature of 32, are left out; duplicates are
    entered once.
    """
    once = {entry.entry_id: entry for entry in _entries(chart) if not check_entry(entry)}
    return tuple(sorted(once.values(), key=lambda entry: entry.at_utc_ns))


def _entries(chart: Chart) -> Iterator[PatientEntry]:
    yield _entry(chart, EntryKind.VASOPRESSOR, 0.0, name=NONE)
    if not np.isnan(chart.age_years):
        yield _entry(chart, EntryKind.AGE, 0.0, amount=chart.age_years)
    for minute, value in chart.signs.get("Temp_C", ()):
        yield _spot(chart, minute, value)
    for minute, value in chart.signs.get("Temp_F", ()):
        yield _spot(chart, minute, round((value - 32.0) / 1.8, 2))
    flows = dict(chart.signs.get("O2flow", ()))
    for minute, text in chart.oxygen:
        device = read_oxygen_device(text)
        if device is not None:
            flow = flows.get(minute)
            yield _entry(chart, EntryKind.OXYGEN, minute, name=device.value, amount=flow)
    for begin, end, name in _merged(chart.pressors):
        yield _entry(chart, EntryKind.VASOPRESSOR, begin, name=name, until=end)


def evaluate_charts(folder: Path, detect: Detect) -> RealSet:
    """Return the plausibility counts of the folder."""
    charts = read_charts(folder)
    ranges: Counter[str] = Counter()
    hours, stated, wide = 0, 0, 0
    short: list[str] = []
    understood, texts = 0, 0
    for chart in charts:
        texts += len(chart.oxygen)
        understood += sum(read_oxygen_device(text) is not None for _, text in chart.oxygen)
        found = detect(recording_of(chart), entries_of(chart))
        low, high = found.channels["grade_low"], found.channels["grade_high"]
        each_hour = slice(359, None, 360)
        known = ~(np.isnan(low[each_hour]) | np.isnan(high[each_hour]))
        hours += known.size
        stated += int(known.sum())
        width = (high[each_hour] - low[each_hour])[known]
        wide += int((width >= 2).sum())
        if known.any():
            worst_low = int(np.nanmax(low[each_hour]))
            worst_high = int(np.nanmax(high[each_hour]))
            ranges[f"{worst_low}-{worst_high}"] += 1
            if worst_high < _least_expected(chart):
                short.append(f"stay {chart.stay}: at most {worst_high}")
    return RealSet(
        "Grades on real charts (MIMIC-III demo 1.4)",
        f"{len(charts)} stays; ODbL 1.0. Nobody had CRS: this checks that oxygen and "
        "vasopressors, as people chart them, widen the range far enough. Each number is one "
        "reading, temperatures are measured by hand.",
        (
            Figure("mimic_hours", "hours evaluated", exact(hours), "h"),
            Figure("mimic_stated", "hours with a range", exact(_share(stated, hours))),
            Figure("mimic_wide", "of these, two grades wide or more", exact(_share(wide, stated))),
            Figure(
                "mimic_oxygen_texts", "oxygen texts understood", exact(_share(understood, texts))
            ),
            Figure(
                "mimic_ranges_too_low",
                "stays whose range never reaches what was given",
                exact(len(short)),
                "stays",
                Target(0.0, is_most=True),
                "a vasopressor is grade 3 and positive pressure grade 4, if it is CRS",
            ),
        ),
        (*(f"worst range {name}: {n} stays" for name, n in sorted(ranges.items())), *short[:20]),
    )


def _least_expected(chart: Chart) -> int:
    """Return the grade that the worst range must at least include."""
    devices = {read_oxygen_device(text) for _, text in chart.oxygen}
    if devices & _POSITIVE_PRESSURE:
        return _PRESSURE_GRADE
    return _VASOPRESSOR_GRADE if chart.pressors else 0


def _merged(pressors: list[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """Return the runs of each drug, with charted changes of rate joined."""
    runs: list[tuple[float, float, str]] = []
    for name in sorted({name for _, _, name in pressors}):
        for begin, end, _ in sorted(span for span in pressors if span[2] == name):
            if runs and runs[-1][2] == name and begin <= runs[-1][1] + _HELD_MIN:
                runs[-1] = (runs[-1][0], max(end, runs[-1][1]), name)
            else:
                runs.append((begin, end, name))
    return runs


def _spot(chart: Chart, minute: float, value: float) -> PatientEntry:
    return _entry(chart, EntryKind.SPOT, minute, name=VitalKind.TEMPERATURE.value, amount=value)


def _entry(  # noqa: PLR0913  # the fields that an entry of a chart has
    chart: Chart,
    kind: EntryKind,
    minute: float,
    *,
    name: str = "",
    amount: float | None = None,
    until: float | None = None,
) -> PatientEntry:
    patient_id = f"mimic-{chart.stay}"
    return PatientEntry(
        f"{patient_id}/{kind.value}/{name}/{minute:g}",
        patient_id,
        kind,
        MONDAY_UTC_NS + round(minute * MINUTE_NS),
        name=name,
        amount=amount,
        until_utc_ns=None if until is None else MONDAY_UTC_NS + round(until * MINUTE_NS),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
