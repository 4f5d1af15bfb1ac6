"""A patient's own usual values come from before an illness could have entered them."""

from __future__ import annotations

import math
from statistics import median

import numpy as np
import pytest

from edge_agent.detect.arrays import Events
from edge_agent.detect.minutes.baseline import (
    DAY_MIN,
    DEFAULTS,
    GAP_MIN,
    HISTORY_MIN,
    LEAST_MIN,
    FeverClock,
    History,
    fever_minutes,
    hourly_baseline,
    is_left_out,
    is_pressure_left_out,
    measured_baseline,
)
from edge_agent.model.measurements import VitalKind

T = VitalKind.TEMPERATURE
NAN = math.nan


def history(*spells: tuple[int, float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a history that ends with these spells of minutes and values."""
    minutes = np.concatenate([np.full(length, value) for length, value in spells])
    return np.concatenate((np.full(HISTORY_MIN - minutes.size, NAN), minutes))


def test_twelve_hours_that_ended_six_hours_ago_are_needed() -> None:
    enough = measured_baseline(history((LEAST_MIN, 36.5), (GAP_MIN, 39.0)), DEFAULTS[T])
    assert enough is not None
    assert (enough.value, enough.is_own) == (36.5, True)
    assert enough.spread == DEFAULTS[T].least_spread
    assert measured_baseline(history((LEAST_MIN - 1, 36.5), (GAP_MIN, 39.0)), DEFAULTS[T]) is None


def test_half_of_it_is_the_same_time_on_the_days_before() -> None:
    seen = history((2 * DAY_MIN, 36.5))
    same_time = HISTORY_MIN - DAY_MIN
    seen[same_time - 30 : same_time + 31] = 37.1
    found = measured_baseline(seen, DEFAULTS[T])
    assert found is not None
    assert found.value == pytest.approx((36.5 + 36.8) / 2, abs=0.16)


def test_the_spread_is_that_of_the_middle() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(80, 15, 2 * DAY_MIN)
    seen = np.concatenate((np.full(HISTORY_MIN - values.size, NAN), values))
    found = measured_baseline(seen, DEFAULTS[VitalKind.HEART_RATE])
    window = seen[-54 * 60 : -GAP_MIN]
    known = window[~np.isnan(window)].tolist()
    middle = median(known)
    assert found is not None
    assert found.spread == pytest.approx(1.4826 * median(abs(v - middle) for v in known))


def test_what_stands_in_is_entered_or_usual_and_never_replaces_the_own() -> None:
    nothing, known = history((1, 36.5)), history((LEAST_MIN + GAP_MIN, 36.5))
    usual = hourly_baseline(None, T, nothing, None)
    entered = hourly_baseline(usual, T, nothing, 36.2)
    own = hourly_baseline(entered, T, known, 36.2)
    assert (usual.value, usual.is_own) == (DEFAULTS[T].value, False)
    assert (entered.value, entered.is_own) == (36.2, False)
    assert (own.value, own.is_own) == (36.5, True)
    assert hourly_baseline(own, T, nothing, 36.2) is own


def test_minutes_after_a_fever_or_a_drug_are_left_out() -> None:
    far = np.full(3, math.inf)
    fever = np.array([math.inf, 719, 720])
    antipyretic, anticytokine = np.array([math.inf, 5.9, 6.0]), np.array([math.inf, 23.9, 24.0])
    assert is_left_out(fever, far, far).tolist() == [False, True, False]
    assert is_left_out(far, antipyretic, far).tolist() == [False, True, False]
    assert is_left_out(far, far, anticytokine).tolist() == [False, True, False]


def test_pressures_within_a_week_of_an_illness_are_left_out() -> None:
    far, none = np.full(3, math.inf), np.zeros(3)
    fever, anticytokine = np.array([math.inf, 10_079, 10_080]), np.array([math.inf, 167.9, 168])
    assert is_pressure_left_out(fever, far, none).tolist() == [False, True, False]
    assert is_pressure_left_out(far, anticytokine, none).tolist() == [False, True, False]
    pressors = np.array([0, 1, NAN])
    assert is_pressure_left_out(far, far, pressors).tolist() == [False, True, False]


def test_the_fever_clock_counts_minutes_since_the_last_fever() -> None:
    clock, cool = FeverClock(), np.array([], np.int64)
    assert clock.pass_minutes(np.array([1]), np.array([37.9]), cool).tolist() == [math.inf]
    since = clock.pass_minutes(np.array([1, 2, 3]), np.array([38.0, NAN, 37.0]), cool)
    assert since.tolist() == [0, 1, 2]
    later = clock.pass_minutes(np.array([60, 61, 62]), np.array([NAN, 38.2, NAN]), cool)
    assert later.tolist() == [62, 0, 1]
    assert clock.since_min == 1


def test_the_fever_clock_counts_a_fever_by_hand_from_its_reading() -> None:
    clock, normal = FeverClock(), np.full(3, 36.9)
    since = clock.pass_minutes(np.array([1, 2, 3]), normal, np.array([-5, 2, 9]))
    assert since.tolist() == [6, 0, 1]
    assert clock.pass_minutes(np.array([1, 2, 3]), normal, np.array([-9])).tolist() == [2, 3, 4]


def test_minutes_of_fever_by_hand_are_those_of_38_and_more() -> None:
    times_ns = np.array([60, 61, 180, 240], np.int64) * 10**9
    spots = Events(times_ns, np.array([38.0, 38.5, 37.9, NAN]), times_ns, times_ns)
    assert fever_minutes(spots).tolist() == [1, 2]


def test_a_history_hands_out_its_minutes_in_order() -> None:
    kept = History()
    for minute in range(HISTORY_MIN + 10):
        kept.extend(np.array([minute]), np.array([float(minute)]))
    assert np.array_equal(kept.ordered(), np.arange(10, HISTORY_MIN + 10))


def test_a_history_holds_minutes_added_together_once_and_leaves_gaps_empty() -> None:
    kept = History()
    kept.extend(np.arange(HISTORY_MIN), np.full(HISTORY_MIN, 36.0))
    kept.extend(np.array([HISTORY_MIN - 1]), np.array([39.0]))
    kept.extend(np.arange(HISTORY_MIN + 2, HISTORY_MIN + 4), np.array([37.0, 38.0]))
    assert np.array_equal(kept.ordered()[-5:], [36, NAN, NAN, 37, 38], equal_nan=True)


def test_minutes_that_were_skipped_hold_nothing_of_days_ago() -> None:
    history = History()
    history.extend(np.arange(HISTORY_MIN), np.ones(HISTORY_MIN))
    for skipped in (1, 2, HISTORY_MIN):
        after = history.newest + skipped + 1
        history.extend(np.array([after]), np.array([5.0]))
        kept = history.ordered()[-1 - skipped :]
        assert np.isnan(kept[:-1]).all()
        assert kept[-1] == 5.0
