"""Inputs of the minute formulas over a recorded stay: medians, usual values, cuff facts, trend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf, nan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import BoolArray, Events, FloatArray, IntArray
from edge_agent.detect.minutes.baseline import (
    ANTICYTOKINE_H,
    ANTIPYRETIC_H,
    FEVER,
    FROZEN_MIN,
    HISTORY_MIN,
    HOUR_MIN,
    USUAL,
    Baseline,
    renewed,
    worn,
)
from edge_agent.detect.minutes.context_rows import context_columns
from edge_agent.detect.minutes.cuff import CuffFacts, cuff_facts, overdue_s, pressure_baseline
from edge_agent.detect.minutes.formulas import CONTEXT, INPUTS, ROW, WINDOW_MIN
from edge_agent.detect.minutes.trend import (
    SLOPE_EVERY_MIN,
    SLOPE_POINTS,
    shift,
    slopes,
    ten_minute_medians,
)
from edge_agent.model.durations import MINUTE_NS
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog, state_at
from edge_agent.patient.state import PatientContext

_FIRST_CONTEXT: Final = ROW[CONTEXT[0]]


@dataclass(slots=True)
class MinuteInputs:
    """Everything from which the inputs of a stay's minutes follow."""

    minutes: IntArray
    """Numbers of the minutes, shape (n minutes,)."""
    monitored_from_ns: int
    """Start of the stay, monotonic ns."""
    utc_offset_ns: int
    """UTC minus monotonic time, ns."""
    log: ContextLog | None
    """Entries about the patient; None if there are none."""
    medians: Mapping[str, FloatArray]
    """Median of each minute of a measured signal, by name, shape (n minutes,)."""
    cuff: Events
    """Systolic pressures."""
    _minute_before: int = field(init=False)
    _spreads: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self._minute_before = self.monitored_from_ns // MINUTE_NS
        self._spreads = np.empty(self.minutes.size)

    def table(self) -> FloatArray:
        """Return the inputs, shape (len(INPUTS), WINDOW_MIN + n minutes)."""
        inputs = np.full((len(INPUTS), WINDOW_MIN + self.minutes.size), nan)
        now = inputs[:, WINDOW_MIN:]
        for name, values in self.medians.items():
            now[ROW[name]] = values
        ends_ns = self.minutes * MINUTE_NS
        now[_FIRST_CONTEXT:] = context_columns(self.log, ends_ns + self.utc_offset_ns)
        self._fill_baselines(now)
        self._fill_trend(now)
        return inputs

    def _fill_baselines(self, now: FloatArray) -> None:
        """Fill in the baselines hour by hour, and the pressures reading by reading."""
        minutes = self.minutes
        frozen = _frozen(now)
        lead = np.full((len(USUAL), HISTORY_MIN), nan, np.float32)
        usual = now.copy()
        usual[ROW["temperature"]] = worn(now[ROW["temperature"]])
        history = np.concatenate(
            (lead, [np.where(frozen, nan, usual[ROW[k.value]]) for k in USUAL]), axis=1
        ).astype(np.float32)
        is_hour = minutes % HOUR_MIN == 0
        is_hour[:1] = True
        bases: dict[VitalKind, Baseline | None] = dict.fromkeys(USUAL)
        marks = np.append(np.flatnonzero(is_hour), minutes.size)
        for at, after in pairwise(marks.tolist()):
            entered = self._known(int(minutes[at])).baselines
            for row, kind in enumerate(USUAL):
                past = history[row, at + 1 : at + 1 + HISTORY_MIN].astype(np.float64)
                base = bases[kind] = renewed(bases[kind], kind, past, entered.get(kind))
                now[ROW[f"base_{kind.value}"], at:after] = base.value
                if kind is VitalKind.TEMPERATURE:
                    self._spreads[at:after] = base.spread if base.is_own else nan
                    now[ROW["base_is_own"], at:after] = base.is_own
        self._fill_pressure(now, frozen, is_hour)

    def _known(self, minute: int) -> PatientContext:
        return state_at(self.log, minute * MINUTE_NS + self.utc_offset_ns)

    def _fill_pressure(self, now: FloatArray, frozen: BoolArray, is_hour: BoolArray) -> None:
        """Fill in the usual pressure each hour, and the cuff facts after each reading."""
        minutes = self.minutes
        cuff = self.cuff
        closing = np.maximum(0, -(-cuff.times_ns // MINUTE_NS) - self._minute_before - 1)
        has_event = np.zeros(minutes.size, bool)
        has_event[closing[closing < minutes.size]] = True
        usual_times: list[int] = []
        usual_values: list[float] = []
        usual, facts = nan, None
        marks = np.append(np.flatnonzero(has_event | is_hour), minutes.size)
        for at, after in pairwise(marks.tolist()):
            end_ns = int(minutes[at]) * MINUTE_NS
            if is_hour[at]:
                own = pressure_baseline(
                    np.array(usual_times, np.int64), np.array(usual_values), end_ns
                )
                usual = self._usual_pressure(usual, own, int(minutes[at]))
            known = cuff.until(end_ns)
            age_years = self._known(int(minutes[at])).age_years
            newer = (
                cuff_facts(known.times_ns, known.values, usual, age_years)
                if has_event[at]
                else None
            )
            is_newer = newer is not None and (facts is None or newer.at_ns > facts.at_ns)
            if newer is not None and is_newer and not frozen[at]:
                usual_times.append(newer.at_ns)
                usual_values.append(newer.systolic)
            facts = newer or facts
            self._write_pressure(now[:, at:after], facts, usual, minutes[at:after] * MINUTE_NS)

    def _usual_pressure(self, before: float, own: float, minute: int) -> float:
        """Return an hour's usual systolic pressure, an entered one until it is known."""
        if not np.isnan(own):
            return own
        if not np.isnan(before):
            return before
        return self._known(minute).baselines.get(VitalKind.NIBP_SYSTOLIC, nan)

    def _write_pressure(
        self, part: FloatArray, facts: CuffFacts | None, usual: float, ends_ns: IntArray
    ) -> None:
        """Write pressures into a part of the minutes, NaN while the next reading is overdue."""
        overdue = overdue_s(facts, self.monitored_from_ns, ends_ns)
        part[ROW["base_systolic"]] = usual
        part[ROW["cuff_overdue"]] = overdue
        if facts is None:
            return
        for name, value in (
            ("systolic", facts.systolic),
            ("is_low_twice", facts.is_low_twice),
            ("pressure_fall", facts.fall),
        ):
            part[ROW[name]] = np.where(overdue == 0, value, nan)

    def _fill_trend(self, now: FloatArray) -> None:
        """Fill in the slope of the temperature every ten minutes, and its CUSUM every minute."""
        minutes, warmth = self.minutes, worn(now[ROW["temperature"]])
        first_block = self._minute_before // SLOPE_EVERY_MIN
        lead = self._minute_before - first_block * SLOPE_EVERY_MIN
        last_block = int(minutes[-1]) // SLOPE_EVERY_MIN if minutes.size else first_block
        whole = (last_block - first_block) * SLOPE_EVERY_MIN
        padded = np.concatenate((np.full(lead, nan), warmth))[:whole]
        points = np.concatenate((np.full(SLOPE_POINTS - 1, nan), ten_minute_medians(padded)))
        found = np.full(last_block - first_block + 1, nan)
        if last_block > first_block:
            found[1:] = slopes(np.lib.stride_tricks.sliding_window_view(points, SLOPE_POINTS))
        now[ROW["slope"]] = found[minutes // SLOPE_EVERY_MIN - first_block]
        over = (warmth - now[ROW["base_temperature"]]).tolist()
        total, sums = 0.0, []
        for value, spread in zip(over, self._spreads.tolist(), strict=True):
            total = shift(total, value, spread)
            sums.append(total)
        now[ROW["shift"]] = sums


def _frozen(now: FloatArray) -> BoolArray:
    """Return a mask of the minutes that are left out of the baseline history."""
    count = now.shape[1]
    places = np.arange(count)
    fever = np.maximum.accumulate(np.where(now[ROW["temperature"]] >= FEVER, places, -1))
    since = np.where(fever >= 0, places - fever, inf)
    return np.asarray(
        (since < FROZEN_MIN)
        | (now[ROW["hours_since_antipyretic"]] < ANTIPYRETIC_H)
        | (now[ROW["hours_since_anticytokine"]] < ANTICYTOKINE_H)
    )
