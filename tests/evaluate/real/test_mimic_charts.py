"""Charts of intensive care as a recording and as entries."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge_agent.evaluate.real.mimic_charts import (
    entries_of,
    evaluate_charts,
    read_charts,
    recording_of,
)
from edge_agent.evaluate.stays.recording import MONDAY_UTC_NS
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind
from tests.support.detector_stand_in import detect
from tests.support.shared_data import shared_data

if TYPE_CHECKING:
    from pathlib import Path

VITALS = """subject_id,icustay_id,minute,signal,valuenum,lag_store,error,txt
1,10,-5,HR,99,0,,
1,10,0,HR,90,0,,
1,10,60,HR,,0,,
1,10,90,HR,100,0,,
1,10,30,Temp_F,101.3,0,,
1,10,40,Temp_C,38,0,,
1,10,40,Temp_C,38,0,,
1,10,45,Temp_C,32,0,,
1,10,50,SBP_ni,85,0,,
1,10,50,MAP_ni,60,0,,
1,10,10,O2device,,0,,Nasal Cannula
1,10,10,O2flow,3,0,,
1,10,70,O2device,,0,,Face tent
1,11,0,Temp_C,37,0,,
"""
DRUGS = """subject_id,icustay_id,minute,end_minute,label,rate,amount,src
1,10,20,50,Levophed-k,0.1,,cv
1,10,80,110,Norepinephrine,0.2,,mv
1,10,300,310,Norepinephrine,0.2,,mv
1,10,20,50,Dobutamine,3,,mv
1,10,20,50,Vasopressin,0,,mv
1,12,20,50,Vasopressin,2,,mv
"""
STAYS = "subject_id,hadm_id,icustay_id,age\n1,5,10,63\n1,5,99,40\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("vitals_long.csv.gz", VITALS), ("interventions.csv.gz", DRUGS)):
        with gzip.open(tmp_path / name, "wt", encoding="utf-8") as target:
            target.write(text)
    (tmp_path / "stays.csv").write_text(STAYS)
    return tmp_path


def test_stays_with_vital_signs_are_read(folder: Path) -> None:
    (chart,) = read_charts(folder)
    assert (chart.stay, chart.age_years) == ("10", 63.0)
    assert chart.signs["HR"] == [(0.0, 90.0), (90.0, 100.0)]


def test_a_charted_number_is_a_reading(folder: Path) -> None:
    (chart,) = read_charts(folder)
    columns = recording_of(chart).columns
    heart = columns[VitalKind.HEART_RATE, ""]
    assert (heart.times_s.tolist(), heart.values.tolist()) == ([0.0, 5400.0], [90.0, 100.0])
    assert columns[VitalKind.NIBP_SYSTOLIC, ""].times_s.tolist() == [3000.0]
    assert np.isnan(columns[VitalKind.NIBP_DIASTOLIC, ""].values).all()


def test_oxygen_drugs_and_temperatures_are_entered(folder: Path) -> None:
    (chart,) = read_charts(folder)
    entries = [
        (e.kind, e.name, e.amount, round((e.at_utc_ns - MONDAY_UTC_NS) / 60e9))
        for e in entries_of(chart)
    ]
    assert entries == [
        (EntryKind.VASOPRESSOR, "none", None, 0),
        (EntryKind.AGE, "", 63.0, 0),
        (EntryKind.OXYGEN, "nasal cannula", 3.0, 10),
        (EntryKind.VASOPRESSOR, "norepinephrine", None, 20),
        (EntryKind.SPOT, "temperature", 38.5, 30),
        (EntryKind.SPOT, "temperature", 38.0, 40),
        (EntryKind.VASOPRESSOR, "norepinephrine", None, 300),
    ]
    runs = [e.until_utc_ns for e in entries_of(chart) if e.kind is EntryKind.VASOPRESSOR]
    assert [ns and round((ns - MONDAY_UTC_NS) / 60e9) for ns in runs] == [None, 110, 310]
    assert len({entry.entry_id for entry in entries_of(chart)}) == len(entries)


def test_a_range_that_never_reaches_what_was_given_is_counted(folder: Path) -> None:
    found = {figure.key: figure for figure in evaluate_charts(folder, detect).figures}
    assert found["mimic_hours"].value == 1.0
    assert found["mimic_stated"].value == 1.0
    assert found["mimic_oxygen_texts"].value == 0.5
    assert found["mimic_ranges_too_low"].value == 0.0


@pytest.mark.untraced
def test_the_real_charts_are_a_hundred_patients() -> None:
    charts = read_charts(shared_data("clinical/mimic3demo"))
    assert len(charts) > 100
    assert sum(bool(chart.pressors) for chart in charts) > 30
    for chart in charts[:20]:
        assert len({entry.entry_id for entry in entries_of(chart)}) == len(entries_of(chart))
