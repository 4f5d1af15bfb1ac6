"""Signals of one step, computed from the readings of its bed."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan, nan
from typing import Final

from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.language.needs import STEP_DERIVED
from edge_agent.detect.language.signals import RUNNING
from edge_agent.detect.series.doubts import Doubts, Tracks, fill_doubts
from edge_agent.detect.series.places import AGREED, HIGHEST, agreed
from edge_agent.model.measurements import VitalKind

STEP_ROW: Final[Mapping[str, int]] = {
    name: row for row, name in enumerate((*(kind.value for kind in RUNNING), *STEP_DERIVED))
}
"""Row of each step signal in a bed's table."""
_LAST: Final = {
    "last_temperature": VitalKind.TEMPERATURE,
    "last_heart_rate": VitalKind.HEART_RATE,
    "last_spo2": VitalKind.SPO2,
}
_HEART: Final = STEP_ROW["heart_rate"]
_PULSE: Final = STEP_ROW["pulse_rate"]


def fill_step(
    column: FloatArray, before: FloatArray, step: int, readings: Tracks, doubts: Doubts
) -> None:
    """Compute all signals of a step into its column, `before` being that of the step before."""
    for kind, tracks in readings.items():
        values = [value for t in tracks.values() if (value := t.close(step)) == value]
        pick = max if kind in HIGHEST else min
        column[STEP_ROW[kind.value]] = pick(values) if values else nan
    heart, pulse = column[_HEART], column[_PULSE]
    for name, of in AGREED.items():
        column[STEP_ROW[name]] = agreed(column[STEP_ROW[of]], heart, pulse)
    fill_doubts(column, STEP_ROW, doubts, step)
    for name, kind in _LAST.items():
        now = column[STEP_ROW[kind.value]]
        column[STEP_ROW[name]] = before[STEP_ROW[name]] if isnan(now) else now
