"""Baselines, trends and scores of a monitored bed, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import nan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import Events, FloatArray
from edge_agent.detect.language.needs import MINUTE_DERIVED
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.detect.minutes.baseline import (
    HOUR_MIN,
    USUAL,
    Baseline,
    FeverClock,
    History,
    is_frozen,
    renewed,
    worn,
)
from edge_agent.detect.minutes.context_rows import context_columns
from edge_agent.detect.minutes.cuff import CuffFacts, cuff_facts, overdue_s, pressure_baseline
from edge_agent.detect.minutes.formulas import CONTEXT, INPUTS, MEASURED, ROW, WINDOW_MIN, derived
from edge_agent.detect.minutes.trend import (
    SLOPE_EVERY_MIN,
    SLOPE_POINTS,
    shift,
    slopes,
    ten_minute_medians,
)
from edge_agent.detect.scores.crs_score import compiled
from edge_agent.detect.series.ring import Columns, Ring
from edge_agent.detect.series.tracks import EventTrack
from edge_agent.model.clock import Instant
from edge_agent.model.durations import MINUTE_NS
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog, state_at

_USUAL_PRESSURE_NS: Final = 60 * 3600 * 10**9
"""Time for which cuff readings are stored for the baseline."""
_FIRST_CONTEXT: Final = ROW[CONTEXT[0]]


@dataclass(slots=True)
class Past:
    """Data for a patient's usual values; it follows the patient to other beds and over restarts."""

    histories: dict[VitalKind, History] = field(
        default_factory=lambda: {kind: History() for kind in USUAL}
    )
    baselines: dict[VitalKind, Baseline] = field(default_factory=dict)
    pressures: EventTrack = field(default_factory=lambda: EventTrack(_USUAL_PRESSURE_NS))
    """Systolic readings of a cuff, identified by their monotonic time."""
    usual_pressure: float = nan
    usuals: EventTrack = field(default_factory=lambda: EventTrack(_USUAL_PRESSURE_NS))
    """Usual pressure, one entry at the end of each minute in which it changed."""
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


@dataclass(frozen=True, slots=True)
class Minutes:
    """Recent minutes of a patient, stored for a restart."""

    signals: Columns
    inputs: Columns
    facts: CuffFacts | None
    newest_cuff: tuple[int, int, int] | None
    is_frozen: bool
    slope: float
    shift: float
    watched_since_ns: int


