"""Vital signs that move a little, for a board without monitors."""

from __future__ import annotations

import math
from typing import Final

from edge_agent.model.assessment import UsualBand
from edge_agent.model.measurements import VitalKind as Kind

_USUAL: Final = {
    Kind.HEART_RATE: 78.0,
    Kind.SPO2: 97.0,
    Kind.TEMPERATURE: 36.9,
    Kind.RESPIRATORY_RATE: 15.0,
}
USUAL_BANDS: Final = (
    UsualBand(Kind.HEART_RATE, 70.0, 86.0),
    UsualBand(Kind.SPO2, 95.0, 98.5),
    UsualBand(Kind.TEMPERATURE, 36.6, 37.2),
    UsualBand(Kind.RESPIRATORY_RATE, 13.0, 17.0),
)
"""Bands of the patients' own usual values."""
_OF_BED: Final = {
    "bed-02": {
        Kind.HEART_RATE: 147.0,
        Kind.SPO2: 88.0,
        Kind.TEMPERATURE: 39.2,
        Kind.RESPIRATORY_RATE: 27.0,
    },
    "bed-03": {Kind.HEART_RATE: 118.0, Kind.TEMPERATURE: 38.6},
    "bed-04": {Kind.TEMPERATURE: 37.6},
    "bed-06": {Kind.HEART_RATE: 128.0, Kind.SPO2: 89.0, Kind.TEMPERATURE: 38.9},
}
_USUAL_CUFF: Final = (122.0, 74.0)
_CUFF: Final = {"bed-02": (72.0, 42.0), "bed-06": (88.0, 50.0)}


def moving_vitals(second: int, i: int, bed_id: str, share: float = 1.0) -> dict[Kind, float | None]:
    """Return the values of one second; every five minutes with a cuff reading.

    Parameters
    ----------
    i
        Number of the bed, so that beds differ.
    bed_id
        Bed whose course it is; a name that has none gives usual values.
    share
        Part of the way from the usual values to those of the bed's illness, 0 to 1.
    """
    wave = math.sin(second / 30 + i)
    ill = _OF_BED.get(bed_id, {})
    now = {kind: value + share * (ill.get(kind, value) - value) for kind, value in _USUAL.items()}
    values: dict[Kind, float | None] = {
        kind: round(value + wave * (0.1 if kind is Kind.TEMPERATURE else value * 0.02), 1)
        for kind, value in now.items()
    }
    values[Kind.SPO2] = min(100.0, values[Kind.SPO2] or 0.0)
    if bed_id == "bed-05" and share:
        values[Kind.TEMPERATURE] = None
    if second == 0 or (second + 37 * i) % 300 == 0:
        systolic, diastolic = (
            round(own + share * (worst - own))
            for own, worst in zip(_USUAL_CUFF, _CUFF.get(bed_id, _USUAL_CUFF), strict=True)
        )
        values[Kind.NIBP_SYSTOLIC], values[Kind.NIBP_DIASTOLIC] = systolic, diastolic
        values[Kind.NIBP_MEAN] = round((systolic + 2 * diastolic) / 3)
    return values
