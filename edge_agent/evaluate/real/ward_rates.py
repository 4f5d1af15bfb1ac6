"""Rates of simulated wards beside those of real recordings, measured the same way on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np

from edge_agent.evaluate.real.ward_measures import Measured, Measures
from edge_agent.evaluate.real.ward_recordings import measured

NOTES: Final = {
    "cuff_first_below": "A first reading begins a stretch below 90; the next is at 90 or above.",
    "rates_apart": "The simulated patients' own movements are rarer and longer than real ones.",
    "spo2_falls": "None in 7 h of BIDMC: at most 0.4 per hour, with 95 % certainty.",
    "heart_rate_gap": "One patient: a restless one of a ward, not its middle.",
    "spo2_gap": "One patient: a restless one of a ward, not its middle.",
    "heart_rate_hours": "Charted by the hour: an empty hour may have been measured, not noted.",
    "temperature_interval": "Temperatures by hand; the real sets hold no site.",
}
"""Remarks on comparing real and simulated rates, by the beginning of a key."""


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate of real recordings and of simulated wards."""

    key: str
    real: Measured | None
    """None where no set measures it."""
    source: str
    wards: tuple[float, ...]
    """Rate of each ward where it can be counted, the least first."""

    def cells(self) -> tuple[str, ...]:
        """Return the cells of a table."""
        real, n = ("-", "-") if self.real is None else (_shown(self.real.value), f"{self.real.n:,}")
        ends = [self._at(share) for share in (0, 50, 100)]
        return self.key, *map(_shown, ends), real, n, self.source

    def as_object(self) -> dict[str, object]:
        """Return the row for JSON."""
        real = None if self.real is None else _number(self.real.value)
        n = None if self.real is None else self.real.n
        ends = [_number(self._at(share)) for share in (0, 50, 100)]
        return {"real": real, "n": n, "source": self.source, "simulated": ends}

    def _at(self, share: float) -> float:
        return float(np.percentile(self.wards, share)) if self.wards else float("nan")


def rows_of_rates(folder: Path | None, wards: Sequence[Measures]) -> list[RateRow]:
    """Return every rate of the real sets in a folder and of simulated wards, in order.

    Parameters
    ----------
    folder
        Folder of the real sets; None where none is given.
    """
    real: dict[str, tuple[Measured, str]] = {}
    for source, found in () if folder is None else measured(folder):
        real |= {key: (value, source.name) for key, value in found.items()}
    keys = dict.fromkeys((*real, *(key for ward in wards for key in ward)))
    rows = []
    for key in keys:
        value, name = real.get(key, (None, "no set given"))
        known = sorted(w[key].value for w in wards if key in w and isfinite(w[key].value))
        rows.append(RateRow(key, value, name, tuple(known)))
    return rows


def _shown(value: float) -> str:
    return f"{value:.3g}" if isfinite(value) else "-"


def _number(value: float) -> float | None:
    return round(value, 5) if isfinite(value) else None
