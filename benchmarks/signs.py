"""Values on the monitor of a healthy patient."""

from __future__ import annotations

from typing import Final

from edge_agent.model.measurements import VitalKind

USUAL: Final = (
    (VitalKind.HEART_RATE, 80.0, ""),
    (VitalKind.PULSE_RATE, 80.0, "spo2"),
    (VitalKind.SPO2, 97.0, ""),
    (VitalKind.RESPIRATORY_RATE, 16.0, ""),
    (VitalKind.TEMPERATURE, 36.8, "tympanic"),
    (VitalKind.PERFUSION_INDEX, 2.0, ""),
)
"""Kind, value in the canonical unit, site."""
