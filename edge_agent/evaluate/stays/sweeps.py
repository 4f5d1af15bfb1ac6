"""Every method at many thresholds, for the curves of delay against false alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from edge_agent.evaluate.stays.comparators import (
    SPOT_HOURS,
    Signals,
    early_warning,
    fixed_temperature,
    once_a_minute,
    own_baseline,
    spot_checks,
)
from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlerts
from edge_agent.evaluate.stays.scoring import found_in, is_owed, is_right
from edge_agent.evaluate.stays.spans import Float64, persistent, runs
from edge_agent.evaluate.stays.truth import Ground

SCORES: Final = tuple(float(points) for points in range(2, 11))
TEMPERATURES: Final = tuple(round(37.4 + 0.2 * step, 1) for step in range(9))
NEWS2: Final = tuple(float(points) for points in range(3, 10))
_SPREADS: Final = (1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
_SCORE_FOR_S: Final = 600.0  # design start value, unvalidated
_SCORE_CLEAR_FOR_S: Final = 3600.0  # design start value, unvalidated
LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "crs_score": "CRS score, 10 min",
        "temperature": "fixed temperature limit, at once",
        "news2": "NEWS2, continuous",
        "baseline": "own baseline + k SD, 30 min",
        **{f"spot_{hours}h": f"checks every {hours} h" for hours in SPOT_HOURS},
    }
)
"""Names of the curves on the page."""


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One method at one setting on one patient."""

    curve: str
    """Name of the curve, a key of `LABELS`."""
    setting: float
    delays_h: tuple[float | None, ...]
    """Hours from the onset to the first owed alert, one for each episode; negative before the
    onset, None where there was none in the window."""
    false: int
    """Alerts about nothing real."""


def sweep(
    signals: Signals, scores: Mapping[str, Float64], step_s: float, ground: Ground, seed: int
) -> tuple[SweepPoint, ...]:
    """Return every method at every setting on one patient.

    Parameters
    ----------
    scores
        `crs_score_low` and `news2_low` at every step, each of shape (n,).
    seed
        Seed for the times of the checks, the same at every limit.
    """
    return tuple(
        _point(curve, setting, reported, ground)
        for curve, setting, reported in _every(signals, scores, step_s, seed)
    )


def _every(
    signals: Signals, scores: Mapping[str, Float64], step_s: float, seed: int
) -> Iterator[tuple[str, float, ReportedAlerts]]:
    minutes = once_a_minute(signals.temperature)
    for points in SCORES:
        high = runs(scores["crs_score_low"] >= points, step_s)
        ringing = persistent(high, _SCORE_FOR_S, _SCORE_CLEAR_FOR_S)
        yield "crs_score", points, ReportedAlerts.during(About.CRS, ringing)
    for limit in TEMPERATURES:
        yield "temperature", limit, fixed_temperature(signals, limit)
        for hours in SPOT_HOURS:
            draw = np.random.Generator(np.random.Philox(key=seed + hours))
            yield f"spot_{hours}h", limit, spot_checks(signals, hours, draw, limit)
    for points in NEWS2:
        yield "news2", points, early_warning(scores["news2_low"], step_s, points)
    for spreads in _SPREADS:
        yield "baseline", spreads, own_baseline(minutes, spreads)


def _point(curve: str, setting: float, reported: ReportedAlerts, ground: Ground) -> SweepPoint:
    owed = is_owed(reported, ground)
    delays: list[float | None] = []
    for episode in ground.episodes:
        found = found_in(reported, owed, episode.window)
        at_s = episode.window.drift_s if found.was_open_before else found.reported_s
        delays.append(None if at_s is None else (at_s - episode.window.onset_s) / 3600.0)
    false = int(np.count_nonzero(~is_right(reported, ground)))
    return SweepPoint(curve, setting, tuple(delays), false)
