"""What readings are kept in: arrays, and the stamps by which they are known again."""

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
    """When a reading was taken: on the gateway's clocks, and as the feed itself says."""

    at: Instant
    feed_time: str
