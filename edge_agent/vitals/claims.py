"""One numeric of a device as a claim about a vital, before the plausibility checks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from edge_agent.model.measurements import (
    CANONICAL_UNITS,
    GenerationMode,
    Numeric,
    Validity,
    VitalKind,
)
from edge_agent.vitals.canonical import CODES, KINDS, CodeRow
from edge_agent.vitals.units import CONVERSIONS

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
"""Reason why the device itself calls a value unusable, in words for a nurse."""


@dataclass(frozen=True, slots=True)
class Series:
    """Identity of a series of vitals: one device, one kind, one site."""

    device_id: str
    kind: VitalKind
    site: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One numeric of a known kind, in the canonical unit, with the doubts so far."""

    numeric: Numeric
    row: CodeRow
    value: float | None
    """None where the device sent no value, or one that cannot be interpreted."""
    stated: Validity
    """Validity from the device, or INVALID where the value cannot be interpreted."""
    validity: Validity
    reason: str
    """Reason for the validity; empty while it is VALID."""

    @property
    def series(self) -> Series:
        """Series of vitals to which the claim belongs."""
        return Series(self.numeric.device_id, self.row.kind, self.row.site)

    @property
    def is_occasional(self) -> bool:
        """True for a single reading with a time of its own."""
        return self.row.is_event or self.numeric.is_sent_once

    @property
    def usable_value(self) -> float | None:
        """The value if nothing casts doubt on it, None otherwise."""
        believed = self.validity is Validity.VALID and self.numeric.mode is GenerationMode.REAL
        return self.value if believed else None

    def doubted(self, reason: str, validity: Validity = Validity.QUESTIONABLE) -> Claim:
        """Return the claim with a doubt of crswatch; an earlier doubt, also the device's, stays."""
        if not reason or self.validity is not Validity.VALID:
            return self
        return replace(self, validity=validity, reason=reason)


def claim(numeric: Numeric) -> Claim | None:
    """Return the claim of `numeric`, or None where its code is not a vital's.

    The value is trusted only if code and unit agree: a monitor in use labelled its etCO2 with the
    code of SpO2, and only the unit showed the mistake.
    """
    row = CODES.get(numeric.code)
    if row is None:
        return None
    if numeric.unit_code not in KINDS[row.kind].units:
        wanted = CANONICAL_UNITS[row.kind]
        got = f"unit {numeric.unit_code} {numeric.unit}".rstrip()
        return _invalid(numeric, row, f"code {numeric.code} wants {wanted}, got {got}")
    value = numeric.value
    if value is not None:
        value = CONVERSIONS[numeric.unit_code].apply(value)
        if not math.isfinite(value):
            return _invalid(numeric, row, f"{numeric.value:g} is too large to convert")
    reason = numeric.reason or VALIDITY_REASONS[numeric.validity]
    return Claim(numeric, row, value, numeric.validity, numeric.validity, reason)


def _invalid(numeric: Numeric, row: CodeRow, reason: str) -> Claim:
    return Claim(numeric, row, None, Validity.INVALID, Validity.INVALID, reason)
