"""Three-valued answers as small whole numbers, and the values that decide them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from edge_agent.detect.arrays import BoolArray, FloatArray
from edge_agent.model.findings import Presence

Answers = npt.NDArray[np.int8]
_Counts = npt.NDArray[np.signedinteger[Any]]

PRESENT: Final = 1
INDETERMINATE: Final = 0
ABSENT: Final = -1
_PRESENT: Final = np.int8(PRESENT)

PRESENCE_OF: Final[Mapping[int, Presence]] = MappingProxyType(
    {
        PRESENT: Presence.PRESENT,
        INDETERMINATE: Presence.INDETERMINATE,
        ABSENT: Presence.ABSENT,
    }
)


def counted(flags: BoolArray, length: int) -> _Counts:
    """Return the number of set flags among the last `length`, shape (..., n); none before."""
    if length == 1:
        return flags.view(np.int8)
    total = np.cumsum(flags, axis=-1, dtype=np.int32)
    total[..., length:] -= total[..., :-length]
    return total


def answers_from_counts(
    satisfied: _Counts | int, empty: _Counts | int, needed: _Counts | int
) -> Answers:
    """Return PRESENT or ABSENT, or INDETERMINATE where the empty values of a window would decide.

    Parameters
    ----------
    satisfied, empty
        Number of values in each window that satisfy it, and of missing ones, shape (..., n).
    needed
        Number that must satisfy it, >= 1; one for all, or shape (..., 1).
    """
    is_present, is_absent = satisfied >= needed, satisfied + empty < needed
    return np.asarray(is_present * _PRESENT - is_absent * _PRESENT)


def answers_from_flags(holds: BoolArray) -> Answers:
    """Return PRESENT where a flag is set and ABSENT where it is not."""
    return np.where(holds, np.int8(PRESENT), np.int8(ABSENT))


def deciding_value(values: FloatArray, at_least: int, *, low_is_bad: bool) -> float | None:
    """Return the value that decides a window's answer, None if fewer than `at_least` are known.

    It is the `at_least`-th lowest (or highest) value: it satisfies a threshold if and only if at
    least that many values do. Shape of `values` (n,), NaN where missing.
    """
    known = np.sort(values)[: int(np.count_nonzero(~np.isnan(values)))]
    if known.size < at_least:
        return None
    return float(known[at_least - 1] if low_is_bad else known[-at_least])


def age_s(newest_ns: int, now_ns: int) -> float:
    """Return a reading's age in seconds, 0 for a reading from the future."""
    return max(0, now_ns - newest_ns) / 1e9
