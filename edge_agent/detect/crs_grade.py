"""The grade of cytokine release syndrome that the known inputs allow, as a range; a suggestion.

A monitor alone cannot tell grade 2 from 4: vasopressors and oxygen are entered by people. What is
not known stays open, so the range spans every way in which the unknown inputs could turn out.
Laboratory values and organ toxicity are no inputs: they do not change the ASTCT grade.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from edge_agent.detect.crs_limbs import (
    ASTCT,
    CTCAE,
    LOW_FLOW_AT_MOST_L_MIN,
    GradeInputs,
    GradeScale,
    Span,
    Table,
    limbs_of,
)
from edge_agent.model.patient import OxygenDevice

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class GradeRange:
    """The grades that are possible by what is known, 0 for none."""

    scale: GradeScale
    low: int
    high: int
    decided_by: str
    """What makes it at least `low`."""
    missing: tuple[str, ...]
    """What could narrow the range; empty where nothing that is asked for would."""
    unknown: tuple[str, ...] = field(default=(), compare=False)
    """Inputs that are not known, also those that would not narrow it."""


def _with_fever(known: GradeInputs) -> list[GradeInputs]:
    return [replace(known, fever=fever) for fever in (True, False)]


def _with_therapy(known: GradeInputs) -> list[GradeInputs]:
    return [replace(known, therapy_given=given) for given in (True, False)]


def _with_hypotension(known: GradeInputs) -> list[GradeInputs]:
    return [replace(known, hypotension=low) for low in (True, False)]


def _with_vasopressors(known: GradeInputs) -> list[GradeInputs]:
    several = ("norepinephrine", "epinephrine")
    return [replace(known, vasopressors=several[:count]) for count in range(3)]


def _with_device(known: GradeInputs) -> list[GradeInputs]:
    return [replace(known, oxygen_device=device) for device in OxygenDevice]


def _with_flow(known: GradeInputs) -> list[GradeInputs]:
    if known.oxygen_device is not OxygenDevice.NASAL_CANNULA:
        return []  # the name of every other device says what it gives
    flows = (LOW_FLOW_AT_MOST_L_MIN, LOW_FLOW_AT_MOST_L_MIN + 1)
    return [replace(known, oxygen_flow_l_min=flow) for flow in flows]


def _with_hypoxia(known: GradeInputs) -> list[GradeInputs]:
    return [replace(known, hypoxia=low) for low in (True, False)]


_UNKNOWNS: tuple[tuple[str, str, Callable[[GradeInputs], list[GradeInputs]]], ...] = (
    ("fever", "fever", _with_fever),
    ("antipyretic or anticytokine therapy", "therapy_given", _with_therapy),
    ("blood pressure", "hypotension", _with_hypotension),
    ("vasopressors", "vasopressors", _with_vasopressors),
    ("oxygen device", "oxygen_device", _with_device),
    ("oxygen flow", "oxygen_flow_l_min", _with_flow),
    ("SpO2", "hypoxia", _with_hypoxia),
)
"""What people call an input, the field, and every kind of value it could have."""


def astct_grade(known: GradeInputs) -> GradeRange:
    """Return the ASTCT 2019 grade that is possible by what is known.

    Counted are the vasopressors that run, whatever the pressure they hold up, and the oxygen that
    is given, whatever the SpO2 it holds up. Low-flow oxygen without low SpO2 may be for comfort
    and leaves the limb open; so does low SpO2 while no oxygen is given. A ventilator counts also
    where it only keeps the airway safe: no input tells that.
    """
    return _grade(known, ASTCT)


def ctcae_grade(known: GradeInputs) -> GradeRange:
    """Return the CTCAE v5.0 grade that is possible by what is known.

    A pressure without vasopressors counts as one that fluids hold; more than one vasopressor, with
    vasopressin, as life-threatening. Fever counts as in the ASTCT grade, for CTCAE says nothing of
    therapy that hides it.
    """
    return _grade(known, CTCAE)


def suggestion(grade: GradeRange) -> str:
    """Return the one sentence in which a CRS grade is shown to people."""
    scale = grade.scale.partition(" ")[0]
    if grade.low > 0:
        text = f"Pattern compatible with CRS grade >= {grade.low}"
    elif grade.high > 0:
        text = f"CRS not excluded, grade 0-{grade.high} possible"
    elif grade.unknown:
        text = f"No CRS grade by what is known, not known: {', '.join(grade.unknown)}"
    else:
        text = "No pattern of CRS"
    return f"{text} ({scale}, suggestion). Infection not excluded."


def _grade(known: GradeInputs, table: Table) -> GradeRange:
    """Return the range by one scale."""
    if known.other_cause_proven:
        return GradeRange(table.scale, 0, 0, "another cause of the fever is proven", ())
    span = _span(known, table)
    unknown = tuple(
        name for name, asked, fill in _UNKNOWNS if getattr(known, asked) is None and fill(known)
    )
    missing: list[str] = []
    if span.low < span.high:
        missing += [
            name
            for name, asked, fill in _UNKNOWNS
            if getattr(known, asked) is None
            and any(_span(filled, table) != span for filled in fill(known))
        ]
        missing += [
            ask for limb in limbs_of(known, table) if limb.high > span.low for ask in limb.asks
        ]
    return GradeRange(
        table.scale, span.low, span.high, _decided_by(known, table), tuple(missing), unknown
    )


def _span(known: GradeInputs, table: Table) -> Span:
    """Return the lowest and the highest grade: fever opens it, the worse limb decides it."""
    if known.fever is False and known.therapy_given is False:
        return Span(0, 0)
    limbs = limbs_of(known, table)
    high = max(1, *(limb.high for limb in limbs))
    if not (known.fever or known.therapy_given):
        return Span(0, high)
    # Without fever but after therapy that hides it, the limbs alone tell: none leaves 0 or 1.
    return Span(max(int(known.fever is True), *(limb.low for limb in limbs)), high)


def _decided_by(known: GradeInputs, table: Table) -> str:
    """Return what makes the grade at least what it is."""
    if known.fever is False and known.therapy_given is False:
        return "no fever, and no therapy that hides it"
    if not (known.fever or known.therapy_given):
        if known.fever is None:
            return "whether there is fever is not known"
        return "no fever, but whether therapy hides it is not known"
    limbs = limbs_of(known, table)
    worst = max(limb.low for limb in limbs)
    if worst > 0:
        return "; ".join(limb.name for limb in limbs if limb.low == worst)
    return "fever" if known.fever else "no fever seen after therapy that hides it"
