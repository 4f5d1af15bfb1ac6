"""Result of the detector for a recorded stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from edge_agent.detect.arrays import FloatArray, IntArray
from edge_agent.model.alerts import Alert


@dataclass(frozen=True, slots=True)
class Transition:
    """An alert after a change."""

    at_s: float
    """Seconds from the start."""
    alert: Alert


@dataclass(frozen=True, slots=True)
class Detection:
    """Result of the detector for a recorded stay."""

    transitions: tuple[Transition, ...]
    steps_s: FloatArray
    """Ends of the steps of 10 s, seconds from the start, shape (n,)."""
    minutes_s: FloatArray
    """Ends of the minutes, shape (m,)."""
    step_signals: Mapping[str, FloatArray]
    """Signals by name, shape (n,)."""
    minute_signals: Mapping[str, FloatArray]
    """Signals by name, shape (m,); `grade_low` and `grade_high` included."""
    minute_of_step: IntArray
    """Index of the newest ended minute for each step, -1 before the first."""

    @property
    def channels(self) -> Mapping[str, FloatArray]:
        """All signals at each step, by name, shape (n,)."""
        return dict(self.step_signals) | {
            name: np.append(values, np.nan)[self.minute_of_step]
            for name, values in self.minute_signals.items()
        }
