"""Steps of the gateway's wall clock, measured with its monotonic clock."""

from __future__ import annotations

from typing import Final

from edge_agent.model.clock import Instant

_STEPPED_S: Final = 5.0
"""Smallest change between two checks that is a step: time servers slew a clock by at most 0.5 ms in
a second. Design start value, unvalidated."""


class GatewayClock:
    """Compares the two clocks of the gateway from check to check."""

    def __init__(self) -> None:
        self._clock_ns: int | None = None  # UTC minus monotonic; None before the first check

    def step_s(self, at: Instant) -> float:
        """Return the seconds by which the wall clock was set since the last check, else 0."""
        before, now = self._clock_ns, at.utc_ns - at.monotonic_ns
        self._clock_ns = now
        by_s = 0.0 if before is None else (now - before) / 1e9
        return by_s if abs(by_s) > _STEPPED_S else 0.0


def step_words(by_s: float) -> str:
    """Return a step of the clock in words."""
    direction = "ahead" if by_s > 0 else "back"
    return f"the gateway's clock was set {direction} by {_in_units(abs(by_s))}"


def _in_units(seconds: float) -> str:
    for unit, length_s in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length_s:
            return f"{seconds / length_s:.0f} {unit}"
    return f"{seconds:.0f} s"
