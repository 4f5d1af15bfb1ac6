"""The Bedside Paediatric Early Warning System score of children, over arrays of moments."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from edge_agent.detect.arrays import FloatArray
from edge_agent.detect.scores.bands import (
    BandedScore,
    Bands,
    Points,
    add_up,
    band_points,
    check_shapes,
    coded_points,
    fixed_points,
)


class OxygenTherapy(IntEnum):
    """Codes of oxygen therapy in arrays."""

    AIR = 0
    LOW = 1
    """Any flow below 4 l/min and below 50 %."""
    HIGH = 2
    """4 l/min and more, or 50 % and more."""


@dataclass(frozen=True, slots=True)
class ChildObservations:
    """One set of observations of a child per moment, each of shape (n,), NaN where missing."""

    age_years: FloatArray
    """Years, 0 or more; where missing, every age is possible."""
    pulse: FloatArray
    """Beats per minute."""
    systolic: FloatArray
    """mmHg."""
    capillary_refill_s: FloatArray
    """Seconds."""
    respiratory_rate: FloatArray
    """Breaths per minute."""
    effort: FloatArray
    """0 normal, 1 mild, 2 moderate, 3 severe or apnoea."""
    spo2: FloatArray
    """Percent."""
    oxygen: FloatArray
    """`OxygenTherapy` codes."""

    def __post_init__(self) -> None:
        check_shapes({field.name: getattr(self, field.name) for field in fields(self)})


# Parshuram CS et al., Crit Care 2009;13:R135, table 1. One row per age band. Its printed "> 150"
# of 4-12 years and "< 50" above 12 years are read as ">= 150" and "<= 50" like all other limits.
_SYMMETRIC = (4, 2, 1, 0, 1, 2, 4)
_AGE_BAND_STARTS_YEARS = (0.25, 1.0, 4.0, 12.0)
"""First age in years of each band but the youngest; the band begins on that birthday."""
PULSE = (
    Bands((81, 91, 111, 150, 180, 190), _SYMMETRIC),
    Bands((71, 81, 101, 150, 170, 180), _SYMMETRIC),
    Bands((61, 71, 91, 120, 150, 170), _SYMMETRIC),
    Bands((51, 61, 71, 110, 130, 150), _SYMMETRIC),
    Bands((41, 51, 61, 100, 120, 140), _SYMMETRIC),
)
SYSTOLIC = (
    Bands((46, 51, 61, 80, 100, 130), _SYMMETRIC),
    Bands((61, 71, 81, 100, 120, 150), _SYMMETRIC),
    Bands((66, 76, 91, 110, 125, 160), _SYMMETRIC),
    Bands((71, 81, 91, 120, 140, 170), _SYMMETRIC),
    Bands((76, 86, 101, 130, 150, 190), _SYMMETRIC),
)
RESPIRATORY_RATE = (
    Bands((16, 20, 30, 61, 81, 91), _SYMMETRIC),
    Bands((16, 20, 25, 51, 71, 81), _SYMMETRIC),
    Bands((13, 16, 20, 41, 61, 71), _SYMMETRIC),
    Bands((11, 15, 20, 31, 41, 51), _SYMMETRIC),
    Bands((10, 11, 12, 17, 23, 30), _SYMMETRIC),
)
_CAPILLARY_REFILL = Bands((3,), (0, 4), steps_per_unit=10)
SPO2 = Bands((91, 95), (2, 1, 0))
_EFFORT = (fixed_points(0), fixed_points(1), fixed_points(2), fixed_points(4))
OXYGEN = (fixed_points(0), fixed_points(2), fixed_points(4))


def bedside_pews(seen: ChildObservations) -> BandedScore:
    """Return the Bedside PEWS, 0 to 26 (Parshuram 2009).

    Values are rounded to integers, the capillary refill to 0.1 s, halves up; the age is not.
    Where the age is missing, `low` and `high` use the most extreme age for each term, so they may
    lie outside the scores of any single age.
    """
    return add_up(
        {
            "pulse": _points_at_age(PULSE, seen.pulse, seen.age_years),
            "systolic": _points_at_age(SYSTOLIC, seen.systolic, seen.age_years),
            "capillary_refill": band_points(_CAPILLARY_REFILL, seen.capillary_refill_s),
            "respiratory_rate": _points_at_age(
                RESPIRATORY_RATE, seen.respiratory_rate, seen.age_years
            ),
            "effort": coded_points(_EFFORT, seen.effort),
            "spo2": band_points(SPO2, seen.spo2),
            "oxygen": coded_points(OXYGEN, seen.oxygen),
        }
    )


def _points_at_age(tables: tuple[Bands, ...], values: FloatArray, age_years: FloatArray) -> Points:
    """Return the points from the table of the age band; where it is missing, from all tables."""
    bands = np.searchsorted(_AGE_BAND_STARTS_YEARS, age_years, side="right").astype(np.float64)
    known = np.where(np.isnan(age_years), np.nan, bands)
    return coded_points(tuple(band_points(table, values) for table in tables), known)
