"""PhysioNet/CinC 2019, hospital B: hours before sepsis, our score beside today's methods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from math import isnan, nan
from pathlib import Path
from typing import Final

import numpy as np

from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.evaluate.estimates.bootstrap import exact
from edge_agent.evaluate.estimates.figure import Figure, Target
from edge_agent.evaluate.real.real_set import RealSet, number, rows_of
from edge_agent.evaluate.stays.recording import MONDAY_UTC_NS
from edge_agent.evaluate.stays.reported_alerts import About, reported_alerts
from edge_agent.evaluate.stays.spans import Bools, Float64, runs
from edge_agent.evaluate.stays.stay import Detect
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.durations import HOUR_S
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.patient.entry_check import check_entry

_SIGNS: Final = ("HR", "O2Sat", "Temp", "SBP", "MAP", "DBP", "Resp")
_CARRIED_H: Final = 8
"""Hours for which the comparators use the last value; hospitals chart temperature that rarely."""
_ALERT_AT: Final = 6.0
"""Points of our score at which the rules alert (design start value, unvalidated)."""
_NEWS_AT: Final = 5.0
_BEFORE_ONSET_H: Final = 24
_LABEL_LEADS_H: Final = 6
"""Hours before the onset from which `SepsisLabel` is 1."""
_CHARTED_AT_H: Final = 0.5
"""Time within its hour at which a value counts as charted, hours; the data do not say when."""
_CONTINUOUS: Final = {
    "HR": VitalKind.HEART_RATE,
    "O2Sat": VitalKind.SPO2,
    "Resp": VitalKind.RESPIRATORY_RATE,
    "Temp": VitalKind.TEMPERATURE,
}
_CUFF: Final = {
    "SBP": VitalKind.NIBP_SYSTOLIC,
    "MAP": VitalKind.NIBP_MEAN,
    "DBP": VitalKind.NIBP_DIASTOLIC,
}


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """One patient, hour by hour."""

    patient_id: str
    age_years: float
    signs: Mapping[str, Float64]
    """Values by column, each of shape (n,), NaN = not charted."""
    is_septic: Bools
    """Sepsis label of each hour, shape (n,)."""

    @property
    def onset_h(self) -> int | None:
        """Hour of the onset of sepsis; None without sepsis."""
        labelled = np.flatnonzero(self.is_septic)
        return int(labelled[0]) + _LABEL_LEADS_H if labelled.size else None


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """One patient with the scores and flags of every method."""

    hours: Hours
    scores: Mapping[str, Float64]
    """Scores by method, one for each hour."""
    flags: Mapping[str, Bools]
    """Flagged hours by method."""
    nurse_alerts: int


def read_hours(path: Path) -> Iterator[Hours]:
    """Yield the patients in the file."""
    for patient_id, rows in groupby(rows_of(path), key=lambda row: row["pid"]):
        listed = list(rows)
        signs = {name: np.array([number(row[name]) for row in listed]) for name in _SIGNS}
        septic = np.array([row["SepsisLabel"] == "1" for row in listed], np.bool_)
        yield Hours(patient_id, number(listed[0]["Age"]), signs, septic)


def _score_hours(hours: Hours, detect: Detect) -> Scored:
    """Return our score and the comparators' scores at each hour of a patient."""
    known = {name: carried(values, _CARRIED_H) for name, values in hours.signs.items()}
    limits, charted = naive_limits(known), naive_limits(hours.signs)
    persistent, charted_twice = two_in_a_row(limits), two_in_a_row(charted)
    news = partial_news(known)
    ends_s = (np.arange(hours.is_septic.size) + 1) * HOUR_S
    detection = detect(recording_of(hours), entries_of(hours))
    index = np.searchsorted(detection.steps_s, ends_s, "right") - 1
    low, high = (
        np.nan_to_num(detection.channels[name][index])
        for name in ("crs_score_low", "crs_score_high")
    )
    reported = reported_alerts(detection.transitions, float(ends_s[-1]))
    urgent = [one for one in reported if one.priority >= AlertPriority.MEDIUM]
    return Scored(
        hours,
        {"crs": (low + high) / 2, "news": news, "limits": limits, "persistent": persistent},
        {
            "crs": low >= _ALERT_AT,
            "news": news >= _NEWS_AT,
            "limits": charted > 0,
            "persistent": charted_twice > 0,
        },
        sum(one.about is not About.TECHNICAL for one in urgent),
    )


def recording_of(hours: Hours) -> RecordedStay:
    """Return each charted value as one reading in the middle of its hour.

    The detector lets each reading count for one and a half times the usual gap to the next one.
    """
    columns: dict[tuple[VitalKind, str], RecordedVital] = {}
    for name, kind in {**_CONTINUOUS, **_CUFF}.items():
        together = hours.signs["SBP" if name in _CUFF else name]
        charted = np.flatnonzero(~np.isnan(together))
        if charted.size:
            at_s = np.asarray((charted + _CHARTED_AT_H) * HOUR_S, np.float64)
            columns[kind, ""] = RecordedVital(at_s, hours.signs[name][charted])
    return RecordedStay(MONDAY_UTC_NS, columns, hours.is_septic.size * HOUR_S)


def entries_of(hours: Hours) -> tuple[PatientEntry, ...]:
    """Return the age, if it is known and within the range that can be entered."""
    if isnan(hours.age_years):
        return ()
    patient_id = f"cinc-{hours.patient_id}"
    age = PatientEntry(
        f"{patient_id}/age", patient_id, EntryKind.AGE, MONDAY_UTC_NS, amount=hours.age_years
    )
    return () if check_entry(age) else (age,)


