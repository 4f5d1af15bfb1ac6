"""A bed is assessed, degraded or not assessed, never two of them and never none."""

from __future__ import annotations

import math
from itertools import product
from types import SimpleNamespace
from typing import cast

import pytest

from edge_agent.detect.engine import Engine
from edge_agent.detect.language.scored_rules import shipped_score
from edge_agent.detect.report import assessment
from edge_agent.detect.report.assessment import ReportPace
from edge_agent.model.assessment import Assessment, AssessmentState, BedReport, InputAge
from edge_agent.model.bed_events import BedState
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.detector_inputs import BED, START, at, reading
from tests.support.patient_entries import an_entry

T, HR, SPO2, RR = (
    VitalKind.TEMPERATURE,
    VitalKind.HEART_RATE,
    VitalKind.SPO2,
    VitalKind.RESPIRATORY_RATE,
)
SYS, MEAN, DIA = VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_MEAN, VitalKind.NIBP_DIASTOLIC
NORMAL = {T: 36.8, HR: 80.0, SPO2: 97.0, RR: 15.0, SYS: 120.0}
NAMES = {
    T: "temperature",
    HR: "heart rate",
    SPO2: "SpO2",
    RR: "respiratory rate",
    SYS: "blood pressure",
}
RULES = read_rulebook(None).rules
ALL = tuple(NAMES.values())


def watch(engine: Engine, until_s: int, values: dict[VitalKind, float], from_s: int = 0) -> None:
    """Observe readings every 5 s and evaluate every 10 s."""
    for second in range(from_s + 5, until_s + 1, 5):
        for kind, value in values.items():
            if kind not in {SYS, MEAN, DIA} or second == from_s + 5:
                engine.observe(reading(kind, second, value))
        if second % 10 == 0:
            engine.evaluate(BED, at(second))


def now(engine: Engine) -> Assessment:
    found = engine.assessment(BED)
    assert found is not None
    return found


def shown(engine: Engine) -> BedReport:
    found = engine.report(BED)
    assert found is not None
    return found


def age_of(report: BedReport, name: str) -> InputAge:
    return next(age for age in report.inputs if age.name == name)


@pytest.mark.parametrize(("degrees", "missing"), [(34.9, ("temperature",)), (35.0, ())])
def test_a_probe_that_slipped_off_is_no_temperature(
    degrees: float, missing: tuple[str, ...]
) -> None:
    engine = Engine(RULES, START)
    watch(engine, 20, {**NORMAL, T: degrees})
    assert now(engine).missing == missing
    assert age_of(shown(engine), "temperature").is_fresh is not bool(missing)


def test_an_arterial_line_that_gives_its_mean_alone_is_a_pressure() -> None:
    engine = Engine(RULES, START)
    lasting = {kind: value for kind, value in NORMAL.items() if kind is not SYS}
    watch(engine, 20, {**lasting, VitalKind.ART_MEAN: 84.0})
    assert now(engine).state is AssessmentState.ASSESSING
    watch(engine, 40, lasting, from_s=20)
    assert now(engine).missing == ("blood pressure",)


def test_a_bed_never_evaluated_has_no_state() -> None:
    engine = Engine(RULES, START)
    assert engine.assessment(BED) is None
    assert engine.report(BED) is None


@pytest.mark.parametrize("present", list(product((True, False), repeat=5)))
def test_the_state_follows_from_which_inputs_are_fresh(present: tuple[bool, ...]) -> None:
    there = dict(zip(NORMAL, present, strict=True))
    values = {kind: value for kind, value in NORMAL.items() if there[kind]}
    engine = Engine(RULES, START)
    watch(engine, 20, {**values, VitalKind.ETCO2: 35.0})
    missing = tuple(NAMES[kind] for kind in NORMAL if not there[kind])
    too_little = not there[T] and len(missing) > 2
    state = (
        AssessmentState.NOT_ASSESSING
        if too_little
        else AssessmentState.DEGRADED
        if missing
        else AssessmentState.ASSESSING
    )
    reason = assessment.INPUTS_MISSING if too_little else ""
    assert now(engine) == Assessment(state, reason, missing, at(10))


@pytest.mark.parametrize(("kind", "limit_s"), [(T, 300), (HR, 30), (SPO2, 30), (RR, 60)], ids=str)
def test_an_input_is_missing_once_it_is_older_than_its_limit(kind: VitalKind, limit_s: int) -> None:
    engine = Engine(RULES, START)
    watch(engine, 100, NORMAL)
    rest = {k: v for k, v in NORMAL.items() if k not in {kind, SYS}}
    watch(engine, 100 + limit_s, rest, from_s=100)
    assert now(engine).state is AssessmentState.ASSESSING
    assert age_of(shown(engine), NAMES[kind]) == InputAge(NAMES[kind], limit_s, is_fresh=True)
    watch(engine, 110 + limit_s, rest, from_s=100 + limit_s)
    end = at(110 + limit_s)
    assert now(engine) == Assessment(AssessmentState.DEGRADED, "", (NAMES[kind],), end)
    assert age_of(shown(engine), NAMES[kind]).age_s == limit_s + 10


