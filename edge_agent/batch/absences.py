"""Absences of a recorded patient from the bed, step by step."""

from __future__ import annotations

import numpy as np

from edge_agent.batch.stay import Stay
from edge_agent.detect.arrays import BoolArray
from edge_agent.patient.context import states_over


class Absences:
    """Steps of a recorded stay at which the patient is marked as away."""

    def __init__(self, stay: Stay) -> None:
        utc_ns = stay.times_ns + stay.utc_offset_ns
        self._is_away: BoolArray = np.zeros(utc_ns.size, np.bool_)
        for begin, end, known in states_over(stay.log, utc_ns):
            self._is_away[begin:end] = known.away is not None
        self._changes = np.flatnonzero(np.diff(self._is_away, prepend=np.False_))

    def holds(self, step: int) -> bool:
        """Return True if the patient is away at a step."""
        return bool(self._is_away[step])

    def next_step(self, step: int) -> int:
        """Return the next step at which an absence begins or ends; one past the end for none."""
        index = int(self._changes.searchsorted(step, side="right"))
        return int(self._changes[index]) if index < self._changes.size else self._is_away.size