class MinuteBook:
    """Minutes of one patient.

    Parameters
    ----------
    places
        Length of the longest window of a minute signal, in minutes.
    monitored_since_ns
        Start of monitoring, monotonic ns.
    score
        The table of the CRS suspicion score.
    """

    def __init__(self, places: int, monitored_since_ns: int, score: ScoreTable) -> None:
        self.signals = Ring(len(MINUTE_DERIVED), places)
        self._inputs = Ring(len(INPUTS), max(WINDOW_MIN, SLOPE_POINTS * SLOPE_EVERY_MIN))
        self.past = Past()
        self._facts: CuffFacts | None = None
        self._newest_cuff: tuple[int, int, int] | None = None
        self._is_frozen = False
        self._slope, self._shift = nan, 0.0
        self._monitored_since_ns = monitored_since_ns
        self._score = compiled(score)

    def begin(self, minute: int) -> None:
        """Clear the minutes and make the one after `minute` the next."""
        self._inputs.begin(minute)
        self.signals.begin(minute)

    @property
    def inputs(self) -> FloatArray:
        """Inputs of the newest minutes for `derived`, shape (len(INPUTS), WINDOW_MIN)."""
        return self._inputs.windows(WINDOW_MIN)

    def record(self) -> Minutes:
        """Return the recent minutes, as views that are valid until the next one ends."""
        return Minutes(
            self.signals.record(),
            self._inputs.record(),
            self._facts,
            self._newest_cuff,
            self._is_frozen,
            self._slope,
            self._shift,
            self._monitored_since_ns,
        )

    def restore(self, minutes: Minutes) -> None:
        """Restore the minutes of a book with the same rules."""
        self.signals.restore(minutes.signals)
        self._inputs.restore(minutes.inputs)
        self._facts, self._newest_cuff = minutes.facts, minutes.newest_cuff
        self._is_frozen = minutes.is_frozen
        self._slope, self._shift = minutes.slope, minutes.shift
        self._monitored_since_ns = minutes.watched_since_ns

    def close(
        self, measured: FloatArray, cuff: Events, log: ContextLog | None, at: Instant
    ) -> None:
        """Compute the inputs and signals of the minute that ends at `at`.

        Parameters
        ----------
        measured
            Medians of the minute, in the order of `MEASURED`.
        cuff
            Systolic readings up to now.
        log
            The entries about the patient; None if there are none.
        """
        column = self._inputs.append()
        minute = self._inputs.newest
        column[: len(MEASURED)] = measured
        column[_FIRST_CONTEXT:] = context_columns(log, np.array([at.utc_ns]))[:, 0]
        self._renew_baselines(minute, column, log, at)
        self._fill_pressure(column, cuff, at)
        self._fill_trend(minute, column)
        found = derived(self.inputs, self._score)
        signals = self.signals.append()
        for row, name in enumerate(MINUTE_DERIVED):
            signals[row] = found[name][-1]

    def _renew_baselines(
        self, minute: int, column: FloatArray, log: ContextLog | None, at: Instant
    ) -> None:
        """Add the minute to the history, and compute the baselines once an hour."""
        past = self.past
        passed = 1 if past.newest is None else minute - past.newest
        if passed <= 0:  # stored before a restart already; count it only once
            self._is_frozen = True
        else:
            past.newest = minute
            self._is_frozen = is_frozen(
                past.fever.pass_minutes(passed, column[ROW["temperature"]]),
                column[ROW["hours_since_antipyretic"]],
                column[ROW["hours_since_anticytokine"]],
            )
            as_usual = column.copy()
            as_usual[ROW["temperature"]] = worn(column[ROW["temperature"]])
            for kind, history in past.histories.items():
                history.append(minute, nan if self._is_frozen else as_usual[ROW[kind.value]])
        if not past.baselines or minute % HOUR_MIN == 0:
            entered = state_at(log, at.utc_ns).baselines
            for kind, history in past.histories.items():
                past.baselines[kind] = renewed(
                    past.baselines.get(kind), kind, history.ordered(), entered.get(kind)
                )
            events = past.pressures.events
            usual = pressure_baseline(events.times_ns, events.values, at.monotonic_ns)
            stands_in = entered.get(VitalKind.NIBP_SYSTOLIC, nan)
            if not np.isnan(usual) or np.isnan(past.usual_pressure):
                past.usual_pressure = stands_in if np.isnan(usual) else usual
                past.usuals.add(at, past.usual_pressure, at.monotonic_ns)
        for kind, baseline in past.baselines.items():
            column[ROW[f"base_{kind.value}"]] = baseline.value
        column[ROW["base_systolic"]] = past.usual_pressure
        column[ROW["base_is_own"]] = past.baselines[VitalKind.TEMPERATURE].is_own

    def _fill_pressure(self, column: FloatArray, cuff: Events, at: Instant) -> None:
        """Compute the cuff facts after a new reading; fill them in until the next is overdue."""
        mark = (cuff.times_ns.size, int(np.count_nonzero(np.isnan(cuff.values))))
        newest = (int(cuff.times_ns[-1]), *mark) if cuff.times_ns.size else None
        if newest != self._newest_cuff:
            self._newest_cuff = newest
            age_years = float(column[ROW["age_years"]])
            age = None if np.isnan(age_years) else age_years
            facts = cuff_facts(cuff.times_ns, cuff.values, self.past.usual_pressure, age)
            is_newer = facts and (self._facts is None or facts.at_ns > self._facts.at_ns)
            if facts and is_newer and not self._is_frozen:
                self.past.pressures.add(Instant(facts.at_ns, 0), facts.systolic, facts.at_ns)
            self._facts = facts or self._facts
        facts = self._facts
        overdue = overdue_s(facts, self._monitored_since_ns, np.array([at.monotonic_ns]))[0]
        column[ROW["cuff_overdue"]] = overdue
        if facts is not None and overdue == 0:
            column[ROW["systolic"]] = facts.systolic
            column[ROW["is_low_twice"]] = facts.is_low_twice
            column[ROW["pressure_fall"]] = facts.fall

    def _fill_trend(self, minute: int, column: FloatArray) -> None:
        """Fill in the slope of the temperature every ten minutes, and its CUSUM every minute."""
        if minute % SLOPE_EVERY_MIN == 0:
            warmth = self._inputs.window(ROW["temperature"], SLOPE_POINTS * SLOPE_EVERY_MIN)
            self._slope = float(slopes(ten_minute_medians(worn(warmth))[np.newaxis])[0])
        baseline = self.past.baselines[VitalKind.TEMPERATURE]
        over = float(worn(column[ROW["temperature"]])) - baseline.value
        spread = baseline.spread if baseline.is_own else nan
        self._shift = shift(self._shift, over, spread)
        column[ROW["slope"]], column[ROW["shift"]] = self._slope, self._shift
