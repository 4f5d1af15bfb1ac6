"""Searches of long series for jumps and for flat lines, which look only where one can be.

The extremes of blocks show that almost no part of a series can hold either.
"""

from __future__ import annotations

from typing import Final

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np

from edge_agent.detect.arrays import FloatArray, IntArray

_BLOCK: Final = 32
"""Values in a block, at least: shorter ones cost more than they spare."""


def jump_indices(values: FloatArray, length: int, size: float, *, falls_only: bool) -> IntArray:
    """Return the indices of the values that differ by more than a size from a recent one.

    Parameters
    ----------
    values
        Shape (n,), without NaN.
    length
        Number of the newest values that are compared, the value itself included, 2 to n.
    falls_only
        True if only values below a recent one count.
    """
    block = max(length, _BLOCK)
    begins = np.arange(0, values.size, block)
    highest, lowest = np.maximum.reduceat(values, begins), np.minimum.reduceat(values, begins)
    may_jump = _with_before(highest, np.maximum) - lowest > size
    if not falls_only:
        may_jump |= highest - _with_before(lowest, np.minimum) > size
    if not may_jump.any():
        return np.empty(0, np.int64)
    # What is compared with a value in a block lies in this block or the one before.
    blocks = np.flatnonzero(may_jump | np.append(may_jump[1:], np.False_))
    indices = (blocks[:, None] * block + np.arange(block)).ravel()
    indices = indices[: indices.searchsorted(values.size)]
    shown = values[indices]
    jumps = bn.move_max(shown, length, min_count=1) - shown > size
    if not falls_only:
        jumps |= shown - bn.move_min(shown, length, min_count=1) > size
    return np.asarray(indices[jumps & may_jump[indices // block]])


def may_be_flat(values: FloatArray, length: int) -> bool:
    """Return False if the values have no `length` equal ones in a row, missing ones left out.

    Parameters
    ----------
    values
        Shape (n,), NaN where missing.
    length
        At least 2.
    """
    block = length // 2  # so long a run contains a block of equal and missing values
    whole = values[: values.size // block * block]
    begins = np.arange(0, whole.size, block)
    return bool((np.fmax.reduceat(whole, begins) == np.fmin.reduceat(whole, begins)).any())


def _with_before(extremes: FloatArray, reduce: np.ufunc) -> FloatArray:
    """Return the extreme of each block and the one before."""
    return np.append(extremes[:1], reduce(extremes[1:], extremes[:-1]))
