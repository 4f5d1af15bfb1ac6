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
    def verdict(self) -> str:
        """Comparison with the target, met or missed; empty without a target or a value."""
        if self.target is None or self.value is None:
            return ""
        return "met" if self.target.is_met_by(self.value) else "missed"

    @property
    def is_missed(self) -> bool:
        """True where there is a target and a value, and the value misses the target."""
        return self.verdict == "missed"
