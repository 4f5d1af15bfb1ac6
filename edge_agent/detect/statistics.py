"""The deciding value of a window, and the age of a reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from edge_agent.detect.window import FloatArray


def deciding_value(values: FloatArray, at_least: int, *, low_is_bad: bool) -> float | None:
    """Return the value that decides a window's answer, None if fewer than `at_least` are known.

    It is the `at_least`-th lowest (or highest) value: it satisfies a threshold exactly if at least
    that many values do. Shape of `values` (n,), NaN where missing.
    """
    known = np.sort(values)[: int(np.count_nonzero(~np.isnan(values)))]
    if known.size < at_least:
        return None
    return float(known[at_least - 1] if low_is_bad else known[-at_least])


def age_s(newest_ns: int, now_ns: int) -> float:
    """Return a reading's age in seconds, 0 for a reading from the future."""
    return max(0, now_ns - newest_ns) / 1e9
