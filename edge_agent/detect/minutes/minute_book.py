"""Baselines, trends and scores of a monitored bed, minute by minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import isnan, nan
from typing import Final

import msgspec
import numpy as np

from edge_agent.detect.arrays import BoolArray, Events, FloatArray, IntArray
from edge_agent.detect.language.needs import MINUTE_DERIVED
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.detect.minutes.baseline import (
    HOUR_MIN,
    Past,
    fever_minutes,
    hourly_baseline,
    is_left_out,
    is_pressure_left_out,
    without_slipped,
)
from edge_agent.detect.minutes.context_rows import context_columns
from edge_agent.detect.minutes.cuff import (
    CuffFacts,
    cuff_facts,
    has_fallen,
    overdue_s,
    pressure_baseline,
)
from edge_agent.detect.minutes.formulas import CONTEXT, INPUTS, MEASURED, ROW, WINDOW_MIN, derived
from edge_agent.detect.minutes.trend import SLOPE_MIN, shifts_over, slopes_over
from edge_agent.detect.scores.crs_score import compiled
from edge_agent.detect.series.ring import Columns, Ring
from edge_agent.model.clock import Instant
from edge_agent.model.durations import MINUTE_NS
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog, state_at

_PRESSURES: Final = slice(ROW["systolic"], ROW["pressure_fall"] + 1)
_FIRST_CONTEXT: Final = ROW[CONTEXT[0]]


@dataclass(frozen=True, slots=True)
class Singles:
    """Single readings, by a device or by hand, oldest first."""

    systolic: Events
    temperature: Events


class Minutes(msgspec.Struct, frozen=True):
    """Recent minutes of a patient, stored for a restart."""

    signals: Columns
    inputs: Columns
    facts: CuffFacts | None
    newest_cuff: tuple[int, int, int] | None
    slope: float
    shift: float
    monitored_since_ns: int = msgspec.field(name="watched_since_ns")


class MinuteBook:
    """Minutes of one patient, one at a time or a whole stay at once.

    Parameters
    ----------
    length
        Length of the longest window of a minute signal, in minutes.
    monitored_since_ns
        Start of monitoring, monotonic ns.
    at_once
        Most minutes that are closed or filled together.
    """

    def __init__(
        self, length: int, monitored_since_ns: int, score: ScoreTable, at_once: int = 1
    ) -> None:
        self.signals = Ring(len(MINUTE_DERIVED), max(length, at_once))
        self._inputs = Ring(len(INPUTS), max(WINDOW_MIN, SLOPE_MIN) + at_once - 1)
        self.past = Past()
        self._facts: CuffFacts | None = None
        self._newest_cuff: tuple[int, int, int] | None = None
        self._slope, self._shift = nan, 0.0
        self._monitored_since_ns = monitored_since_ns
        self._score = compiled(score)

    def begin(self, minute: int) -> None:
        """Clear the minutes and make the one after `minute` the next."""
        self._inputs.begin(minute)
        self.signals.begin(minute)

    def inputs(self, count: int) -> FloatArray:
        """Return the inputs of the newest minutes for `derived`, shape (len(INPUTS), count)."""
        return self._inputs.windows(count)

    def record(self) -> Minutes:
        """Return the recent minutes, as views that are valid until the next one ends."""
        return Minutes(
            self.signals.record(),
            self._inputs.record(),
            self._facts,
            self._newest_cuff,
            self._slope,
            self._shift,
            self._monitored_since_ns,
        )

    def restore(self, minutes: Minutes) -> None:
        """Restore the minutes recorded under the same rules; `past` is restored on its own."""
        self.signals.restore(minutes.signals)
        self._inputs.restore(minutes.inputs)
        self._facts, self._newest_cuff = minutes.facts, minutes.newest_cuff
        self._slope, self._shift = minutes.slope, minutes.shift
        self._monitored_since_ns = minutes.monitored_since_ns

    def close(
        self, measured: FloatArray, singles: Singles, log: ContextLog | None, clock_ns: int
    ) -> None:
        """Compute the inputs and signals of the next minutes, see `fill`."""
        self.fill(measured, singles, log, clock_ns)
        count = measured.shape[1]
        found = derived(self._inputs.windows(WINDOW_MIN + count - 1), self._score)
        self.signals.append(count)[:] = [found[name][-count:] for name in MINUTE_DERIVED]

    def fill(
        self, measured: FloatArray, singles: Singles, log: ContextLog | None, clock_ns: int
    ) -> None:
        """Compute the inputs of the next minutes.

        Parameters
        ----------
        measured
            Medians of the minutes, in the order of `MEASURED`, shape (len(MEASURED), n), n >= 1.
        singles
            Single readings up to the last minute's end.
        log
            The entries about the patient; None if there are none.
        clock_ns
            UTC minus monotonic time, ns.
        """
        count = measured.shape[1]
        now = self._inputs.append(count)
        minutes = np.arange(self._inputs.newest - count + 1, self._inputs.newest + 1)
        now[: len(MEASURED)] = measured
        now[_FIRST_CONTEXT:] = context_columns(log, minutes * MINUTE_NS + clock_ns)
        is_due = minutes % HOUR_MIN == 0
        is_due[0] |= not self.past.baselines
        span = _Span(now, minutes, is_due, log, clock_ns)
        left_out = self._left_out(span, singles.temperature)
        spreads = self._fill_baselines(span, left_out.vitals)
        self._fill_pressures(span, left_out.pressures, singles.systolic)
        self._fill_trend(span, spreads)

    def _left_out(self, span: _Span, spots: Events) -> _LeftOut:
        """Return which minutes are left out of the history.

        A minute that was stored before a restart is left out: it counts only once.
        """
        past, minutes = self.past, span.minutes
        newest = int(minutes[0]) - 1 if past.newest is None else past.newest
        if minutes[-1] <= newest:
            all_of_them = np.ones(minutes.size, np.bool_)
            return _LeftOut(all_of_them, all_of_them)
        past.newest = int(minutes[-1])
        since_fever_min = past.fever.pass_minutes(
            minutes - newest, span.row("temperature"), fever_minutes(spots) - newest
        )
        anticytokine_h = span.row("hours_since_anticytokine")
        vitals = is_left_out(since_fever_min, span.row("hours_since_antipyretic"), anticytokine_h)
        ill = is_pressure_left_out(since_fever_min, anticytokine_h, span.row("vasopressors"))
        return _LeftOut(vitals, vitals | ill)

    def _fill_baselines(self, span: _Span, left_out: BoolArray) -> FloatArray:
        """Add the minutes to the history, and fill in the baselines of each hour.

        Returns
        -------
        FloatArray
            Spread of the temperature's own baseline in each minute, NaN where another is used.
        """
        past, now, minutes = self.past, span.now, span.minutes
        usual = np.where(left_out, nan, [span.without_slipped(kind) for kind in past.histories])
        spreads = np.empty(minutes.size)
        marks = sorted({0, *np.flatnonzero(span.is_due).tolist()})
        stored = 0
        for begin, after in pairwise((*marks, minutes.size)):
            entered = span.entered(begin) if span.is_due[begin] else {}
            for (kind, history), values in zip(past.histories.items(), usual, strict=True):
                history.extend(minutes[stored : begin + 1], values[stored : begin + 1])
                if span.is_due[begin]:
                    past.baselines[kind] = hourly_baseline(
                        past.baselines.get(kind), kind, history.ordered(), entered.get(kind)
                    )
                now[ROW[f"base_{kind.value}"], begin:after] = past.baselines[kind].value
            baseline = past.baselines[VitalKind.TEMPERATURE]
            now[ROW["base_is_own"], begin:after] = baseline.is_own
            spreads[begin:after] = baseline.spread if baseline.is_own else nan
            stored = begin + 1
        for history, values in zip(past.histories.values(), usual, strict=True):
            history.extend(minutes[stored:], values[stored:])
        return spreads

    def _fill_pressures(self, span: _Span, left_out: BoolArray, cuff: Events) -> None:
        """Fill in the usual pressure of each hour, and the cuff facts after each new reading."""
        ends_ns = span.minutes * MINUTE_NS
        closing = ends_ns.searchsorted(cuff.since(int(ends_ns[0])).times_ns)
        marks = {0, *np.flatnonzero(span.is_due).tolist(), *closing.tolist()} - {ends_ns.size}
        for begin, after in pairwise((*sorted(marks), ends_ns.size)):
            end_ns = int(ends_ns[begin])
            if span.is_due[begin]:
                self._renew_usual_pressure(
                    Instant(end_ns, end_ns + span.clock_ns), span.entered(begin)
                )
            self._note_cuff(
                cuff.until(end_ns),
                float(span.row("age_years")[begin]),
                left_out=bool(left_out[begin]),
            )
            part, facts = span.now[:, begin:after], self._facts
            overdue = overdue_s(facts, self._monitored_since_ns, ends_ns[begin:after])
            part[ROW["base_systolic"]] = self.past.usual_pressure
            part[ROW["cuff_overdue"]] = overdue
            if facts is not None:
                values = np.array([[facts.systolic], [facts.is_low_twice], [facts.fall]])
                part[_PRESSURES] = np.where(overdue == 0, values, nan)

    def _renew_usual_pressure(self, at: Instant, entered: Mapping[VitalKind, float]) -> None:
        past, events = self.past, self.past.pressures.events
        own = pressure_baseline(events.times_ns, events.values, at.monotonic_ns)
        if not isnan(own) or isnan(past.usual_pressure):
            past.usual_pressure = entered.get(VitalKind.NIBP_SYSTOLIC, nan) if isnan(own) else own
        past.usuals.add(at, past.usual_pressure, at.monotonic_ns)

    def _note_cuff(self, cuff: Events, age_years: float, *, left_out: bool) -> None:
        """Compute the cuff facts if the readings changed; store the newest for the baseline."""
        mark = (cuff.times_ns.size, int(np.count_nonzero(np.isnan(cuff.values))))
        newest = (int(cuff.times_ns[-1]), *mark) if cuff.times_ns.size else None
        if newest == self._newest_cuff:
            return
        self._newest_cuff = newest
        usual = self.past.usual_pressure
        facts = cuff_facts(cuff.times_ns, cuff.values, usual, age_years)
        is_newer = facts and (self._facts is None or facts.at_ns > self._facts.at_ns)
        if facts and is_newer and not (left_out or has_fallen(facts.systolic, usual, age_years)):
            self.past.pressures.add(Instant(facts.at_ns, 0), facts.systolic, facts.at_ns)
        self._facts = facts or self._facts

    def _fill_trend(self, span: _Span, spreads: FloatArray) -> None:
        """Fill in the slope of the temperature every ten minutes, and its CUSUM every minute."""
        count = span.minutes.size
        shown = self._inputs.window(ROW["temperature"], SLOPE_MIN - 1 + count)
        temperatures = without_slipped(shown)
        slope = slopes_over(temperatures, span.minutes, self._slope)
        over = temperatures[-count:] - span.row("base_temperature")
        shifts = shifts_over(over, spreads, self._shift)
        span.now[ROW["slope"]], span.now[ROW["shift"]] = slope, shifts
        self._slope, self._shift = float(slope[-1]), float(shifts[-1])


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """Masks of the minutes that are left out of the history, shape (n,)."""

    vitals: BoolArray
    pressures: BoolArray


@dataclass(frozen=True, slots=True)
class _Span:
    """Minutes that are closed together."""

    now: FloatArray
    """Their inputs, shape (len(INPUTS), n)."""
    minutes: IntArray
    """Their numbers."""
    is_due: BoolArray
    """True where baselines are renewed: every hour, and at first."""
    log: ContextLog | None
    clock_ns: int
    """UTC minus monotonic time, ns."""

    def row(self, name: str) -> FloatArray:
        """Return an input, shape (n,)."""
        return np.asarray(self.now[ROW[name]])

    def without_slipped(self, kind: VitalKind) -> FloatArray:
        """Return a vital's minutes, without those of a probe that slipped off."""
        values = self.row(kind.value)
        return without_slipped(values) if kind is VitalKind.TEMPERATURE else values

    def entered(self, index: int) -> Mapping[VitalKind, float]:
        """Return the usual values that people had entered by a minute's end."""
        return state_at(self.log, int(self.minutes[index]) * MINUTE_NS + self.clock_ns).baselines
