"""The patient's own usual values, from before an illness could have entered them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf, nan
from types import MappingProxyType
from typing import Final

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np

from edge_agent.detect.arrays import BoolArray, Events, FloatArray, IntArray
from edge_agent.detect.series.tracks import EventTrack
from edge_agent.model.durations import MINUTE_NS
from edge_agent.model.measurements import VitalKind

HOUR_MIN: Final = 60
DAY_MIN: Final = 1440
GAP_MIN: Final = 6 * HOUR_MIN
"""Minutes left out at the end: the beginning of an illness is not the patient's usual state."""
_SPAN_MIN: Final = 54 * HOUR_MIN
"""Minutes from the start of the baseline's median until now: 48 h that end `GAP_MIN` ago."""
_CLOCK_DAYS: Final = (1, 2, 3)
_CLOCK_HALF_MIN: Final = 30
_LEAST_CLOCK_MIN: Final = 30
"""Fewest known minutes at the same time of day; design start value, unvalidated."""
HISTORY_MIN: Final = 3 * DAY_MIN + _CLOCK_HALF_MIN + 1
"""Length in minutes of the history that a baseline is computed from."""
LEAST_MIN: Final = 12 * HOUR_MIN
"""Fewest known minutes for a baseline; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class DefaultBaseline:
    """Values used until a patient's own are known; adults at rest."""

    value: float
    spread: float
    least_spread: float
    """Lower limit of a patient's own spread."""


# design start values, unvalidated
DEFAULTS: Final[Mapping[VitalKind, DefaultBaseline]] = MappingProxyType(
    {
        VitalKind.TEMPERATURE: DefaultBaseline(36.8, 0.35, 0.20),
        VitalKind.HEART_RATE: DefaultBaseline(80.0, 12.0, 6.0),
        VitalKind.RESPIRATORY_RATE: DefaultBaseline(16.0, 3.0, 2.0),
        VitalKind.SPO2: DefaultBaseline(97.0, 1.5, 1.0),
    }
)
"""Defaults of the vitals that have a running baseline."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A patient's usual value of one vital at one hour of the day."""

    value: float
    spread: float
    """Standard deviation, from the median absolute deviation."""
    is_own: bool
    """True where it is the patient's own, False where it is a default or was entered."""


def measured_baseline(history: FloatArray, default: DefaultBaseline) -> Baseline | None:
    """Return a patient's own baseline, None while too few minutes are known.

    It is the mean of two medians: of the 48 h that ended 6 h ago, and of about the same time of
    day on the last three days. With fewer than 30 known minutes of those, it is the first alone.

    Parameters
    ----------
    history
        Minute medians, newest last, shape (HISTORY_MIN,); NaN where missing or left out.
    default
        Values used until the patient's own are known.
    """
    window = history[-_SPAN_MIN:-GAP_MIN]
    known = window[~np.isnan(window)].astype(np.float64)
    if known.size < LEAST_MIN:
        return None
    middle = float(bn.median(known))
    spread = 1.4826 * float(bn.median(np.abs(known - middle)))
    ends = [history.size - days * DAY_MIN for days in _CLOCK_DAYS]
    near = [history[max(0, e - _CLOCK_HALF_MIN) : e + _CLOCK_HALF_MIN + 1] for e in ends if e > 0]
    same = np.concatenate(near)
    same = same[~np.isnan(same)].astype(np.float64)
    value = middle if same.size < _LEAST_CLOCK_MIN else (middle + float(bn.median(same))) / 2
    return Baseline(value, max(spread, default.least_spread), is_own=True)


_FEVER: Final = 38.0  # Cel, as rule crs.fever
_LEFT_OUT_MIN: Final = 12 * HOUR_MIN
"""Minutes left out of the history after a fever; design start value, unvalidated."""
SLIPPED_BELOW: Final = 35.0  # as rule signal.slipped.temperature; design start value, unvalidated
_ANTIPYRETIC_H: Final = 6.0  # design start value, unvalidated
_ANTICYTOKINE_H: Final = 24.0  # design start value, unvalidated
_ILL_H: Final = 7 * 24.0
"""Hours after a fever or an anticytokine in which a pressure may be that of an illness, as rule
crs.hypotension; design start value, unvalidated."""


def is_left_out(
    since_fever_min: FloatArray, antipyretic_h: FloatArray, anticytokine_h: FloatArray
) -> BoolArray:
    """Return a mask of the minutes left out of the history: the patient is not as usual."""
    return np.asarray(
        (since_fever_min < _LEFT_OUT_MIN)
        | (antipyretic_h < _ANTIPYRETIC_H)
        | (anticytokine_h < _ANTICYTOKINE_H)
    )


def is_pressure_left_out(
    since_fever_min: FloatArray, anticytokine_h: FloatArray, vasopressors: FloatArray
) -> BoolArray:
    """Return a mask of the minutes whose pressure may be that of an illness or its treatment."""
    return np.asarray(
        (since_fever_min < _ILL_H * HOUR_MIN) | (anticytokine_h < _ILL_H) | (vasopressors > 0)
    )


