"""Curves of delay and sensitivity against false alerts, one point for each setting."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.evaluate.cohort.measures import Stays, delay, per_day, sensitivity
from edge_agent.evaluate.estimates.bootstrap import Estimate, median, rate, share
from edge_agent.evaluate.stays.stay import OURS
from edge_agent.evaluate.stays.sweeps import LABELS, SweepPoint


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One method at one setting over all patients."""

    setting: float
    sensitivity: Estimate
    delay_h: Estimate
    """Median hours from the onset to the alert, over the episodes found."""
    false_per_day: Estimate


@dataclass(frozen=True, slots=True)
class Curve:
    """One method at all its settings."""

    key: str
    label: str
    points: tuple[CurvePoint, ...]


def curves_of(stays: Stays) -> tuple[Curve, ...]:
    """Return every curve."""
    found: dict[tuple[str, float], list[tuple[SweepPoint, float]]] = {}
    for stay in stays:
        for point in stay.points:
            found.setdefault((point.curve, point.setting), []).append((point, stay.days))
    return tuple(
        Curve(
            key,
            label,
            tuple(_point(setting, some) for (of, setting), some in found.items() if of == key),
        )
        for key, label in LABELS.items()
    )


def operating_point(stays: Stays, method: str = OURS) -> CurvePoint:
    """Return the point of a method at its current settings."""
    false = per_day(stays, method, lambda counts: counts.false)
    return CurvePoint(0.0, sensitivity(stays, method), delay(stays, method), false)


def _point(setting: float, some: list[tuple[SweepPoint, float]]) -> CurvePoint:
    reported = [[h for h in point.delays_h if h is not None] for point, _ in some]
    return CurvePoint(
        setting,
        share([len(hours) for hours in reported], [len(point.delays_h) for point, _ in some]),
        median(reported),
        rate([point.false for point, _ in some], [days for _, days in some]),
    )
