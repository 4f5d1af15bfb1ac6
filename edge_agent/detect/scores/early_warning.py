"""Early-warning scores of adults: NEWS2, MEWS and qSOFA, over arrays of moments."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
import numpy.typing as npt

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


class Consciousness(IntEnum):
    """Codes of the letters of ACVPU in arrays."""

    ALERT = 0
    CONFUSED = 1
    VOICE = 2
    PAIN = 3
    UNRESPONSIVE = 4


CONSCIOUSNESS = dict(zip("ACVPU", Consciousness, strict=True))
"""Code of each letter that people enter."""


@dataclass(frozen=True, slots=True)
class Observations:
    """One set of observations per moment, each of shape (n,), NaN where missing."""

    respiratory_rate: FloatArray
    """Breaths per minute."""
    spo2: FloatArray
    """Percent."""
    on_oxygen: FloatArray
    """1 on oxygen, 0 on air."""
    systolic: FloatArray
    """mmHg."""
    pulse: FloatArray
    """Beats per minute."""
    temperature: FloatArray
    """Degrees Celsius."""
    consciousness: FloatArray
    """`Consciousness` codes."""

    def __post_init__(self) -> None:
        check_shapes({field.name: getattr(self, field.name) for field in fields(self)})


# Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017, chart 1
_NEWS2_RESPIRATORY_RATE = Bands((9, 12, 21, 25), (3, 1, 0, 2, 3))
_NEWS2_SPO2_SCALE_1 = Bands((92, 94, 96), (3, 2, 1, 0))
_NEWS2_SPO2_SCALE_2_AIR = Bands((84, 86, 88), (3, 2, 1, 0))
_NEWS2_SPO2_SCALE_2_OXYGEN = Bands((84, 86, 88, 93, 95, 97), (3, 2, 1, 0, 1, 2, 3))
_NEWS2_OXYGEN = Bands((1,), (0, 2))
_NEWS2_SYSTOLIC = Bands((91, 101, 111, 220), (3, 2, 1, 0, 3))
NEWS2_PULSE = Bands((41, 51, 91, 111, 131), (3, 1, 0, 1, 2, 3))
_NEWS2_CONSCIOUSNESS = Bands((Consciousness.CONFUSED,), (0, 3))
_NEWS2_TEMPERATURE = Bands((35.1, 36.1, 38.1, 39.1), (3, 1, 0, 1, 2), steps_per_unit=10)

# Subbe CP et al., QJM 2001;94:521-526, table 1
_MEWS_SYSTOLIC = Bands((71, 81, 101, 200), (3, 2, 1, 0, 2))
MEWS_PULSE = Bands((40, 51, 101, 111, 130), (2, 1, 0, 1, 2, 3))
_MEWS_RESPIRATORY_RATE = Bands((9, 15, 21, 30), (2, 0, 1, 2, 3))
_MEWS_TEMPERATURE = Bands((35.0, 38.5), (2, 0, 2), steps_per_unit=10)
_MEWS_CONSCIOUSNESS = (
    fixed_points(0),
    fixed_points(0, 1),  # AVPU lacks new confusion: such a patient is alert or responds to voice
    fixed_points(1),
    fixed_points(2),
    fixed_points(3),
)

# Singer M et al., JAMA 2016;315:801-810
_QSOFA_RESPIRATORY_RATE = Bands((22,), (0, 1))
_QSOFA_SYSTOLIC = Bands((101,), (1, 0))
QSOFA_CONSCIOUSNESS = Bands((Consciousness.CONFUSED,), (0, 1))


def news2(seen: Observations, *, scale_2: npt.NDArray[np.bool_] | bool) -> BandedScore:
    """Return the National Early Warning Score 2, 0 to 20 (Royal College of Physicians 2017).

    For patients aged 16 or older, not in pregnancy. Values are rounded to integers, the
    temperature to 0.1, halves up.

    Parameters
    ----------
    seen
        The observations, shape (n,) each.
    scale_2
        True where SpO2 is scored by scale 2, for patients with a prescribed target of 88-92 %:
        shape (n,), or one for all.
    """
    _check_codes(seen)
    on_air = band_points(_NEWS2_SPO2_SCALE_2_AIR, seen.spo2)
    on_oxygen = band_points(_NEWS2_SPO2_SCALE_2_OXYGEN, seen.spo2)
    scale_1 = band_points(_NEWS2_SPO2_SCALE_1, seen.spo2)
    by_target = coded_points((on_air, on_oxygen), seen.on_oxygen)
    return add_up(
        {
            "respiratory_rate": band_points(_NEWS2_RESPIRATORY_RATE, seen.respiratory_rate),
            "spo2": Points(
                np.where(scale_2, by_target.low, scale_1.low),
                np.where(scale_2, by_target.high, scale_1.high),
            ),
            "oxygen": band_points(_NEWS2_OXYGEN, seen.on_oxygen),
            "systolic": band_points(_NEWS2_SYSTOLIC, seen.systolic),
            "pulse": band_points(NEWS2_PULSE, seen.pulse),
            "consciousness": band_points(_NEWS2_CONSCIOUSNESS, seen.consciousness),
            "temperature": band_points(_NEWS2_TEMPERATURE, seen.temperature),
        }
    )


def mews(seen: Observations) -> BandedScore:
    """Return the Modified Early Warning Score, 0 to 14 (Subbe 2001); SpO2 and oxygen do not count.

    Values are rounded to integers, the temperature to 0.1, halves up. New confusion is not in
    AVPU: it leaves the term open between 0 and 1.
    """
    _check_codes(seen)
    return add_up(
        {
            "systolic": band_points(_MEWS_SYSTOLIC, seen.systolic),
            "pulse": band_points(MEWS_PULSE, seen.pulse),
            "respiratory_rate": band_points(_MEWS_RESPIRATORY_RATE, seen.respiratory_rate),
            "temperature": band_points(_MEWS_TEMPERATURE, seen.temperature),
            "consciousness": coded_points(_MEWS_CONSCIOUSNESS, seen.consciousness),
        }
    )


def qsofa(seen: Observations) -> BandedScore:
    """Return the quick SOFA, 0 to 3 (Singer 2016), from rate, systolic pressure and consciousness.

    Anything but alert counts as altered mentation (a Glasgow coma score below 15). Values are
    rounded to integers, halves up.
    """
    _check_codes(seen)
    return add_up(
        {
            "respiratory_rate": band_points(_QSOFA_RESPIRATORY_RATE, seen.respiratory_rate),
            "systolic": band_points(_QSOFA_SYSTOLIC, seen.systolic),
            "consciousness": band_points(QSOFA_CONSCIOUSNESS, seen.consciousness),
        }
    )


def _check_codes(seen: Observations) -> None:
    """Raise an error for an unknown code, which rounding would turn into a wrong one."""
    for name, codes, count in (
        ("on_oxygen", seen.on_oxygen, 2),
        ("consciousness", seen.consciousness, len(Consciousness)),
    ):
        known = codes[~np.isnan(codes)]
        if not np.isin(known, np.arange(count)).all():
            raise ValueError(f"{name}: {np.unique(known)}; want 0 to {count - 1} or NaN")
