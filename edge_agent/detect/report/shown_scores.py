"""Scores and grades that are shown beside the CRS score and that no rule reads."""

from __future__ import annotations

from collections.abc import Container, Mapping
from math import isnan, nan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.conditions.view import View
from edge_agent.detect.minutes.context_rows import CONSCIOUSNESS_NS
from edge_agent.detect.minutes.formulas import ROW, observations
from edge_agent.detect.scores.bands import BandedScore
from edge_agent.detect.scores.bedside_pews import ChildObservations, OxygenTherapy, bedside_pews
from edge_agent.detect.scores.crs_grade import GradeRange, ctcae_grade, suggestion
from edge_agent.detect.scores.early_warning import CONSCIOUSNESS, mews, qsofa
from edge_agent.detect.scores.grade_course import context_of, current_inputs
from edge_agent.detect.scores.icans_grade import icans_grade
from edge_agent.detect.scores.indices import easix, modified_easix
from edge_agent.model.assessment import PointRange, RiskMarker, ShownGrade, ShownScore
from edge_agent.model.patient import CHILD_YEARS, OxygenDevice
from edge_agent.patient.state import Measured, NamedObservation, PatientContext

_HIGH_FLOW_L_MIN: Final = 4.0  # Parshuram CS et al., Crit Care 2009;13:R135, table 1
_HIGH_DEVICES: Final = {
    OxygenDevice.HIGH_FLOW_CANNULA,
    OxygenDevice.NON_REBREATHER,
    OxygenDevice.CPAP,
    OxygenDevice.BIPAP,
    OxygenDevice.VENTILATOR,
}
_UNIT_OF: Final[Mapping[str, float]] = {
    "mg/L": 0.1,  # in mg/dl
    "umol/L": 1 / 88.42,  # of creatinine, in mg/dl
}
"""Factor from each other unit to mg/dl."""
_MARKERS: Final = (
    ("easix", easix, ("ldh", "creatinine", "platelets")),
    ("modified_easix", modified_easix, ("ldh", "crp", "platelets")),
)


def shown_scores(inputs: FloatArray, view: View) -> tuple[ShownScore, ...]:
    """Return the ranges of the scores in the minute that ended last.

    Parameters
    ----------
    inputs
        Inputs as for `formulas.derived`, shape (len(INPUTS), n); the newest minute counts.
    """
    row = {name: inputs[index, -1:] for name, index in ROW.items()}
    if row["age_years"][0] < CHILD_YEARS:
        return (_shown("bedside_pews", bedside_pews(_child(row, context_of(view)))),)
    seen = observations(row)
    return _shown("mews", mews(seen)), _shown("qsofa", qsofa(seen))


def risk_markers(view: View) -> tuple[RiskMarker, ...]:
    """Return the risk markers whose laboratory values were all entered, from the newest."""
    context, found = context_of(view), []
    for name, formula, inputs in _MARKERS:
        labs = [context.labs[lab] for lab in inputs if lab in context.labs]
        if len(labs) < len(inputs):
            continue
        value = float(formula(*(_in_our_unit(lab) for lab in labs))[0])
        oldest_s = (view.at.utc_ns - min(lab.utc_ns for lab in labs)) / 1e9
        if not isnan(value):
            found.append(RiskMarker(name, value, oldest_s))
    return tuple(found)


def other_grades(view: View, evaluated: Container[str]) -> tuple[ShownGrade, ...]:
    """Return the CTCAE grade, and the neurotoxicity grade if its inputs are from the last 12 h.

    Parameters
    ----------
    evaluated
        The rules that were evaluated at the moment.
    """
    context = context_of(view)
    ctcae = ctcae_grade(current_inputs(view, evaluated))
    found = [shown_grade(ctcae, suggestion(ctcae))]
    ice = context.ice if _is_of_this_shift(context.ice, view) else None
    seen = context.consciousness if _is_of_this_shift(context.consciousness, view) else None
    if ice or seen:
        points = None if ice is None else round(ice.value)
        icans = icans_grade(points, None if seen is None else CONSCIOUSNESS[seen.name])
        span = f"{icans.low}" if icans.low == icans.high else f"{icans.low}-{icans.high}"
        found.append(shown_grade(icans, f"ICANS grade {span} from what was entered (suggestion)."))
    return tuple(found)


def shown_grade(grade: GradeRange, text: str) -> ShownGrade:
    """Return a grade with its text, as it is reported."""
    return ShownGrade(
        grade.scale.value, grade.low, grade.high, grade.decided_by, grade.missing, text
    )


def _is_of_this_shift(entered: NamedObservation | Measured | None, view: View) -> bool:
    return entered is not None and view.at.utc_ns - entered.utc_ns <= CONSCIOUSNESS_NS


def _shown(name: str, score: BandedScore) -> ShownScore:
    return ShownScore(name, PointRange(round(float(score.low[0])), round(float(score.high[0]))))


def _child(row: Mapping[str, FloatArray], context: PatientContext) -> ChildObservations:
    """Return the observations of a child; nobody enters capillary refill and effort."""
    unknown = np.array([nan])
    return ChildObservations(
        age_years=row["age_years"],
        pulse=row["heart_rate"],
        systolic=row["systolic"],
        capillary_refill_s=unknown,
        respiratory_rate=row["respiratory_rate"],
        effort=unknown,
        spo2=row["spo2"],
        oxygen=np.array([_oxygen(context)]),
    )


def _oxygen(context: PatientContext) -> float:
    """Return the `OxygenTherapy` code, NaN where nobody entered the oxygen."""
    device, flow = context.oxygen_device, context.oxygen_flow_l_min
    if device is None:
        return nan
    if device is OxygenDevice.AIR:
        return OxygenTherapy.AIR
    if device in _HIGH_DEVICES or (flow is not None and flow >= _HIGH_FLOW_L_MIN):
        return OxygenTherapy.HIGH
    return nan if flow is None else OxygenTherapy.LOW


def _in_our_unit(lab: Measured) -> FloatArray:
    return np.array([lab.value * _UNIT_OF.get(lab.unit, 1.0)])
