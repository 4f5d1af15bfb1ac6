"""The machine's own clocks, for simulators that run on their own."""

from __future__ import annotations

import time

from edge_agent.model.clock import Instant


def read_system_clock() -> Instant:
    """Return the present moment on the machine's clocks."""
    return Instant(time.monotonic_ns(), time.time_ns())
