"""Chance of a ward: one source for each stay and purpose, whatever is drawn elsewhere."""

from __future__ import annotations

from enum import IntEnum, auto
from typing import Final

import numpy as np

_MASK: Final = 0xFFFFFFFFFFFFFFFF


class Stream(IntEnum):
    """Purpose of a source; the order never changes, as it assigns the random numbers."""

    PEOPLE = auto()
    CUFF = auto()
    WITHOUT_PROBE = auto()
    PROBES = auto()
    PAIN = auto()
    NOTES = auto()
    HAND_TIMES = auto()
    HAND_VALUES = auto()
    ENTRIES = auto()
    ANSWERS = auto()


def chance(ward_seed: int, stay_seed: int, stream: Stream, unit: int = 0) -> np.random.Generator:
    """Return the source of one stream of a stay, and of one unit within it."""
    key = (stay_seed & _MASK) | ((ward_seed & _MASK) << 64)
    counter = (int(stream) << 192) | ((unit & _MASK) << 64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))
