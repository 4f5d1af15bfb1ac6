"""The CRS suspicion score: a sum of points by named terms.

Missing inputs make the score a range, from the lowest to the highest sum that they allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from edge_agent.detect.conditions.kleene import ABSENT, PRESENT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.detect.arrays import FloatArray
    from edge_agent.detect.conditions.kleene import Answers


@dataclass(frozen=True, slots=True)
class _Term:
    """A sign or circumstance for or against CRS, with its points."""

    points: int
    text: str
    """Meaning, human-readable."""
    is_limb: bool = False
    """True for a sign of pressure or oxygen, whose points no other reason reduces."""


# points and limits: design start values, unvalidated
TERMS: Final[Mapping[str, _Term]] = MappingProxyType(
    {
        "time_likely": _Term(2, "inside the usual time of onset after the product"),
        "time_possible": _Term(1, "outside that time, day 1 to 14 after the product"),
        "time_unlikely": _Term(-1, "before the product or later than day 30"),
        "fever": _Term(3, "temperature 38.0 or higher for 10 of 15 min"),
        "high_fever": _Term(1, "temperature 39.0 or higher for 10 of 15 min"),
        "warmer": _Term(1, "no fever, temperature 0.75 above own baseline for 25 of 30 min"),
        "rising": _Term(1, "temperature rises by 0.25 per hour or more"),
        "fast": _Term(1, "heart rate 15 above expected for the temperature, 8 of 10 min"),
        "faster": _Term(1, "heart rate 25 above expected for the temperature, 8 of 10 min"),
        "low_pressure": _Term(
            3,
            "systolic low for the age (adults: 90 or lower, or 80 % of own baseline), two readings",
            is_limb=True,
        ),
        "falling_pressure": _Term(1, "systolic 20 lower than 3 to 6 h before", is_limb=True),
        "shock_index": _Term(
            1,
            "heart rate over systolic high for the age (adults: 0.9) or 0.25 above own baseline",
            is_limb=True,
        ),
        "low_oxygen": _Term(
            2, "SpO2 92 or lower, 3 below own baseline, or more oxygen given", is_limb=True
        ),
        "fast_breathing": _Term(
            1, "22 breaths per minute (adults) or 6 above own baseline, 8 of 10 min"
        ),
        "treated": _Term(2, "tocilizumab or a steroid in the last 7 days"),
        "other_reason": _Term(-2, "infusion, transfusion, procedure or cooling just now"),
    }
)


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """Lowest and highest score that the inputs allow, shape (n,)."""

    low: FloatArray
    high: FloatArray


def score(answers: Mapping[str, Answers]) -> ScoreRange:
    """Return the range of the score.

    Terms against CRS reduce only the points of time, temperature, heart rate and breathing.

    Parameters
    ----------
    answers
        Three-valued answer of each of `TERMS`, shape (n,).
    """
    shape = next(iter(answers.values())).shape
    limb_low, limb_high, low, high = (np.zeros(shape) for _ in range(4))
    for name, term in TERMS.items():
        sure = term.points * (answers[name] == PRESENT)
        possible = term.points * (answers[name] != ABSENT)
        if term.is_limb:
            limb_low += sure
            limb_high += possible
        else:
            low += np.minimum(sure, possible)
            high += np.maximum(sure, possible)
    return ScoreRange(limb_low + np.maximum(low, 0.0), limb_high + np.maximum(high, 0.0))


@dataclass(frozen=True, slots=True)
class TermRange:
    """Range of one term's points at one moment; both ends equal where its inputs are known."""

    name: str
    """Key in `TERMS`."""
    low: int
    high: int


def term_ranges(answers: Mapping[str, Answers], place: int = -1) -> tuple[TermRange, ...]:
    """Return the points of each term at one of n moments, by default the last.

    Parameters
    ----------
    answers
        Three-valued answer of each of `TERMS`, shape (n,).
    """
    found = []
    for name, term in TERMS.items():
        sure = term.points * int(answers[name][place] == PRESENT)
        possible = term.points * int(answers[name][place] != ABSENT)
        found.append(TermRange(name, min(sure, possible), max(sure, possible)))
    return tuple(found)
