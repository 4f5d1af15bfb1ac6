"""Sites of measurement: the ones no rule may read, and one value of a vital from all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from edge_agent.detect.arrays import FloatArray
from edge_agent.model.measurements import VitalKind

HIGHEST: Final = frozenset({VitalKind.TEMPERATURE, VitalKind.RESPIRATORY_RATE})
"""Vitals of which the highest of several sites counts; of every other, the lowest counts (design
start value, unvalidated). One site with a fever is enough to raise an alert, and all sites must be
below it to clear."""
AGREED: Final = {"heart_rate_agreed": "heart_rate", "spo2_agreed": "spo2"}
"""Signals that count only where heart rate and pulse rate agree, and the vital of each."""
_AGREE_WITHIN: Final = 20.0  # beats per minute; design start value, unvalidated


def combined(kind: VitalKind, by_site: Sequence[FloatArray]) -> FloatArray:
    """Return the value that counts for each step, shape (n,), NaN where no site has one."""
    reduce = np.fmax if kind in HIGHEST else np.fmin
    found = by_site[0]
    for values in by_site[1:]:
        found = reduce(found, values)
    return found


def agreed(values: FloatArray, heart_rate: FloatArray, pulse_rate: FloatArray) -> FloatArray:
    """Return the values, NaN where heart rate and pulse rate contradict each other."""
    contradicts = np.abs(heart_rate - pulse_rate) > _AGREE_WITHIN
    return np.where(contradicts, np.nan, values)


INELIGIBLE_SITES: Final[Mapping[VitalKind, frozenset[str]]] = MappingProxyType(
    {
        # Not the body's core temperature, in which fever is defined. Which sites to leave out:
        # design start value, unvalidated.
        VitalKind.TEMPERATURE: frozenset({"room", "surface", "skin", "airway", "myocardial"}),
    }
)
"""Sites whose readings show that the bed is connected but that no rule reads."""
