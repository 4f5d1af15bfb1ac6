"""A storm's set point crosses the threshold when it should, drifts before, and ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulators.patients.plan import Cause
from simulators.setpoint.forces import grid
from simulators.setpoint.storm import Storm, drives, growth_s

HOUR_S, DAY_S = 3600.0, 86_400.0
T = grid(14 * DAY_S)
THRESHOLD, HEIGHT = 1.2, 2.6


def storm(ramp_h: float = 5.0) -> Storm:
    return Storm(
        cause=Cause.CRS,
        fever_at_s=2 * DAY_S,
        growth_s=growth_s(ramp_h * HOUR_S, THRESHOLD, HEIGHT),
        until_s=6 * DAY_S,
        decline_s=6 * HOUR_S,
        ceiling=6.0,
        threshold=THRESHOLD,
        height=HEIGHT,
        bursts_s=(),
        burst_size=1.0,
        peak_s=3 * DAY_S,
        expansion_s=12 * HOUR_S,
        contraction_s=DAY_S,
        vessel_lag_s=4 * HOUR_S,
        lung_lag_s=8 * HOUR_S,
    )


@pytest.mark.parametrize("ramp_h", [1.5, 5.0, 10.0, 18.0])
def test_the_set_point_drifts_for_the_ramp_and_crosses_the_threshold_on_time(
    ramp_h: float,
) -> None:
    rise = drives(storm(ramp_h), T).rise
    crossed_s = float(T[np.argmax(rise >= THRESHOLD)])
    drifted_s = float(T[np.argmax(rise >= 0.1)])
    assert crossed_s - 2 * DAY_S == pytest.approx(0.5 * HOUR_S, abs=0.6 * HOUR_S)
    assert (crossed_s - drifted_s) / HOUR_S == pytest.approx(ramp_h, rel=0.45, abs=0.8)


def test_the_rise_stays_below_its_height_and_ends() -> None:
    rise = drives(storm(), T).rise
    assert 0.8 * HEIGHT < rise.max() < HEIGHT
    assert rise[T > 8 * DAY_S].max() < 0.1
    last_s = float(T[np.flatnonzero(rise >= THRESHOLD)[-1]])
    assert last_s == pytest.approx(6 * DAY_S, abs=8 * HOUR_S)


def test_vessels_and_lungs_suffer_after_the_fever_began() -> None:
    found = drives(storm(), T)
    for effect in (found.vessels, found.lungs):
        assert effect.max() == pytest.approx(1.0)
        assert float(T[np.argmax(effect > 0.3)]) > 2 * DAY_S
    assert np.argmax(found.lungs) > np.argmax(found.vessels)


def test_a_burst_makes_a_spike_and_a_valley_follows() -> None:
    smooth = drives(storm(), T).rise
    spiky = drives(replace(storm(), bursts_s=(4 * DAY_S,), burst_size=1.5), T).rise
    change = spiky - smooth
    hours = (T - 4 * DAY_S) / HOUR_S
    top, valley = change[(hours > 0) & (hours < 4)].max(), change[(hours > 8) & (hours < 10)].max()
    assert top > 0.0
    assert valley < -0.1


def test_a_storm_after_the_stay_does_not_show() -> None:
    late = replace(storm(), fever_at_s=20 * DAY_S, until_s=24 * DAY_S)
    assert drives(late, T).rise.max() < 0.01
