"""Signals of one step, computed from the readings of its bed."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.language.needs import STEP_DERIVED
from edge_agent.detect.language.signals import RUNNING
from edge_agent.detect.series.doubts import DOUBTED, Doubts, Tracks, worst
from edge_agent.detect.series.sites import AGREED, agreed
from edge_agent.model.measurements import VitalKind

STEP_ROW: Final[Mapping[str, int]] = {
    name: row for row, name in enumerate((*(kind.value for kind in RUNNING), *STEP_DERIVED))
}
"""Row of each step signal in a bed's table."""
LAST: Final[Mapping[str, VitalKind]] = {
    "last_temperature": VitalKind.TEMPERATURE,
    "last_heart_rate": VitalKind.HEART_RATE,
    "last_spo2": VitalKind.SPO2,
}
"""Signals that hold a vital's newest value, however old."""
_HEART: Final = STEP_ROW["heart_rate"]
_PULSE: Final = STEP_ROW["pulse_rate"]
_HEART_AGREED: Final = STEP_ROW["heart_rate_agreed"]
_HEART_DOUBTED: Final = STEP_ROW["heart_rate_doubted"]


def fill_step(
    column: FloatArray, before: FloatArray, step: int, readings: Tracks, doubts: Doubts
) -> None:
    """Compute all signals of a step into its column, `before` being that of the step before."""
    for kind, tracks in readings.items():
        column[STEP_ROW[kind.value]] = worst(kind, tracks, step)
    for name, kind in DOUBTED.items():
        column[STEP_ROW[name]] = doubts.value(kind, step)
    compare_rates(column)
    for name, kind in LAST.items():
        now = column[STEP_ROW[kind.value]]
        column[STEP_ROW[name]] = before[STEP_ROW[name]] if isnan(now) else now


def compare_rates(steps: FloatArray) -> None:
    """Fill in the signals that agree, and doubt a heart rate that the pulse rate contradicts.

    Parameters
    ----------
    steps
        Signals of one step, shape (len(STEP_ROW),), or of many, shape (len(STEP_ROW), n).
    """
    heart, pulse = steps[_HEART], steps[_PULSE]
    for name, compared in AGREED.items():
        steps[STEP_ROW[name]] = agreed(steps[STEP_ROW[compared]], heart, pulse)
    shown = steps[_HEART_DOUBTED]
    is_contradicted = np.isnan(shown) & np.isnan(steps[_HEART_AGREED])
    steps[_HEART_DOUBTED] = np.where(is_contradicted, heart, shown)
