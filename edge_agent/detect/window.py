"""Array types of readings, and the stamps that identify readings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_agent.model.clock import Instant

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Time of a reading, on the gateway's clocks and on the feed's own."""

    at: Instant
    feed_time: str
