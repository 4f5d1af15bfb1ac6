"""The recent readings of one vital at one site, as arrays that grow at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from edge_agent.model.clock import Instant

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_SMALLEST_CAPACITY: Final = 64
_TIME, _UTC, _FEED = range(3)


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a reading was taken: on the gateway's clocks, and as the feed itself says."""

    at: Instant
    feed_time: str


@dataclass(frozen=True, slots=True, eq=False)
class VitalWindow:
    """Readings of one vital, oldest first; the arrays are read-only views of shape (n,)."""

    times_ns: IntArray
    """Monotonic time of each reading."""
    values: FloatArray
    """In the canonical unit; NaN is a reading that no rule may count on."""
    utc_ns: IntArray
    feed_ns: IntArray
    """The feed's own time of each reading."""

    def stamp(self, index: int) -> Stamp:
        """Return when the reading at `index` was taken."""
        at = Instant(int(self.times_ns[index]), int(self.utc_ns[index]))
        return Stamp(at, str(self.feed_ns[index]))


class VitalSeries:
    """Readings of one vital at one site, kept for at least a bounded span.

    Appending costs amortised constant time. A window handed out is a view and never changes: new
    readings land behind it, and making room or inserting copies into new arrays.

    Parameters
    ----------
    span_ns
        How long readings are kept, counted back from the newest, > 0.
    """

    def __init__(self, span_ns: int) -> None:
        self._span_ns = span_ns
        self._size = 0
        self._allocate(np.empty((3, 0), np.int64), np.empty(0, np.float64))
        self.newest_usable: Stamp | None = None
        """Newest reading a rule may count on, kept beyond the span; None before the first."""

    def __len__(self) -> int:
        return self._size

    def append(self, at: Instant, value: float, feed_ns: int) -> None:
        """Add a reading; NaN for one that is not usable. An older one takes its place in time."""
        mark = np.array([at.monotonic_ns, at.utc_ns, feed_ns], np.int64)
        if self._size and at.monotonic_ns < self._marks[_TIME, self._size - 1]:
            self._insert(mark, value)
        else:
            if self._size == self._values.size:
                self._make_room(at.monotonic_ns)
            self._marks[:, self._size] = mark
            self._values[self._size] = value
            self._size += 1
        self._note(Stamp(at, str(feed_ns)), value)

    def settle_repeat(self, value: float, feed_ns: int) -> bool:
        """Return whether a reading with this feed time is held; a usable value fills a gap."""
        held = np.flatnonzero(self._marks[_FEED, : self._size] == feed_ns)
        if not held.size:
            return False
        index = int(held[-1])
        if np.isnan(self._values[index]) and not np.isnan(value):
            self._allocate(self._marks[:, : self._size], self._values[: self._size])
            self._values[index] = value
            time_ns, utc_ns = (int(mark) for mark in self._marks[:_FEED, index])
            self._note(Stamp(Instant(time_ns, utc_ns), str(feed_ns)), value)
        return True

    def holds_reading(self, now_ns: int) -> bool:
        """Return whether the kept span before `now_ns` has any reading, usable or not."""
        return self._size > 0 and bool(self._marks[_TIME, self._size - 1] > now_ns - self._span_ns)

    def window(self, end_ns: int, length_ns: int) -> VitalWindow:
        """Return the readings in (end - length, end] without copying them."""
        times = self._read_marks[_TIME, : self._size]
        first, last = times.searchsorted((end_ns - length_ns, end_ns), side="right")
        return VitalWindow(
            times[first:last],
            self._read_values[first:last],
            self._read_marks[_UTC, first:last],
            self._read_marks[_FEED, first:last],
        )

    def _note(self, stamp: Stamp, value: float) -> None:
        newest = self.newest_usable
        if not np.isnan(value) and (newest is None or newest.at <= stamp.at):
            self.newest_usable = stamp

    def _insert(self, mark: IntArray, value: float) -> None:
        times = self._marks[_TIME, : self._size]
        place = int(times.searchsorted(mark[_TIME], side="right"))
        marks = np.insert(self._marks[:, : self._size], place, mark, axis=1)
        values = np.insert(self._values[: self._size], place, value)
        self._size += 1
        self._allocate(marks, values)

    def _make_room(self, newest_ns: int) -> None:
        times = self._marks[_TIME]
        first = int(times.searchsorted(newest_ns - self._span_ns, side="right"))
        self._size -= first
        self._allocate(self._marks[:, first:], self._values[first:])

    def _allocate(self, marks: IntArray, values: FloatArray) -> None:
        capacity = max(_SMALLEST_CAPACITY, 2 * self._size)
        self._marks = np.empty((3, capacity), np.int64)
        self._values = np.empty(capacity, np.float64)
        self._marks[:, : self._size] = marks
        self._values[: self._size] = values
        self._read_marks = self._marks.view()
        self._read_values = self._values.view()
        self._read_marks.flags.writeable = False
        self._read_values.flags.writeable = False