def carried(values: Float64, longest: int) -> Float64:
    """Return the values, each repeated for up to `longest` times where none follows."""
    indices = np.arange(values.size)
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, indices))
    held = np.where(last >= 0, values[np.maximum(last, 0)], nan)
    return np.where(indices - last <= longest, held, nan)


def naive_limits(signs: Mapping[str, Float64]) -> Float64:
    """Return the number of fixed limits, of four, that each hour breaks."""
    broken = (signs["Temp"] >= 38.0, signs["HR"] > 110, signs["SBP"] < 90, signs["O2Sat"] < 90)
    return np.asarray(np.count_nonzero(broken, axis=0), np.float64)


def two_in_a_row(broken: Float64) -> Float64:
    """Return the number of limits broken both in each hour and in the one before."""
    return np.minimum(broken, np.concatenate(([0.0], broken[:-1])))


# Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017, chart 1: the limits
# between bands, each limit in the band above it, and the points of the bands. Written out here and
# not imported from the detector, so that a mistake there cannot flatter the comparison.
_NEWS: Final = {
    "Resp": ((9, 12, 21, 25), (3, 1, 0, 2, 3)),
    "O2Sat": ((92, 94, 96), (3, 2, 1, 0)),
    "SBP": ((91, 101, 111, 220), (3, 2, 1, 0, 3)),
    "HR": ((41, 51, 91, 111, 131), (3, 1, 0, 1, 2, 3)),
    "Temp": ((35.05, 36.05, 38.05, 39.05), (3, 1, 0, 1, 2)),
}


def partial_news(signs: Mapping[str, Float64]) -> Float64:
    """Return NEWS2 without oxygen and consciousness; missing values score 0."""
    total = np.zeros(signs["HR"].size)
    for name, (limits, points) in _NEWS.items():
        values = signs[name] if name == "Temp" else np.floor(signs[name] + 0.5)
        band = np.searchsorted(np.array(limits, np.float64), values, "right")
        scored = np.array(points, np.float64)[np.minimum(band, len(limits))]
        total += np.where(np.isnan(values), 0.0, scored)
    return total


def auroc(scores: Float64, labels: Bools) -> float:
    """Return the area under the receiver operating characteristic; ties count half."""
    _, group, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[group]
    positive = int(labels.sum())
    negative = labels.size - positive
    if not positive or not negative:
        return nan
    return float((ranks[labels].sum() - positive * (positive + 1) / 2) / (positive * negative))


_METHODS: Final = {
    "crs": "our CRS score",
    "news": "NEWS2 without oxygen and consciousness",
    "limits": "four fixed limits",
    "persistent": "four fixed limits, two hours in a row",
}
_RINGS: Final = {"crs": "of 6 or more", "news": "of 5 or more", "limits": "", "persistent": ""}


def figures_of(scored: list[Scored]) -> tuple[Figure, ...]:
    """Return the figures of every method side by side."""
    days = sum(one.hours.is_septic.size for one in scored) / 24.0
    labels = np.concatenate([one.hours.is_septic for one in scored])
    areas, episodes = {}, {}
    for name in _METHODS:
        areas[name] = auroc(np.concatenate([one.scores[name] for one in scored]), labels)
        rung = sum(runs(one.flags[name], 1.0).starts_s.size for one in scored)
        episodes[name] = rung / days
    best = max(areas[name] for name in _METHODS if name != "crs")
    fewest = min(episodes[name] for name in _METHODS if name != "crs")
    figures = []
    for name, label in _METHODS.items():
        is_ours = name == "crs"
        suffix = "" if is_ours else f"_{name}"
        figures += [
            Figure(
                f"cinc_auroc{suffix}",
                f"AUROC per hour, {label}",
                exact(areas[name]),
                target=Target(best) if is_ours else None,
                why="the best of the comparators is the target" if is_ours else "",
            ),
            Figure(
                f"cinc_episodes_per_patient_day{suffix}",
                f"stretches of flagged hours, {label} {_RINGS[name]}".strip(),
                exact(episodes[name]),
                "per patient-day",
                Target(fewest, is_most=True) if is_ours else None,
                "the fewest of the comparators is the target" if is_ours else "",
            ),
            Figure(
                f"cinc_found{suffix}",
                f"septic stays flagged in the 24 h before onset, {label}",
                exact(_found(scored, name)),
            ),
        ]
    reported = sum(one.nurse_alerts for one in scored) / days
    text = "all alerts of the rules for nurses about these patients"
    return (
        *figures,
        Figure("cinc_nurse_alerts_per_patient_day", text, exact(reported), "per patient-day"),
    )


def evaluate_cinc(path: Path, detect: Detect) -> RealSet:
    """Return the figures of the file."""
    scored = [_score_hours(hours, detect) for hours in read_hours(path)]
    septic = sum(one.hours.onset_h is not None for one in scored)
    return RealSet(
        "Sepsis in intensive care, hourly (PhysioNet/CinC 2019, hospital B)",
        f"{len(scored)} patients, {septic} septic; CC BY 4.0. Each charted value is one "
        "reading that counts for one and a half times the usual gap between two; pressures are a "
        "cuff's. The comparators "
        f"use a value for {_CARRIED_H} h where they rank hours, and fixed limits alarm on what "
        "was charted in the hour, each as serves it best. Our score is the middle of its interval; "
        "nothing is known of product, oxygen or drugs. Sepsis is not CRS: it is the nearest real "
        "fever.",
        figures_of(scored),
    )


def _found(scored: list[Scored], name: str) -> float:
    found = []
    for one in scored:
        onset_h = one.hours.onset_h
        if onset_h is not None:
            found.append(one.flags[name][max(0, onset_h - _BEFORE_ONSET_H) : onset_h].any())
    return float(np.mean(found)) if found else nan
