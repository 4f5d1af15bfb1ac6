"""Real numerics of bedside monitors: a probe that is off, and two rates that disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from edge_agent.batch.detection import Transition
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.evaluate.estimates.bootstrap import exact
from edge_agent.evaluate.estimates.figure import Figure, Target
from edge_agent.evaluate.real.real_set import RealSet, number, rows_of
from edge_agent.evaluate.stays.recording import MONDAY_UTC_NS
from edge_agent.evaluate.stays.stay import Detect
from edge_agent.model.alerts import AlertKind, AlertState
from edge_agent.model.language import Language
from edge_agent.model.measurements import VitalKind
from edge_agent.wording.sentence import sentence_of

_HYPOXIA: Final = frozenset({"crs.hypoxia", "vital.severe_hypoxia"})
_APART: Final = 10.0
"""Difference between ECG and pleth that counts as a disagreement, beats per minute."""
_NUMERICS: Final[Mapping[str, VitalKind]] = {
    "HR": VitalKind.HEART_RATE,
    "PULSE": VitalKind.PULSE_RATE,
    "RESP": VitalKind.RESPIRATORY_RATE,
    "SpO2": VitalKind.SPO2,
    "ABPSys": VitalKind.ART_SYSTOLIC,
    "ABPMean": VitalKind.ART_MEAN,
    "ABPDias": VitalKind.ART_DIASTOLIC,
    "NBPSys": VitalKind.NIBP_SYSTOLIC,
    "NBPMean": VitalKind.NIBP_MEAN,
    "NBPDias": VitalKind.NIBP_DIASTOLIC,
}
_CUFF: Final = frozenset({"NBPSys", "NBPMean", "NBPDias"})


def evaluate_zeros(path: Path, detect: Detect) -> RealSet:
    """Return the figures of 32 h in which a probe that is off arrives as zero."""
    rows = list(rows_of(path))
    columns = columns_of(rows, "minute", 60.0)
    found = detect(RecordedStay(MONDAY_UTC_NS, columns), ())
    hypoxia = first_raises(found.transitions, _HYPOXIA)
    spo2 = np.array([number(row["SpO2"]) for row in rows])
    zeros = spo2 == 0.0
    lost = {
        t.alert.alert_id
        for t in found.transitions
        if t.alert.kind is AlertKind.TECHNICAL
        and t.alert.state is AlertState.RAISED
        and t.alert.rule_id.endswith(".spo2")
    }
    figures = (
        Figure(
            "s00001_hypoxia_alerts",
            "alerts for low oxygen",
            exact(len(hypoxia)),
            "in all",
            Target(0.0, is_most=True),
            "no value of this recording is a true SpO2 below 90",
        ),
        Figure(
            "s00001_zero_share", "minutes whose SpO2 is zero", exact(float(zeros.sum()) / spo2.size)
        ),
        Figure("s00001_signal_lost", "alerts that SpO2 is lost", exact(len(lost)), "in all"),
    )
    return RealSet(
        "A probe that is off (MIMIC-II numerics, s00001, once a minute)",
        "32 h of one patient; ODC-By 1.0. Values as they came, zeros too.",
        figures,
        tuple(sentence_of(t.alert, Language.EN, UTC) for t in hypoxia),
    )


def evaluate_rates(path: Path, detect: Detect) -> RealSet:
    """Return the share of time in which ECG and pleth disagree, and the alerts of the rules."""
    apart, seconds, ringing, raised, hours = 0, 0, 0, 0, 0.0
    for _, grouped in groupby(rows_of(path), key=lambda row: row["rec"]):
        rows = list(grouped)
        heart, pulse = (np.array([number(row[name]) for row in rows]) for name in ("HR", "PULSE"))
        both = ~(np.isnan(heart) | np.isnan(pulse))
        seconds += int(both.sum())
        apart += int((np.abs(heart - pulse)[both] > _APART).sum())
        found = detect(RecordedStay(MONDAY_UTC_NS, columns_of(rows, "Time [s]", 1.0)), ())
        alerts = first_raises(found.transitions, None)
        raised += len(alerts)
        ringing += bool(alerts)
        hours += len(rows) / 3600.0
    figures = (
        Figure(
            "bidmc_rates_apart",
            "seconds in which ECG and pleth differ by more than 10 /min",
            exact(apart / seconds if seconds else None),
        ),
        Figure("bidmc_alerts", "alerts about the patient", exact(raised), "in all"),
        Figure("bidmc_recordings_with_alerts", "recordings with one", exact(ringing), "of 53"),
        Figure("bidmc_hours", "recorded", exact(hours), "h"),
    )
    return RealSet(
        "Second by second in intensive care (BIDMC)",
        "53 recordings of 8 min; ODC-By 1.0. Nobody noted what was true: the alerts are a count.",
        figures,
    )


def columns_of(
    rows: Sequence[Mapping[str, str]], time: str, scale_s: float
) -> dict[tuple[VitalKind, str], RecordedVital]:
    """Return the columns of a table; those of a cuff hold its readings only."""
    times_s = np.array([number(row[time]) for row in rows]) * scale_s
    columns = {}
    for name, kind in _NUMERICS.items():
        if name not in rows[0]:
            continue
        values = np.array([number(row[name]) for row in rows])
        used = ~np.isnan(values) if name in _CUFF else np.ones(values.size, np.bool_)
        columns[kind, ""] = RecordedVital(times_s[used], values[used])
    return columns


def first_raises(
    transitions: Sequence[Transition], rule_ids: frozenset[str] | None
) -> list[Transition]:
    """Return the transition that raised each alert about the patient, reported or not.

    Parameters
    ----------
    rule_ids
        Rules to include; None: all.
    """
    raised: dict[str, Transition] = {}
    for transition in transitions:
        alert = transition.alert
        is_chosen = rule_ids is None or alert.rule_id in rule_ids
        is_of_patient = alert.kind is AlertKind.PHYSIOLOGICAL
        if is_chosen and is_of_patient and alert.state is AlertState.RAISED:
            raised.setdefault(alert.alert_id, transition)
    return list(raised.values())
