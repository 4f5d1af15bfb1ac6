"""Statistics of one vital over one window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from edge_agent.detect.window import FloatArray


def deciding_value(values: FloatArray, at_least: int, *, low_is_bad: bool) -> float | None:
    """Return the value that `at_least` places of a window reach, None while fewer are known.

    It is the `at_least`-th lowest (or highest): it satisfies a threshold exactly when that many
    do. Shape of `values` (n,), NaN where missing.
    """
    known = np.sort(values)[: int(np.count_nonzero(~np.isnan(values)))]
    if known.size < at_least:
        return None
    return float(known[at_least - 1] if low_is_bad else known[-at_least])


def age_s(newest_ns: int, now_ns: int) -> float:
    """Return how old a reading is in seconds; a reading from the future is new, not negative."""
    return max(0, now_ns - newest_ns) / 1e9
