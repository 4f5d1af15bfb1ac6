"""What a device claims about one vital, before it is judged."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from edge_agent.model.measurements import CANONICAL_UNITS, GenerationMode, Validity, VitalKind
from edge_agent.vitals.canonical import CODES, KINDS, CodeRow
from edge_agent.vitals.units import CONVERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.model.measurements import Numeric

VALIDITY_REASONS: Final[Mapping[Validity, str]] = MappingProxyType(
    {
        Validity.VALID: "",
        Validity.QUESTIONABLE: "device marks it questionable",
        Validity.INVALID: "sensor off or no signal",
        Validity.CALIBRATING: "calibrating",
        Validity.MEASURING: "measurement under way",
        Validity.NOT_AVAILABLE: "not measured",
        Validity.ABOVE_RANGE: "above the device's range",
        Validity.BELOW_RANGE: "below the device's range",
    }
)
"""Why a value is not usable, in words for a nurse, where the device itself says so."""


@dataclass(frozen=True, slots=True)
class Series:
    """What one device measures in one place: the identity of a run of vitals."""

    device_id: str
    kind: VitalKind
    site: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One numeric of a known kind, in the canonical unit, and what is thought of it so far."""

    numeric: Numeric
    row: CodeRow
    value: float | None
    """None where the device has no value or sent one that cannot be understood."""
    stated: Validity
    """What the device said, or INVALID where the value cannot be understood."""
    validity: Validity
    reason: str
    """Empty while it is VALID."""

    @property
    def series(self) -> Series:
        """The run of vitals it belongs to."""
        return Series(self.numeric.device_id, self.row.kind, self.row.site)

    @property
    def is_occasional(self) -> bool:
        """Whether it is a reading taken now and then, with a time of its own."""
        return self.row.is_event or self.numeric.is_sent_once

    @property
    def usable_value(self) -> float | None:
        """The value where nothing speaks against it, None otherwise."""
        believed = self.validity is Validity.VALID and self.numeric.mode is GenerationMode.REAL
        return self.value if believed else None

    def doubted(self, reason: str, validity: Validity = Validity.QUESTIONABLE) -> Claim:
        """Return the claim with a doubt of ours; the first doubt, also the device's, stands."""
        if not reason or self.validity is not Validity.VALID:
            return self
        return replace(self, validity=validity, reason=reason)


def claim(numeric: Numeric) -> Claim | None:
    """Return what `numeric` claims, or None where its code is no vital.

    Code and unit must agree before the value is believed: a monitor in the field labelled its
    etCO2 with the code of SpO2, and only the unit told.
    """
    row = CODES.get(numeric.code)
    if row is None:
        return None
    if numeric.unit_code not in KINDS[row.kind].units:
        wanted = CANONICAL_UNITS[row.kind]
        got = f"unit {numeric.unit_code} {numeric.unit}".rstrip()
        return _unbelievable(numeric, row, f"code {numeric.code} wants {wanted}, got {got}")
    value = numeric.value
    if value is not None:
        value = CONVERSIONS[numeric.unit_code].apply(value)
        if not math.isfinite(value):
            return _unbelievable(numeric, row, f"{numeric.value:g} is too large to convert")
    reason = numeric.reason or VALIDITY_REASONS[numeric.validity]
    return Claim(numeric, row, value, numeric.validity, numeric.validity, reason)


def _unbelievable(numeric: Numeric, row: CodeRow, reason: str) -> Claim:
    return Claim(numeric, row, None, Validity.INVALID, Validity.INVALID, reason)
