"""The patient's own usual values, from before an illness could have entered them."""

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
"""Newest part that is left out: an illness that begins is not yet the patient's usual state."""
SPAN_MIN: Final = 54 * HOUR_MIN
"""How far back the median looks: 48 h, ending `GAP_MIN` ago."""
CLOCK_DAYS: Final = (1, 2, 3)
CLOCK_HALF_MIN: Final = 30
HISTORY_MIN: Final = 3 * DAY_MIN + CLOCK_HALF_MIN + 1
"""Minutes of history that a baseline is made from."""
LEAST_MIN: Final = 12 * HOUR_MIN
"""Fewer minutes than this say nothing of the patient; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What stands in while a patient's own values are not known; adults at rest."""

    value: float
    spread: float
    least_spread: float
    """The spread is not believed to be smaller than this."""


# design start values, unvalidated
USUAL: Final[Mapping[VitalKind, Usual]] = MappingProxyType(
    {
        VitalKind.TEMPERATURE: Usual(36.8, 0.35, 0.20),
        VitalKind.HEART_RATE: Usual(80.0, 12.0, 6.0),
        VitalKind.RESPIRATORY_RATE: Usual(16.0, 3.0, 2.0),
        VitalKind.SPO2: Usual(97.0, 1.5, 1.0),
    }
)
"""The vitals that have a running baseline."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A patient's usual value of one vital at one hour of the day."""

    value: float
    spread: float
    """Standard deviation, from the median absolute deviation."""
    is_own: bool
    """Whether it is the patient's own and not what stands in for it."""


def personal(history: FloatArray, usual: Usual) -> Baseline | None:
    """Return a patient's own baseline, None where too little is known.

    Half of it is the median of 48 h that ended 6 h ago, half the median around the same time of
    the day on the last three days, where that is known.

    Parameters
    ----------
    history
        Minute medians, newest last, shape (HISTORY_MIN,); NaN where missing or left out.
    usual
        Of the vital.
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
