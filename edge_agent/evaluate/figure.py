"""One figure of an evaluation and the target it is held against."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edge_agent.evaluate.bootstrap import Estimate


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be at least, or at most."""

    limit: float
    is_most: bool = False

    def is_met_by(self, value: float) -> bool:
        """Return whether a value reaches it; NaN never does."""
        return value <= self.limit if self.is_most else value >= self.limit

    def __str__(self) -> str:
        return f"{'≤' if self.is_most else '≥'} {self.limit:.3g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the page and of the file beside it."""

    key: str
    text: str
    unit: str
    estimate: Estimate
    target: Target | None
    why: str
    """What stands beside it: what is counted, and what lies behind a miss."""

    @property
    def is_missed(self) -> bool:
        """Whether there is a target, something to hold against it, and it is not reached."""
        value = self.estimate.value
        return self.target is not None and not isnan(value) and not self.target.is_met_by(value)
