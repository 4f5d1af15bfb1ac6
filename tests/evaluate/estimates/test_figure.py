"""Figures beside their targets."""

from __future__ import annotations

import math

import pytest

from edge_agent.evaluate.estimates.bootstrap import NOTHING, Estimate, exact
from edge_agent.evaluate.estimates.figure import Figure, Target, Verdict


@pytest.mark.parametrize(
    ("target", "values"),
    [
        (Target(0.95), {0.94: "missed", 0.95: "met", 0.96: "met"}),
        (Target(0.02, is_most=True), {0.01: "met", 0.02: "met", 0.03: "missed"}),
        (Target(0.0, is_most=True), {0.0: "met", 1.0: "missed"}),
    ],
)
def test_a_target_is_met_at_its_limit(target: Target, values: dict[float, str]) -> None:
    for value, verdict in values.items():
        figure = Figure("key", "text", exact(value), target=target)
        assert (figure.verdict, figure.is_missed) == (verdict, verdict == "missed")
        assert Figure("key", "text", exact(value)).verdict == ""


@pytest.mark.parametrize("is_most", [False, True])
def test_a_figure_without_a_value_neither_meets_nor_misses(*, is_most: bool) -> None:
    target = Target(0.0, is_most)
    assert not target.is_met_by(math.nan)
    assert Figure("key", "text", NOTHING, target=target).verdict == ""


@pytest.mark.parametrize(
    ("value", "low", "patients", "verdict"),
    [
        (1.0, 0.93, 49, Verdict.TOO_FEW),
        (1.0, 0.93, 50, Verdict.MET),
        (0.99, 0.98, 6, Verdict.MET),
        (0.99, 0.98, 5, Verdict.TOO_FEW),
        (0.97, 0.5, 3, Verdict.MISSED),
        (0.97, 0.5, 300, Verdict.MISSED),
    ],
)
def test_few_patients_can_miss_a_target_but_do_not_meet_it_by_luck(
    value: float, low: float, patients: int, verdict: Verdict
) -> None:
    estimate = Estimate(value, low, 1.0, patients, patients)
    assert Figure("key", "text", estimate, target=Target(0.98)).verdict is verdict