def without_slipped(temperature: FloatArray) -> FloatArray:
    """Return the temperatures, NaN below 35 °C, of the same shape.

    A probe that slipped off cools down; its low values do not show that the patient has no fever.
    """
    return np.where(temperature < SLIPPED_BELOW, nan, temperature)


_NEVER: Final = -(2**62)


@dataclass(slots=True)
class History:
    """Minute medians of one vital, for as long as a baseline looks back."""

    minutes: FloatArray = field(default_factory=lambda: np.full(HISTORY_MIN, nan, np.float32))
    """Medians at the minute's number modulo the length."""
    newest: int = _NEVER
    """Number of the newest minute."""

    def extend(self, minutes: IntArray, values: FloatArray) -> None:
        """Add minutes in a row, NaN where one is missing or left out; ignore stored ones."""
        if not minutes.size or minutes[-1] <= self.newest:
            return
        first, last = int(minutes[0]), int(minutes[-1])
        if first > self.newest + 1:
            skipped = np.arange(max(self.newest + 1, first - HISTORY_MIN + 1), first)
            self.minutes[skipped % HISTORY_MIN] = nan
        self.newest = last
        self.minutes[minutes % HISTORY_MIN] = values

    def moved(self, by_min: int) -> History:
        """Return the same minutes under other numbers."""
        return History(np.roll(self.minutes, by_min), self.newest + by_min)

    def ordered(self) -> FloatArray:
        """Return all minutes, newest last."""
        after = self.newest % HISTORY_MIN + 1
        return np.concatenate((self.minutes[after:], self.minutes[:after]))


def hourly_baseline(
    before: Baseline | None, kind: VitalKind, history: FloatArray, entered: float | None
) -> Baseline:
    """Return the baseline of an hour.

    Parameters
    ----------
    before
        Baseline of the hour before, None at first.
    kind
        One of `DEFAULTS`.
    history
        Minute medians, newest last, shape (HISTORY_MIN,).
    entered
        The patient's usual value as entered, None where nobody entered one.
    """
    default = DEFAULTS[kind]
    own = measured_baseline(history, default)
    if own is not None:
        return own
    if before is not None and before.is_own:
        return before
    if entered is not None:
        return Baseline(entered, default.spread, is_own=False)
    return Baseline(default.value, default.spread, is_own=False)


def fever_minutes(spots: Events) -> IntArray:
    """Return the numbers of the minutes with a single reading of fever."""
    return -(-spots.times_ns[spots.values >= _FEVER] // MINUTE_NS)


@dataclass(slots=True)
class FeverClock:
    """Time since the last minute of fever."""

    since_min: float = inf

    def pass_minutes(self, passed: IntArray, temperature: FloatArray, hot: IntArray) -> FloatArray:
        """Return the minutes since a fever at each minute, shape (n,); remember the last.

        Parameters
        ----------
        passed
            Minutes since the newest one so far, increasing.
        temperature
            Median of each minute, NaN where missing.
        hot
            Minutes with a single reading of fever, on the scale of `passed`, increasing.
        """
        newest_hot = np.append(hot, -inf)[hot.searchsorted(passed, side="right") - 1]
        fevers = np.maximum(np.where(temperature >= _FEVER, passed, -inf), newest_hot)
        fevers[0] = max(fevers[0], -self.since_min)
        since = np.asarray(passed - np.maximum.accumulate(fevers), np.float64)
        self.since_min = float(since[-1])
        return since


_USUAL_PRESSURE_NS: Final = 60 * 3600 * 10**9
"""Time for which cuff readings are stored for the baseline."""


@dataclass(slots=True)
class Past:
    """Data for a patient's usual values; it follows the patient to other beds and over restarts."""

    histories: dict[VitalKind, History] = field(
        default_factory=lambda: {kind: History() for kind in DEFAULTS}
    )
    baselines: dict[VitalKind, Baseline] = field(default_factory=dict)
    pressures: EventTrack = field(default_factory=lambda: EventTrack(_USUAL_PRESSURE_NS))
    """Systolic readings of a cuff, identified by their monotonic time."""
    usual_pressure: float = nan
    usuals: EventTrack = field(default_factory=lambda: EventTrack(_USUAL_PRESSURE_NS))
    """Usual pressure at the end of the minutes in which it is renewed, NaN while unknown."""
    fever: FeverClock = field(default_factory=FeverClock)
    newest: int | None = None
    """Number of the newest minute; None before the first."""

    def moved(self, by_ns: int) -> Past:
        """Return the history on another monotonic clock; minutes move by whole minutes."""
        by_min = round(by_ns / MINUTE_NS)
        track = self.pressures.moved(by_ns)
        track.events = replace(track.events, feed_ns=track.events.times_ns)
        return replace(
            self,
            usuals=self.usuals.moved(by_ns),
            histories={kind: history.moved(by_min) for kind, history in self.histories.items()},
            pressures=track,
            newest=None if self.newest is None else self.newest + by_min,
        )
