"""Hours before sepsis: ranks, limits, scores and how a chart becomes a recording."""

from __future__ import annotations

import gzip
from math import isnan
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge_agent.batch.recorded_stay import RecordedVital
from edge_agent.evaluate.cohort.run import detector_of
from edge_agent.evaluate.real.cinc_sepsis import (
    Hours,
    Scored,
    auroc,
    carried,
    entries_of,
    evaluate_cinc,
    figures_of,
    naive_limits,
    partial_news,
    read_hours,
    recording_of,
    two_in_a_row,
)
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.shared_data import shared_data

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.evaluate.stays.spans import Float64

NAN = float("nan")
CALM = {"HR": 80.0, "O2Sat": 97.0, "Temp": 37.0, "SBP": 120.0, "MAP": 90.0, "DBP": 75.0}


def signs(**given: list[float]) -> dict[str, Float64]:
    size = max((len(values) for values in given.values()), default=1)
    usual = {name: np.full(size, value) for name, value in (*CALM.items(), ("Resp", 16.0))}
    return usual | {name: np.array(values, np.float64) for name, values in given.items()}


def test_the_area_counts_pairs_in_order_and_ties_half() -> None:
    labels = np.array([0, 0, 1, 1], np.bool_)
    assert auroc(np.array([1.0, 2.0, 3.0, 4.0]), labels) == 1.0
    assert auroc(np.array([1.0, 3.0, 2.0, 3.0]), labels) == pytest.approx(0.625)
    assert auroc(np.zeros(4), labels) == 0.5
    assert isnan(auroc(np.zeros(4), np.zeros(4, np.bool_)))


def test_the_area_agrees_with_counting_every_pair() -> None:
    draw = np.random.default_rng(5)
    scores, labels = draw.integers(0, 6, 80).astype(np.float64), draw.uniform(size=80) < 0.3
    pairs = [
        1.0 if high > low else 0.5 if high == low else 0.0
        for high in scores[labels]
        for low in scores[~labels]
    ]
    assert auroc(scores, labels) == pytest.approx(np.mean(pairs))


def test_a_value_is_believed_for_some_hours_only() -> None:
    values = np.array([NAN, 3.0, NAN, NAN, NAN, 5.0])
    assert np.array_equal(carried(values, 2), [NAN, 3, 3, 3, NAN, 5], equal_nan=True)
    assert np.array_equal(carried(values, 0), values, equal_nan=True)


def test_limits_are_counted_and_what_is_missing_breaks_none() -> None:
    broken = naive_limits(
        signs(Temp=[38.0, 37.9, NAN], HR=[111, 110, NAN], SBP=[89, 90, NAN], O2Sat=[89, 90, NAN])
    )
    assert broken.tolist() == [4.0, 0.0, 0.0]
    assert two_in_a_row(np.array([0.0, 2.0, 1.0, 0.0, 3.0])).tolist() == [0, 0, 1, 0, 0]


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("HR", {40: 3, 41: 1, 50: 1, 51: 0, 90: 0, 91: 1, 110: 1, 111: 2, 130: 2, 131: 3}),
        ("Resp", {8: 3, 9: 1, 11: 1, 12: 0, 20: 0, 21: 2, 24: 2, 25: 3}),
        ("O2Sat", {91: 3, 92: 2, 93: 2, 94: 1, 95: 1, 96: 0}),
        ("SBP", {90: 3, 91: 2, 100: 2, 101: 1, 110: 1, 111: 0, 219: 0, 220: 3}),
        ("Temp", {35.0: 3, 35.1: 1, 36.0: 1, 36.1: 0, 38.0: 0, 38.1: 1, 39.0: 1, 39.1: 2}),
    ],
)
def test_partial_news_scores_as_the_chart_says(name: str, points: dict[float, int]) -> None:
    scored = partial_news(signs(**{name: list(points)}))
    assert scored.tolist() == [float(value) for value in points.values()]
    assert partial_news(signs(**{name: [NAN]})).tolist() == [0.0]


