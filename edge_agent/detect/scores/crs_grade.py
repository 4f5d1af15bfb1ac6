"""Range of the grade of cytokine release syndrome that the known inputs allow; a suggestion.

A monitor alone cannot separate grade 2 from grade 4: people enter vasopressors and oxygen. The
range covers every value that the unknown inputs could have. Laboratory values and organ toxicity
are not inputs: they do not change the ASTCT grade.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from edge_agent.detect.scores.crs_limbs import (
    ASTCT,
    CTCAE,
    LOW_FLOW_AT_MOST_L_MIN,
    GradeInputs,
    GradeScale,
    GradeSpan,
    ScaleTable,
    limbs_of,
)
from edge_agent.model.patient import OxygenDevice


@dataclass(frozen=True, slots=True)
class GradeRange:
    """Grades that are possible given the known inputs, 0 for none."""

    scale: GradeScale
    low: int
    high: int
    decided_by: str
    """Reason why the grade is at least `low`."""
    missing: tuple[str, ...]
    """Inputs that could narrow the range; empty where no obtainable input would."""
    unknown: tuple[str, ...] = field(default=(), compare=False)
    """All unknown inputs, including those that would not narrow the range."""


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
        return []  # every other device has a known flow class
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
"""Name of each input as people read it, its field, and copies with every possible kind of value."""


def astct_grade(known: GradeInputs) -> GradeRange:
    """Return the range of the ASTCT 2019 grade.

    Running vasopressors count, whatever the pressure they maintain, and so does the oxygen given,
    whatever the SpO2 it maintains. Low-flow oxygen without low SpO2 may be for comfort and leaves
    the grade of hypoxia open; so does low SpO2 while no oxygen is given. A ventilator counts even
    where it only protects the airway, because no input says so.
    """
    return _grade(known, ASTCT)


def ctcae_grade(known: GradeInputs) -> GradeRange:
    """Return the range of the CTCAE v5.0 grade.

    Low pressure without vasopressors counts as responding to fluids, and more than one vasopressor,
    vasopressin included, as life-threatening. Fever counts as in the ASTCT grade, because CTCAE
    does not mention therapy that hides it.
    """
    return _grade(known, CTCAE)


def suggestion(grade: GradeRange) -> str:
    """Return the words that show people a CRS grade: its condition, range, and open questions."""
    scale = grade.scale.partition(" ")[0]
    if grade.high > 0:
        span = f"{grade.low}" if grade.low == grade.high else f"{grade.low} to {grade.high}"
        text = f"If CRS: {scale} grade {span} (suggestion)"
    elif grade.unknown:
        unknown = ", ".join(grade.unknown)
        text = f"No CRS grade from the known inputs; unknown: {unknown} ({scale}, suggestion)"
    else:
        text = f"No pattern of CRS ({scale}, suggestion)"
    narrows = (
        f" Enter or measure to narrow it: {', '.join(grade.missing)}." if grade.missing else ""
    )
    return f"{text}; infection not excluded.{narrows}"


def _grade(known: GradeInputs, table: ScaleTable) -> GradeRange:
    """Return the range of the grade by one scale."""
    if known.is_ruled_out:
        return GradeRange(table.scale, 0, 0, "a clinician ruled CRS out", ())
    span = _span(known, table)
    unknown = tuple(
        name
        for name, attribute, fill in _UNKNOWNS
        if getattr(known, attribute) is None and fill(known)
    )
    missing: list[str] = []
    if span.low < span.high:
        missing += [
            name
            for name, attribute, fill in _UNKNOWNS
            if getattr(known, attribute) is None
            and any(_span(filled, table) != span for filled in fill(known))
        ]
        missing += [
            fact for limb in limbs_of(known, table) if limb.high > span.low for fact in limb.missing
        ]
    return GradeRange(
        table.scale, span.low, span.high, _decided_by(known, table), tuple(missing), unknown
    )


def _span(known: GradeInputs, table: ScaleTable) -> GradeSpan:
    """Return the lowest and highest grade: CRS needs fever, then the worse limb decides."""
    if known.fever is False and known.therapy_given is False:
        return GradeSpan(0, 0)
    limbs = limbs_of(known, table)
    high = max(1, *(limb.high for limb in limbs))
    if not (known.fever or known.therapy_given):
        return GradeSpan(0, high)
    # Without fever but after therapy that hides it, the limbs alone decide; no limb leaves 0 or 1.
    return GradeSpan(max(int(known.fever is True), *(limb.low for limb in limbs)), high)


def _decided_by(known: GradeInputs, table: ScaleTable) -> str:
    """Return the reason why the grade is at least its lowest value."""
    if known.fever is False and known.therapy_given is False:
        return "no fever, and no therapy that hides it"
    if not (known.fever or known.therapy_given):
        if known.fever is None:
            return "fever is not known"
        return "no fever, but therapy that hides it may have been given"
    limbs = limbs_of(known, table)
    worst = max(limb.low for limb in limbs)
    if worst > 0:
        return "; ".join(limb.name for limb in limbs if limb.low == worst)
    return "fever" if known.fever else "no fever seen after therapy that hides it"
