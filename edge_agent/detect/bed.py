"""Readings, windows and remembered answers of one monitored bed, as conditions read them.

Time is divided into steps of 10 s. A step is closed once it has ended: every running signal then
gets the median of its readings in the step or, if there is none, holds an earlier one for a while.
Readings that are up to a minute late still correct closed steps.
"""

from __future__ import annotations

from math import isnan, nan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import Events, FloatArray, Stamp, feed_time_ns, in_bounds
from edge_agent.detect.bed_records import PatientRecord, WindowRecord
from edge_agent.detect.conditions.first_readings import FirstReadings
from edge_agent.detect.conditions.view import PresentAnswer
from edge_agent.detect.grid import HOLD_STEPS, MINUTE_STEPS, STEP_NS
from edge_agent.detect.language.needs import MINUTE_DERIVED, MONITORED_S, Needs
from edge_agent.detect.language.rule import ShareCondition
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.detect.language.signals import CUFF, EVENT_SITES, SIGNALS, Pace
from edge_agent.detect.minutes.formulas import MEASURED, WINDOW_MIN
from edge_agent.detect.minutes.minute_book import MinuteBook, Singles
from edge_agent.detect.minutes.single_readings import SPOT_TEMPERATURE, SingleReadings
from edge_agent.detect.series.doubts import Doubts, Tracks
from edge_agent.detect.series.ring import Ring
from edge_agent.detect.series.sites import INELIGIBLE_SITES
from edge_agent.detect.series.tracks import LATE_STEPS, RunningTrack, median
from edge_agent.detect.step_signals import STEP_ROW, fill_step
from edge_agent.model.bed_events import BedState
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import Vital, VitalKind
from edge_agent.patient.context import ContextLog, state_at

_MINUTE_ROW: Final = {name: row for row, name in enumerate(MINUTE_DERIVED)}
_MEASURED_ROWS: Final = [STEP_ROW[name] for name in MEASURED]


