"""Usual onset times of CRS after each product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp
from types import MappingProxyType
from typing import Final

_Z_95: Final = 1.645
_SIGMA: Final = 0.6
"""Standard deviation of the logarithm of the onset; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class _OnsetBand:
    """Hours after the infusion within which 90 % of first onsets lie."""

    from_h: float
    to_h: float


def _band(median_h: float) -> _OnsetBand:
    return _OnsetBand(median_h * exp(-_Z_95 * _SIGMA), median_h * exp(_Z_95 * _SIGMA))


# Median onset in hours. source: prescribing information of Yescarta, Kymriah, Breyanzi, Abecma,
# Carvykti, Aucatzyl; Tecartus: CIBMTR, real world, n = 476; teclistamab: MajesTEC-1 (PubMed
# 36991547); talquetamab: Talvey prescribing information (27 h); afami-cel: Tecelra prescribing
# information
ONSETS: Final[Mapping[str, _OnsetBand]] = MappingProxyType(
    {
        product: _band(median_h)
        for product, median_h in {
            "axi-cel": 44,
            "tisa-cel": 72,
            "liso-cel": 110,
            "brexu-cel": 110,
            "ide-cel": 24,
            "cilta-cel": 165,
            "obe-cel": 190,
            "afami-cel": 48,
            "teclistamab": 40,
            "talquetamab": 27,
        }.items()
    }
)
ANY_PRODUCT: Final = _OnsetBand(24.0, 14 * 24.0)
"""Band of every product not listed: day 1 to 14."""
