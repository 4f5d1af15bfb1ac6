"""The clocks of the machine that the gateway runs on."""

from __future__ import annotations

import time

from edge_agent.model.clock import Clock, Instant, ScaledClock, within_bounds


def system_clock() -> Clock:
    """Return the clock of the real ward."""
    return ScaledClock(read_system_clock, read_system_clock())


def clock(spec: str) -> Clock:
    """Return the clock of a simulation on this machine."""
    return ScaledClock.from_spec(spec, read_system_clock)


def read_system_clock() -> Instant:
    """Return the present moment on the machine's clocks, limited to a plausible range."""
    return Instant(time.monotonic_ns(), within_bounds(time.time_ns()))
