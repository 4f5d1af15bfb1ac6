"""Canonical vitals: the kind of each device code, and the plausible values of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Final

from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import CHILD_YEARS
from edge_agent.vitals import units


@dataclass(frozen=True, slots=True)
class StepLimit:
    """A change too fast to be trusted before it has lasted."""

    size: float
    """Size in the canonical unit."""
    within_s: float
    hold_s: float
    """Seconds after which a step that is still there is trusted."""
    falls_only: bool = False


@dataclass(frozen=True, slots=True)
class KindRow:
    """Plausible values of one kind, in its canonical unit."""

    units: frozenset[int]
    """11073-10101 unit codes that agree with the kind."""
    lowest: float
    highest: float
    max_age_s: float
    """Seconds after which a value no longer shows the patient's present state."""
    step: StepLimit | None = None
    """None for kinds without a check of steps."""
    flat_s: float | None = None
    """Seconds for which a running value may stay the same; None for no limit."""
    flat_readings: int = 60
    """Fewest equal readings in a flat line: values that are read rarely, or averaged before they
    are recorded, may well be equal."""
    flat_below: float = inf
    """Value from which a constant is normal: the end of the scale, where a healthy patient's value
    stays."""
    zero_is_a_value: bool = False
    lowest_of_child: float | None = None
    """None where it equals that of adults."""
    highest_of_child: float | None = None
    """None where it equals that of adults."""

    def lowest_at(self, age_years: float | None) -> float:
        """Return the lowest plausible value at an age; None: nobody entered the age."""
        is_child = age_years is not None and age_years < CHILD_YEARS
        return (is_child and self.lowest_of_child) or self.lowest

    def highest_at(self, age_years: float | None) -> float:
        """Return the highest plausible value at an age; None: nobody entered the age."""
        is_child = age_years is not None and age_years < CHILD_YEARS
        return (is_child and self.highest_of_child) or self.highest


@dataclass(frozen=True, slots=True)
class CodeRow:
    """Kind and site of one device code."""

    kind: VitalKind
    site: str = ""
    is_event: bool = False
    """True if it is measured occasionally, with its own time, and then shown until the next."""


_BEATS = frozenset({units.BEATS_PER_MIN})
_PERCENT = frozenset({units.PERCENT})
_PRESSURE = frozenset({units.MILLIMETRE_OF_MERCURY, units.KILOPASCAL})
_CUFF_MAX_AGE_S = 3600.0
_ART_STEP = StepLimit(size=40, within_s=5, hold_s=20)

# every number below: design start value, unvalidated
KINDS: Final[Mapping[VitalKind, KindRow]] = MappingProxyType(
    {
        VitalKind.HEART_RATE: KindRow(
            _BEATS,
            20,
            250,
            30,
            StepLimit(30, within_s=5, hold_s=20),
            flat_s=1800,
            flat_readings=600,
            zero_is_a_value=True,
            highest_of_child=280,
        ),
        VitalKind.PULSE_RATE: KindRow(_BEATS, 20, 250, 30, highest_of_child=280),
        VitalKind.SPO2: KindRow(
            _PERCENT,
            40,
            100,
            30,
            StepLimit(8, within_s=5, hold_s=20, falls_only=True),
            flat_s=1800,
            flat_readings=600,
            flat_below=100,
        ),
        VitalKind.PERFUSION_INDEX: KindRow(_PERCENT | {units.NO_DIMENSION}, 0, 30, 30),
        VitalKind.RESPIRATORY_RATE: KindRow(
            frozenset({units.BREATHS_PER_MIN}),
            4,
            70,
            60,
            StepLimit(15, within_s=10, hold_s=20),
            flat_s=1800,
            flat_readings=600,
            # an infant's breath is fast from 91 on (Bedside PEWS, Parshuram 2009)
            highest_of_child=110,
        ),
        # a newborn's pressure is very low below 50, its mean below 20 (rule vital.shock)
        VitalKind.NIBP_SYSTOLIC: KindRow(_PRESSURE, 50, 250, _CUFF_MAX_AGE_S, lowest_of_child=30),
        VitalKind.NIBP_MEAN: KindRow(_PRESSURE, 30, 200, _CUFF_MAX_AGE_S, lowest_of_child=15),
        VitalKind.NIBP_DIASTOLIC: KindRow(_PRESSURE, 20, 150, _CUFF_MAX_AGE_S, lowest_of_child=10),
        VitalKind.ART_SYSTOLIC: KindRow(_PRESSURE, 30, 280, 15, _ART_STEP, lowest_of_child=20),
        VitalKind.ART_MEAN: KindRow(_PRESSURE, 30, 280, 15, _ART_STEP, lowest_of_child=15),
        VitalKind.ART_DIASTOLIC: KindRow(_PRESSURE, 30, 280, 15, _ART_STEP, lowest_of_child=10),
        VitalKind.TEMPERATURE: KindRow(
            frozenset({units.CELSIUS, units.FAHRENHEIT}),
            33.0,
            42.5,
            300,
            StepLimit(0.5, within_s=300, hold_s=300),
            # a temperature shown to 0.1 stays constant for an hour in one patient of ten
            flat_s=5400,
        ),
        VitalKind.ETCO2: KindRow(_PRESSURE, 0, 150, 60),
    }
)

