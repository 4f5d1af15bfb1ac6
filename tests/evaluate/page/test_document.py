"""The page and the file of an evaluation."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.evaluate.cohort.cases import worst_false_alerts, worst_misses
from edge_agent.evaluate.cohort.evaluation import RuleSet, evaluation_of
from edge_agent.evaluate.cohort.figures_file import as_json
from edge_agent.evaluate.cohort.study import whole_cohort
from edge_agent.evaluate.page.document import page_of
from edge_agent.evaluate.real.run import evaluate_real
from edge_agent.evaluate.stays.stay import evaluate_stay
from simulators.cohorts.cohort_file import load_cohort
from tests.support.detector_stand_in import detect
from tests.support.made_stays import found, reported_alert, stay

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.evaluate.cohort.evaluation import CohortEvaluation
    from edge_agent.evaluate.cohort.measures import Stays

SPEC = replace(load_cohort("train"), days=4.0, patients=5)
STUDY = whole_cohort(SPEC)
RULES = RuleSet("my <rules>", (("crs.fever", 1), ("crs.hypotension", 2)))
REQUIRED = (
    "crs_sensitivity",
    "lead_over_4h_hours",
    "lead_over_8h_hours",
    "false_fever_per_patient_day",
    "false_crs_per_patient_day",
    "nurse_alerts_per_patient_day",
    "ppv",
    "grade_covered",
    "chance_sensitivity",
    "grade2_in_time",
    "cinc_auroc",
    "cinc_episodes_per_patient_day",
    "nibp_alert_reduction",
    "s00001_hypoxia_alerts",
)


@pytest.fixture(scope="module")
def stays() -> Stays:
    return [evaluate_stay(SPEC.patient(n), n, detect) for n in range(SPEC.patients)]


@pytest.fixture(scope="module")
def evaluation(stays: Stays) -> CohortEvaluation:
    return evaluation_of(RULES, stays, evaluate_real(None, detect))


@pytest.fixture(scope="module")
def page(evaluation: CohortEvaluation) -> str:
    return page_of(STUDY, evaluation, None)


@pytest.mark.untraced
def test_the_page_needs_no_other_file_and_says_what_it_is(
    evaluation: CohortEvaluation, page: str
) -> None:
    assert "decision support, not a medical device" in page
    assert "my &lt;rules&gt;" in page
    assert "my <rules>" not in page
    assert not re.search(r'(?:src|href)="(?!data:|#)', page)
    assert not re.search(r"url\((?!#)", page)
    assert "<script" not in page
    assert "@import" not in page
    assert page.count("<svg") == 3
    for figure in evaluation.figures:
        assert figure.text in page
    assert "no folder of real data was given" in page
    assert page == page_of(STUDY, evaluation, None)


@pytest.mark.untraced
def test_a_missed_target_says_so_and_why(evaluation: CohortEvaluation, page: str) -> None:
    missed = [figure for figure in evaluation.figures if figure.is_missed]
    assert {figure.key for figure in missed} >= {"grade_equal_complete", "faults_announced"}
    assert page.count("<b>Missed:</b>") == len(missed)
    for check in {(f.kind, f.sensor) for s in evaluation.stays for f in s.faults}:
        assert f"{check[0]} {check[1]}" in page


def test_two_sets_of_rules_stand_side_by_side(evaluation: CohortEvaluation, stays: Stays) -> None:
    other = evaluation_of(RuleSet("other", ()), stays[:2], ())
    assert "<th>other</th>" in page_of(STUDY, evaluation, other)
    content = json.loads(as_json(STUDY, evaluation, other))
    assert content["compared_with"]["rules"] == "other"
    assert content["compared_with"]["nurse_alerts_per_patient_day"] is not None


def test_the_file_has_every_figure_and_a_reason_for_each_that_is_null(
    evaluation: CohortEvaluation,
) -> None:
    content = json.loads(as_json(STUDY, evaluation, None))
    for key in REQUIRED:
        assert key in content
        assert content[key] is not None or content["null_reasons"][key]
    assert content["null_reasons"]["cinc_auroc"] == "cinc2019b_subset1000.csv.gz was not given"
    assert content["cohort"]["seed"] == SPEC.seed
    assert content["rule_versions"] == {"crs.fever": 1, "crs.hypotension": 2}
    assert not set(content["intervals_95"]) & set(content["null_reasons"])
    low, high = content["intervals_95"]["nurse_alerts_per_patient_day"]
    assert low <= content["nurse_alerts_per_patient_day"] <= high
    assert content["targets"]["crs_sensitivity"] == "≥ 0.98"
    assert set(content["methods"]) >= {
        "rules",
        "spot_4h",
        "monitor",
        "news2_5",
        "baseline_2sd",
        "plain",
    }
    assert "missed" in content


def test_a_patient_is_scored_alike_each_time(stays: Stays) -> None:
    again = evaluate_stay(SPEC.patient(1), 1, detect)
    assert again == stays[1]


def test_a_folder_without_data_evaluates_nothing(tmp_path: Path) -> None:
    (absent,) = evaluate_real(tmp_path, detect)
    assert all(figure.value is None and figure.why for figure in absent.figures)


def test_the_worst_come_first_and_no_patient_fills_the_list() -> None:
    false = tuple(reported_alert(float(hour)) for hour in range(5))
    made = [
        stay(n, [found(10.0 + n / 10)], reported=(reported_alert(10.0 + n / 10),))
        for n in range(30)
    ]
    made += [stay(40, [found(None)]), stay(41, reported=false)]
    misses = worst_misses(made)
    assert len(misses) == 20
    assert (misses[0].stay.number, misses[1].stay.number) == (40, 29)
    assert misses[1].text == "crs.fever: Temp 38.4 <hot>"
    alerts = worst_false_alerts(made)
    assert len(alerts) == 20
    assert sum(case.stay.number == 41 for case in alerts) <= 2
