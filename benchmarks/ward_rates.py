"""Rates of the simulated wards beside those of real recordings.

Each figure is measured the same way on both: on real sets, with number and source, and on the
patients of the shipped wards, least, median and greatest of the wards.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.report import parser_of
from edge_agent.evaluate.real.ward_rates import NOTES, RateRow, rows_of_rates
from edge_agent.evaluate.real.ward_recordings import simulated
from simulators.cohorts.cohort_file import load_cohort
from simulators.habits.drawn_wards import GROUPS, shipped_wards

_DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "clinical"


def show_rates(rows: Sequence[RateRow]) -> None:
    """Print the table."""
    table = Table("rate", "least ward", "median ward", "greatest", "real", "n", "source")
    for row in rows:
        table.add_row(*row.cells())
    console = Console(width=150)
    console.print(table)
    for start, note in NOTES.items():
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
    spec = replace(load_cohort("tune"), days=days, patients=patients)
    cohorts = [replace(spec, ward=ward) for ward in wards]
    rows = rows_of_rates(
        arguments.data, [simulated(map(one.patient, range(patients))) for one in cohorts]
    )
    show_rates(rows)
    if arguments.json:
        found: Mapping[str, object] = {row.key: row.as_object() for row in rows}
        sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
