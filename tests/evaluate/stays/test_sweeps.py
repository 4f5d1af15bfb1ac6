"""Curves: every method at every setting, and what becomes of it over patients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge_agent.evaluate.cohort.curves import curves_of, operating_point
from edge_agent.evaluate.stays.comparators import Signals
from edge_agent.evaluate.stays.sweeps import LABELS, SweepPoint, sweep
from tests.support.made_stays import NO_COUNTS, crs_ground, found, stay


def test_a_lower_limit_finds_a_rising_fever_sooner() -> None:
    hours = np.arange(48 * 3600) / 3600.0
    temperature = 36.8 + np.clip(hours - 5.0, 0.0, 6.0) * 0.24  # 38.0 at hour 10
    temperature[30 * 3600 :] = 36.8
    none = np.array([])
    signals = Signals(temperature, temperature * 0 + 80, temperature * 0 + 97, none, none, none)
    steps = np.arange(0.0, 48 * 3600, 10.0) / 3600.0
    score = np.where((steps >= 12.0) & (steps < 20.0), 6.0, 1.0)
    scores = {"crs_score_low": score, "news2_low": score * 0.0}
    points = {(p.curve, p.setting): p for p in sweep(signals, scores, 10.0, crs_ground(), 7)}
    assert {curve for curve, _ in points} == set(LABELS)
    (early,) = points["temperature", 37.4].delays_h
    assert early == pytest.approx(-2.5, abs=0.01)
    (at_onset,) = points["temperature", 38.0].delays_h
    assert at_onset == pytest.approx(0.0, abs=0.01)
    assert points["temperature", 38.4].delays_h == (None,)
    assert points["temperature", 37.4].false == 0
    (scored,) = points["crs_score", 6.0].delays_h
    assert scored == pytest.approx(2.0 + 1 / 6)
    assert points["crs_score", 7.0].delays_h == (None,)
    assert points["news2", 3.0].delays_h == (None,)
    (checked,) = points["spot_4h", 38.0].delays_h
    assert checked is not None
    assert 0.0 <= checked <= 4.7
    (own,) = points["baseline", 2.0].delays_h
    assert own is None  # no half day of past that ended 6 h before


def test_curves_are_over_all_patients() -> None:
    one = replace(stay(0), points=(SweepPoint("news2", 5.0, (1.0, None), 4),))
    two = replace(stay(1), points=(SweepPoint("news2", 5.0, (3.0,), 0),))
    curve = next(curve for curve in curves_of([one, two]) if curve.key == "news2")
    (point,) = curve.points
    assert point.sensitivity.value == pytest.approx(2 / 3)
    assert point.delay_h.value == 2.0
    assert point.false_per_day.value == 1.0


def test_a_method_stands_where_it_is() -> None:
    counts = replace(NO_COUNTS, evaluated=5, right=3)
    point = operating_point([stay(0, [found(12)], counts=counts)])
    values = (point.sensitivity.value, point.delay_h.value, point.false_per_day.value)
    assert values == (1.0, 2.0, 1.0)
