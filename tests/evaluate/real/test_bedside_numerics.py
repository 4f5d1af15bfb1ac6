"""Numerics of bedside monitors: zeros, cuffs in a table, and rates that disagree."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from edge_agent.evaluate.real.bedside_numerics import (
    columns_of,
    evaluate_rates,
    evaluate_zeros,
    first_raises,
)
from edge_agent.model.alerts import AlertKind
from edge_agent.model.measurements import VitalKind
from tests.evaluate.stays.test_reported_alerts import ALERT, RAISED, RESOLVED
from tests.support.detector_stand_in import detect, transition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edge_agent.batch.detection import Detection
    from edge_agent.batch.recorded_stay import RecordedStay
    from edge_agent.model.patient import PatientEntry


def deceived(recording: RecordedStay, entries: Sequence[PatientEntry]) -> Detection:
    """Return low oxygen at the first zero, and that SpO2 is lost."""
    spo2 = recording.columns[VitalKind.SPO2, ""]
    at_s = float(spo2.times_s[spo2.values == 0.0][0])
    low = replace(RAISED, rule_id="crs.hypoxia", alert_id="low")
    lost = replace(RAISED, rule_id="signal.lost.spo2", alert_id="lost", kind=AlertKind.TECHNICAL)
    reported = (transition(at_s, low, "SpO2 0 %"), transition(at_s, lost, "SpO2 is not measured"))
    return replace(detect(recording, entries), transitions=reported)


def test_a_cuff_has_its_readings_alone_and_a_gap_stays_a_gap() -> None:
    rows = [
        {"minute": "0", "HR": "80", "NBPSys": ""},
        {"minute": "1", "HR": "", "NBPSys": "120"},
        {"minute": "2", "HR": "0", "NBPSys": ""},
    ]
    columns = columns_of(rows, "minute", 60.0)
    assert list(columns) == [(VitalKind.HEART_RATE, ""), (VitalKind.NIBP_SYSTOLIC, "")]
    heart = columns[VitalKind.HEART_RATE, ""]
    assert heart.times_s.tolist() == [0.0, 60.0, 120.0]
    assert np.array_equal(heart.values, [80.0, np.nan, 0.0], equal_nan=True)
    assert columns[VitalKind.NIBP_SYSTOLIC, ""].times_s.tolist() == [60.0]


def test_alerts_made_of_zeros_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "zeros.csv"
    path.write_text("minute,HR,SpO2\n0,80,97\n1,80,0\n2,80,0\n3,80,98\n")
    found = evaluate_zeros(path, deceived)
    values = {figure.key: figure.value for figure in found.figures}
    assert values == {
        "s00001_hypoxia_alerts": 1.0,
        "s00001_zero_share": 0.5,
        "s00001_signal_lost": 1.0,
    }
    assert found.figures[0].is_missed
    assert found.notes == ("SpO2 0 %",)
    assert evaluate_zeros(path, detect).figures[0].value == 0.0


def test_rates_are_compared_where_both_are_known(tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    rows = ["rec,Time [s],HR,PULSE,RESP,SpO2", "1,0,80,80,16,97", "1,1,80,91,16,97"]
    path.write_text("\n".join([*rows, "1,2,80,,16,97", "2,0,90,80,16,0", ""]))
    found = {figure.key: figure.value for figure in evaluate_rates(path, detect).figures}
    assert found["bidmc_rates_apart"] == 1 / 3
    assert found["bidmc_alerts"] == 0.0


def test_an_alert_is_raised_once_and_a_pending_one_not_yet() -> None:
    changes = [
        transition(at_s, alert)
        for at_s, alert in ((1.0, ALERT), (2.0, RAISED), (3.0, RESOLVED), (4.0, RAISED))
    ]
    assert [change.at_s for change in first_raises(changes, None)] == [2.0]
    assert first_raises(changes, frozenset({"crs.hypoxia"})) == []
