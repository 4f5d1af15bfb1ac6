"""A slow second way to grade: every completion of what is unknown, looked up in a literal table."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from edge_agent.detect.scores.crs_limbs import GradeInputs
from edge_agent.model.patient import OxygenDevice

if TYPE_CHECKING:
    from collections.abc import Iterator

UNKNOWN = (True, False, None)
PRESSORS: tuple[tuple[str, ...] | None, ...] = (
    None,
    (),
    ("norepinephrine",),
    ("vasopressin",),
    ("norepinephrine", "vasopressin"),
    ("norepinephrine", "epinephrine"),
    ("norepinephrine", "epinephrine", "vasopressin"),
)
FLOWS = (None, 0.0, 15.0, 0.5, 6.0, 6.1)
"""The first three are also tried with devices whose flow does not count."""
CANNULAS = {OxygenDevice.NASAL_CANNULA, OxygenDevice.HIGH_FLOW_CANNULA}

# Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-638, as people say it
BY_PRESSORS = {
    (False, ()): 0,
    (True, ()): 2,
    (False, ("norepinephrine",)): 3,
    (True, ("norepinephrine",)): 3,
    (False, ("vasopressin",)): 3,
    (True, ("vasopressin",)): 3,
    (False, ("norepinephrine", "vasopressin")): 3,
    (True, ("norepinephrine", "vasopressin")): 3,
    (False, ("norepinephrine", "epinephrine")): 4,
    (True, ("norepinephrine", "epinephrine")): 4,
    (False, ("norepinephrine", "epinephrine", "vasopressin")): 4,
    (True, ("norepinephrine", "epinephrine", "vasopressin")): 4,
}
BY_OXYGEN_NEEDED = {
    "nothing": 0,
    "2 l/min by cannula": 2,
    "blow-by": 2,
    "10 l/min by cannula": 3,
    "mask": 3,
    "pressure": 4,
}
# What is needed, told from what is given: without low SpO2, and with it.
NEEDED = {
    OxygenDevice.AIR: (
        ("nothing",),
        ("2 l/min by cannula", "blow-by", "10 l/min by cannula", "mask", "pressure"),
    ),
    OxygenDevice.BLOW_BY: (("nothing", "blow-by"), ("blow-by",)),
    OxygenDevice.FACE_MASK: (("mask",), ("mask",)),
    OxygenDevice.VENTURI_MASK: (("mask",), ("mask",)),
    OxygenDevice.NON_REBREATHER: (("mask",), ("mask",)),
    OxygenDevice.CPAP: (("pressure",), ("pressure",)),
    OxygenDevice.BIPAP: (("pressure",), ("pressure",)),
    OxygenDevice.VENTILATOR: (("pressure",), ("pressure",)),
}
LOW_FLOW = (("nothing", "2 l/min by cannula"), ("2 l/min by cannula",))
HIGH_FLOW = (("10 l/min by cannula",), ("10 l/min by cannula",))


def all_inputs() -> Iterator[GradeInputs]:
    """Give every combination of inputs, each known and unknown."""
    oxygen = [
        (device, flow)
        for device, flow in product((None, *OxygenDevice), FLOWS)
        if device in CANNULAS or flow in FLOWS[:3]
    ]
    for fever, therapy, low, drugs, (device, flow), hypoxia in product(
        UNKNOWN, UNKNOWN, UNKNOWN, PRESSORS, oxygen, UNKNOWN
    ):
        yield GradeInputs(fever, therapy, low, drugs, device, flow, hypoxia)


def grades(known: GradeInputs) -> set[int]:
    """Return every grade that some completion of the unknown inputs has."""
    return {
        grade
        for fever, therapy in product(
            _known_or_both(known.fever), _known_or_both(known.therapy_given)
        )
        for grade in _of_complete(known, fever=fever, therapy=therapy)
    }


def _of_complete(known: GradeInputs, *, fever: bool, therapy: bool) -> set[int]:
    if not fever and not therapy:
        return {0}
    without_limbs = {1} if fever else {0, 1}
    return {
        max(least, pressure, oxygen)
        for least in without_limbs
        for pressure in pressure_grades(known.hypotension, known.vasopressors)
        for oxygen in oxygen_grades(known.oxygen_device, known.oxygen_flow_l_min, known.hypoxia)
    }


@cache
def pressure_grades(hypotension: bool | None, drugs: tuple[str, ...] | None) -> set[int]:  # noqa: FBT001 - as entered
    """Return the grades of the limb of low pressure."""
    possible = PRESSORS[1:] if drugs is None else (drugs,)
    return {
        BY_PRESSORS[low, some]
        for low in _known_or_both(hypotension)
        for some in possible
        if some is not None
    }


@cache
def oxygen_grades(
    device: OxygenDevice | None,
    flow: float | None,
    hypoxia: bool | None,  # noqa: FBT001 - as entered
) -> set[int]:
    """Return the grades of the limb of low oxygen; a flow without a device is nobody's."""
    tables = (
        [table for some in OxygenDevice for table in _tables(some, None)]
        if device is None
        else _tables(device, flow)
    )
    return {
        BY_OXYGEN_NEEDED[need]
        for low in _known_or_both(hypoxia)
        for table in tables
        for need in table[low]
    }


def _tables(
    device: OxygenDevice, flow: float | None
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    if device not in CANNULAS:
        return [NEEDED[device]]
    if flow == 0:
        return [NEEDED[OxygenDevice.AIR]]
    if flow is not None and flow > 6:
        return [HIGH_FLOW]
    if device is OxygenDevice.HIGH_FLOW_CANNULA:
        return [HIGH_FLOW] if flow is None else [LOW_FLOW, HIGH_FLOW]
    return [LOW_FLOW, HIGH_FLOW] if flow is None else [LOW_FLOW]


def _known_or_both(value: bool | None) -> tuple[bool, ...]:  # noqa: FBT001 - the value itself
    return (True, False) if value is None else (value,)
