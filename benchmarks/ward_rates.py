"""Rates of the simulated wards beside those of real recordings.

Each figure is measured the same way on both: on real sets, with number and source, and on the
patients of the shipped wards, least, median and greatest of the wards.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.report import parser_of
from benchmarks.ward_measures import Measured, Measures
from benchmarks.ward_recordings import measured, simulated
from simulators.habits.drawn_wards import GROUPS, shipped_wards

_DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "clinical"
_NOTES: Final = {
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


def rows_of_rates(folder: Path, wards: Sequence[Measures]) -> list[RateRow]:
    """Return every rate of the real sets in a folder and of simulated wards, in order."""
    real: dict[str, tuple[Measured, str]] = {}
    for source, found in measured(folder):
        real |= {key: (value, source.name) for key, value in found.items()}
    keys = dict.fromkeys((*real, *(key for ward in wards for key in ward)))
    rows = []
    for key in keys:
        value, name = real.get(key, (None, "no set given"))
        known = sorted(w[key].value for w in wards if key in w and isfinite(w[key].value))
        rows.append(RateRow(key, value, name, tuple(known)))
    return rows


def show_rates(rows: Sequence[RateRow]) -> None:
    """Print the table."""
    table = Table("rate", "least ward", "median ward", "greatest", "real", "n", "source")
    for row in rows:
        table.add_row(*row.cells())
    console = Console(width=150)
    console.print(table)
    for start, note in _NOTES.items():
        console.print(f"{start}...: {note}")


def main(texts: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = parser_of(__doc__, "one ward, a day of two patients")
    parser.add_argument("--data", type=Path, default=_DATA, help="folder of the real sets")
    parser.add_argument("--group", choices=GROUPS, default="tune")
    parser.add_argument("--patients", type=int, default=8)
    parser.add_argument("--days", type=float, default=14.0)
    arguments = parser.parse_args(texts)
    patients, days = (2, 1.0) if arguments.quick else (arguments.patients, arguments.days)
    wards = shipped_wards(arguments.group)[: 1 if arguments.quick else None]
    rows = rows_of_rates(arguments.data, [simulated(ward, patients, days) for ward in wards])
    show_rates(rows)
    if arguments.json:
        found: Mapping[str, object] = {row.key: row.as_object() for row in rows}
        sys.stdout.write(json.dumps(found) + "\n")


def _shown(value: float) -> str:
    return f"{value:.3g}" if isfinite(value) else "-"


def _number(value: float) -> float | None:
    return round(value, 5) if isfinite(value) else None


if __name__ == "__main__":
    main()
