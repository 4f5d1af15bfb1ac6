"""A patient's own usual values, from a time before an illness could have changed them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np

from edge_agent.model.measurements import VitalKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.detect.window import FloatArray

HOUR_MIN: Final = 60
DAY_MIN: Final = 1440
GAP_MIN: Final = 6 * HOUR_MIN
"""Minutes left out at the end: the beginning of an illness is not the patient's usual state."""
SPAN_MIN: Final = 54 * HOUR_MIN
"""Minutes from the start of the baseline's median until now: 48 h that end `GAP_MIN` ago."""
CLOCK_DAYS: Final = (1, 2, 3)
CLOCK_HALF_MIN: Final = 30
HISTORY_MIN: Final = 3 * DAY_MIN + CLOCK_HALF_MIN + 1
"""Length in minutes of the history that a baseline is computed from."""
LEAST_MIN: Final = 12 * HOUR_MIN
"""Fewest known minutes for a baseline; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Values that stand in until a patient's own are known; adults at rest."""

    value: float
    spread: float
    least_spread: float
    """Lower limit of a patient's own spread."""


# design start values, unvalidated
USUAL: Final[Mapping[VitalKind, Usual]] = MappingProxyType(
    {
        VitalKind.TEMPERATURE: Usual(36.8, 0.35, 0.20),
        VitalKind.HEART_RATE: Usual(80.0, 12.0, 6.0),
        VitalKind.RESPIRATORY_RATE: Usual(16.0, 3.0, 2.0),
        VitalKind.SPO2: Usual(97.0, 1.5, 1.0),
    }
)
"""Stand-in values of the vitals that have a running baseline."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A patient's usual value of one vital at one hour of the day."""

    value: float
    spread: float
    """Standard deviation, from the median absolute deviation."""
    is_own: bool
    """True where it is the patient's own, False where a usual or entered value stands in."""


def personal(history: FloatArray, usual: Usual) -> Baseline | None:
    """Return a patient's own baseline, None while too few minutes are known.

    It is the mean of two medians: of the 48 h that ended 6 h ago, and of about the same time of
    day on the last three days. Where the second is unknown, it is the first alone.

    Parameters
    ----------
    history
        Minute medians, newest last, shape (HISTORY_MIN,); NaN where missing or left out.
    usual
        The stand-in values of the vital.
    """
    window = history[-SPAN_MIN:-GAP_MIN]
    known = window[~np.isnan(window)].astype(np.float64)
    if known.size < LEAST_MIN:
        return None
    middle = float(bn.median(known))
    spread = 1.4826 * float(bn.median(np.abs(known - middle)))
    ends = [history.size - days * DAY_MIN for days in CLOCK_DAYS]
    near = [history[max(0, e - CLOCK_HALF_MIN) : e + CLOCK_HALF_MIN + 1] for e in ends if e > 0]
    same = np.concatenate(near)
    same = same[~np.isnan(same)].astype(np.float64)
    value = middle if same.size < HOUR_MIN // 2 else (middle + float(bn.median(same))) / 2
    return Baseline(value, max(spread, usual.least_spread), is_own=True)
