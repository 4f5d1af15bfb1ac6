"""Arrays of a recorded stay: all steps and minutes at once, by the same formulas as live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from math import nan
from typing import Final

import numpy as np

from edge_agent.batch.known import KnownSpan, known_spans
from edge_agent.batch.medians import Layout, layout_of, row_medians, step_medians
from edge_agent.detect.arrays import Events, FloatArray, IntArray, merged
from edge_agent.detect.grid import HOLD_STEPS, MINUTE_STEPS, STEP_NS, STEP_S
from edge_agent.detect.language.score_table import ScoreTable
from edge_agent.detect.language.scored_rules import shipped_score
from edge_agent.detect.language.signals import CUFF, EVENT_SITES, RUNNING, SIGNALS, Pace
from edge_agent.detect.minutes.context_rows import entered_readings
from edge_agent.detect.minutes.formulas import MEASURED, ROW, WINDOW_MIN, derived
from edge_agent.detect.minutes.minute_book import MinuteBook, Singles
from edge_agent.detect.minutes.single_readings import SHARE, TRUSTED, share_of_usual
from edge_agent.detect.scores.crs_score import compiled
from edge_agent.detect.series.doubts import AS_MEASURED, DOUBTED
from edge_agent.detect.series.sites import INELIGIBLE_SITES, combined
from edge_agent.detect.step_signals import LAST, STEP_ROW, compare_rates
from edge_agent.model.durations import MINUTE_NS
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog

SLACK: Final = 1.5
"""A reading is late after this many measurement intervals; design start value, unvalidated."""


@dataclass(frozen=True, slots=True)
class SiteReadings:
    """All readings of one vital at one site, oldest first, shape (n,)."""

    times_ns: IntArray
    """Monotonic time, ns."""
    values: FloatArray
    """Values in the canonical unit; NaN where the rules must not use the reading."""
    doubted: FloatArray | None = None
    """Values that the device shows and crswatch does not trust, NaN for the other readings; None
    where crswatch trusts every reading."""


def stay_readings(times_ns: IntArray, values: FloatArray) -> SiteReadings:
    """Return the readings in order of time, without duplicate times."""
    if times_ns.size > 1 and not bool((times_ns[1:] > times_ns[:-1]).all()):
        times_ns, first = np.unique(times_ns, return_index=True)
        values = values[first]
    return SiteReadings(times_ns, values)


class Stay:
    """All signals that rules read about one patient, for every step of a recorded stay.

    Parameters
    ----------
    readings
        Readings by vital and site; NaN where the rules must not use a reading.
    log
        The entries about the patient; None if there are none.
    span_ns
        Start and end of the stay in monotonic ns, at least one step apart.
    utc_offset_ns
        UTC minus monotonic time, ns.
    score
        The table of the CRS suspicion score; None for the shipped one.
    """

    def __init__(
        self,
        readings: Mapping[tuple[VitalKind, str], SiteReadings],
        log: ContextLog | None,
        span_ns: tuple[int, int],
        utc_offset_ns: int,
        score: ScoreTable | None = None,
    ) -> None:
        self.score = score or shipped_score()
        self.readings = readings
        self._intervals: dict[VitalKind, float] = {}
        self._layouts: dict[int, Layout] = {}
        self._events: dict[int, Mapping[str, Events]] = {}
        """Event signals by name, by the latest time of entry that counts."""
        self.log = log
        self.monitored_from_ns, until_ns = span_ns
        self.utc_offset_ns = utc_offset_ns
        self.closed_before = self.monitored_from_ns // STEP_NS
        """Number of the step before the first."""
        self.minute_before = self.closed_before // MINUTE_STEPS
        self.steps = np.arange(self.closed_before + 1, until_ns // STEP_NS + 1)
        self.times_ns = self.steps * STEP_NS

    @property
    def minutes(self) -> IntArray:
        """Numbers of the minutes that end within the stay."""
        return np.arange(self.minute_before + 1, int(self.steps[-1]) // MINUTE_STEPS + 1)

    def of_kind(self, kind: VitalKind) -> list[SiteReadings]:
        """Return the readings of a vital at each site that rules may read."""
        ineligible = INELIGIBLE_SITES.get(kind, frozenset())
        return [r for (k, site), r in self.readings.items() if k is kind and site not in ineligible]

    @cached_property
    def step_signals(self) -> dict[str, FloatArray]:
        """Signals with one value for each step, shape (n steps,)."""
        found = np.full((len(STEP_ROW), self.steps.size), nan)
        for kind in RUNNING:
            by_site = [self.held[kind, site] for site in self.sites(kind)]
            if by_site:
                found[STEP_ROW[kind.value]] = combined(kind, by_site)
        for name, vital in DOUBTED.items():
            by_site = self._doubted(vital)
            if by_site:
                found[STEP_ROW[name]] = combined(vital, by_site)
        compare_rates(found)
        for name, vital in LAST.items():
            values = found[STEP_ROW[vital.value]]
            newest = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(values.size)))
            found[STEP_ROW[name]] = np.where(newest >= 0, values[newest], nan)
        return dict(zip(STEP_ROW, found, strict=True))

    def signal(self, name: str) -> FloatArray:
        """Return a running signal, one value for each step or each minute."""
        is_minute = SIGNALS[name].pace is Pace.MINUTE
        return self.minute_signals[name] if is_minute else self.step_signals[name]

    @cached_property
    def minute_counts(self) -> IntArray:
        """Number of minutes that have ended by each step, shape (n steps,)."""
        return self.steps // MINUTE_STEPS - self.minute_before

    def interval_s(self, kind: VitalKind) -> float:
        """Return the measurement interval of a vital in seconds, 0 where it is one step or shorter.

        It is the median gap between readings, at the site where it is longest. A recording may have
        any interval; a vital recorded once a minute is not lost within the minute.
        """
        if kind not in self._intervals:
            gaps = [_typical_gap_s(r.times_ns) for r in self.of_kind(kind) if r.times_ns.size > 1]
            longest = max(gaps, default=0.0)
            self._intervals[kind] = longest if longest > STEP_S else 0.0
        return self._intervals[kind]

    def _hold_steps(self, kind: VitalKind) -> int:
        return max(HOLD_STEPS[kind], int(SLACK * self.interval_s(kind)) // STEP_S)

    def sites(self, kind: VitalKind) -> list[str]:
        """Return the sites where a vital is measured continuously."""
        ineligible = INELIGIBLE_SITES.get(kind, frozenset())
        return [
            site
            for k, site in self.readings
            if k is kind and site not in ineligible and (kind, site) not in EVENT_SITES
        ]

    @cached_property
    def held(self) -> dict[tuple[VitalKind, str], FloatArray]:
        """Value of each step by vital and site, held for a while if missing, shape (n steps,)."""
        return {
            (kind, site): self._held(self.readings[kind, site], self._hold_steps(kind))
            for kind in RUNNING
            for site in self.sites(kind)
        }

    def _doubted(self, kind: VitalKind) -> list[FloatArray]:
        """Return the doubted values of a vital at each site, shape (n steps,)."""
        return [
            self._held(SiteReadings(r.times_ns, r.doubted), self._hold_steps(kind))
            for site in self.sites(kind)
            if (r := self.readings[kind, site]).doubted is not None
        ]

    def _held(self, readings: SiteReadings, hold_steps: int) -> FloatArray:
        """Return each step's median, or an earlier one for at most `hold_steps` steps."""
        medians, has_reading = step_medians(readings.values, self.layout(readings.times_ns))
        if has_reading.all():
            return medians
        indices = np.arange(medians.size)
        newest = np.maximum.accumulate(np.where(has_reading, indices, -1))
        is_held = (newest >= 0) & (indices - newest <= hold_steps)
        return np.where(is_held, medians[newest], nan)

    def layout(self, times_ns: IntArray) -> Layout:
        """Return the step of each reading, cached for the columns of a device that share times."""
        layout = self._layouts.get(id(times_ns))
        if layout is None:
            layout = self._layouts[id(times_ns)] = layout_of(times_ns, self.times_ns)
        return layout

    @cached_property
    def known_spans(self) -> list[KnownSpan]:
        """Spans between which readings by hand were entered late, in order of time."""
        return known_spans(self.log, self.times_ns + self.utc_offset_ns)

    def span_at(self, step: int) -> KnownSpan:
        """Return the span of a step."""
        return next(span for span in self.known_spans if step < span.end)

    def events(self, signal: str, span: KnownSpan) -> Events:
        """Return the readings of an event signal as they are known in a span, later ones too."""
        return self._events_by(span.known_by_utc_ns)[signal]

    def _events_by(self, known_by_utc_ns: int) -> Mapping[str, Events]:
        """Return the readings of every event signal that were known by a moment."""
        found = self._events.get(known_by_utc_ns)
        if found is None:
            readings = partial(self._event_readings, known_by_utc_ns)
            found = {name: readings(kind) for name, kind in TRUSTED.items()}
            for name, kind in AS_MEASURED.items():
                found[name] = readings(kind, as_measured=True)
            usual, ends_ns = self.minute_inputs[ROW["base_systolic"]], self.minutes * MINUTE_NS
            found[SHARE] = share_of_usual(
                found[VitalKind.NIBP_SYSTOLIC.value],
                Events(ends_ns, usual[WINDOW_MIN:], ends_ns, ends_ns),
            )
            self._events[known_by_utc_ns] = found
        return found

    def _event_readings(
        self, known_by_utc_ns: int, kind: VitalKind, *, as_measured: bool = False
    ) -> Events:
        """Return single readings, by hand included; `as_measured` includes doubted ones."""
        parts = [entered_readings(self.log, self.utc_offset_ns, known_by_utc_ns)[kind]]
        for (k, site), r in self.readings.items():
            if k is kind and (k in CUFF or (k, site) in EVENT_SITES):
                values = r.values
                if as_measured and r.doubted is not None:
                    values = np.fmin(values, r.doubted)
                utc_ns = r.times_ns + self.utc_offset_ns
                parts.insert(-1, Events(r.times_ns, values, utc_ns, utc_ns))
        return merged(parts)

    @cached_property
    def _book(self) -> MinuteBook:
        """The closed minutes of the stay."""
        count = self.minutes.size
        book = MinuteBook(1, self.monitored_from_ns, self.score, max(1, count))
        book.begin(self.minute_before)
        if count:
            measured = np.array([self._minute_medians(name) for name in MEASURED])
            for span in self.known_spans:
                begin, end = self._minutes_before(span.first), self._minutes_before(span.end)
                if begin < end:
                    readings = partial(self._event_readings, span.known_by_utc_ns)
                    singles = Singles(
                        readings(VitalKind.NIBP_SYSTOLIC), readings(VitalKind.TEMPERATURE)
                    )
                    book.fill(measured[:, begin:end], singles, self.log, self.utc_offset_ns)
        return book

    def _minutes_before(self, step: int) -> int:
        """Return the number of minutes that have ended before a step."""
        return int(self.minute_counts[step - 1]) if step else 0

    @cached_property
    def minute_inputs(self) -> FloatArray:
        """Inputs of the minute formulas, shape (len(INPUTS), WINDOW_MIN + n minutes)."""
        return self._book.inputs(WINDOW_MIN + self.minutes.size)

    def _minute_medians(self, name: str) -> FloatArray:
        """Return the median of each minute of a step signal, shape (n minutes,)."""
        values = self.step_signals[name]
        lead = self.closed_before - self.minute_before * MINUTE_STEPS
        whole = self.minutes.size * MINUTE_STEPS
        padded = np.concatenate((np.full(lead, nan), values))[:whole]
        return row_medians(padded.reshape(-1, MINUTE_STEPS))

    @cached_property
    def minute_signals(self) -> dict[str, FloatArray]:
        """Signals with one value for each minute, shape (n minutes,)."""
        found = derived(self.minute_inputs, compiled(self.score))
        return {name: values[WINDOW_MIN:] for name, values in found.items()}


def _typical_gap_s(times_ns: IntArray) -> float:
    """Return the median gap between neighbours in seconds, from at most 1000 samples."""
    indices = np.unique(np.linspace(0, times_ns.size - 2, 1000).astype(np.int64))
    return float(np.median(times_ns[indices + 1] - times_ns[indices])) / 1e9
