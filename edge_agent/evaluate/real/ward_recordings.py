"""Measured rates of wards: from real sets, and from the patients of a simulated ward."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from edge_agent.evaluate.real import real_set
from edge_agent.evaluate.real.eicu_cuffs import read_stays
from edge_agent.evaluate.real.real_set import number, rows_of
from edge_agent.evaluate.real.ward_measures import (
    CuffStay,
    Measures,
    cuff_measures,
    gap_measures,
    hour_measures,
    interval_measures,
    oxygen_measures,
    rates_measures,
)
from edge_agent.evaluate.stays.spans import Bools, Float64
from simulators.cohorts.cohort import CohortPatient
from simulators.patients.patient import BLOCK_S

_CINC_SIGNALS: Final = {
    "HR": "heart_rate",
    "O2Sat": "spo2",
    "SBP": "systolic",
    "Resp": "respiratory_rate",
}
_BEDSIDE: Final = {"HR": "heart_rate", "SpO2": "spo2"}
_HOUR_S: Final = 3600
_MINUTE_S: Final = 60
_LONGEST_LAG_MIN: Final = 12 * 60.0
"""Longest delay of an entry that is one; a later one is a correction."""


@dataclass(frozen=True, slots=True)
class WardSource:
    """A real set, and the way of measuring it."""

    file: str
    name: str
    measure: Callable[[Path], Measures]


def _eicu(path: Path) -> Measures:
    stays = []
    for readings in read_stays(path):
        values = readings.values
        is_known = ~np.isnan(values["sbp"])
        minutes = readings.at_s / _MINUTE_S
        stays.append(CuffStay(minutes[is_known], values["sbp"][is_known], values["dbp"][is_known]))
    return cuff_measures(stays)


def _bidmc(path: Path) -> Measures:
    columns: list[dict[str, Float64]] = []
    for _, grouped in groupby(rows_of(path), key=lambda row: row["rec"]):
        rows = list(grouped)
        columns.append(
            {
                name: np.array([number(row[name]) for row in rows])
                for name in ("HR", "PULSE", "SpO2")
            }
        )
    return rates_measures((c["HR"], c["PULSE"]) for c in columns) | oxygen_measures(
        c["SpO2"] for c in columns
    )


def _bedside(path: Path) -> Measures:
    rows = list(rows_of(path))
    found: Measures = {}
    for column, name in _BEDSIDE.items():
        found |= gap_measures(name, [np.array([number(row[column]) for row in rows])])
    return found


def _cinc(path: Path) -> Measures:
    seen: dict[str, list[Bools]] = {name: [] for name in _CINC_SIGNALS.values()}
    between: list[Float64] = []
    for _, grouped in groupby(rows_of(path), key=lambda row: row["pid"]):
        rows = list(grouped)
        for column, name in _CINC_SIGNALS.items():
            seen[name].append(np.array([bool(row[column]) for row in rows], np.bool_))
        warm = np.array([number(row["ICULOS"]) for row in rows if row["Temp"]])
        between.append(np.diff(warm) * _MINUTE_S)
    intervals = interval_measures("temperature_interval_cinc", np.concatenate(between))
    return hour_measures(seen) | intervals


def _mimic(folder: Path) -> Measures:
    warm: dict[str, set[float]] = defaultdict(set)
    lags = []
    for row in rows_of(folder / "vitals_long.csv.gz"):
        if row["signal"] in {"Temp_C", "Temp_F"} and row["valuenum"]:
            warm[row["icustay_id"]].add(number(row["minute"]))
        lag = number(row["lag_store"])
        if 0.0 <= lag <= _LONGEST_LAG_MIN:
            lags.append(lag)
    between = [np.diff(np.array(sorted(minutes))) for minutes in warm.values()]
    return interval_measures("temperature_interval", np.concatenate(between)) | interval_measures(
        "entry_delay", np.array(lags)
    )


SOURCES: Final = (
    WardSource(real_set.NIBP, "eICU demo 2.0, 120 stays", _eicu),
    WardSource(real_set.BIDMC, "BIDMC, 53 recordings of 8 min", _bidmc),
    WardSource(real_set.NUMERICS, "MIMIC-II numerics s00001, one patient, 32 h", _bedside),
    WardSource(real_set.CINC, "PhysioNet/CinC 2019 B, 1,000 stays, charted hourly", _cinc),
    WardSource(real_set.MIMIC, "MIMIC-III demo 1.4, charts", _mimic),
)
"""Real sets by file."""


@dataclass(slots=True)
class _Seen:
    """Readings of the patients of one ward, collected."""

    cuffs: list[CuffStay] = field(default_factory=list)
    seconds: list[dict[str, Float64]] = field(default_factory=list)
    by_hand_min: list[Float64] = field(default_factory=list)
    delays_min: list[Float64] = field(default_factory=list)


def simulated(members: Iterable[CohortPatient]) -> Measures:
    """Return the same rates of simulated patients on a ward; there is at least one."""
    seen = _Seen()
    for member in members:
        _collect(member, seen)
    found = cuff_measures(seen.cuffs)
    found |= rates_measures((s["heart_rate"], s["pulse_rate"]) for s in seen.seconds)
    found |= oxygen_measures(s["spo2"] for s in seen.seconds)
    for name in _BEDSIDE.values():
        found |= gap_measures(name, [s[name][::_MINUTE_S] for s in seen.seconds])
    found |= hour_measures(_hours(seen))
    intervals = np.concatenate([np.diff(minutes) for minutes in seen.by_hand_min])
    for name in ("temperature_interval", "temperature_interval_cinc"):
        found |= interval_measures(name, intervals)
    return found | interval_measures("entry_delay", np.concatenate(seen.delays_min))


def _collect(member: CohortPatient, seen: _Seen) -> None:
    patient = member.patient
    length_s = int(patient.plan.length_s)
    blocks = [patient.block(number) for number in range(-(-length_s // BLOCK_S))]
    names = ("heart_rate", "pulse_rate", "spo2", "respiratory_rate")
    seen.seconds.append(
        {
            name: np.concatenate([b.channels[name] for b in blocks]).astype(np.float64)[:length_s]
            for name in names
        }
    )
    cuffs = [c for b in blocks for c in b.cuffs if c.measured_at_s < length_s]
    seen.cuffs.append(
        CuffStay(
            np.array([c.measured_at_s / _MINUTE_S for c in cuffs]),
            np.array([float(c.systolic) for c in cuffs]),
            np.array([float(c.diastolic) for c in cuffs]),
        )
    )
    events = member.events()
    spots = [event.at_s / _MINUTE_S for event in events if event.kind == "spot"]
    seen.by_hand_min.append(np.array(spots))
    late = [(e.entered_s - e.at_s) / _MINUTE_S for e in events if e.entered_s is not None]
    seen.delays_min.append(np.array(late))


def _hours(seen: _Seen) -> dict[str, list[Bools]]:
    found: dict[str, list[Bools]] = {name: [] for name in _CINC_SIGNALS.values()}
    for seconds, cuffs in zip(seen.seconds, seen.cuffs, strict=True):
        hours = seconds["spo2"].size // _HOUR_S
        for name in ("heart_rate", "spo2", "respiratory_rate"):
            rows = seconds[name][: hours * _HOUR_S].reshape(hours, _HOUR_S)
            found[name].append(np.asarray((rows > 0).any(axis=1), np.bool_))
        counts = np.bincount((cuffs.minutes // 60).astype(np.int64), minlength=hours)
        found["systolic"].append(np.asarray(counts[:hours] > 0, np.bool_))
    return found


def measured(folder: Path) -> Iterator[tuple[WardSource, Measures]]:
    """Yield each real set that a folder holds, with its rates."""
    for source in SOURCES:
        if (folder / source.file).exists():
            yield source, source.measure(folder / source.file)
