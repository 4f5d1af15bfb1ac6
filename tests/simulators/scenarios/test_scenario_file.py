"""Scenario files are read whole, and every mistake in one is named."""

from __future__ import annotations

import pytest

from edge_agent.model.errors import ConfigError
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.patients.plan import Cause, EpisodeKind, FaultKind, TreatmentKind
from simulators.patients.truth import truth_of
from simulators.scenarios.scenario_file import load_scenario, parse_scenario, scenario_names

GOOD = """
title = "t"
expects = "nothing"
never = ["crs.fever"]
lasts = "2 h"
[patient]
age = 7
product = "tisa-cel"
infused = "1 d 2 h"
site = "axillary"
[[cuff]]
from = "1 min"
every = "5 min"
[[illness]]
cause = "crs"
begins = "5 min"
rises_for = "1 h"
peak = 39.0
ends = "2 h"
valley = 0.2
rigors = true
[illness.hypoxia]
begins = "30 min"
rises_for = "10 min"
ends = "2 h"
depth = 6
[[treatment]]
kind = "oxygen"
name = "nasal cannula"
amount = 2
at = "40 min"
until = "2 h"
[[episode]]
kind = "pain"
from = "1 min"
to = "2 min"
size = 20
[[fault]]
kind = "stuck"
sensor = "ecg"
from = "1 min"
to = "2 min"
size = 80
[[entry]]
at = "3 min"
kind = "symptom"
value = "chills"
"""
OVERLAID = "crs_with_"
ALONE_AND_ON_CRS = {
    *("infusion_reaction", "transfusion_reaction", "pain", "atrial_fibrillation"),
    *("sleep_bradycardia", "motion", "probe_off", "spo2_probe_zero", "spo2_probe_flat"),
    *("cuff_error", "temperature_probe_off", "cooling", "skin_warming", "disconnect"),
    *("clock_step", "haemorrhage", "pulmonary_embolism", "fluid_overload"),
}


def mistakes(text: str) -> dict[str, str]:
    """Return key -> message of all that is wrong."""
    with pytest.raises(ConfigError) as caught:
        parse_scenario(text, "x", 1)
    assert {mistake.source for mistake in caught.value.mistakes} == {"x"}
    return {mistake.key: mistake.message for mistake in caught.value.mistakes}


@pytest.mark.untraced
@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_that_comes_along_is_right_and_names_rules_that_exist(name: str) -> None:
    scenario = load_scenario(name, 1)
    rules = {rule.rule_id for rule in read_rulebook(None).rules}
    assert {*scenario.raises, *scenario.never} <= rules
    assert not {*scenario.raises} & {*scenario.never}
    assert scenario.title
    assert scenario.expects


def test_every_negative_case_stands_alone_and_on_crs() -> None:
    names = set(scenario_names())
    assert names >= ALONE_AND_ON_CRS
    assert names >= {OVERLAID + name for name in ALONE_AND_ON_CRS}
    for name in names:
        has_crs = bool(truth_of(load_scenario(name, 1).patient).of("crs"))
        assert has_crs or not name.startswith((OVERLAID, "crs_grade"))
        assert not (has_crs and name in ALONE_AND_ON_CRS)


@pytest.mark.parametrize("grade", [1, 2, 3, 4])
def test_a_course_named_after_a_grade_reaches_it(grade: int) -> None:
    truth = truth_of(load_scenario(f"crs_grade_{grade}", 1).patient)
    assert truth.worst_grade == grade
    assert [span.value for span in truth.of("astct_grade")] == sorted(
        span.value for span in truth.of("astct_grade")
    )


def test_a_good_text_is_read() -> None:
    patient = parse_scenario(GOOD, "x", 9).patient
    person, plan = patient.person, patient.plan
    assert (person.age_years, person.infused_s, person.temperature_site) == (7, -93_600, "axillary")
    assert (plan.length_s, plan.cuff[0].every_s) == (7200, 300)
    (illness,) = plan.illnesses
    assert illness.cause is Cause.CRS
    assert illness.peak == pytest.approx(2.0)
    assert illness.hypoxia is not None
    assert illness.hypotension is None
    assert [t.kind for t in plan.treatments] == [TreatmentKind.OXYGEN]
    assert [e.kind for e in plan.episodes] == [EpisodeKind.PAIN]
    assert [f.kind for f in plan.faults] == [FaultKind.STUCK]
    assert plan.entries[0].value == "chills"