def test_figures_are_of_hours_and_of_stretches() -> None:
    septic = np.zeros(24, np.bool_)
    septic[10:] = True  # onset at hour 16
    ringing = np.zeros(24, np.bool_)
    ringing[[3, 4, 9]] = True
    quiet = np.zeros(24, np.bool_)
    rank = septic.astype(np.float64)
    scored = [
        Scored(
            Hours(name, 60.0, signs(HR=[80.0] * 24), label),
            {"crs": score, "news": 1 - score, "limits": 0 * score, "persistent": 0 * score},
            {"crs": ringing, "news": quiet, "limits": ~quiet, "persistent": ringing},
            2,
        )
        for name, label, score in (("a", septic, rank), ("b", quiet, 0 * rank))
    ]
    found = {figure.key: figure for figure in figures_of(scored)}
    assert found["cinc_auroc"].value == 1.0
    assert found["cinc_auroc_limits"].value == 0.5
    assert found["cinc_episodes_per_patient_day"].value == 2.0
    assert found["cinc_episodes_per_patient_day"].is_missed  # NEWS never rang
    assert found["cinc_episodes_per_patient_day_limits"].value == 1.0
    assert found["cinc_found"].value == 1.0
    assert found["cinc_found_news"].value == 0.0
    assert found["cinc_nurse_alerts_per_patient_day"].value == 2.0
    assert not found["cinc_auroc"].is_missed


def test_a_charted_hour_becomes_one_reading() -> None:
    charted = signs(HR=[80.0, NAN], SBP=[NAN, 100.0], Temp=[NAN, NAN], O2Sat=[100.0, 99.0])
    hours = Hours("7", 61.0, charted, np.zeros(2, np.bool_))
    recording = recording_of(hours)
    heart = recording.columns[VitalKind.HEART_RATE, ""]
    assert isinstance(heart, RecordedVital)
    assert (heart.times_s.tolist(), heart.values.tolist()) == ([1800.0], [80.0])
    assert recording.columns[VitalKind.SPO2, ""].values.tolist() == [100.0, 99.0]
    for kind in (VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_MEAN, VitalKind.NIBP_DIASTOLIC):
        assert recording.columns[kind, ""].times_s.tolist() == [5400.0]
    assert (VitalKind.TEMPERATURE, "") not in recording.columns
    assert recording.length_s == 7200.0
    (age,) = entries_of(hours)
    assert (age.kind, age.amount) == (EntryKind.AGE, 61.0)
    assert entries_of(Hours("7", NAN, charted, np.zeros(2, np.bool_))) == ()


def test_the_file_is_read_patient_by_patient(tmp_path: Path) -> None:
    path = tmp_path / "hours.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8") as target:
        target.write("pid,ICULOS,HR,O2Sat,Temp,SBP,MAP,DBP,Resp,Age,SepsisLabel\n")
        target.write("1,1,80,,37.1,120,90,70,16,66,0\n1,2,,97,,,,,,66,1\n2,1,,,,,,,,50,0\n")
    first, second = read_hours(path)
    assert (first.patient_id, first.age_years, first.onset_h) == ("1", 66.0, 7)
    assert np.array_equal(first.signs["HR"], [80.0, NAN], equal_nan=True)
    assert second.onset_h is None


def test_hours_go_through_the_rules(tmp_path: Path) -> None:
    """Two days of a patient who is well, and of one who gets fever and low pressure."""
    path = tmp_path / "hours.csv.gz"
    rows = ["pid,ICULOS,HR,O2Sat,Temp,SBP,MAP,DBP,Resp,Age,SepsisLabel"]
    for hour in range(48):
        is_ill = hour >= 30
        ill = f"{130 + hour % 2},93,{39.4 + hour % 2 / 10:.1f},82,55,40,28" if is_ill else ""
        well = f"{78 + hour % 3},97,{36.9 + hour % 2 / 10:.1f},121,90,70,{15 + hour % 2}"
        rows.append(f"1,{hour},{well},66,0")
        rows.append(f"2,{hour},{ill or well},70,{int(hour >= 28)}")
    rows[1:] = sorted(rows[1:], key=lambda row: row.split(",")[0])
    with gzip.open(path, "wt", encoding="utf-8") as target:
        target.write("\n".join([*rows, ""]))
    real = evaluate_cinc(path, detector_of(read_rulebook(None).rules).run)
    found = {figure.key: figure.value for figure in real.figures}
    assert (found["cinc_auroc"] or 0.0) > 0.9
    assert found["cinc_found"] == 1.0
    assert 0 < (found["cinc_nurse_alerts_per_patient_day"] or 0.0) < 5
    assert found["cinc_episodes_per_patient_day"] == 0.25
    assert "2 patients, 1 septic" in real.about


@pytest.mark.untraced
def test_real_hours_rank_as_measured_before() -> None:
    """NEWS2 without oxygen and consciousness: 0.631 on the whole hospital."""
    hours = list(read_hours(shared_data("clinical/cinc2019b_subset1000.csv.gz")))
    labels = np.concatenate([one.is_septic for one in hours])
    scores = [partial_news({n: carried(v, 8) for n, v in one.signs.items()}) for one in hours]
    assert len(hours) == 1000
    assert auroc(np.concatenate(scores), labels) == pytest.approx(0.637, abs=0.002)
