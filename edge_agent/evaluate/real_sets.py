"""The real data sets, each where its folder holds it, scored without any tuning on them."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edge_agent.evaluate.figure import Target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CINC: Final = "cinc2019b_subset1000.csv.gz"
NIBP: Final = "eicu_nibp_subset120.csv.gz"
NUMERICS: Final = "s00001-2896-10-10-00-31n.csv"
BIDMC: Final = "bidmc/numerics_1hz.csv.gz"
MIMIC: Final = "mimic3demo"


@dataclass(frozen=True, slots=True)
class RealFigure:
    """One figure of a real data set."""

    key: str
    text: str
    value: float | None
    """None where the set is not there; `why` says so."""
    unit: str = ""
    target: Target | None = None
    why: str = ""

    @property
    def is_missed(self) -> bool:
        """Whether there is a target, something to hold against it, and it is not reached."""
        return (
            self.target is not None
            and self.value is not None
            and not self.target.is_met_by(self.value)
        )


@dataclass(frozen=True, slots=True)
class RealSet:
    """One data set."""

    name: str
    about: str
    """What it is, who published it under which licence, and how it was read."""
    figures: tuple[RealFigure, ...]
    notes: tuple[str, ...] = field(default=())


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file, gzipped or not.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)
    else:
        with path.open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)


def number(cell: str) -> float:
    """Return the number in a cell, NaN for an empty one."""
    return float(cell) if cell else float("nan")
