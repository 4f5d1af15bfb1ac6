"""The readings of one vital at one site: medians of steps, and single readings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from math import inf, isnan, nan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import NO_EVENTS, Events
from edge_agent.model.clock import Instant

_SAME_WITHIN_NS: Final = 60 * 10**9
"""Readings with one stamp this close together are the same; design start value, unvalidated."""
_RESENT_WITHIN_NS: Final = 600 * 10**9
"""Time for which a device may repeat one reading; design start value, unvalidated."""
LATE_STEPS: Final = 6
"""Steps by which a reading may be late and still count: one minute; a later one is discarded."""


def median(values: Collection[float]) -> float:
    """Return the median of the values without NaN; NaN if there are none."""
    usable = sorted(value for value in values if value == value)  # noqa: PLR0124 - NaN is not itself
    count = len(usable)
    if not count:
        return nan
    return (usable[(count - 1) // 2] + usable[count // 2]) / 2


@dataclass(slots=True)
class RunningTrack:
    """Medians of the newest steps of a continuously measured vital."""

    hold_steps: int
    """Steps for which a median is held while no reading arrives."""
    _readings: dict[int, dict[tuple[int, float], float]] = field(default_factory=dict)
    """Readings by step, for the steps that may still get late ones; readings with the same time of
    the feed and the same value are one."""
    _medians: dict[int, float] = field(default_factory=dict)
    """Medians by step; NaN where all its readings were unusable; no item where there were none."""
    last: float = nan
    """Newest median that was a number, however old."""

    def add(self, step: int, value: float, feed_ns: int) -> None:
        """Add a reading, NaN for an unusable one; its step must be at most a minute old."""
        readings = self._readings.get(step)
        if readings is None:
            readings = self._readings[step] = {}
        readings[feed_ns, value if value == value else inf] = value  # noqa: PLR0124 - NaN

    def close(self, step: int) -> float:
        """Close a step and return its value: its median, or an earlier one while that is held."""
        readings = self._readings.get(step)
        if readings is not None:
            self._medians[step] = median(readings.values())
            if self._medians[step] == self._medians[step]:
                self.last = self._medians[step]
        self._forget(step)
        for earlier in range(step, step - self.hold_steps - 1, -1):
            if earlier in self._medians:
                return self._medians[earlier]
        return nan

    def _forget(self, step: int) -> None:
        """Delete readings and medians that no later step needs."""
        if len(self._readings) > LATE_STEPS:
            for old in [s for s in self._readings if s <= step - LATE_STEPS]:
                del self._readings[old]
        if len(self._medians) > self.hold_steps + 2 * LATE_STEPS:
            oldest = step - self.hold_steps - LATE_STEPS
            for old in [s for s in self._medians if s < oldest]:
                del self._medians[old]


@dataclass(slots=True)
class EventTrack:
    """Newest single readings of a vital that is measured occasionally."""

    keep_ns: int
    """Time for which readings are stored, counted back from the newest."""
    events: Events = NO_EVENTS

    def moved(self, by_ns: int) -> EventTrack:
        """Return the same readings on another monotonic clock."""
        times_ns = self.events.times_ns + by_ns
        return EventTrack(self.keep_ns, replace(self.events, times_ns=times_ns))

    def add(self, at: Instant, value: float, feed_ns: int) -> bool:
        """Add a reading; return True if it is new or a repeated one fills a gap.

        A monitor whose clock was set back gives a stamp a second time: that is a new reading.
        """
        stored = self.events
        index = self._same_index(at, value, feed_ns)
        if index is not None:
            is_filled = isnan(stored.values[index]) and not isnan(value)
            if is_filled:
                values = stored.values.copy()
                values[index] = value
                self.events = Events(stored.times_ns, values, stored.utc_ns, stored.feed_ns)
            return is_filled
        index = int(stored.times_ns.searchsorted(at.monotonic_ns, side="right"))
        columns = (stored.times_ns, stored.values, stored.utc_ns, stored.feed_ns)
        row = (at.monotonic_ns, value, at.utc_ns, feed_ns)
        grown = Events(
            *(
                np.concatenate((column[:index], [number], column[index:]))
                for column, number in zip(columns, row, strict=True)
            )
        )
        self.events = grown.since(int(grown.times_ns[-1]) - self.keep_ns)
        return True

    def _same_index(self, at: Instant, value: float, feed_ns: int) -> int | None:
        """Return the newest stored reading equal to this one: same stamp, about the same time."""
        stored = self.events
        if feed_ns not in stored.feed_ns:
            return None
        apart_ns = np.abs(stored.times_ns - at.monotonic_ns)
        is_equal = np.isnan(stored.values) | (stored.values == value) | isnan(value)
        is_near = apart_ns <= np.where(is_equal, _RESENT_WITHIN_NS, _SAME_WITHIN_NS)
        is_same = (stored.feed_ns == feed_ns) & (is_near | (stored.utc_ns == at.utc_ns))
        return max(np.flatnonzero(is_same).tolist(), default=None)