def test_a_reading_that_no_rule_may_count_on_leaves_an_input_missing() -> None:
    engine = Engine(RULES, START)
    watch(engine, 60, {**NORMAL, SPO2: math.nan})
    assert now(engine).missing == ("SpO2",)
    assert age_of(shown(engine), "SpO2") == InputAge("SpO2", None, is_fresh=False)


def test_a_cuff_is_fresh_until_its_next_reading_is_overdue() -> None:
    engine = Engine(RULES, START)
    running = {kind: value for kind, value in NORMAL.items() if kind is not SYS}
    for minute in (1, 6, 11):
        engine.observe(reading(SYS, minute * 60 - 30, 118))
        watch(engine, minute * 60, running, from_s=minute * 60 - 60)
    last_s = 11 * 60 - 30
    due_s = last_s + 2 * 300 + 300
    watch(engine, int(due_s) - 20, running, from_s=660)
    assert now(engine).state is AssessmentState.ASSESSING
    watch(engine, int(due_s) + 70, running, from_s=int(due_s) - 20)
    assert now(engine).missing == ("blood pressure",)
    assert age_of(shown(engine), "blood pressure").age_s == due_s + 70 - last_s
    engine.set_context(
        BED, ContextLog([an_entry("1", "spot", "nibp_systolic", amount=120.0, at_h=0.44)])
    )
    watch(engine, int(due_s) + 120, running, from_s=int(due_s) + 70)
    assert now(engine).state is AssessmentState.ASSESSING


def test_an_arterial_line_stands_for_the_cuff_while_it_shows_a_pressure() -> None:
    engine = Engine(RULES, START)
    line = {k: v for k, v in NORMAL.items() if k is not SYS} | {VitalKind.ART_SYSTOLIC: 110.0}
    watch(engine, 60, line)
    assert now(engine).state is AssessmentState.ASSESSING
    assert age_of(shown(engine), "blood pressure") == InputAge("blood pressure", 0.0, is_fresh=True)
    watch(engine, 120, {**line, VitalKind.ART_SYSTOLIC: math.nan}, from_s=60)
    assert now(engine).missing == ("blood pressure",)
    assert age_of(shown(engine), "blood pressure").age_s == 60
    engine.observe(reading(SYS, 121, math.nan))
    watch(engine, 200, {**line, VitalKind.ART_SYSTOLIC: math.nan}, from_s=120)
    assert now(engine).missing == ("blood pressure",)
    engine.observe(reading(SYS, 201, 120))
    watch(engine, 210, {**line, VitalKind.ART_SYSTOLIC: math.nan}, from_s=200)
    assert now(engine).state is AssessmentState.ASSESSING
    assert age_of(shown(engine), "blood pressure").age_s == 9


def test_what_people_must_do_comes_before_what_is_missing() -> None:
    engine = Engine(RULES, START)
    engine.evaluate(BED, at(10))
    assert now(engine) == Assessment(AssessmentState.NOT_ASSESSING, assessment.NO_DATA, ALL, at(10))
    watch(engine, 20, NORMAL, from_s=10)
    reasons = [
        (BedState.PATIENT_NOT_ASSIGNED, assessment.UNASSIGNED),
        (BedState.MONITOR_CHANGED, assessment.UNCONFIRMED),
    ]
    for index, (state, reason) in enumerate(reasons):
        engine.set_state(BED, state, at(21 + index))
        engine.evaluate(BED, at(21 + index))
        assert now(engine) == Assessment(AssessmentState.NOT_ASSESSING, reason, (), at(21 + index))
    for state, _ in reasons:
        engine.clear_state(BED, state)
    engine.set_state(BED, BedState.LINK_LOST, at(30))  # of one device: another may go on
    engine.evaluate(BED, at(30))
    assert now(engine) == Assessment(AssessmentState.ASSESSING, "", (), at(30))
    engine.evaluate(BED, at(50))
    assert now(engine).state is AssessmentState.ASSESSING
    engine.evaluate(BED, at(51))
    assert now(engine).reason == assessment.NO_DATA


def test_a_state_is_dated_from_when_it_began_whatever_is_missing() -> None:
    engine = Engine(RULES, START)
    watch(engine, 100, {k: v for k, v in NORMAL.items() if k is not T})
    began = now(engine).since
    watch(engine, 200, {HR: 80.0, RR: 15.0}, from_s=100)
    assert now(engine) == Assessment(AssessmentState.DEGRADED, "", ("temperature", "SpO2"), began)


