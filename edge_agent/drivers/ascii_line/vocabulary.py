"""Words that a definition may use: kinds with their codes, units, verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from edge_agent.model.measurements import GenerationMode, Validity


class Dimension(Enum):
    """Dimension of a kind, which decides the units that fit it."""

    RATE = "rate"
    BREATHS = "breaths"
    SHARE = "share"
    PRESSURE = "pressure"
    TEMPERATURE = "temperature"


@dataclass(frozen=True, slots=True)
class MeasuredKind:
    """Measured quantity that a value of a line may hold."""

    code: int
    """Code of ISO/IEEE 11073-10101."""
    dimension: Dimension


_METRICS: Final = 2 << 16  # partition 2 of ISO/IEEE 11073-10101: measurements

_TERMS: Final = {
    Dimension.RATE: {
        "heart_rate": 0x4182,
        "pulse_rate": 0x480A,
        "pulse_rate@spo2": 0x481A,
        "pulse_rate@nibp": 0x482A,
    },
    Dimension.BREATHS: {"respiratory_rate": 0x500A},
    Dimension.SHARE: {"spo2": 0x4BB8, "perfusion_index": 0x4BB0},
    Dimension.PRESSURE: {
        "nibp_systolic": 0x4A05,
        "nibp_diastolic": 0x4A06,
        "nibp_mean": 0x4A07,
        "art_systolic@art": 0x4A11,
        "art_diastolic@art": 0x4A12,
        "art_mean@art": 0x4A13,
        "art_systolic@abp": 0x4A15,
        "art_diastolic@abp": 0x4A16,
        "art_mean@abp": 0x4A17,
        "etco2": 0x50B0,
    },
    Dimension.TEMPERATURE: {
        "temperature": 0x4B48,
        "temperature@core": 0x4B60,
        "temperature@esophageal": 0x4B64,
        "temperature@nasopharyngeal": 0x4B6C,
        "temperature@skin": 0x4B74,
        "temperature@tympanic": 0x4B78,
        "temperature@rectal": 0xE004,
        "temperature@oral": 0xE008,
        "temperature@axillary": 0xE050,
    },
}
"""source: ISO/IEEE 11073-10101:2004, annex A; rectal, oral and axillary: IntelliVue Data Export
Interface Programming Guide, observed values."""

KINDS: Final[Mapping[str, MeasuredKind]] = {
    name: MeasuredKind(_METRICS + term, dimension)
    for dimension, terms in _TERMS.items()
    for name, term in terms.items()
}
"""Kinds as a definition names them, with the site after an @."""

UNITS: Final[Mapping[Dimension, Mapping[str, int]]] = {
    Dimension.RATE: {"/min": 264864},
    Dimension.BREATHS: {"/min": 264928},
    Dimension.SHARE: {"%": 262688},
    Dimension.PRESSURE: {"mm[Hg]": 266016, "kPa": 265987},
    Dimension.TEMPERATURE: {"Cel": 268192, "[degF]": 266560},
}
"""UCUM units of each dimension with their codes of ISO/IEEE 11073-10101, partition 4."""

UNIT_NAMES: Final = tuple(dict.fromkeys(unit for units in UNITS.values() for unit in units))
"""Every unit a definition may name."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Meaning of a status word for the values of its line."""

    validity: Validity
    mode: GenerationMode = GenerationMode.REAL

    @property
    def has_value(self) -> bool:
        """True where the number in the line may still be shown."""
        return self.validity in {Validity.VALID, Validity.QUESTIONABLE}


VERDICTS: Final[Mapping[str, Verdict]] = {
    "invalid": Verdict(Validity.INVALID),
    "not_available": Verdict(Validity.NOT_AVAILABLE),
    "calibrating": Verdict(Validity.CALIBRATING),
    "measuring": Verdict(Validity.MEASURING),
    "above_range": Verdict(Validity.ABOVE_RANGE),
    "below_range": Verdict(Validity.BELOW_RANGE),
    "questionable": Verdict(Validity.QUESTIONABLE),
    "demo": Verdict(Validity.VALID, GenerationMode.DEMO),
    "test": Verdict(Validity.VALID, GenerationMode.TEST),
    "valid": Verdict(Validity.VALID),
}
"""Verdicts as a definition names them, the gravest first; of several, the gravest decides."""
