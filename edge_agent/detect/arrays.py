"""Array types of readings, single readings in order, and the times and stamps of readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from edge_agent.model.clock import LATEST_UTC_NS, Instant, within_bounds
from edge_agent.model.measurements import Vital

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stamp:
    """Time of a reading, on the gateway's clocks and on the feed's own."""

    at: Instant
    feed_time: str


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


@dataclass(frozen=True, slots=True)
class Events:
    """Single readings, oldest first; arrays of shape (n,), NaN for an unusable one."""

    times_ns: IntArray
    """Monotonic time, ns."""
    values: FloatArray
    utc_ns: IntArray
    feed_ns: IntArray

    def stamp(self, index: int) -> Stamp:
        """Return the stamp of one reading."""
        at = Instant(int(self.times_ns[index]), int(self.utc_ns[index]))
        return Stamp(at, str(self.feed_ns[index]))

    def until(self, time_ns: int) -> Events:
        """Return the readings up to a moment."""
        count = int(self.times_ns.searchsorted(time_ns, side="right"))
        return Events(
            self.times_ns[:count], self.values[:count], self.utc_ns[:count], self.feed_ns[:count]
        )

    def since(self, time_ns: int) -> Events:
        """Return the readings after a moment."""
        first = int(self.times_ns.searchsorted(time_ns, side="right"))
        return Events(
            self.times_ns[first:], self.values[first:], self.utc_ns[first:], self.feed_ns[first:]
        )


def merged(parts: Sequence[Events]) -> Events:
    """Return the readings of several sources in order of time."""
    times_ns = np.concatenate([part.times_ns for part in parts])
    order = np.argsort(times_ns, kind="stable")
    return Events(
        times_ns[order],
        np.concatenate([part.values for part in parts])[order],
        np.concatenate([part.utc_ns for part in parts])[order],
        np.concatenate([part.feed_ns for part in parts])[order],
    )


NO_EVENTS: Final = Events(
    np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int64), np.empty(0, np.int64)
)
