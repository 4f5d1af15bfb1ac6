"""Patients of a study, and the answers to their alerts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.evaluate.cohort.run import evaluate_study
from edge_agent.evaluate.cohort.study import Answered, Answers, Study, on_wards, whole_cohort
from edge_agent.evaluate.stays.stay import Place
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.cohorts.cohort import PhysiologyName
from simulators.cohorts.cohort_file import load_cohort
from simulators.habits.drawn_wards import shipped_wards

RULES = read_rulebook(None).rules
SPEC = replace(load_cohort("tune"), days=1.0, patients=12)
WARDS = shipped_wards("tune")[:3]
CURVES, SETPOINT = PhysiologyName.CURVES, PhysiologyName.SETPOINT


def test_other_persons_lie_on_every_ward_and_the_same_in_each_physiology() -> None:
    study = on_wards(SPEC, WARDS, (CURVES, SETPOINT), 4, Answers.WARD)
    assert [part.numbers for part in study.parts] == [range(4), range(4, 8), range(8, 12)] * 2
    assert study.parts[1].place == Place("tune-02", CURVES)
    assert study.parts[5].place == Place("tune-03", SETPOINT)
    assert study.patients == 24
    member = study.member(Place("tune-02", CURVES), 5)
    assert member.stay is not None
    assert member.stay.ward == WARDS[1]
    assert whole_cohort(SPEC).parts[0].place == Place("", CURVES)


@pytest.mark.untraced
def test_nobody_a_time_and_the_ward_answer_differently() -> None:
    ward = replace(WARDS[0], answer_never_share=1.0)

    def study(answered: Answered) -> Study:
        return on_wards(SPEC, (ward,), (CURVES,), 1, answered)

    never = list(evaluate_study(study(Answers.NEVER), RULES, 1))
    assert list(evaluate_study(study(Answers.WARD), RULES, 1)) == never
    assert list(evaluate_study(study(60.0), RULES, 1)) != never
    plain = replace(study(600.0), answered=Answers.WARD)
    without = replace(plain, parts=whole_cohort(replace(SPEC, patients=1)).parts)
    ten = replace(without, answered=600.0)
    assert list(evaluate_study(without, RULES, 1)) == list(evaluate_study(ten, RULES, 1))
