"""Readings that are known at each step of a recorded stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import bottleneck as bn  # type: ignore[import-untyped]  # it has no stubs
import numpy as np

from edge_agent.batch.known import KnownSpan
from edge_agent.batch.stay import SiteReadings, Stay
from edge_agent.detect.arrays import BoolArray, FloatArray, IntArray
from edge_agent.detect.language.needs import MONITORED_S
from edge_agent.model.measurements import VitalKind

_NEVER_NS: Final = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class EventRuns:
    """Runs of steps in which no reading of an event signal enters or leaves a window.

    All lie in one span of the stay during which nobody enters a reading late.
    """

    lengths: IntArray
    """Number of steps in each run, shape (n runs,)."""
    known: IntArray
    """Number of readings up to each run."""
    begin: IntArray
    """Number of readings before the window of each run."""
    values: FloatArray
    """Readings of the span that the runs lie in, oldest first."""


class StayReadings:
    """Readings of a recorded stay by the steps at which they are known."""

    def __init__(self, stay: Stay) -> None:
        self._stay = stay
        self._runs: dict[tuple[str, float], list[EventRuns]] = {}
        self._usable: dict[VitalKind | None, list[IntArray]] = {}
        self._newest: dict[int, IntArray] = {}
        self._newest_usable: dict[VitalKind | None, IntArray] = {}
        self._monitored: dict[VitalKind, BoolArray] = {}

    def runs(self, signal: str, window_s: float) -> list[EventRuns]:
        """Return the runs of steps in which an event signal's window has the same readings.

        One for each of the stay's known spans, in order.
        """
        found = self._runs.get((signal, window_s))
        if found is None:
            spans = self._stay.known_spans
            found = [self._runs_in(span, signal, window_s) for span in spans]
            self._runs[signal, window_s] = found
        return found

    def _runs_in(self, span: KnownSpan, signal: str, window_s: float) -> EventRuns:
        events, ends_ns = (
            self._stay.events(signal, span),
            self._stay.times_ns[span.first : span.end],
        )
        enters = ends_ns.searchsorted(events.times_ns)
        leaves = ends_ns.searchsorted(events.times_ns + round(window_s * 1e9))
        steps = np.unique(np.concatenate(([0], enters, leaves, [ends_ns.size])))
        begins = steps[:-1]
        return EventRuns(
            np.diff(steps),
            enters.searchsorted(begins, side="right"),
            leaves.searchsorted(begins, side="right"),
            events.values,
        )

    def usable(self, kind: VitalKind | None) -> list[IntArray]:
        """Return the times of a vital's usable readings, for None those of all readings."""
        if kind not in self._usable:
            if kind is None:
                times = [r.times_ns for r in self._stay.readings.values()]
            else:
                times = [_usable_ns(r) for r in self._stay.of_kind(kind)]
            # Columns of one device share their times.
            self._usable[kind] = list({id(times_ns): times_ns for times_ns in times}.values())
        return self._usable[kind]

    def newest_usable_ns(self, kind: VitalKind | None) -> IntArray:
        """Return the time of the newest usable reading at each step, at first the stay's start."""
        if kind not in self._newest_usable:
            newest = np.full(self._stay.steps.size, self._stay.monitored_from_ns, np.int64)
            for times_ns in self.usable(kind):
                np.maximum(newest, self._newest_ns(times_ns), out=newest)
            self._newest_usable[kind] = newest
        return self._newest_usable[kind]

    def monitored(self, kind: VitalKind) -> BoolArray:
        """Return the steps with any reading of a vital in the last `MONITORED_S`, usable or not."""
        if kind not in self._monitored:
            found = self._monitored[kind] = np.zeros(self._stay.steps.size, np.bool_)
            since_ns = self._stay.times_ns - round(MONITORED_S * 1e9)
            for readings in self._stay.of_kind(kind):
                found |= self._newest_ns(readings.times_ns) > since_ns
        return self._monitored[kind]

    def _newest_ns(self, times_ns: IntArray) -> IntArray:
        """Return the newest of the times up to each step, cached for columns that share them."""
        if id(times_ns) not in self._newest:
            known = self._stay.layout(times_ns).known
            newest = np.full(known.size, _NEVER_NS)
            if times_ns.size:
                newest = np.where(known > 0, times_ns.take(known - 1, mode="clip"), newest)
            self._newest[id(times_ns)] = newest
        return self._newest[id(times_ns)]


def _usable_ns(readings: SiteReadings) -> IntArray:
    """Return the times of the usable readings; the same array where all are."""
    if not bn.anynan(readings.values):
        return readings.times_ns
    return readings.times_ns[~np.isnan(readings.values)]
