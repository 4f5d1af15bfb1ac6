"""Entries about a recorded patient hold from their entry on, as they do live."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from edge_agent.batch.answers import StayAnswers
from edge_agent.batch.detector import recorded_stay
from edge_agent.batch.known import NO_AGE, age_numbers, ages_of, steady_spans
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.batch.view import StayView
from edge_agent.detect.conditions.kleene import ABSENT, PRESENT
from edge_agent.detect.minutes.formulas import ROW, WINDOW_MIN
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog
from tests.batch.test_detector import START_NS, rules
from tests.support.patient_entries import DAY_NS, HOUR_NS, NOW_NS, an_entry

BREATH, HEART = VitalKind.RESPIRATORY_RATE, VitalKind.HEART_RATE


def test_an_age_holds_from_its_entry_until_the_next() -> None:
    assert ages_of(None) == [*NO_AGE]
    assert ages_of(ContextLog()) == [*NO_AGE]
    log = ContextLog(
        [
            an_entry("1", "age", amount=8),
            an_entry("2", "ice", amount=8, at_h=1),
            an_entry("3", "age", amount=9, at_h=2),
        ]
    )
    ages = ages_of(log)
    assert ages == [*NO_AGE, (NOW_NS, 8), (NOW_NS + 2 * HOUR_NS, 9)]
    moments = np.array([0, NOW_NS, NOW_NS + 1, NOW_NS + 2 * HOUR_NS, NOW_NS + DAY_NS])
    assert age_numbers(ages, moments).tolist() == [0, 0, 1, 1, 2]


def test_what_a_device_sets_is_steady_from_its_entry_to_its_end() -> None:
    assert steady_spans(None) == {}
    assert steady_spans(ContextLog()) == {}
    log = ContextLog(
        [
            an_entry("1", "flag", "paced", at_h=1, until_h=2),
            an_entry("2", "oxygen", "bipap", at_h=1.5, entered_utc_ns=NOW_NS + 3 * HOUR_NS),
        ]
    )
    hours = {NOW_NS + h * HOUR_NS: h for h in (1, 2, 3)}
    found = {
        kind: [(hours[begin], end and hours[end]) for begin, end in spans]
        for kind, spans in steady_spans(log).items()
    }
    assert found == {HEART: [(1, 2)], BREATH: [(3, None)]}


def test_limits_of_children_hold_once_the_age_was_entered() -> None:
    times_s = np.arange(1.0, 3601.0)
    columns = {
        (BREATH, ""): RecordedVital(times_s, np.where(times_s % 20 < 10, 29.0, 30.0)),
        (HEART, ""): RecordedVital(times_s, np.where(times_s % 20 < 10, 262.0, 263.0)),
        (VitalKind.NIBP_SYSTOLIC, ""): RecordedVital(
            np.arange(60.0, 3600.0, 300.0), np.full(12, 80.0)
        ),
    }
    age = replace(an_entry("1", "age", amount=0.5), at_utc_ns=START_NS + 1800 * 10**9)
    stay = recorded_stay(RecordedStay(START_NS, columns, 3600.0), [age])
    answers = StayAnswers(stay, rules())
    fast = answers.presence["crs.tachypnoea"]
    assert (fast[178], fast[179]) == (PRESENT, ABSENT)
    assert (fast[60:179] == PRESENT).all()
    assert (fast[179:] == ABSENT).all()
    views = [StayView(answers, step) for step in (0, 178, 179, 359)]
    assert [view.age_years for view in views] == [None, None, 0.5, 0.5]
    low_twice = stay.minute_inputs[ROW["is_low_twice"], WINDOW_MIN:]
    assert (low_twice[10], low_twice[29], low_twice[40], low_twice[59]) == (1, 1, 0, 0)
    heart = stay.step_signals["heart_rate"]
    assert np.isnan(heart[:179]).all()
    assert not np.isnan(heart[180:]).any()


def test_a_new_age_is_one_that_begins_within_the_stay() -> None:
    moments_s = (-10, 1800, 7200)
    entries = [
        replace(an_entry(f"{years}", "age", amount=years), at_utc_ns=START_NS + at_s * 10**9)
        for years, at_s in enumerate(moments_s, start=8)
    ]
    stay = recorded_stay(RecordedStay(START_NS, {}, 3600.0), entries)
    assert StayAnswers(stay, rules()).new_age_steps() == [179]
