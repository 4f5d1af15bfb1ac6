"""Cytokine storms: cells expand, cytokines follow, and set point, vessels and lungs follow them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from edge_agent.model.durations import HOUR_S
from simulators.patients.plan import Cause
from simulators.patients.shapes import Float64
from simulators.setpoint.forces import STEP_S
from simulators.setpoint.lags import lagged

# Compartments; design start values, unvalidated
_CYTOKINE_H: Final = 2.0
"""Time constant of cytokines in blood, hours."""
_SET_POINT_H: Final = 0.4
"""Time constant of prostaglandins between cytokines and set point, hours."""
_HILL: Final = 1.6
"""Steepness of the set point over the load."""
_BURST_STEPS: Final = 22.0
"""Time constant of a burst of cytokines, in each of two lags, steps."""
_SPENT: Final = 0.55
"""Share of a burst's size by which the load lies lower between bursts."""
DRIFT: Final = 0.1
"""Rise of the set point that counts as the beginning of an illness, Celsius."""
_STEEPEST: Final = 60.0
"""Largest exponent that is computed."""


@dataclass(frozen=True, slots=True)
class Storm:
    """One illness as its cells and cytokines; loads are relative to the one at `fever_at_s`."""

    cause: Cause
    fever_at_s: float
    """Time at which the set point crosses the threshold of fever on the way up."""
    growth_s: float
    """Time in which the load grows e-fold before the fever."""
    until_s: float
    """Time at which the load has fallen to that of `fever_at_s` again."""
    decline_s: float
    """Time in which the load falls e-fold towards the end."""
    ceiling: float
    """Load at saturation."""
    threshold: float
    """Rise of the set point at `fever_at_s`, Celsius."""
    height: float
    """Rise of the set point under an endless load, Celsius."""
    bursts_s: tuple[float, ...]
    """Times of bursts, each of which makes a spike of fever."""
    burst_size: float
    """Change of ln(load) at the top of a burst."""
    peak_s: float
    """Time at which the cells are most, which vessels and lungs feel."""
    expansion_s: float
    contraction_s: float
    vessel_lag_s: float
    lung_lag_s: float
    tone: float = 0.0
    """Fall of ln(vascular resistance) at the worst moment, before any reflex and treatment."""
    leak: float = 0.0
    """Share of the lung that is flooded at the worst moment."""
    resists: float = 0.0
    """Share of the effect of tocilizumab and steroids that this storm withstands."""


class Drives(NamedTuple):
    """Effects of a storm without treatment, each of shape (n,)."""

    rise: Float64
    """Rise of the set point, Celsius."""
    vessels: Float64
    """Share of `Storm.tone`, 0 to 1."""
    lungs: Float64
    """Share of `Storm.leak`, 0 to 1."""
    activity: Float64
    """Share of the highest possible rise, 0 to 1."""


def drives(storm: Storm, t: Float64) -> Drives:
    """Return the effects of a storm at even steps of `STEP_S`."""
    grown = np.clip((t - storm.fever_at_s) / storm.growth_s, -_STEEPEST, _STEEPEST)
    left = np.clip((storm.until_s - t) / storm.decline_s, -_STEEPEST, _STEEPEST)
    secreted = 1.0 / (np.exp(-grown) + np.exp(-left) + 1.0 / storm.ceiling)
    smooth = lagged(secreted, _CYTOKINE_H * HOUR_S / STEP_S, start=0.0)
    half_load = _half_load(storm, smooth, t)
    bursting = _bursts(storm, t)
    load = smooth * np.exp(storm.burst_size * (bursting - _SPENT * (bursting > 0.0)))
    share = _hill(load / half_load)
    cells = _cells(storm, t)
    steady = _hill(smooth / half_load)
    return Drives(
        rise=lagged(storm.height * share, _SET_POINT_H * HOUR_S / STEP_S, start=0.0),
        vessels=_normal(lagged(steady * cells, storm.vessel_lag_s / STEP_S, start=0.0)),
        lungs=_normal(lagged(steady * cells, storm.lung_lag_s / STEP_S, start=0.0)),
        activity=share,
    )


def drift_s(storm: Storm, t: Float64) -> float:
    """Return the time at which the set point leaves its usual value before the fever, seconds."""
    above = np.flatnonzero((drives(storm, t).rise >= DRIFT) & (t <= storm.fever_at_s))
    return float(t[above[0]]) if above.size else storm.fever_at_s


def growth_s(ramp_s: float, threshold: float, height: float) -> float:
    """Return the e-folding time with which a ramp leads from `DRIFT` to `threshold`.

    The load itself must grow by the ratio that the Hill curve asks for.
    """
    at_drift = DRIFT / (height - DRIFT)
    at_fever = threshold / (height - threshold)
    return _HILL * ramp_s / float(np.log(at_fever / at_drift))


def _hill(load: Float64) -> Float64:
    raised = load**_HILL
    answer: Float64 = raised / (1.0 + raised)
    return answer


def _half_load(storm: Storm, smooth: Float64, t: Float64) -> float:
    """Return the load of half the height, so that the fever begins when it should."""
    at_fever = max(1e-6, float(np.interp(storm.fever_at_s, t, smooth)))
    unseen = max(0.0, storm.fever_at_s - float(t[-1]))
    at_fever *= float(np.exp(min(unseen / storm.growth_s, _STEEPEST)))
    ratio = storm.height / storm.threshold - 1.0
    return float(at_fever * ratio ** (1.0 / _HILL))


def _bursts(storm: Storm, t: Float64) -> Float64:
    """Return the sum of all bursts, each with a height of 1."""
    hits = np.zeros(t.size)
    steps = np.round(np.array(storm.bursts_s) / STEP_S).astype(np.int64)
    steps = steps[(steps >= 0) & (steps < t.size)]
    np.add.at(hits, steps, _BURST_STEPS * np.e)
    return lagged(lagged(hits, _BURST_STEPS, start=0.0), _BURST_STEPS, start=0.0)


def _cells(storm: Storm, t: Float64) -> Float64:
    """Return the number of cells relative to its peak."""
    expanding = np.clip((storm.peak_s - t) / storm.expansion_s, -_STEEPEST, _STEEPEST)
    contracting = np.clip((t - storm.peak_s) / storm.contraction_s, -_STEEPEST, _STEEPEST)
    return _normal(1.0 / (np.exp(expanding) + np.exp(contracting)))


def _normal(values: Float64) -> Float64:
    return values / max(1e-12, float(values.max()))
