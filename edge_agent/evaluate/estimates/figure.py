"""One figure of an evaluation and its target."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import isnan
from typing import Final

from edge_agent.evaluate.estimates.bootstrap import Estimate

FEW: Final = 50
"""Patients below which a figure needs its whole interval to meet a target: the strictest targets
are shares of 98 %, one in 50."""
LEAST: Final = 6
"""Patients below which nothing meets a target: the extremes of five patients hold a median with
less than 95 % certainty."""


class Verdict(StrEnum):
    """Comparison of a figure with its target."""

    MET = "met"
    MISSED = "missed"
    TOO_FEW = "too few to say"
    NONE = ""
    """There is no target or no value."""


@dataclass(frozen=True, slots=True)
class Target:
    """Lowest or highest acceptable value of a figure."""

    limit: float
    is_most: bool = False

    def is_met_by(self, value: float) -> bool:
        """Return True where a value reaches the target; NaN never does."""
        return value <= self.limit if self.is_most else value >= self.limit

    def __str__(self) -> str:
        return f"{'≤' if self.is_most else '≥'} {self.limit:.3g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure on the page and in the file beside it."""

    key: str
    text: str
    estimate: Estimate
    unit: str = ""
    target: Target | None = None
    why: str = ""
    """Note beside the figure: definition, or the reason for a miss or a missing value."""

    @property
    def value(self) -> float | None:
        """Value of the figure; None where there is nothing to count."""
        return None if isnan(self.estimate.value) else self.estimate.value

    @property
    def verdict(self) -> Verdict:
        """Comparison with the target.

        A value that misses the target has missed it, however few patients there are. One that
        meets it is too few to say something where it rests on fewer than `FEW` patients and its
        interval reaches beyond the target, or on fewer than `LEAST`.
        """
        target, found = self.target, self.estimate
        if target is None or self.value is None:
            return Verdict.NONE
        if not target.is_met_by(found.value):
            return Verdict.MISSED
        if found.patients is None or found.patients >= FEW:
            return Verdict.MET
        is_sure = target.is_met_by(found.low) and target.is_met_by(found.high)
        return Verdict.MET if is_sure and found.patients >= LEAST else Verdict.TOO_FEW

    @property
    def is_missed(self) -> bool:
        """True where there is a target and a value, and the value misses the target."""
        return self.verdict is Verdict.MISSED
