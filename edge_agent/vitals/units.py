"""Device units and the canonical UCUM units they convert to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

# source: ISO/IEEE 11073-10101, partition 4 (dimensions), context-free codes
NO_DIMENSION: Final = 262656
PERCENT: Final = 262688
BEATS_PER_MIN: Final = 264864
BREATHS_PER_MIN: Final = 264928
KILOPASCAL: Final = 265987
MILLIMETRE_OF_MERCURY: Final = 266016
FAHRENHEIT: Final = 266560
CELSIUS: Final = 268192


@dataclass(frozen=True, slots=True)
class Conversion:
    """Conversion of a device unit to a canonical one: `value * scale + offset`."""

    to_unit: str
    """UCUM."""
    scale: float = 1.0
    offset: float = 0.0

    def apply(self, value: float) -> float:
        """Return `value` in the canonical unit."""
        return value * self.scale + self.offset


CONVERSIONS: Final[Mapping[int, Conversion]] = MappingProxyType(
    {
        # perfusion index is a share in percent that Philips monitors send without a dimension
        NO_DIMENSION: Conversion("%"),
        PERCENT: Conversion("%"),
        BEATS_PER_MIN: Conversion("/min"),
        BREATHS_PER_MIN: Conversion("/min"),
        MILLIMETRE_OF_MERCURY: Conversion("mm[Hg]"),
        # 1 mmHg = 133.322387415 Pa; source: ISO 80000-4, conversion factors of non-SI units
        KILOPASCAL: Conversion("mm[Hg]", 1000 / 133.322387415),
        CELSIUS: Conversion("Cel"),
        FAHRENHEIT: Conversion("Cel", 5 / 9, -160 / 9),
    }
)
"""Every unit in which a vital may arrive; `canonical.KINDS` lists the units of each kind."""
