"""Groups of patients and of episodes, and the causes of misses in the file beside the page."""

from __future__ import annotations

import json
from dataclasses import replace

from edge_agent.evaluate.cohort.evaluation import RuleSet, evaluation_of
from edge_agent.evaluate.cohort.figures_file import as_json
from edge_agent.evaluate.cohort.misses import why_missed
from edge_agent.evaluate.cohort.strata import Stratum, by_group, by_method
from edge_agent.evaluate.cohort.study import whole_cohort
from edge_agent.evaluate.stays.stay import OURS
from simulators.cohorts.cohort_file import load_cohort
from tests.support.made_stays import found, reported_alert, stay

LEAD = "lead_over_4h_hours_without_watch"
WHOLE = stay(0, [found(10.0), found(None)])
HALF_SEEN = replace(
    WHOLE, episodes=(WHOLE.episodes[0], replace(WHOLE.episodes[1], coverage=0.9)), product=""
)
STAYS = [HALF_SEEN, stay(1, [found(11.0)]), stay(2)]


def groups(name: str) -> dict[str, Stratum]:
    return {row.name: row for row in by_group(STAYS) if row.group == name}


def test_only_the_rules_have_a_lead() -> None:
    rows = {row.name: row for row in by_method(STAYS)}
    assert [name for name, row in rows.items() if LEAD in row.estimates] == [OURS]
    assert len(rows) > 1
    assert by_method([]) == ()


def test_a_group_of_episodes_is_of_those_alone_and_counts_nothing_per_patient() -> None:
    seen, less = groups("temperature seen").values()
    assert (seen.name, seen.patients, seen.episodes) == ("99 % or more", 2, 2)
    assert (less.name, less.patients, less.episodes) == ("less", 1, 1)
    assert seen.estimates["sensitivity"].value == 1.0
    assert less.estimates["sensitivity"].value == 0.0
    assert set(seen.estimates) == {"sensitivity", "delay_hours", LEAD}
    assert [row.episodes for row in groups("worst grade").values()] == [0, 3, 0, 0]


def test_a_group_of_patients_counts_alerts_too() -> None:
    rows = groups("product")
    assert {name: row.patients for name, row in rows.items()} == {"axi-cel": 2, "none": 1}
    assert {"chance_sensitivity", "ppv", "nurse_alerts_per_patient_day"} <= set(
        rows["none"].estimates
    )


def test_the_file_says_why_a_target_was_missed_and_what_was_not_given() -> None:
    evaluation = evaluation_of(RuleSet("own", ()), STAYS, ())
    content = json.loads(as_json(whole_cohort(load_cohort("test")), evaluation, None))
    cause = "1 missed: grade 2 1; with gaps in the temperature: 1; after none 1"
    assert content["missed"]["crs_sensitivity"] == cause == why_missed("crs_sensitivity", STAYS)
    assert content["cinc_auroc"] is None
    assert content["null_reasons"]["cinc_auroc"] == "cinc2019b_subset1000.csv.gz was not given"
    assert not set(content["intervals_95"]) & set(content["null_reasons"])


def test_false_alerts_are_counted_by_rule_without_the_right_ones() -> None:
    one = stay(3, reported=(reported_alert(1.0), reported_alert(2.0, rule_id="crs.other")))
    judged = replace(one, is_right=(False, True))
    assert (
        why_missed("false_fever_per_patient_day", [judged]) == "1 false in 1 patients: crs.fever 1"
    )
    assert why_missed("lead_over_8h_hours", STAYS) == why_missed("lead_over_4h_hours", STAYS) != ""
    assert why_missed("delay_hours", STAYS) == ""