def test_a_scenario_laid_over_another_has_what_happens_in_both() -> None:
    base = load_scenario("crs_grade_2", 3).patient.plan
    over = load_scenario("crs_with_cuff_error", 3).patient.plan
    assert over.illnesses == base.illnesses
    assert over.cuff == base.cuff
    assert len(over.faults) == len(base.faults) + 1


def test_an_unknown_scenario_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(ConfigError, match=r"have .*baseline.* crs_grade_2"):
        load_scenario("nope", 1)


def test_text_that_is_not_toml_is_named() -> None:
    assert mistakes("title = ").keys() == {"-"}


def test_an_empty_text_lacks_what_every_scenario_says() -> None:
    assert mistakes("").keys() == {"title", "expects", "lasts"}


@pytest.mark.parametrize(
    ("good", "bad", "key", "message"),
    [
        ('"2 h"\n[p', '"soon"\n[p', "lasts", "'soon'; want a duration"),
        ('"crs.fever"', '"Fever!"', "never[0]", "'Fever!'; want a rule id"),
        ("age = 7", "age = 700", "patient.age", "700; want a number from 0 to 110"),
        ("age = 7", 'name = "x"', "patient.name", "unknown key"),
        ("tisa-cel", "best-cel", "patient.product", "'best-cel'; want one of axi-cel"),
        ("axillary", "toe", "patient.site", "'toe'; want one of core"),
        ("age = 7", "diastolic = 125", "patient.diastolic", "125; want less than systolic"),
        ('every = "5 min"', 'every = "0 s"', "cuff[0].every", "want a duration above 0"),
        ('cause = "crs"', 'cause = "flu"', "illness[0].cause", "'flu'; want one of crs, infection"),
        ("peak = 39.0", "peak = 36.0", "illness[0].peak", "36.0; want a number from 37 to 43"),
        ("rigors = true", "rigors = 1", "illness[0].rigors", "1; want true or false"),
        ("depth = 6", "deep = 6", "illness[0].hypoxia.deep", "unknown key"),
        ("nasal cannula", "straw", "treatment[0].name", "'straw'; want one of nasal cannula"),
        ('kind = "pain"', 'kind = "joy"', "episode[0].kind", "'joy'; want one of"),
        ('sensor = "ecg"', 'sensor = "eeg"', "fault[0].sensor", "'eeg'; want one of ecg"),
        ('value = "chills"', 'value = ""', "entry[0].value", "''; want a text that is not empty"),
        ('title = "t"', 'title = "t"\nover = "nope"', "over", "'nope'; want one of"),
        ('title = "t"', 'title = "t"\npatients = 2', "patients", "unknown key"),
        ('"1 min"\nto = "2 min"', '"2 min"\nto = "2 min"', "episode[0].to", "want later than from"),
        ('"1 min"\nto = "2 min"', '"3 min"\nto = "2 min"', "episode[0].to", "want later than from"),
    ],
)
def test_a_mistake_is_named_with_what_was_seen_and_what_is_allowed(
    good: str, bad: str, key: str, message: str
) -> None:
    assert good in GOOD
    assert message in mistakes(GOOD.replace(good, bad, 1))[key]


@pytest.mark.parametrize(
    ("text", "key", "want"),
    [
        ("fault = 3", "fault", "a list of tables [[fault]]"),
        ("fault = [1]", "fault[0]", "a table"),
        ("patient = 1", "patient", "a table [patient]"),
    ],
)
def test_tables_are_tables(text: str, key: str, want: str) -> None:
    head = 'title = "t"\nexpects = "x"\nlasts = "1 h"\n'
    assert mistakes(f"{head}{text}\n")[key].endswith(f"; want {want}")


def test_all_mistakes_are_named_at_once() -> None:
    bad = GOOD.replace("age = 7", "age = -7").replace("axillary", "toe").replace("chills", "")
    assert mistakes(bad).keys() == {"patient.age", "patient.site", "entry[0].value"}
