"""The table of comparators in sentences: what each was better in, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan

from edge_agent.evaluate.cohort.measures import (
    Stays,
    chance,
    label_of,
    lead,
    per_day,
    precision,
    sensitivity,
)
from edge_agent.evaluate.estimates.clocks import in_minutes
from edge_agent.evaluate.stays.stay import OURS


@dataclass(frozen=True, slots=True)
class _Method:
    """Figures of one method as they are read out, rounded as they are shown."""

    found: float
    """Episodes found, percent to a tenth; NaN without episodes."""
    by_chance: float
    per_day: float
    """Alerts about the patient, medium and high, per patient-day."""
    right: float
    """Share of these that are about something real, percent."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A comparator beside the rules, in words."""

    method: str
    text: str
    better_in: tuple[str, ...]
    """Respects in which the comparator was better than the rules."""


def readings(stays: Stays) -> tuple[Reading, ...]:
    """Return a reading of every comparator."""
    ours = _method(stays, OURS)
    methods = list(stays[0].methods) if stays else []
    return tuple(_reading(stays, name, ours) for name in methods if name != OURS)


def summary(found: tuple[Reading, ...]) -> str:
    """Return a sentence that names each comparator that was better in something."""
    better = [
        f"{label_of(one.method)} ({', '.join(one.better_in)})" for one in found if one.better_in
    ]
    if not better:
        return "No comparator was better than the rules in anything measured here."
    return f"Better than the rules in something: {'; '.join(better)}."


def _reading(stays: Stays, method: str, ours: _Method) -> Reading:
    theirs = _method(stays, method)
    lead_h = lead(stays, method, with_watch=False).value
    watched_h = lead(stays, method, with_watch=True).value
    better = tuple(_better(theirs, ours, lead_h))
    name = label_of(method)
    times = f"{_when(lead_h)} (with the watch before fever {_when(watched_h)})"
    text = (
        f"{name[0].upper()}{name[1:]}: found {theirs.found:.1f} % of the episodes (the rules "
        f"{ours.found:.1f} %), {'no episode to compare' if isnan(lead_h) else times}, "
        f"with {theirs.per_day:.2f} alerts a day ({ours.per_day:.2f}), of which {theirs.right:.0f} "
        f"% were about something real ({ours.right:.0f} %); by chance it finds "
        f"{theirs.by_chance:.0f} % ({ours.by_chance:.0f} %). "
    )
    verdict = f"Better than the rules: {', '.join(better)}." if better else "Better in nothing."
    return Reading(method, text.replace("nan", "-") + verdict, better)


def _better(theirs: _Method, ours: _Method, lead_h: float) -> Iterator[str]:
    if theirs.found > ours.found:
        yield "more episodes found"
    if round(lead_h * 60.0 if not isnan(lead_h) else 0.0) < 0:
        yield "earlier"
    if theirs.per_day < ours.per_day:
        yield "fewer alerts"
    if theirs.right > ours.right:
        yield "more of its alerts real"
    if theirs.by_chance < ours.by_chance:
        yield "less found by chance"


def _when(lead_h: float) -> str:
    """Return the comparator's time relative to the rules, from the lead of the rules."""
    minutes = 0 if isnan(lead_h) else round(lead_h * 60.0)
    if not minutes:
        return "at the same time"
    return f"{in_minutes(abs(lead_h))} {'later' if minutes > 0 else 'earlier'}"


def _method(stays: Stays, method: str) -> _Method:
    return _Method(
        found=round(100.0 * sensitivity(stays, method).value, 1),
        by_chance=_percent(chance(stays, method).value),
        per_day=round(per_day(stays, method, lambda counts: counts.evaluated).value, 2),
        right=_percent(precision(stays, method).value),
    )


def _percent(share: float) -> float:
    return share if isnan(share) else round(100.0 * share)