def test_a_report_says_what_every_term_of_the_score_gives() -> None:
    engine = Engine(RULES, START)
    ill = {**NORMAL, T: 39.2, HR: 150.0, MEAN: 70.0, SYS: 95.0}
    watch(engine, 1260, ill)
    report = shown(engine)
    terms = {term.name: term for term in report.terms}
    assert list(terms) == [term.name for term in shipped_score().terms]
    assert {name for name, term in terms.items() if term.low > 0} == {
        "fever",
        "high_fever",
        "fast",
        "faster",
        "shock_index",
    }
    assert (terms["fever"].value, terms["fever"].unit) == (39.2, "Cel")
    assert terms["fever"].text == "temperature ≥ 38.0 °C for 10 of 15 min"
    assert (terms["treated"].value, terms["treated"].unit) == (None, "")
    assert terms["falling_pressure"].value is None
    assert (terms["falling_pressure"].low, terms["falling_pressure"].high) == (0, 1)
    assert report.crs_score is not None
    assert report.crs_score.low == sum(term.low for term in report.terms)
    assert report.crs_score.high == sum(term.high for term in report.terms)
    assert report.shock_index == pytest.approx(150 / 95)
    assert report.mean_pressure_mmhg == 70
    assert report.news2 is not None
    assert report.news2.low < report.news2.high  # nobody entered oxygen and consciousness
    assert report.grade.scale == "ASTCT 2019"
    assert (report.grade.low, report.grade.high) == (1, 4)
    assert report.grade.decided_by == "fever"
    assert "oxygen device" in report.grade.missing
    assert report.grade.text.startswith(
        "If CRS: ASTCT grade 1 to 4 (suggestion); infection not excluded. Enter or measure"
    )
    assert (report.bed_id, report.at) == (BED, at(1260))


def test_before_the_first_minute_there_is_no_score() -> None:
    engine = Engine(RULES, START)
    watch(engine, 10, NORMAL)
    report = shown(engine)
    assert (report.crs_score, report.terms, report.news2, report.shock_index) == (
        None,
        (),
        None,
        None,
    )
    assert report.grade.text.startswith("If CRS: ASTCT grade 0 to 4 (suggestion)")


def test_a_child_has_no_news2() -> None:
    engine = Engine(RULES, START)
    engine.set_context(BED, ContextLog([an_entry("1", "age", amount=8.0, at_h=-1.0)]))
    watch(engine, 120, NORMAL)
    assert shown(engine).crs_score is not None
    assert shown(engine).news2 is None


def test_the_mean_pressure_is_measured_or_worked_out_and_never_old() -> None:
    def mean(values: dict[VitalKind, float]) -> float | None:
        engine = Engine(RULES, START)
        watch(engine, 60, {HR: 80.0, **values})
        return shown(engine).mean_pressure_mmhg

    assert mean({SYS: 120.0, MEAN: 90.0, VitalKind.ART_MEAN: 77.0}) == 77
    assert mean({SYS: 120.0, MEAN: 90.0}) == 90
    assert mean({SYS: 120.0, MEAN: math.nan, DIA: 60.0}) == 80
    assert mean({SYS: 120.0, DIA: 60.0}) == 80
    assert mean({SYS: 120.0}) is None
    assert mean({SYS: 120.0, DIA: math.nan}) is None
    assert mean({DIA: 60.0}) is None


def test_people_are_told_of_a_change_at_once_and_of_the_rest_every_10_s() -> None:
    pace = ReportPace()
    calm = Assessment(AssessmentState.ASSESSING, "", (), at(0))
    worse = Assessment(AssessmentState.DEGRADED, "", ("SpO2",), at(4))
    assert pace.is_due(BED, calm, 0)
    assert not pace.is_due(BED, calm, 9_999_999_999)
    assert pace.is_due("another", calm, 9_999_999_999)
    assert pace.is_due(BED, calm, 10_000_000_000)
    assert pace.is_due(BED, worse, 14_000_000_000)
    assert not pace.is_due(BED, worse, 23_999_999_999)
    assert pace.is_due(BED, worse, 24_000_000_000)


def test_usual_values_are_shown_once_they_are_the_patients_own() -> None:
    known = {"base_is_own": 1.0} | {name: 80.0 for name, _ in assessment._BANDS.values()}
    minute = cast("assessment._Minute", SimpleNamespace(value=known.get))
    bands = assessment._usual(minute)
    assert [band.kind for band in bands] == list(assessment._BANDS)
    assert all(band.low < 80.0 < band.high for band in bands)
    unknown = cast("assessment._Minute", SimpleNamespace(value=lambda _name: None))
    assert assessment._usual(unknown) == ()
