"""The grade over a stay is the grade of each of its moments, live and in an archive."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge_agent.detect.engine import Engine
from edge_agent.detect.scores.crs_grade import GradeRange, suggestion
from edge_agent.detect.scores.grade_course import (
    ANTIPYRETIC_NS,
    current_grade,
    grade_at,
    grade_course,
)
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog
from tests.support.detector_inputs import BED, START, at, reading, rule
from tests.support.patient_entries import HOUR_NS, NOW_NS, an_entry

if TYPE_CHECKING:
    from edge_agent.detect.language.rule import Rule
    from edge_agent.model.patient import PatientEntry

ENTRIES = (
    an_entry("1", "infusion", "axi-cel", at_h=-50.0),
    an_entry("2", "oxygen", "air", at_h=-40.0),
    an_entry("3", "vasopressor", "none", at_h=-40.0),
    an_entry("4", "antipyretic", "none", at_h=-40.0),
    an_entry("5", "antipyretic", "paracetamol", at_h=-30.0),
    an_entry("6", "oxygen", "nasal cannula", amount=3.0, at_h=-20.0),
    an_entry("7", "vasopressor", "norepinephrine", at_h=-10.0, until_h=-5.0),
    an_entry("8", "oxygen", "ventilator", at_h=-8.0, until_h=-2.0),
    an_entry("9", "crs", "ruled_out", at_h=-1.0),
    an_entry("10", "crs", "confirmed", at_h=-0.5),
)


NOTHING = (-1, -1, -1, -1)


@pytest.mark.parametrize(
    "log", [None, ContextLog(), ContextLog(ENTRIES)], ids=["no log", "empty", "entries"]
)
def test_a_course_is_the_grade_of_each_of_its_moments(log: ContextLog | None) -> None:
    draw = np.random.default_rng(1)
    every_min = 5 if log else 25  # without entries a moment is like any other
    utc_ns = NOW_NS + np.arange(-3000, 15_000, every_min) * 60 * 10**9
    fever, hypotension, hypoxia, need = (
        np.repeat(draw.integers(-1, 2, 60), utc_ns.size // 60).astype(np.int8) for _ in range(4)
    )
    low, high = grade_course((fever, hypotension, hypoxia, need), log, utc_ns)
    for index in range(utc_ns.size):
        seen = (int(fever[index]), int(hypotension[index]), int(hypoxia[index]), int(need[index]))
        grade = grade_at(seen, log, int(utc_ns[index]))
        assert (low[index], high[index]) == (grade.low, grade.high)


def test_a_course_without_moments_is_empty() -> None:
    none = np.empty(0, np.int8)
    low, high = grade_course((none, none, none, none), ContextLog(ENTRIES), np.empty(0, np.int64))
    assert low.size == high.size == 0


def test_an_antipyretic_counts_for_twelve_hours() -> None:
    log = ContextLog(ENTRIES[3:5])
    given_ns = NOW_NS - 30 * HOUR_NS
    during, after = (
        grade_at(NOTHING, log, given_ns + ANTIPYRETIC_NS + late_ns) for late_ns in (0, 1)
    )
    assert (during.low, during.high) == (0, 4)  # nothing is known of vasopressors and oxygen
    assert (after.low, after.high) == (0, 0)
    moments = given_ns + ANTIPYRETIC_NS + np.array([0, 1])
    absent = np.array([-1, -1], np.int8)
    low, high = grade_course((absent, absent, absent, absent), log, moments)
    assert (low.tolist(), high.tolist()) == ([0, 0], [4, 0])


def sign(rule_id: str, kind: str, limit: str) -> Rule:
    """Return a rule that holds while a vital is beyond a limit."""
    lasting = "at_least_s = 10, window_s = 10"
    return rule(f'all = [{{ vital = "{kind}", {limit}, {lasting} }}]', rule_id=rule_id)


RULES = [
    sign("crs.fever", "temperature", 'op = ">=", value = 38.0, unit = "Cel"'),
    sign("crs.hypotension", "art_mean", 'op = "<", value = 65, unit = "mm[Hg]"'),
    sign("crs.hypoxia", "spo2", 'op = "<", value = 90, unit = "%"'),
]


def grade_of(engine: Engine) -> GradeRange:
    bed = engine._bed(BED)
    return current_grade(bed, bed.answers)


def span_of(grade: GradeRange) -> tuple[int, int]:
    return grade.low, grade.high


def graded(engine: Engine, seconds: float) -> tuple[int, int]:
    engine.evaluate(BED, at(seconds))
    return span_of(grade_of(engine))


def watch(engine: Engine, seconds: float, values: tuple[float, float, float]) -> tuple[int, int]:
    kinds = (VitalKind.TEMPERATURE, VitalKind.ART_MEAN, VitalKind.SPO2)
    for kind, value in zip(kinds, values, strict=True):
        engine.observe(reading(kind, seconds - 5, value))
    return graded(engine, seconds)


def test_a_sign_that_ended_is_unknown_for_a_while_and_then_absent() -> None:
    engine = Engine(RULES, START)
    engine.set_context(BED, ContextLog(ENTRIES[1:4]))
    assert graded(engine, 10) == (0, 4)
    assert watch(engine, 20, (38.5, 60, 89)) == (2, 4)
    normal = (37.0, 80, 96)
    assert watch(engine, 20 + 1800, normal) == (2, 4)
    assert watch(engine, 30 + 1800, normal) == (0, 4)  # the fever may be over
    assert watch(engine, 30 + 7200, normal) == (0, 1)  # pressure and oxygen are
    assert watch(engine, 20 + 14_400, normal) == (0, 1)
    assert watch(engine, 30 + 14_400, normal) == (0, 0)


def test_oxygen_hides_a_low_spo2_for_as_long_as_it_is_given() -> None:
    engine = Engine(RULES, START)
    until_h = 20.0
    cannula = an_entry("6", "oxygen", "nasal cannula", amount=3.0, at_h=-1.0, until_h=until_h)
    engine.set_context(BED, ContextLog((*ENTRIES[1:4], cannula)))
    assert watch(engine, 20, (38.5, 80, 89)) == (2, 2)
    on_oxygen, on_air = (until_h + late_h for late_h in (-0.5, 0.5))
    assert watch(engine, on_oxygen * 3600, (38.5, 80, 96)) == (2, 2)
    assert watch(engine, on_air * 3600, (38.5, 80, 96)) == (1, 1)


@pytest.mark.parametrize(("by_hand", "span"), [(37.4, (0, 0)), (37.5, (0, 1))])
def test_a_temperature_by_hand_shows_for_an_hour_that_there_is_no_fever(
    by_hand: float, span: tuple[int, int]
) -> None:
    engine = Engine(RULES, START)
    spot = an_entry("s", "spot", "temperature", amount=by_hand, at_h=0.0)
    engine.set_context(BED, ContextLog((*ENTRIES[1:4], spot)))
    assert watch(engine, 3590, (nan, 80, 96)) == span
    assert watch(engine, 3600, (nan, 80, 96)) == (0, 1)


@pytest.mark.parametrize(
    ("age_years", "systolic", "art_mean", "span"),
    [
        (50, 90.0, 65.0, (1, 2)),
        (50, 89.0, 65.0, (2, 2)),
        (50, 90.0, 64.0, (2, 2)),  # the line says otherwise
        (8, 90.0, 65.0, (2, 2)),
    ],
)
def test_a_newest_pressure_of_90_leaves_open_whether_an_adult_has_hypotension(
    age_years: int, systolic: float, art_mean: float, span: tuple[int, int]
) -> None:
    engine = Engine(RULES, START)
    age = an_entry("a", "age", amount=age_years, at_h=-1.0)
    now = [
        an_entry(n, kind, what, at_h=0.0)
        for n, kind, what in (("o", "oxygen", "air"), ("v", "vasopressor", "none"))
    ]
    engine.set_context(BED, ContextLog((*ENTRIES[3:4], age, *now)))
    assert watch(engine, 200, (38.5, 50, 96)) == (2, 2)
    engine.observe(reading(VitalKind.NIBP_SYSTOLIC, 210, systolic))
    for second in range(210, 400, 10):
        engine.observe(reading(VitalKind.ART_MEAN, second - 5, art_mean))
    assert watch(engine, 400, (38.5, art_mean, 96)) == span


def test_that_nothing_is_given_counts_for_a_shift_where_the_pressure_may_be_low() -> None:
    def asked(entered_h: float, *more: PatientEntry, hypotension: int = 1) -> GradeRange:
        entries = (
            an_entry("2", "oxygen", "air", at_h=entered_h),
            an_entry("3", "vasopressor", "none", at_h=entered_h),
            *more,
        )
        return grade_at((1, hypotension, -1, -1), ContextLog(entries), NOW_NS)

    assert span_of(asked(-12.0)) == (2, 2)
    late = asked(-12.1)
    assert (span_of(late), late.missing) == ((2, 4), ("vasopressors", "oxygen device"))
    assert span_of(asked(-12.1, hypotension=0)) == (1, 4)
    assert span_of(asked(-12.1, hypotension=-1)) == (1, 1)
    assert span_of(asked(-30.0, an_entry("9", "oxygen", "air", at_h=-1.0))) == (2, 2)
    # Staff who entered that one is given would have entered the other.
    runs = an_entry("9", "vasopressor", "norepinephrine", at_h=-13.0)
    assert span_of(asked(-30.0, runs)) == (3, 3)
    cannula = an_entry("9", "oxygen", "nasal cannula", amount=3.0, at_h=-13.0)
    assert span_of(asked(-30.0, cannula)) == (2, 2)
    ended = an_entry("9", "vasopressor", "norepinephrine", at_h=-13.0, until_h=-11.0)
    assert span_of(asked(-30.0, ended)) == (2, 2)


def test_after_tocilizumab_the_grade_is_0_once_no_sign_is_left() -> None:
    def after(hours: float, signs: tuple[int, int, int, int] = NOTHING) -> tuple[int, int]:
        given = an_entry("t", "tocilizumab", at_h=-hours)
        return span_of(grade_at(signs, ContextLog((*ENTRIES[1:4], given)), NOW_NS))

    assert after(24.0) == (0, 1)  # it may hide a fever
    assert after(24.1) == (0, 0)
    assert after(24.1, (-1, -1, 1, 1)) == (2, 4)
    assert after(24.1, (-1, -1, 0, 0)) == (0, 4)
    assert after(168.0, (-1, 0, -1, -1)) == (0, 4)
    assert after(168.1, (-1, 0, -1, -1)) == (0, 0)


def test_of_rules_that_the_set_does_not_have_nothing_is_known() -> None:
    engine = Engine(RULES[1:2], START)
    engine.set_context(BED, ContextLog(ENTRIES[1:4]))
    engine.observe(reading(VitalKind.ART_MEAN, 5, 80))
    assert graded(engine, 10) == (0, 4)
    assert {"fever", "SpO2"} <= set(grade_of(engine).missing)


def test_what_nobody_said_is_unknown_and_no_pattern_is_never_told_of_it() -> None:
    nothing = grade_at(NOTHING, None, NOW_NS)
    assert (nothing.low, nothing.high) == (0, 4)
    assert "antipyretic or anticytokine therapy" in nothing.missing
    only_therapy = ContextLog(ENTRIES[3:4])
    grade = grade_at(NOTHING, only_therapy, NOW_NS)
    assert (grade.low, grade.high, grade.unknown) == (0, 0, ("vasopressors", "oxygen device"))
    assert suggestion(grade) == (
        "No CRS grade from the known inputs; unknown: vasopressors, oxygen device "
        "(ASTCT, suggestion); infection not excluded."
    )
    all_said = ContextLog(ENTRIES[1:4])
    assert suggestion(grade_at(NOTHING, all_said, NOW_NS)).startswith("No pattern of CRS")
    kept = grade_at((-1, -1, 0, 0), all_said, NOW_NS)
    assert kept.unknown == ("SpO2",)


def test_oxygen_and_vasopressors_that_were_entered_say_nothing_of_therapy() -> None:
    grade = grade_at(NOTHING, ContextLog(ENTRIES[1:3]), NOW_NS)
    assert (grade.low, grade.high) == (0, 1)
    assert grade.missing == ("antipyretic or anticytokine therapy",)