class MonitoredBed:
    """Readings and remembered answers of one bed; a `View` of it at its newest step."""

    def __init__(self, monitored_since: Instant, needs: Needs) -> None:
        self.first = Stamp(monitored_since, f"watch:{monitored_since.utc_ns}")
        """Stamp of the first reading; until there is one, of the start of monitoring."""
        self.newest: Stamp | None = None
        self.monitored_since = monitored_since
        self.at = monitored_since
        self.remembered_answers: dict[str, PresentAnswer] = {}
        self.answers: dict[str, int] = {}
        """Answers of the rules evaluated so far at this moment."""
        self.states: dict[BedState, Stamp] = {}
        self.log: ContextLog | None = None
        """Entries about the patient; None if there are none."""
        self.age_years: float | None = None
        """Age in years at `at`, None where nobody had entered it."""
        self._needs = needs
        self._is_evaluated = False
        self.forget_readings()

    def forget_readings(self) -> None:
        """Empty all windows: the readings so far may be another patient's."""
        needs = self._needs
        self._tracks: Tracks = {}
        self._doubts = Doubts()
        self._singles = SingleReadings()
        self._newest_usable: dict[VitalKind, Stamp] = {}
        self._newest_any: dict[VitalKind, int] = {}
        self._firsts = FirstReadings(needs.firsts)
        self._recompute_from: int | None = None
        self._steps = Ring(len(STEP_ROW), max(needs.step_length, LATE_STEPS + MINUTE_STEPS))
        self.minutes = MinuteBook(needs.minute_length, self.at.monotonic_ns, needs.score)
        self._begin_at(self.at.monotonic_ns)

    def _begin_at(self, begun_ns: int) -> None:
        """Make the step that ends after a moment the first one; none is closed so far."""
        self._begun_ns = begun_ns
        self._begun = self._closed = begun_ns // STEP_NS
        self._steps.begin(self._closed)
        self.minutes.begin(self._closed // MINUTE_STEPS)

    def begin_stay(self, at: Instant, before: MonitoredBed | None) -> None:
        """Start over with another patient, with the usual values from the bed `before`."""
        self.close_until(at)
        self.monitored_since = at
        self.remembered_answers = dict(before.remembered_answers) if before else {}
        minutes = before.minutes if before else None
        self.forget_readings()
        if minutes is not None:
            self.minutes.past = minutes.past

    def patient_record(self) -> PatientRecord:
        """Return the patient's record for a restart; the next reading changes it."""
        return PatientRecord(self.minutes.past, self._singles.tracks)

    def window_record(self) -> WindowRecord:
        """Return the windows for a restart; the next reading changes them."""
        return WindowRecord(
            first=self.first,
            newest=self.newest,
            monitored_since=self.monitored_since,
            at=self.at,
            remembered_answers=self.remembered_answers,
            tracks=self._tracks,
            doubts=self._doubts.tracks,
            newest_usable=self._newest_usable,
            newest_any=self._newest_any,
            firsts=self._firsts.record(),
            recompute_from=self._recompute_from,
            begun_ns=self._begun_ns,
            begun=self._begun,
            closed=self._closed,
            steps=self._steps.record(),
            minutes=self.minutes.record(),
        )

    def restore(self, patient: PatientRecord, windows: WindowRecord | None) -> None:
        """Restore the same patient's stored records; without `windows` start empty ones."""
        self.minutes.past, self._singles.tracks = patient.past, patient.events
        if windows is None:
            return
        self.first, self.newest = windows.first, windows.newest
        self.monitored_since, self.at = windows.monitored_since, windows.at
        self.remembered_answers = windows.remembered_answers
        self._tracks, self._doubts = windows.tracks, Doubts(windows.doubts)
        self._newest_usable, self._newest_any = windows.newest_usable, windows.newest_any
        self._firsts.restore(windows.firsts)
        self._recompute_from, self._is_evaluated = windows.recompute_from, True
        self._begun_ns, self._begun = windows.begun_ns, windows.begun
        self._closed = windows.closed
        self._steps.restore(windows.steps)
        self.minutes.restore(windows.minutes)
        self._update_age()

    def set_log(self, log: ContextLog | None) -> None:
        """Set the entries about the patient."""
        if log is not self.log:
            self._singles.forget_entries()
        self.log = log
        self._update_age()

    def _update_age(self) -> None:
        """Set the age at `at`; steps from before its entry keep the age known then."""
        self.age_years = state_at(self.log, self.at.utc_ns).age_years

    def observe(self, vital: Vital) -> None:
        """Store a reading, as a gap where the rules must not use it."""
        kind, at, site = vital.kind, in_bounds(vital.measured_at), vital.site
        is_event = kind in CUFF or (kind, site) in EVENT_SITES
        feed_ns = feed_time_ns(vital, is_event=is_event)
        self._note_received(Stamp(vital.received_at, str(feed_ns)))
        if site in INELIGIBLE_SITES.get(kind, ()):
            return
        self._newest_any[kind] = max(self._newest_any.get(kind, at.monotonic_ns), at.monotonic_ns)
        value = vital.value if vital.is_usable and vital.value is not None else nan
        if is_event:
            shown = vital.doubted_value or value
            is_new = self._singles.add(kind, at, value, shown, feed_ns)
            if is_new and not isnan(value):
                self._note_usable(kind, Stamp(at, str(feed_ns)))
        else:
            series = (kind, site, vital.device_id)
            self._observe_running(series, at, value, vital.doubted_value, feed_ns)

    def _note_received(self, stamp: Stamp) -> None:
        if self.newest is None:
            self.first = stamp
        if self.newest is None or self.newest.at <= stamp.at:
            self.newest = stamp

    def _observe_running(
        self,
        series: tuple[VitalKind, str, str],
        at: Instant,
        value: float,
        doubted: float | None,
        feed_ns: int,
    ) -> None:
        """Add a running vital's reading to its step; leave it out if the step is too old."""
        if not self._is_evaluated and at.monotonic_ns < self._begun_ns:
            self._begin_at(at.monotonic_ns)  # a reading from before a restart
        step = max(-(-at.monotonic_ns // STEP_NS), self._begun + 1)
        if step <= self._closed - LATE_STEPS or at.monotonic_ns < self._begun_ns:
            return
        if step <= self._closed:
            self._recompute_from = min(step, self._recompute_from or step)
        kind, site, device_id = series
        tracks = self._tracks.setdefault(kind, {})
        track = tracks.get((device_id, site))
        if track is None:
            track = tracks[device_id, site] = RunningTrack(HOLD_STEPS[kind])
        track.add(step, value, feed_ns)
        self._doubts.add(series, step, doubted, feed_ns)
        if not isnan(value):
            stamp = Stamp(at, str(feed_ns))
            self._note_usable(kind, stamp)
            self._firsts.note(kind, step, value, stamp, self.age_years)

    def _note_usable(self, kind: VitalKind, stamp: Stamp) -> None:
        newest = self._newest_usable.get(kind)
        if newest is None or newest.at <= stamp.at:
            self._newest_usable[kind] = stamp

    def close_until(self, at: Instant) -> None:
        """Close every step that has ended by `at`; conditions read closed steps only."""
        self._is_evaluated = True
        self._recompute_late()
        clock_ns = at.utc_ns - at.monotonic_ns
        if self.log is not None:
            self.log.run_on(clock_ns)
        for step in range(self._closed + 1, at.monotonic_ns // STEP_NS + 1):
            self._fill(self._steps.append()[:, 0], step)
            self._closed = step
            if step % MINUTE_STEPS == 0:
                self.at = Instant(step * STEP_NS, step * STEP_NS + clock_ns)
                self._close_minute(clock_ns)
        self.at = at
        self._update_age()
        self.answers = {}

    def _recompute_late(self) -> None:
        """Recompute the closed steps that got late readings."""
        if self._recompute_from is not None:
            first = max(self._recompute_from, self._closed - LATE_STEPS + 1)
            for step in range(first, self._closed + 1):
                self._fill(self._steps.column(step), step)
            self._recompute_from = None

    def _fill(self, column: FloatArray, step: int) -> None:
        """Compute all signals of a step into its column."""
        fill_step(column, self._steps.column(step - 1), step, self._tracks, self._doubts)

    def _close_minute(self, clock_ns: int) -> None:
        """Compute the minute signals from the medians of the minute's steps."""
        steps = self._steps.windows(MINUTE_STEPS)
        measured = np.array([[median(steps[row].tolist())] for row in _MEASURED_ROWS])
        singles = Singles(self.events(VitalKind.NIBP_SYSTOLIC.value), self.events(SPOT_TEMPERATURE))
        self.minutes.close(measured, singles, self.log, clock_ns)

    def window(self, signal: str, length: int) -> FloatArray:
        """Return the newest `length` values of a running signal, newest last, NaN where missing."""
        if SIGNALS[signal].pace is Pace.MINUTE:
            return self.minutes.signals.window(_MINUTE_ROW[signal], length)
        return self._steps.window(STEP_ROW[signal], length)

    def events(self, signal: str) -> Events:
        """Return an event signal's readings up to `at`."""
        return self._singles.until(signal, self.at, self.log, self.minutes.past.usuals.events)

    @property
    def score(self) -> ScoreTable:
        """Table of the CRS suspicion score."""
        return self._needs.score

    def minute_inputs(self) -> FloatArray:
        """Return the inputs of the newest minutes for `formulas.derived`."""
        return self.minutes.inputs(WINDOW_MIN)

    def newest_usable(self, kind: VitalKind | None) -> Stamp | None:
        """Return a vital's newest usable reading; None if there is none; kind None: any reading."""
        return self.newest if kind is None else self._newest_usable.get(kind)

    def is_monitored(self, kind: VitalKind) -> bool:
        """Return True if the vital had a reading in the last `MONITORED_S`, usable or not."""
        since_ns = self.at.monotonic_ns - round(MONITORED_S * 1e9)
        newest_ns = self._newest_any.get(kind)
        return newest_ns is not None and newest_ns > since_ns

    def state(self, state: BedState) -> Stamp | None:
        """Return the stamp from which a monitoring state has held, None while it does not hold."""
        return self.states.get(state)

    def first_within(self, condition: ShareCondition) -> Stamp | None:
        """Return the first reading in the window that satisfies the condition's threshold."""
        return self._firsts.within(condition, self._closed)

    def site(self, signal: str) -> str:
        """Return the site of a signal's newest value, empty for a derived signal."""
        value = self._steps.window(STEP_ROW[signal], 1)[0] if signal in STEP_ROW else nan
        for kind, tracks in self._tracks.items():
            if kind.value == signal:
                shown = (site for (_, site), t in tracks.items() if t.close(self._closed) == value)
                return min(shown, default="")
        return ""

    def answer_of(self, rule_id: str) -> int:
        """Return another rule's answer at `at`."""
        return self.answers[rule_id]

    def last_present(self, rule_id: str) -> Instant | None:
        """Return the time of a rule's newest PRESENT answer up to `at`; None if there is none."""
        known = self.remembered_answers.get(rule_id)
        return None if known is None else known.at

    def remembered(self, rule_id: str) -> PresentAnswer | None:
        """Return a rule's newest PRESENT answer up to `at`; None if there is none."""
        return self.remembered_answers.get(rule_id)
