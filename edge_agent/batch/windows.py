"""Counts in the windows of a recorded signal, at all steps at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from edge_agent.detect.arrays import BoolArray

Counts = npt.NDArray[np.signedinteger[Any]]


def in_window(flags: BoolArray, length: int) -> Counts:
    """Return the number of set flags among the last `length` at each step, shape (n,).

    Nothing is set before the first step. Windows of 1, 2, 4 and more steps are added up, in the
    shortest numbers that hold the count: many of those are added at once, other than in a running
    sum.
    """
    doubled = flags.astype(np.min_scalar_type(-length - 1))
    found = np.zeros_like(doubled)
    counted, span = 0, 1
    while span <= length:
        if length & span:
            later = found[counted:]
            later += doubled[: later.size]
            counted += span
        doubled[span:] += doubled[:-span]
        span *= 2
    return found
