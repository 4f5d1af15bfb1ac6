"""Real cuffs: stretches of low readings, and what asking for a second one saves and misses."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from edge_agent.evaluate.real.eicu_cuffs import (
    CuffReadings,
    StayCount,
    count_stay,
    evaluate_pressures,
    low_stretches,
    raised_spans,
)
from tests.evaluate.stays.test_reported_alerts import LATCHED, RAISED, RESOLVED
from tests.support.detector_stand_in import detect, transition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edge_agent.batch.detection import Detection
    from edge_agent.batch.recorded_stay import RecordedStay
    from edge_agent.model.patient import PatientEntry


def readings(text: str) -> CuffReadings:
    """Return readings written as `minute:systolic`."""
    pairs = [pair.split(":") for pair in text.split()]
    at_s = np.array([float(minute) * 60.0 for minute, _ in pairs])
    systolic = np.array([float(value) for _, value in pairs])
    return CuffReadings(at_s, {"sbp": systolic, "map": systolic - 30.0, "dbp": systolic - 45.0})


def test_low_readings_within_half_an_hour_are_one_stretch() -> None:
    found = low_stretches(readings("10:88 20:89 30:95 40:80 80:80 100:82 110:91"))
    assert found == [[600.0, 1200.0], [2400.0], [4800.0, 6000.0]]


def test_a_low_mean_is_low_too_where_it_counts() -> None:
    cuff = readings("10:94 20:96 30:89")
    assert low_stretches(cuff) == [[1800.0]]
    assert low_stretches(cuff, with_mean=True) == [[600.0], [1800.0]]


def test_a_stay_is_counted() -> None:
    count = count_stay(readings("10:88 20:89 30:95 40:80 80:95 90:80 130:81 140:120"), detect)
    # at 90 and 130 are two stretches of one reading to the limit; the stand-in takes both for two
    assert count == StayCount(8400 / 86_400, 5, 4, 4, 3, 2, 0, 0)


def silent(recording: RecordedStay, entries: Sequence[PatientEntry]) -> Detection:
    return replace(detect(recording, entries), transitions=())


def two_minutes_late(recording: RecordedStay, entries: Sequence[PatientEntry]) -> Detection:
    found = detect(recording, entries)
    late = [replace(change, at_s=change.at_s + 120.0) for change in found.transitions]
    return replace(found, transitions=tuple(late))


def test_a_stretch_without_an_alert_is_missed_and_a_late_one_is_late() -> None:
    cuff = readings("10:88 20:89 30:85 40:120")
    missed, late = count_stay(cuff, silent), count_stay(cuff, two_minutes_late)
    assert (missed.ours, missed.missed, missed.late) == (0, 1, 0)
    assert (late.ours, late.missed, late.late) == (2, 0, 1)


def test_an_alert_lasts_until_its_condition_ends() -> None:
    low = [
        transition(at_s, alert)
        for at_s, alert in ((10.0, RAISED), (50.0, LATCHED), (60.0, RAISED), (80.0, RESOLVED))
    ]
    assert raised_spans(low, 100.0) == []  # a fever
    pressure = [replace(c, alert=replace(c.alert, rule_id="crs.hypotension")) for c in low]
    assert raised_spans(pressure, 100.0) == [(10.0, 50.0), (60.0, 80.0)]
    assert raised_spans(pressure[:1], 100.0) == [(10.0, 100.0)]


def test_a_file_of_stays_becomes_figures(tmp_path: Path) -> None:
    path = tmp_path / "nibp.csv"
    rows = ["stay,minute,sbp,dbp,map", "1,5,120,70,85", "1,20,85,50,60", "1,35,84,50,60"]
    path.write_text("\n".join([*rows, "1,50,120,70,85", "2,0,85,50,60", "2,15,110,60,75", ""]))
    found = {figure.key: figure.value for figure in evaluate_pressures(path, detect).figures}
    assert found["nibp_alert_reduction"] == 0.5
    assert found["nibp_single_share"] == 0.5
    assert (found["nibp_missed_runs"], found["nibp_late_runs"]) == (0.0, 0.0)
