"""Lags agree with a slow recursion; random signals have the spread and the memory asked for."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest

from simulators.setpoint.lags import coloured, lagged, wander


def slow_lag(x: list[float], steps: float, before: float) -> list[float]:
    """Return the response of a first-order lag, one step after the other."""
    keep, found = exp(-1.0 / steps), []
    for value in x:
        before = keep * before + (1.0 - keep) * value
        found.append(before)
    return found


@pytest.mark.parametrize("steps", [0.3, 1.0, 7.5, 60.0, 900.0])
@pytest.mark.parametrize("size", [1, 2, 63, 64, 1000])
def test_a_lag_is_the_slow_recursion(steps: float, size: int) -> None:
    x = np.random.default_rng(size).normal(size=size)
    assert lagged(x, steps, start=2.0) == pytest.approx(slow_lag(x.tolist(), steps, 2.0))
    assert lagged(x, steps) == pytest.approx(slow_lag(x.tolist(), steps, float(x[0])))


def test_no_time_constant_returns_the_input() -> None:
    x = np.array([1.0, 5.0])
    assert lagged(x, 0.0).tolist() == [1.0, 5.0]
    assert lagged(x, 0.0) is not x


def test_wandering_has_its_spread_and_forgets_with_its_time_constant() -> None:
    found = wander(np.random.default_rng(3), 200_000, 20.0, 2.5)
    assert found.std() == pytest.approx(2.5, rel=0.05)
    later = np.corrcoef(found[:-20], found[20:])[0, 1]
    assert later == pytest.approx(exp(-1.0), abs=0.05)


@pytest.mark.parametrize("slope", [0.0, 0.8, 1.0])
def test_coloured_noise_has_the_spectrum_asked_for(slope: float) -> None:
    both = coloured(np.random.default_rng(4), 2**16, 600, slope)
    assert both.shape == (2, 2**16)
    assert both.std(axis=1) == pytest.approx([1.0, 1.0], rel=0.03)
    assert abs(float(np.mean(both[0] * both[1]))) < 0.03
    power = np.abs(np.fft.rfft(both[0].astype(np.float64))) ** 2
    frequency = np.fft.rfftfreq(2**16)
    bands = [(0.003, 0.006), (0.03, 0.06), (0.2, 0.4)]
    means = [power[(frequency >= low) & (frequency < high)].mean() for low, high in bands]
    for (first, one), (second, two) in zip(
        zip(bands[:-1], means[:-1], strict=True),
        zip(bands[1:], means[1:], strict=True),
        strict=True,
    ):
        assert one / two == pytest.approx((second[0] / first[0]) ** slope, rel=0.25)
    assert power[frequency < 1 / 700].max() < 1e-3 * power.max()
