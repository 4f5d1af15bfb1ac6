"""Times of readings: on the device's clocks, and within the bounds of arithmetic."""

from __future__ import annotations

from edge_agent.model.clock import LATEST_UTC_NS, Instant, within_bounds
from edge_agent.model.measurements import Vital


def feed_time_ns(vital: Vital, *, is_event: bool) -> int:
    """Return a reading's time on the device's clocks: its stamp for events, else the counter."""
    elapsed_ns, wall_ns = vital.device_time.elapsed_ns, vital.device_time.wall_ns
    ordered = (wall_ns, elapsed_ns) if is_event else (elapsed_ns, wall_ns)
    feed_ns = next((ns for ns in ordered if ns is not None), vital.measured_at.utc_ns)
    # A stamp too large for 64 bits is shortened; equal stamps stay equal, so repeats are found.
    return feed_ns if feed_ns == within_bounds(feed_ns) else feed_ns % LATEST_UTC_NS


def in_bounds(at: Instant) -> Instant:
    """Return the moment, limited so that arithmetic on it cannot overflow."""
    return Instant(within_bounds(at.monotonic_ns), within_bounds(at.utc_ns))
