"""Hypotension and hypoxia, the two criteria (limbs) that grade cytokine release syndrome.

People enter vasopressors and oxygen. Where they have entered nothing, a limb covers every grade
that is possible.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import NamedTuple

from edge_agent.model.patient import OxygenDevice
from edge_agent.patient.drugs import drug_name, letters_of


class GradeScale(StrEnum):
    """Scales of grades; grades of two scales cannot be compared."""

    ASTCT_2019 = "ASTCT 2019"
    """Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-638."""
    ICANS_2019 = "ASTCT 2019 ICANS"
    """Neurotoxicity, in the same paper."""
    CTCAE_V5 = "CTCAE v5.0"
    """National Cancer Institute, Common Terminology Criteria for Adverse Events v5.0, 2017."""


@dataclass(frozen=True, slots=True)
class GradeInputs:
    """Known inputs of the grade of one patient at one moment."""

    fever: bool | None
    """38.0 °C or more without another known cause; None while no temperature is known."""
    therapy_given: bool | None
    """True after an antipyretic, tocilizumab or a steroid in this episode, which began with fever;
    None where nobody entered any."""
    hypotension: bool | None
    """Confirmed low pressure; None while no pressure is known."""
    vasopressors: tuple[str, ...] | None
    """Names of the running drugs; empty for none, None if never entered."""
    oxygen_device: OxygenDevice | None
    """None if never entered."""
    oxygen_flow_l_min: float | None
    """None if not entered; used for a nasal or a high-flow cannula only."""
    hypoxia: bool | None
    """Low SpO2 in this episode; None while no SpO2 is known."""
    is_ruled_out: bool = False
    """True if a clinician ruled CRS out."""

    def __post_init__(self) -> None:
        flow = self.oxygen_flow_l_min
        if flow is not None and not (math.isfinite(flow) and flow >= 0):
            raise ValueError(f"oxygen flow {flow!r} l/min; want 0 or more")
        if not all(letters_of(name) for name in self.vasopressors or ()):
            raise ValueError(f"vasopressors {self.vasopressors!r}; want a name each")


class Support(Enum):
    """Level of breathing support."""

    NONE = auto()
    LOW_FLOW = auto()
    HIGH_FLOW = auto()
    RESERVOIR = auto()
    POSITIVE_PRESSURE = auto()
    VENTILATION = auto()


class GradeSpan(NamedTuple):
    """Range of grades, 0 for none."""

    low: int
    high: int


class Limb(NamedTuple):
    """Grades by hypotension or by hypoxia, 0 for none, and the name that people read."""

    low: int
    high: int
    name: str
    missing: tuple[str, ...]
    """Facts that would narrow the range but are not inputs."""


class ScaleTable(NamedTuple):
    """Differences between the scales."""

    scale: GradeScale
    vasopressin_counts: bool
    """True if vasopressin counts as one of several vasopressors."""
    support: Mapping[Support, GradeSpan]


LOW_FLOW_AT_MOST_L_MIN = 6.0
"""Highest low flow (Lee DW et al., 2019: low flow is 6 l/min and less, or blow-by)."""

_SUPPORT = {
    OxygenDevice.AIR: Support.NONE,
    OxygenDevice.BLOW_BY: Support.LOW_FLOW,
    OxygenDevice.FACE_MASK: Support.HIGH_FLOW,
    OxygenDevice.VENTURI_MASK: Support.HIGH_FLOW,
    OxygenDevice.NON_REBREATHER: Support.RESERVOIR,
    OxygenDevice.CPAP: Support.POSITIVE_PRESSURE,
    OxygenDevice.BIPAP: Support.POSITIVE_PRESSURE,
    OxygenDevice.VENTILATOR: Support.VENTILATION,
}

# Lee DW et al., 2019, table of the CRS consensus grading
ASTCT = ScaleTable(
    GradeScale.ASTCT_2019,
    vasopressin_counts=False,
    support={
        Support.LOW_FLOW: GradeSpan(2, 2),
        Support.HIGH_FLOW: GradeSpan(3, 3),
        Support.RESERVOIR: GradeSpan(3, 3),
        Support.POSITIVE_PRESSURE: GradeSpan(4, 4),
        Support.VENTILATION: GradeSpan(4, 4),
    },
)
# CTCAE v5.0, cytokine release syndrome: 2 below 40 % oxygen, 3 from 40 %, 4 life-threatening. The
# fraction is not entered, so a device covers every fraction that it may give.
CTCAE = ScaleTable(
    GradeScale.CTCAE_V5,
    vasopressin_counts=True,
    support={
        Support.LOW_FLOW: GradeSpan(2, 3),
        Support.HIGH_FLOW: GradeSpan(2, 3),
        Support.RESERVOIR: GradeSpan(3, 3),
        Support.POSITIVE_PRESSURE: GradeSpan(2, 4),
        Support.VENTILATION: GradeSpan(4, 4),
    },
)


def limbs_of(known: GradeInputs, table: ScaleTable) -> tuple[Limb, Limb]:
    """Return the grades by hypotension and by hypoxia on one scale."""
    return _pressure_limb(known, table), _oxygen_limb(known, table)


def _pressure_limb(known: GradeInputs, table: ScaleTable) -> Limb:
    """Return the grade by low pressure and vasopressors."""
    seen = GradeSpan(2 if known.hypotension else 0, 0 if known.hypotension is False else 2)
    if known.vasopressors is None:
        return Limb(seen.low, 4, "hypotension", ())
    drugs = sorted({drug_name(name) for name in known.vasopressors})
    if not drugs:
        return Limb(*seen, "hypotension without vasopressor", ())
    counted = [name for name in drugs if table.vasopressin_counts or name != "vasopressin"]
    grade = 4 if len(counted) > 1 else 3
    return Limb(grade, grade, f"vasopressor {', '.join(drugs)}", ())


def _oxygen_limb(known: GradeInputs, table: ScaleTable) -> Limb:
    """Return the grade by low SpO2 and the oxygen given."""
    supports = _supports(known)
    spans = [_support_span(support, known, table) for support in supports]
    low, high = min(span.low for span in spans), max(span.high for span in spans)
    if known.oxygen_device is None:
        return Limb(low, high, "low SpO2", ())
    return Limb(low, high, _oxygen_name(known, supports), _oxygen_questions(known, supports, table))


def _oxygen_name(known: GradeInputs, supports: tuple[Support, ...]) -> str:
    """Return the description of the oxygen given that people read."""
    if Support.NONE in supports:
        return "low SpO2 without oxygen"
    flow = "" if known.oxygen_flow_l_min is None else f" {known.oxygen_flow_l_min:g} l/min"
    return f"oxygen by {known.oxygen_device}{flow}"


def _oxygen_questions(
    known: GradeInputs, supports: tuple[Support, ...], table: ScaleTable
) -> tuple[str, ...]:
    """Return the questions that a device and its flow leave open."""
    if Support.NONE in supports:
        return ("how much oxygen is needed",)
    if Support.LOW_FLOW in supports and known.hypoxia is False:
        return ("whether oxygen is needed",)
    if any(table.support[support].low < table.support[support].high for support in supports):
        return ("oxygen fraction",)
    if len(supports) > 1 and known.oxygen_flow_l_min is not None:
        return ("oxygen flow, which contradicts the device",)
    return ()


def _support_span(support: Support, known: GradeInputs, table: ScaleTable) -> GradeSpan:
    """Return the grades of one level of support, given the known SpO2."""
    if support is Support.NONE:
        # low SpO2 needs oxygen; how much is unknown until it is given
        return GradeSpan(2 if known.hypoxia else 0, 0 if known.hypoxia is False else 4)
    span = table.support[support]
    # low-flow oxygen without low SpO2 may be given for comfort
    return span if known.hypoxia or support is not Support.LOW_FLOW else GradeSpan(0, span.high)


def _supports(known: GradeInputs) -> tuple[Support, ...]:
    """Return every level of support that the device and the flow allow."""
    if known.oxygen_device is None:
        return tuple(Support)
    if known.oxygen_device in _SUPPORT:
        return (_SUPPORT[known.oxygen_device],)
    is_high_flow = known.oxygen_device is OxygenDevice.HIGH_FLOW_CANNULA
    flow = known.oxygen_flow_l_min
    if flow is None:
        return (Support.HIGH_FLOW,) if is_high_flow else (Support.LOW_FLOW, Support.HIGH_FLOW)
    if flow == 0:
        return (Support.NONE,)
    if flow > LOW_FLOW_AT_MOST_L_MIN:
        return (Support.HIGH_FLOW,)
    # a high-flow cannula at a low flow contradicts itself
    return (Support.LOW_FLOW, Support.HIGH_FLOW) if is_high_flow else (Support.LOW_FLOW,)
