"""Course of a patient since an alert was raised: better, worse or the same."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from edge_agent.model.alerts import Alert
from edge_agent.model.facts import Fact, FactKind
from edge_agent.model.measurements import VitalKind


class Course(StrEnum):
    """Direction in which the signs of an alert have moved."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"


_VITALS: Final[Mapping[FactKind, VitalKind]] = MappingProxyType(
    {
        FactKind.SPO2: VitalKind.SPO2,
        FactKind.HEART_RATE: VitalKind.HEART_RATE,
        FactKind.RESPIRATORY_RATE: VitalKind.RESPIRATORY_RATE,
        FactKind.TEMPERATURE: VitalKind.TEMPERATURE,
    }
)
_CHANGES: Final[Mapping[FactKind, float]] = MappingProxyType(
    {
        FactKind.PRESSURE: 10.0,
        FactKind.SPO2: 2.0,
        FactKind.HEART_RATE: 10.0,
        FactKind.RESPIRATORY_RATE: 3.0,
        FactKind.TEMPERATURE: 0.3,
    }
)
"""Smallest change, in the unit of the kind, that counts: more than the values of a patient at rest
vary by; design start values, unvalidated."""


def course_of(alert: Alert, newest: Mapping[VitalKind, float]) -> Course | None:
    """Return the course of the signs on which an alert rests; None where none can be compared.

    One sign that is worse makes the course worse; it is better if every sign that can be compared
    is better or the same, and at least one is better.

    Parameters
    ----------
    newest
        Newest values that are usable and no older than their limits, in canonical units; never an
        old or a doubtful one.
    """
    signs = alert.facts.rang if alert.facts is not None else ()
    steps = [step for fact in signs if (step := _step(fact, newest)) is not None]
    if not steps:
        return None
    if min(steps) < 0:
        return Course.WORSE
    return Course.BETTER if max(steps) > 0 else Course.SAME


def _step(fact: Fact, newest: Mapping[VitalKind, float]) -> int | None:
    """Return 1 for a sign that is better, -1 for a worse one, 0 for the same; None if unknown."""
    is_past = fact.is_former or fact.is_lost
    if fact.limit is None or is_past or fact.kind not in _CHANGES:
        return None
    then, kind = fact.value, _VITALS.get(fact.kind)
    if fact.kind is FactKind.PRESSURE:
        kind = VitalKind.ART_SYSTOLIC if fact.is_line else VitalKind.NIBP_SYSTOLIC
        if then is None:
            then, kind = fact.mean, VitalKind.ART_MEAN if fact.is_line else VitalKind.NIBP_MEAN
    now = None if kind is None else newest.get(kind)
    if then is None or now is None:
        return None
    change = now - then if fact.limit.is_lower else then - now
    return 0 if abs(change) < _CHANGES[fact.kind] else 1 if change > 0 else -1
