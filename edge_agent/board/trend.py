"""Courses of vital signs for charts: lowest and highest of each minute, so that peaks stay.

A minute without a usable value stays empty. Longer steps take the lowest and the highest of their
minutes, never an average.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from edge_agent.board.vital_view import SHOWN, shown_name
from edge_agent.model.measurements import GenerationMode, Validity, VitalKind

_MINUTE_MS: Final = 60_000
_DAY_MIN: Final = 1440
LONGEST_DAYS: Final = 14
_MOST_STEPS: Final = 720
"""Steps of a series; each gives one value or two."""
_GAP_MS: Final = {
    "heart_rate": 3 * _MINUTE_MS,
    "spo2": 3 * _MINUTE_MS,
    "respiratory_rate": 3 * _MINUTE_MS,
    "temperature": 10 * _MINUTE_MS,
    "pressure": 240 * _MINUTE_MS,
}
"""Pause that is left open on a chart, milliseconds; design start values, unvalidated."""
_SYSTOLIC: Final = {VitalKind.NIBP_SYSTOLIC, VitalKind.ART_SYSTOLIC}
_Day = npt.NDArray[np.float32]
"""Lowest and highest of each minute of a day, shape (2, 1440), NaN where there is none."""


class Series(msgspec.Struct, frozen=True):
    """One course: times in ms, and a value or None for a gap at each."""

    t: list[int]
    v: list[float | None]


@dataclass(frozen=True, slots=True)
class Point:
    """One usable value."""

    name: str
    """Vital sign of the board."""
    at_ms: int
    value: float


def point_of(
    kind: VitalKind, value: float | None, validity: Validity, mode: GenerationMode, at_ms: int
) -> Point | None:
    """Return a value for a chart; None for one that no rule may use, or that is not drawn."""
    is_usable = validity is Validity.VALID and mode is GenerationMode.REAL
    name = shown_name(kind.value)
    is_part = name == "pressure" and kind not in _SYSTOLIC
    if value is None or not is_usable or name is None or is_part or kind is VitalKind.PULSE_RATE:
        return None
    return Point(name, at_ms, value)


class BedTrend:
    """The courses of one bed, up to two weeks in about 1 MB."""

    def __init__(self) -> None:
        self._days: dict[tuple[str, int], _Day] = {}
        """Days by vital sign and number of the day."""
        self.filled_ms: int | None = None
        """Time from which on it has everything; None before its first value or backfill."""

    def add(self, points: Iterable[Point]) -> None:
        """Add values; one that is there already changes nothing."""
        for point in points:
            minute = point.at_ms // _MINUTE_MS
            key = (point.name, minute // _DAY_MIN)
            day = self._days.get(key)
            if day is None:
                day = self._days[key] = np.full((2, _DAY_MIN), np.nan, np.float32)
                self._drop_old()
            at = minute % _DAY_MIN
            day[0, at] = np.fmin(day[0, at], point.value)
            day[1, at] = np.fmax(day[1, at], point.value)

    def forget(self, now_ms: int) -> None:
        """Forget the courses: they were another patient's."""
        self._days.clear()
        self.filled_ms = now_ms

    def series(self, from_ms: int, to_ms: int) -> Mapping[str, Series]:
        """Return the courses in a span of time."""
        first, last = from_ms // _MINUTE_MS, to_ms // _MINUTE_MS + 1
        step = max(1, -(-(last - first) // _MOST_STEPS))
        return {
            name: _series(name, _minutes(self._days, name, first, last), first, step)
            for name in SHOWN
        }

    def _drop_old(self) -> None:
        newest = max(day for _name, day in self._days)
        for key in [key for key in self._days if key[1] < newest - LONGEST_DAYS]:
            del self._days[key]


def _minutes(days: Mapping[tuple[str, int], _Day], name: str, first: int, last: int) -> _Day:
    """Return the minutes from `first` until before `last`, shape (2, n)."""
    empty = np.full((2, _DAY_MIN), np.nan, np.float32)
    begin, end = first // _DAY_MIN, (last - 1) // _DAY_MIN
    whole = np.concatenate([days.get((name, day), empty) for day in range(begin, end + 1)], axis=1)
    return whole[:, first - begin * _DAY_MIN : last - begin * _DAY_MIN]


def _series(name: str, minutes: _Day, first: int, step: int) -> Series:
    starts = np.arange(0, minutes.shape[1], step)
    lows = np.fmin.reduceat(minutes[0], starts)
    highs = np.fmax.reduceat(minutes[1], starts)
    gap_ms = max(_GAP_MS[name], 2 * step * _MINUTE_MS)
    times: list[int] = []
    values: list[float | None] = []
    for at in np.flatnonzero(~np.isnan(lows)).tolist():
        at_ms = (first + int(starts[at])) * _MINUTE_MS
        if times and at_ms - times[-1] > gap_ms:
            times.append(times[-1] + 1)
            values.append(None)
        low, high = round(float(lows[at]), 2), round(float(highs[at]), 2)
        times.append(at_ms)
        values.append(low)
        if high > low:
            times.append(at_ms + step * _MINUTE_MS // 2)
            values.append(high)
    return Series(times, values)
