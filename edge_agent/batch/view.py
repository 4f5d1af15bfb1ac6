"""A recorded stay at one step, as conditions see it."""

from __future__ import annotations

from math import nan

import numpy as np

from edge_agent.batch.answers import StayAnswers
from edge_agent.batch.known import age_numbers
from edge_agent.detect.arrays import Events, FloatArray, Stamp
from edge_agent.detect.conditions.grounds import grounds_of
from edge_agent.detect.conditions.view import PresentAnswer
from edge_agent.detect.grid import STEP_NS
from edge_agent.detect.language.rule import ShareCondition
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.detect.language.signals import RUNNING, SIGNALS, Pace
from edge_agent.detect.minutes.formulas import WINDOW_MIN
from edge_agent.model.bed_events import BedState
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog


class StayView:
    """A recorded stay at one step, as conditions read it.

    Parameters
    ----------
    step
        Index of the step, from 0.
    """

    def __init__(self, answers: StayAnswers, step: int) -> None:
        self._answers = answers
        self._stay = answers.stay
        self.step = step
        self.at = self._instant(int(self._stay.times_ns[step]))

    @property
    def first(self) -> Stamp:
        """Stamp of the first reading; until there is one, of the start of monitoring."""
        firsts = [int(times[0]) for times in self._answers.readings.usable(None) if times.size]
        if not firsts or min(firsts) > self.at.monotonic_ns:
            return Stamp(self.monitored_since, f"watch:{self.monitored_since.utc_ns}")
        return self._stamp(min(firsts))

    @property
    def monitored_since(self) -> Instant:
        """Start of monitoring."""
        return self._instant(self._stay.monitored_from_ns)

    @property
    def log(self) -> ContextLog | None:
        """Entries about the patient; None if there are none."""
        return self._stay.log

    @property
    def age_years(self) -> float | None:
        """Age in years, None where nobody entered it."""
        return self._answers.age_years_at(self.step)

    @property
    def score(self) -> ScoreTable:
        """Table of the CRS suspicion score."""
        return self._stay.score

    def window(self, signal: str, length: int) -> FloatArray:
        """Return the newest `length` values of a running signal, newest last, NaN where missing."""
        values = self._stay.signal(signal)
        is_minute = SIGNALS[signal].pace is Pace.MINUTE
        end = self._minutes if is_minute else self.step + 1
        found = values[max(0, end - length) : end]
        lacking = length - found.size
        return np.concatenate((np.full(lacking, nan), found)) if lacking else found

    @property
    def _minutes(self) -> int:
        return int(self._stay.minute_counts[self.step])

    def events(self, signal: str) -> Events:
        """Return an event signal's readings up to this step."""
        span = self._stay.span_at(self.step)
        return self._stay.events(signal, span).until(self.at.monotonic_ns)

    def minute_inputs(self) -> FloatArray:
        """Return the inputs of the newest minutes for `minutes.derived`."""
        return self._stay.minute_inputs[:, self._minutes : self._minutes + WINDOW_MIN]

    def newest_usable(self, kind: VitalKind | None) -> Stamp | None:
        """Return a vital's newest usable reading; None if there is none; kind None: any reading."""
        now_ns = self.at.monotonic_ns
        known = [
            int(times[after - 1])
            for times in self._answers.readings.usable(kind)
            if (after := int(times.searchsorted(now_ns, side="right")))
        ]
        return self._stamp(max(known)) if known else None

    def is_monitored(self, kind: VitalKind) -> bool:
        """Return True if the vital had a reading in the last `MONITORED_S`, usable or not."""
        return bool(self._answers.readings.monitored(kind)[self.step])

    def state(self, state: BedState) -> Stamp | None:
        """Return None: a recorded stay has no monitoring state."""

    def first_within(self, condition: ShareCondition) -> Stamp | None:
        """Return the first reading in the window that satisfies the condition's threshold.

        None without one, and for a derived signal.
        """
        kind = condition.kind
        if kind is None:
            return None
        threshold = condition.threshold
        limits = np.array([threshold.at_age(years) for _, years in self._answers.ages])
        begin_ns = self.at.monotonic_ns - condition.length * STEP_NS
        firsts = []
        for site in self._stay.sites(kind):
            readings = self._stay.readings[kind, site]
            first, last = readings.times_ns.searchsorted(
                (begin_ns, self.at.monotonic_ns), side="right"
            )
            times_ns = readings.times_ns[first:last]
            limit = limits[age_numbers(self._answers.ages, times_ns + self._stay.utc_offset_ns)]
            meets = threshold.operator.compare(readings.values[first:last], limit)
            firsts += times_ns[meets][:1].tolist()
        return self._stamp(min(firsts)) if firsts else None

    def site(self, signal: str) -> str:
        """Return the site of a signal's newest value, empty for a derived signal."""
        kind = next((k for k in RUNNING if k.value == signal), None)
        if kind is None:
            return ""
        value = self._stay.step_signals[signal][self.step]
        shown = (s for s in self._stay.sites(kind) if self._stay.held[kind, s][self.step] == value)
        return min(shown, default="")

    def answer_of(self, rule_id: str) -> int:
        """Return another rule's answer at this step."""
        return int(self._answers.presence[rule_id][self.step])

    def remembered(self, rule_id: str) -> PresentAnswer | None:
        """Return a rule's newest PRESENT answer up to this step; None if there is none."""
        step = self._answers.last_present(rule_id, self.step)
        return self._answer_at(rule_id, step) if step >= 0 else None

    def _answer_at(self, rule_id: str, step: int) -> PresentAnswer:
        newest = self._answers.newest_present.get(rule_id)
        if newest is not None and newest[0] == step:
            return newest[1]
        then = StayView(self._answers, step)
        found = PresentAnswer(then.at, grounds_of(self._answers.rules[rule_id].when, then))
        self._answers.newest_present[rule_id] = step, found
        return found

    def last_present(self, rule_id: str) -> Instant | None:
        """Return the time of a rule's newest PRESENT answer up to this step; None without one."""
        step = self._answers.last_present(rule_id, self.step)
        return StayView(self._answers, step).at if step >= 0 else None

    def _instant(self, monotonic_ns: int) -> Instant:
        return Instant(monotonic_ns, monotonic_ns + self._stay.utc_offset_ns)

    def _stamp(self, monotonic_ns: int) -> Stamp:
        at = self._instant(monotonic_ns)
        return Stamp(at, str(at.utc_ns))
