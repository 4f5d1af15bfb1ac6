"""One value of a vital from all places where it is measured, and what follows from it at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from edge_agent.model.measurements import VitalKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.detect.window import FloatArray

HIGHEST: Final = frozenset({VitalKind.TEMPERATURE, VitalKind.RESPIRATORY_RATE})
"""Of several places the highest counts, of every other vital the lowest: the worse one for what
is watched. One place that shows a fever is enough, and none may show one for it to be over."""
AGREED: Final = {"heart_rate_agreed": "heart_rate", "spo2_agreed": "spo2"}
"""Signals that count only where heart rate and pulse rate agree, and of what."""
AGREE_WITHIN: Final = 20.0  # beats per minute; design start value, unvalidated


def combined(kind: VitalKind, places: Sequence[FloatArray]) -> FloatArray:
    """Return the value that counts of each step, shape (n,), NaN where no place has one."""
    reduce = np.fmax if kind in HIGHEST else np.fmin
    found = places[0]
    for place in places[1:]:
        found = reduce(found, place)
    return found


def agreed(values: FloatArray, heart_rate: FloatArray, pulse_rate: FloatArray) -> FloatArray:
    """Return the values where heart rate and pulse rate do not contradict each other, else NaN."""
    contradicts = np.abs(heart_rate - pulse_rate) > AGREE_WITHIN
    return np.where(contradicts, np.nan, values)
