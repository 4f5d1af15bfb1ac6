"""Three-valued answers as small integers, so that one formula serves a moment and an archive.

PRESENT is 1, INDETERMINATE 0 and ABSENT -1: "all" is the minimum, "any" the maximum, and "not" the
negative (Kleene's strong three-valued logic).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from edge_agent.model.findings import Presence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.detect.window import BoolArray, IntArray

Answers = npt.NDArray[np.int8]

PRESENT: Final = 1
INDETERMINATE: Final = 0
ABSENT: Final = -1

PRESENCE_OF: Final[Mapping[int, Presence]] = MappingProxyType(
    {
        PRESENT: Presence.PRESENT,
        INDETERMINATE: Presence.INDETERMINATE,
        ABSENT: Presence.ABSENT,
    }
)


def of_counts(satisfied: IntArray, empty: IntArray, needed: int) -> Answers:
    """Return PRESENT or ABSENT, or INDETERMINATE where the empty places of a window would decide.

    Parameters
    ----------
    satisfied, empty
        Number of places in each window that satisfy it and that have no value, shape (n,).
    needed
        Number that must satisfy it, >= 1.
    """
    is_present = satisfied >= needed
    is_possible = satisfied + empty >= needed
    return is_present.astype(np.int8) - (~is_possible).astype(np.int8)


def of_truth(is_so: BoolArray) -> Answers:
    """Return PRESENT where a flag is set and ABSENT where it is not."""
    return np.where(is_so, np.int8(PRESENT), np.int8(ABSENT))
