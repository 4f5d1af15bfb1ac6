"""Indices agree with independent packages and never divide by nothing."""

from __future__ import annotations

import numpy as np
import phoenix  # type: ignore[import-untyped]  # it has no types
import pytest
from medcalc.mean_arterial_pressure import (  # type: ignore[import-untyped]  # it has no types
    mean_arterial_pressure_explanation,
)
from nightingaleews.ews_scorer import (  # type: ignore[import-untyped]  # it has no types
    calculate_shock_index,
)

from edge_agent.detect.scores.indices import easix, mean_pressure, modified_easix, shock_index

RNG = np.random.default_rng(7)
SYSTOLIC = RNG.integers(40, 240, 2_000).astype(np.float64)
DIASTOLIC = RNG.integers(20, 140, 2_000).astype(np.float64)
PULSE = RNG.integers(25, 220, 2_000).astype(np.float64)


def test_mean_pressure_agrees_with_two_packages() -> None:
    ours = mean_pressure(SYSTOLIC, DIASTOLIC)
    np.testing.assert_allclose(ours, phoenix.map(SYSTOLIC, DIASTOLIC), rtol=1e-12)
    for mean, high, low in zip(ours, SYSTOLIC, DIASTOLIC, strict=True):
        asked = {"sys_bp": [high, "mm hg"], "dia_bp": [low, "mm hg"]}
        # the package rounds to five digits
        theirs = mean_arterial_pressure_explanation(asked)["Answer"]
        assert mean == pytest.approx(theirs, abs=6e-3)


def test_shock_index_agrees_with_a_package() -> None:
    np.testing.assert_array_equal(
        shock_index(PULSE, SYSTOLIC), calculate_shock_index(PULSE, SYSTOLIC)
    )


def test_easix_is_the_product_over_the_platelets() -> None:
    ldh, creatinine, crp, platelets = (np.array([x]) for x in (250.0, 1.2, 8.0, 100.0))
    assert easix(ldh, creatinine, platelets)[0] == pytest.approx(3.0)
    assert modified_easix(ldh, crp, platelets)[0] == pytest.approx(20.0)


def test_what_is_missing_or_not_above_zero_gives_no_index() -> None:
    below = np.array([0.0, -5.0, np.nan])
    above = np.array([90.0, 90.0, 90.0])
    assert np.isnan(shock_index(above, below)).all()
    assert np.isnan(easix(above, above, below)).all()
    assert np.isnan(modified_easix(above, above, below)).all()
    assert np.isnan(shock_index(np.array([np.nan]), np.array([120.0]))).all()
    assert np.isnan(mean_pressure(np.array([np.nan, 120.0]), np.array([80.0, np.nan]))).all()
