"""Habits of the staff around one patient, drawn once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge_agent.model.durations import HOUR_S, MINUTE_S

# Shares and times; design start values, unvalidated, unless said. Tocilizumab was given to 40 %
# with CRS (Schultz et al., J Immunother Cancer 2022); 20 to 30 % need a second dose in practice
_GIVES_ANTIPYRETIC: Final = 0.75
_TOCI_IN_GRADE_2: Final = 0.55
_TOCI_WHEN_FEVER_LASTS: Final = 0.15
_PARTIAL_ANSWER: Final = 0.25


@dataclass(frozen=True, slots=True)
class Habits:
    """Choices and delays of staff, and the patient's answer to their drugs."""

    looks_every_s: float
    answers_after_s: float
    """Time from a low reading to fluids, oxygen or a pressor, seconds."""
    gives_antipyretic: bool
    antipyretic_from: float
    """Temperature at which an antipyretic is given, Celsius."""
    antipyretic_fall: float
    """Fall of the set point by one dose, Celsius."""
    toci_in_grade_2: bool
    toci_after_s: float
    """Time from grade 2 to tocilizumab, seconds; a third of it from grade 3."""
    toci_when_fever_lasts: bool
    toci_effect: float
    """Share of the storm that the first dose takes, 0 to 1."""
    gives_steroid: bool
    steroid_after_s: float
    prefers_vasopressin: bool
    """True where the second pressor is vasopressin as long as it suffices."""
    bolus_l: float


def draw_habits(draw: np.random.Generator, weight_kg: float) -> Habits:
    """Return the habits around a patient."""
    is_partial = draw.uniform() < _PARTIAL_ANSWER
    return Habits(
        looks_every_s=15 * MINUTE_S,
        answers_after_s=MINUTE_S * float(draw.gamma(3.0, 10.0)),
        gives_antipyretic=bool(draw.uniform() < _GIVES_ANTIPYRETIC),
        antipyretic_from=float(draw.choice((38.0, 38.3, 38.5, 39.0), p=(0.1, 0.3, 0.4, 0.2))),
        antipyretic_fall=float(draw.uniform(0.5, 1.5)),
        toci_in_grade_2=bool(draw.uniform() < _TOCI_IN_GRADE_2),
        toci_after_s=HOUR_S * float(draw.uniform(2.0, 14.0)),
        toci_when_fever_lasts=bool(draw.uniform() < _TOCI_WHEN_FEVER_LASTS),
        toci_effect=float(draw.uniform(0.35, 0.55) if is_partial else draw.uniform(0.82, 0.95)),
        gives_steroid=bool(draw.uniform() < 0.85),
        steroid_after_s=HOUR_S * float(draw.uniform(0.5, 6.0)),
        prefers_vasopressin=bool(draw.uniform() < 0.5),
        bolus_l=round(float(draw.choice((0.5, 1.0))) * min(1.0, weight_kg / 50.0), 2),
    )
