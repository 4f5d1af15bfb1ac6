"""Minutes closed one after the other or all at once have the same inputs and signals."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from edge_agent.detect.arrays import NO_EVENTS, Events, FloatArray
from edge_agent.detect.language.needs import MINUTE_DERIVED
from edge_agent.detect.language.scored_rules import shipped_score
from edge_agent.detect.minutes.formulas import MEASURED, ROW
from edge_agent.detect.minutes.minute_book import MinuteBook, Singles
from edge_agent.model.patient import PatientEntry
from edge_agent.patient.context import ContextLog
from tests.support.patient_entries import HOUR_NS, NOW_NS, an_entry

MINUTE_NS = 60 * 10**9
FIRST = 1009
NAN = math.nan
NOTHING = Singles(NO_EVENTS, NO_EVENTS)
USUAL = np.array([[36.8], [80.0], [97.0], [16.0]])


def opened(at_once: int = 1) -> MinuteBook:
    book = MinuteBook(1, (FIRST - 1) * MINUTE_NS, shipped_score(), at_once)
    book.begin(FIRST - 1)
    return book


def signs(count: int, seed: int = 4) -> FloatArray:
    """Return vital signs with gaps, and a fever near the end."""
    rng = np.random.default_rng(seed)
    found = USUAL + rng.normal(0, 0.2, (len(MEASURED), count))
    found[0, -200:] += 1.5
    found[:, rng.random(count) < 0.05] = NAN
    return found


def cuff(values: list[float], every_min: int) -> Singles:
    times_ns = (FIRST + np.arange(len(values)) * every_min) * MINUTE_NS - MINUTE_NS // 2
    return Singles(Events(times_ns, np.array(values), times_ns, times_ns), NO_EVENTS)


def by_hand(*readings: tuple[int, float]) -> Events:
    """Return temperatures, each with the minute in which it was taken."""
    times_ns = np.array([minute * MINUTE_NS - MINUTE_NS // 2 for minute, _ in readings], np.int64)
    return Events(times_ns, np.array([value for _, value in readings]), times_ns, times_ns)


def at_each(name: str, book: MinuteBook, count: int) -> FloatArray:
    return np.asarray(book.inputs(count)[ROW[name]])


@pytest.mark.parametrize("parts", [(1,) * 150, (59, 1, 90), (7, 143)])
def test_minutes_closed_together_are_as_those_closed_one_by_one(parts: tuple[int, ...]) -> None:
    log = ContextLog([an_entry("b", "baseline", "nibp_systolic", amount=130, at_h=18)])
    count = sum(parts)
    measured = np.concatenate((signs(1500), signs(count, 5)), axis=1)
    spots = by_hand((FIRST + 1520, 37.1), (FIRST + 1600, 38.1))
    values = [*np.random.default_rng(6).normal(118, 9, 107), 84.0, 83.0]
    singles = replace(cuff(values, 15), temperature=spots)
    whole, pieces = opened(measured.shape[1]), opened(1500)
    clock_ns = NOW_NS
    whole.close(measured, singles, log, clock_ns)
    marks = (0, *(1500 + np.cumsum((0, *parts))).tolist())
    for begin, end in pairwise(marks):
        known = Singles(
            *(of.until((FIRST + end - 1) * MINUTE_NS) for of in (singles.systolic, spots))
        )
        pieces.close(measured[:, begin:end], known, log, clock_ns)
    assert np.array_equal(pieces.inputs(count), whole.inputs(count), equal_nan=True)
    signals = [each.signals.window(row, count) for each in (whole, pieces) for row in range(3)]
    assert np.array_equal(signals[:3], signals[3:], equal_nan=True)
    assert len(MINUTE_DERIVED) > 3
    assert at_each("base_is_own", whole, count)[-1] == 1


def test_an_entered_pressure_is_usual_from_the_next_hour_until_the_own_is_known() -> None:
    log = ContextLog([an_entry("b", "baseline", "nibp_systolic", amount=130, at_h=17)])
    book = opened(800)
    values = [110.0] * 7 + [150.0] * 20
    book.close(np.repeat(USUAL, 800, axis=1), cuff(values, 30), log, NOW_NS)
    usual = at_each("base_systolic", book, 800)
    entered = 1020 + 1 - FIRST  # the hour after the entry
    assert np.isnan(usual[: 1020 - FIRST]).all()
    assert (usual[entered : 1500 - FIRST] == 130).all()
    assert usual[1560 - FIRST] == 110
    assert book.past.usuals.events.values[-1] == usual[-1]


def test_a_pressure_counts_until_the_next_is_overdue() -> None:
    book = opened(100)
    book.close(np.repeat(USUAL, 100, axis=1), cuff([120.0, 110.0, NAN, NAN], 10), None, 0)
    systolic, overdue = at_each("systolic", book, 100), at_each("cuff_overdue", book, 100)
    assert systolic[[9, 10, 11]].tolist() == [120, 110, 110]
    # the reading before stands for three intervals, as the cuff works
    assert (overdue[:45] == 0).all()
    assert overdue[45] > 0
    assert np.isnan(systolic[45:]).all()
    silent = opened(100)
    silent.close(np.repeat(USUAL, 100, axis=1), NOTHING, None, 0)
    assert at_each("cuff_overdue", silent, 100)[[89, 90]].tolist() == [0, 60]


def test_after_a_fever_vitals_are_left_out_for_half_a_day_and_pressures_for_a_week() -> None:
    measured = np.repeat(USUAL, 900, axis=1)
    calm, ill, felt = opened(900), opened(900), opened(900)
    ill_signs = measured.copy()
    ill_signs[0, 0] = 38.0
    calm.close(measured, cuff([118.0] * 15, 60), None, 0)
    ill.close(ill_signs, cuff([118.0] * 15, 60), None, 0)
    hot = replace(cuff([118.0] * 15, 60), temperature=by_hand((FIRST, 38.0)))
    felt.close(measured, hot, None, 0)
    known = [
        int(np.count_nonzero(~np.isnan(next(iter(book.past.histories.values())).minutes)))
        for book in (calm, ill, felt)
    ]
    assert known == [900, 180, 180]
    assert [b.past.pressures.events.values.size for b in (calm, ill, felt)] == [15, 0, 0]


@pytest.mark.parametrize(
    "entry",
    [
        an_entry("t", "tocilizumab", amount=560.0, at_h=-140),
        an_entry("v", "vasopressor", "norepinephrine", amount=0.1, at_h=-140),
    ],
)
def test_under_treatment_no_pressure_becomes_usual(entry: PatientEntry) -> None:
    book = opened(600)
    values = cuff([118.0] * 10, 60)
    book.close(np.repeat(USUAL, 600, axis=1), values, ContextLog([entry]), NOW_NS)
    assert book.past.pressures.events.values.size == 0


def test_a_fall_from_the_usual_pressure_is_never_learnt() -> None:
    hours = 60
    book = opened(hours * 60)
    values = [120.0] * 15 + [85.0] * 44 + [109.0]
    book.close(np.repeat(USUAL, hours * 60, axis=1), cuff(values, 60), None, 0)
    assert set(at_each("base_systolic", book, 60)) == {120.0}
    assert set(book.past.pressures.events.values.tolist()) == {120.0, 109.0}


def test_a_pressure_that_is_low_from_the_beginning_is_learnt() -> None:
    book = opened(20 * 60)
    book.close(np.repeat(USUAL, 20 * 60, axis=1), cuff([86.0] * 20, 60), None, 0)
    assert at_each("base_systolic", book, 1).tolist() == [86.0]


def test_a_minute_stored_before_a_restart_counts_once() -> None:
    before = opened(60)
    before.close(np.repeat(USUAL, 60, axis=1), NOTHING, None, 0)
    after = opened()
    after.past = before.past
    for _ in range(60):
        after.close(USUAL + 9, NOTHING, None, HOUR_NS)
    after.close(USUAL, NOTHING, None, HOUR_NS)
    minutes = next(iter(after.past.histories.values())).ordered()
    assert minutes[-2:].tolist() == pytest.approx([36.8, 36.8])
    assert after.past.fever.since_min == math.inf
    assert after.past.newest == FIRST + 60


def test_the_usual_pressure_of_each_hour_is_known_however_long_it_has_not_changed() -> None:
    log = ContextLog([an_entry("b", "baseline", "nibp_systolic", amount=130, at_h=17)])
    minutes = 70 * 60
    book = opened(minutes)
    book.close(np.repeat(USUAL, minutes, axis=1), NOTHING, log, NOW_NS)
    usual = book.past.usuals.events
    assert set(usual.values[-60:].tolist()) == {130.0}
    assert (np.diff(usual.times_ns) <= HOUR_NS).all()
