"""Products that cause CRS: frequency, onset and duration, with published medians and ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Product:
    """Published figures on CRS after one product."""

    any_crs: float
    """Share of patients with CRS of any grade."""
    severe: float
    """Share of patients with grade 3 or more, on the scale of the trial."""
    onset_h: float
    """Median from infusion to fever, hours."""
    onset_range_days: tuple[float, float]
    duration_days: float
    """Median duration, days."""
    duration_range_days: tuple[float, float]
    source: str
    ramp_h: float = 5.0
    """Median from the first drift of the temperature to 38.0, hours; design start value,
    unvalidated."""
    onset_sigma: float = 0.55
    """Standard deviation of the onset's logarithm; design start value, unvalidated."""


PRODUCTS: Final[Mapping[str, Product]] = MappingProxyType(
    {
        "axi-cel": Product(0.94, 0.13, 44, (1, 12), 7, (2, 58), "Yescarta prescribing information"),
        "tisa-cel": Product(
            0.79,
            0.49,
            72,
            (1, 22),
            8,
            (1, 36),
            "Kymriah prescribing information; "
            "Schultz et al., J Immunother Cancer 2022 (scale: Penn)",
        ),
        "liso-cel": Product(
            0.42, 0.02, 110, (1, 14), 5, (1, 17), "Breyanzi prescribing information"
        ),
        "brexu-cel": Product(
            0.89, 0.11, 110, (1, 46), 6, (1, 63), "CIBMTR, real world, n = 476 (scale: ASTCT)"
        ),
        "ide-cel": Product(0.87, 0.07, 24, (1, 27), 6, (1, 63), "Abecma prescribing information"),
        "cilta-cel": Product(
            0.90, 0.05, 165, (1, 23), 4, (1, 97), "Carvykti prescribing information", ramp_h=10.0
        ),
        "obe-cel": Product(
            0.72, 0.03, 190, (1, 23), 5, (1, 21), "Aucatzyl prescribing information", ramp_h=10.0
        ),
        "teclistamab": Product(0.72, 0.006, 40, (0.2, 6), 2, (1, 9), "MajesTEC-1, PubMed 36991547"),
    }
)
"""Products by name. Day 1 of an onset range is the first 24 h after the infusion."""
