"""Statistics of one vital over one window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from edge_agent.detect.window import FloatArray, IntArray


def bin_medians(ages_ns: IntArray, values: FloatArray, bin_ns: int, bins: int) -> FloatArray:
    """Return the median of each bin, newest bin first, NaN where a bin is empty.

    Parameters
    ----------
    ages_ns
        Ages of the usable values, shape (n,), in [0, bins * bin_ns).
    values
        The usable values, shape (n,), no NaN.
    bin_ns
        Length of one bin, > 0.
    bins
        Number of bins, 1 to 32767.

    Returns
    -------
    FloatArray
        Shape (bins,).
    """
    medians = np.full(bins, np.nan)
    if values.size == 0:
        return medians
    # int16: numpy sorts it by radix, which halves the time of a condition
    places = (ages_ns // bin_ns).astype(np.int16)
    ordered = values[np.lexsort((values, places))]
    counts = np.bincount(places, minlength=bins)
    starts = counts.cumsum() - counts
    filled = counts.nonzero()[0]
    low = starts[filled] + (counts[filled] - 1) // 2
    high = starts[filled] + counts[filled] // 2
    medians[filled] = (ordered[low] + ordered[high]) / 2
    return medians


def coverage(medians: FloatArray) -> float:
    """Return the share of the window's bins, shape (n,), n > 0, that hold a usable value."""
    return 1.0 - float(np.count_nonzero(np.isnan(medians))) / medians.size


def deciding_value(medians: FloatArray, at_least: int, *, low_is_bad: bool) -> float | None:
    """Return the value that `at_least` bins reach, None while fewer bins are known.

    It is the `at_least`-th lowest (or highest) median: it satisfies a threshold exactly when that
    many bins do.
    """
    known = np.sort(medians)[: int(np.count_nonzero(~np.isnan(medians)))]
    if known.size < at_least:
        return None
    return float(known[at_least - 1] if low_is_bad else known[-at_least])


def latest(values: FloatArray, count: int) -> FloatArray:
    """Return the newest `count` usable values, oldest first; fewer where there are fewer."""
    return values[~np.isnan(values)][-count:]


def age_s(newest_ns: int, now_ns: int) -> float:
    """Return how old a reading is in seconds; a reading from the future is new, not negative."""
    return max(0, now_ns - newest_ns) / 1e9
