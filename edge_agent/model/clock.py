"""Moments on the gateway's clocks, and a scaled clock that agent and simulators share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

LATEST_UTC_NS: Final = 8_836_128_000 * 10**9
"""Year 2250: times up to here, and sums with usual durations, fit into 64 bits."""


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A moment on the gateway's clocks: monotonic for arithmetic, UTC for display."""

    monotonic_ns: int
    utc_ns: int

    def seconds_since(self, earlier: Instant) -> float:
        """Return the elapsed time in seconds; negative if `earlier` is later."""
        return (self.monotonic_ns - earlier.monotonic_ns) / 1e9

    def plus(self, seconds: float) -> Instant:
        """Return the moment `seconds` later on both clocks."""
        step_ns = round(seconds * 1e9)
        return Instant(self.monotonic_ns + step_ns, self.utc_ns + step_ns)


def within_bounds(time_ns: int) -> int:
    """Return the time, or the nearest bound within which 64-bit sums cannot overflow."""
    return max(-LATEST_UTC_NS, min(time_ns, LATEST_UTC_NS))


class Clock(Protocol):
    """Time of the ward, which may run faster than the wall clock."""

    @property
    def factor(self) -> float:
        """Ward seconds per wall second."""

    @property
    def axis(self) -> str:
        """Name of the axis of its monotonic times; times compare only on one axis and boot."""

    def now(self) -> Instant:
        """Return the present moment."""


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """A clock that equals the system's at `epoch` and runs `factor` times as fast.

    Two processes on one machine that hold the same epoch and factor read the same time, because
    the system's monotonic clock is shared. Factor 1 is the plain system clock.
    """

    read: Callable[[], Instant]
    """Function that reads the system's own clocks."""
    epoch: Instant
    factor: float = 1.0

    def __post_init__(self) -> None:
        if not self.factor > 0:
            raise ValueError(f"clock factor must be > 0, got {self.factor}")

    def now(self) -> Instant:
        """Return the present moment on the scaled axis."""
        real = self.read()
        if self.factor == 1.0:
            return real
        step_ns = round((real.monotonic_ns - self.epoch.monotonic_ns) * self.factor)
        return Instant(self.epoch.monotonic_ns + step_ns, self.epoch.utc_ns + step_ns)

    @property
    def axis(self) -> str:
        """The system's own axis, or the axis of this epoch and factor."""
        return "system" if self.factor == 1.0 else self.spec()

    def spec(self) -> str:
        """Return the text from which another process creates the same clock."""
        return f"{self.epoch.monotonic_ns}:{self.epoch.utc_ns}:{self.factor!r}"

    @classmethod
    def from_spec(cls, text: str, read: Callable[[], Instant]) -> ScaledClock:
        """Return the clock described by `text`, as written by `spec`.

        Raises
        ------
        ValueError
            If the text is not MONOTONIC_NS:UTC_NS:FACTOR.
        """
        parts = text.split(":")
        if len(parts) != 3:
            raise ValueError(f"clock is {text!r}; want MONOTONIC_NS:UTC_NS:FACTOR")
        return cls(read, Instant(int(parts[0]), int(parts[1])), float(parts[2]))
