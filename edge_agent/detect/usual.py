"""A patient's history by the minute, and the baselines computed from it once an hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf, isnan, nan
from typing import Final

import numpy as np

from edge_agent.detect.baseline import HISTORY_MIN, HOUR_MIN, USUAL, Baseline, personal
from edge_agent.detect.window import FloatArray
from edge_agent.model.measurements import VitalKind

FEVER: Final = 38.0
FROZEN_MIN: Final = 12 * HOUR_MIN
"""Minutes left out of the history after a fever; design start value, unvalidated."""
WORN_FROM: Final = 35.0  # as rule signal.slipped.temperature; design start value, unvalidated
ANTIPYRETIC_H: Final = 6.0
ANTICYTOKINE_H: Final = 24.0


def is_frozen(minutes_since_fever: float, antipyretic_h: float, anticytokine_h: float) -> bool:
    """Return True if a minute is left out of the history: the patient is not as usual."""
    return (
        minutes_since_fever < FROZEN_MIN
        or antipyretic_h < ANTIPYRETIC_H
        or anticytokine_h < ANTICYTOKINE_H
    )


def worn(temperature: FloatArray) -> FloatArray:
    """Return the temperatures, NaN below 35 °C, of the same shape.

    A probe that slipped off cools down; its low values do not show that the patient has no fever.
    """
    return np.where(temperature < WORN_FROM, nan, temperature)


@dataclass(slots=True)
class History:
    """Minute medians of one vital, for as long as a baseline looks back."""

    minutes: FloatArray = field(default_factory=lambda: np.full(HISTORY_MIN, nan, np.float32))
    """Medians at the minute's number modulo the length."""
    newest: int = 0

    def append(self, minute: int, value: float) -> None:
        """Add a minute after the newest one; NaN where it is missing or left out."""
        if minute > self.newest + 1:
            skipped = np.arange(max(self.newest + 1, minute - HISTORY_MIN + 1), minute)
            self.minutes[skipped % HISTORY_MIN] = nan
        self.newest = minute
        self.minutes[minute % HISTORY_MIN] = value

    def moved(self, by_min: int) -> History:
        """Return the same minutes under other numbers."""
        return History(np.roll(self.minutes, by_min), self.newest + by_min)

    def ordered(self) -> FloatArray:
        """Return all minutes, newest last."""
        after = self.newest % HISTORY_MIN + 1
        return np.concatenate((self.minutes[after:], self.minutes[:after]))


def renewed(
    before: Baseline | None, kind: VitalKind, history: FloatArray, entered: float | None
) -> Baseline:
    """Return the baseline of an hour.

    Parameters
    ----------
    before
        Baseline of the hour before, None at first.
    kind
        One of `USUAL`.
    history
        Minute medians, newest last, shape (HISTORY_MIN,).
    entered
        The patient's usual value as entered, None where nobody entered one.
    """
    usual = USUAL[kind]
    own = personal(history, usual)
    if own is not None:
        return own
    if before is not None and before.is_own:
        return before
    if entered is not None:
        return Baseline(entered, usual.spread, is_own=False)
    return Baseline(usual.value, usual.spread, is_own=False)


@dataclass(slots=True)
class FeverClock:
    """Time since the last minute of fever."""

    since_min: float = inf

    def pass_minutes(self, minutes: int, temperature: float) -> float:
        """Pass some minutes, the last with a temperature; return the minutes since a fever."""
        is_fever = not isnan(temperature) and temperature >= FEVER
        self.since_min = 0.0 if is_fever else self.since_min + minutes
        return self.since_min
