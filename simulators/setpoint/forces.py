"""Forces on a body: the inputs of its differential equations, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import ceil
from typing import Final

import numpy as np

from edge_agent.model.durations import MINUTE_S
from simulators.patients.shapes import Float64

STEP_S: Final = MINUTE_S
"""Length of one step of every equation, seconds."""


@dataclass(slots=True)
class Forces:
    """Inputs over time, each of shape (n,); events add to them in place."""

    set_point: Float64
    """Rise of the set point above its circadian value, Celsius."""
    tone: Float64
    """Change of ln(vascular resistance) before any reflex."""
    filling: Float64
    """Change of ln(stroke volume) before any reflex."""
    drive: Float64
    """Sympathetic drive: change of the heart rate before any reflex, 1/min."""
    breaths: Float64
    """Change of the respiratory rate besides fever and oxygen, 1/min."""
    poor_lung: Float64
    """Share of the lung that is ventilated too little; oxygen corrects it."""
    shunt: Float64
    """Share of the blood that passes no air; oxygen does not correct it."""
    flutter: Float64
    """Rate of a heart in atrial fibrillation, 1/min; 0 in sinus rhythm."""
    skin: Float64
    """Offset of a probe on the skin, Celsius."""
    probe: Float64
    """Offset of any temperature probe, Celsius."""

    @staticmethod
    def none(size: int) -> Forces:
        """Return forces of `size` steps that change nothing."""
        return Forces(**{field.name: np.zeros(size) for field in fields(Forces)})


def grid(length_s: float) -> Float64:
    """Return the steps of a stay from its beginning to its end, seconds."""
    return STEP_S * np.arange(0.0, ceil(length_s / STEP_S) + 1.0)
