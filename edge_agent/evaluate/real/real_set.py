"""Real data sets, read from one folder and scored without any tuning on them."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from edge_agent.evaluate.estimates.figure import Figure

CINC: Final = "cinc2019b_subset1000.csv.gz"
NIBP: Final = "eicu_nibp_subset120.csv.gz"
NUMERICS: Final = "s00001-2896-10-10-00-31n.csv"
BIDMC: Final = "bidmc/numerics_1hz.csv.gz"
MIMIC: Final = "mimic3demo"


@dataclass(frozen=True, slots=True)
class RealSet:
    """One data set."""

    name: str
    about: str
    """Description, publisher, licence and way of reading."""
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = field(default=())


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file, gzipped or not.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def number(cell: str) -> float:
    """Return the number in a cell, NaN for an empty one."""
    return float(cell) if cell else float("nan")
