"""Warnings about parts of a valid ward file that are probably not intended."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from edge_agent.model.duty import Shift, WardPlan


def plan_warnings(plan: WardPlan, beds: Collection[str]) -> list[str]:
    """Return the warnings; a ward with this plan calls people."""
    found = [words for shift in plan.shifts for words in _of_shift(shift, beds)]
    working = {name for shift in plan.shifts for name in _people_of(shift)}
    return found + [f"people: {name} is in no shift" for name in plan.people if name not in working]


def _of_shift(shift: Shift, beds: Collection[str]) -> Iterator[str]:
    free = sorted(set(beds) - set(shift.nurses))
    if free:
        beds_words = ", ".join(free)
        yield f"shift {shift.name}: no nurse for {beds_words}; calls go straight to {shift.charge}"
    alone = sorted(set(shift.nurses.values()) - set(shift.buddies))
    if alone:
        yield f"shift {shift.name}: nobody stands in for {', '.join(alone)}"
    if not shift.charge:
        yield f"shift {shift.name}: nobody is in charge"
    if not shift.rapid_response:
        yield f"shift {shift.name}: no doctor and no rapid response team"


def _people_of(shift: Shift) -> set[str]:
    names = (*shift.nurses.values(), *shift.buddies.values(), shift.charge, shift.rapid_response)
    return set(names)