_METRICS: Final = 2 << 16  # partition 2 of ISO/IEEE 11073-10101: measurements

# source: ISO/IEEE 11073-10101:2004, annex A; terms from 0xF000 on are manufacturer's own, from
# Philips IntelliVue Data Export Interface Programming Guide (observed values, physiological ids)
CODES: Final[Mapping[int, CodeRow]] = MappingProxyType(
    {
        _METRICS + term: row
        for term, row in {
            0x4182: CodeRow(VitalKind.HEART_RATE),
            0x418A: CodeRow(VitalKind.HEART_RATE, "btb"),
            0x480A: CodeRow(VitalKind.PULSE_RATE),
            0x4812: CodeRow(VitalKind.PULSE_RATE, "art"),
            0x481A: CodeRow(VitalKind.PULSE_RATE, "spo2"),
            0x4822: CodeRow(VitalKind.PULSE_RATE, "spo2"),
            0x482A: CodeRow(VitalKind.PULSE_RATE, "nibp", is_event=True),
            0xF0E5: CodeRow(VitalKind.PULSE_RATE, "nibp", is_event=True),
            0x4BB8: CodeRow(VitalKind.SPO2),
            0xF09C: CodeRow(VitalKind.SPO2, "telemetry"),
            0x4BB0: CodeRow(VitalKind.PERFUSION_INDEX),
            0x500A: CodeRow(VitalKind.RESPIRATORY_RATE),
            0x5012: CodeRow(VitalKind.RESPIRATORY_RATE, "airway"),
            0x501A: CodeRow(VitalKind.RESPIRATORY_RATE, "thoracic"),
            0x506A: CodeRow(VitalKind.RESPIRATORY_RATE, "pleth"),
            0x4A05: CodeRow(VitalKind.NIBP_SYSTOLIC, is_event=True),
            0x4A06: CodeRow(VitalKind.NIBP_DIASTOLIC, is_event=True),
            0x4A07: CodeRow(VitalKind.NIBP_MEAN, is_event=True),
            0x4B1D: CodeRow(VitalKind.NIBP_SYSTOLIC, "cuff", is_event=True),
            0x4B1E: CodeRow(VitalKind.NIBP_DIASTOLIC, "cuff", is_event=True),
            0x4B1F: CodeRow(VitalKind.NIBP_MEAN, "cuff", is_event=True),
            0x4A11: CodeRow(VitalKind.ART_SYSTOLIC, "art"),
            0x4A12: CodeRow(VitalKind.ART_DIASTOLIC, "art"),
            0x4A13: CodeRow(VitalKind.ART_MEAN, "art"),
            0x4A15: CodeRow(VitalKind.ART_SYSTOLIC, "abp"),
            0x4A16: CodeRow(VitalKind.ART_DIASTOLIC, "abp"),
            0x4A17: CodeRow(VitalKind.ART_MEAN, "abp"),
            0x4B48: CodeRow(VitalKind.TEMPERATURE),
            0x4B54: CodeRow(VitalKind.TEMPERATURE, "airway"),
            0x4B60: CodeRow(VitalKind.TEMPERATURE, "core"),
            0x4B64: CodeRow(VitalKind.TEMPERATURE, "esophageal"),
            0x4B6C: CodeRow(VitalKind.TEMPERATURE, "nasopharyngeal"),
            0x4B74: CodeRow(VitalKind.TEMPERATURE, "skin"),
            0x4B78: CodeRow(VitalKind.TEMPERATURE, "tympanic"),
            0xE004: CodeRow(VitalKind.TEMPERATURE, "rectal"),
            0xE008: CodeRow(VitalKind.TEMPERATURE, "oral"),
            0xE00C: CodeRow(VitalKind.TEMPERATURE, "tympanic"),
            0xE014: CodeRow(VitalKind.TEMPERATURE, "blood"),
            0xE050: CodeRow(VitalKind.TEMPERATURE, "axillary"),
            0xF0C4: CodeRow(VitalKind.TEMPERATURE, "bladder"),
            0xF0C7: CodeRow(VitalKind.TEMPERATURE, "t1"),
            0xF0C8: CodeRow(VitalKind.TEMPERATURE, "t2"),
            0xF0C9: CodeRow(VitalKind.TEMPERATURE, "t3"),
            0xF0CA: CodeRow(VitalKind.TEMPERATURE, "t4"),
            0xF108: CodeRow(VitalKind.TEMPERATURE, "oral"),
            0xF10C: CodeRow(VitalKind.TEMPERATURE, "axillary"),
            0xF140: CodeRow(VitalKind.TEMPERATURE, "predictive", is_event=True),
            0x50B0: CodeRow(VitalKind.ETCO2),
        }.items()
    }
)

_EVENT_MAX_AGES_S: Final[Mapping[tuple[VitalKind, str], float]] = MappingProxyType(
    {
        (VitalKind.PULSE_RATE, "nibp"): _CUFF_MAX_AGE_S,
        # a spot temperature counts for 8 h: design start value, unvalidated
        (VitalKind.TEMPERATURE, "predictive"): 8 * 3600.0,
    }
)


def max_age_s(kind: VitalKind, site: str) -> float:
    """Return the age in seconds from which a value of this kind and site is stale."""
    return _EVENT_MAX_AGES_S.get((kind, site), KINDS[kind].max_age_s)
