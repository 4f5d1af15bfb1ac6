"""One figure of an evaluation and its target."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from edge_agent.evaluate.estimates.bootstrap import Estimate


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
    unit: str
    estimate: Estimate
    target: Target | None
    why: str
    """Note beside the figure: definition, or the reason for a miss."""

    @property
    def is_missed(self) -> bool:
        """True where there is a target and a value, and the value misses the target."""
        value = self.estimate.value
        return self.target is not None and not isnan(value) and not self.target.is_met_by(value)
