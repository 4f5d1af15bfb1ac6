"""Single readings of one bed: the cuff, spot temperatures, and what people measured by hand."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from math import nan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import NO_EVENTS, Events, merged
from edge_agent.detect.language.signals import CUFF
from edge_agent.detect.minutes.context_rows import entered_readings
from edge_agent.detect.series.doubts import AS_MEASURED
from edge_agent.detect.series.tracks import EventTrack
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog

_STORED_NS: Final = 60 * 3600 * 10**9
"""Time for which single readings are stored."""
SPOT_TEMPERATURE: Final = "spot_temperature"
SHARE: Final = "systolic_share_of_baseline"
TRUSTED: Final[Mapping[str, VitalKind]] = {
    **{kind.value: kind for kind in CUFF},
    SPOT_TEMPERATURE: VitalKind.TEMPERATURE,
}
"""Signals of single readings that the rules may use, and the vital of each."""
_NAMES: Final = {kind: name for name, kind in TRUSTED.items()}
_NAMES_AS_MEASURED: Final = {kind: name for name, kind in AS_MEASURED.items()}


class SingleReadings:
    """Single readings by the names of their event signals."""

    def __init__(self) -> None:
        self.tracks: dict[str, EventTrack] = {}
        self._entered: dict[VitalKind, Events] = {}
        self._version: tuple[int, int] | None = None
        """Version of the entries in `_entered`, and the number of their changes that had passed;
        None before the first."""

    def forget_entries(self) -> None:
        """Discard what was read from the entries, because the patient has changed."""
        self._version = None

    def add(self, kind: VitalKind, at: Instant, value: float, shown: float, feed_ns: int) -> bool:
        """Store a reading; return True if its value was not stored before.

        Parameters
        ----------
        value
            NaN where the rules must not use it.
        shown
            The value as measured, doubted or not.
        """
        if kind in _NAMES_AS_MEASURED:
            self._track(_NAMES_AS_MEASURED[kind]).add(at, shown, feed_ns)
        return kind in _NAMES and self._track(_NAMES[kind]).add(at, value, feed_ns)

    def until(self, signal: str, at: Instant, log: ContextLog | None, usual: Events) -> Events:
        """Return the readings of an event signal up to `at`, those of the entries included.

        Parameters
        ----------
        usual
            The patient's usual systolic pressure, hour by hour.
        """
        if signal == SHARE:
            systolic = self.until(VitalKind.NIBP_SYSTOLIC.value, at, log, usual)
            return share_of_usual(systolic, usual)
        track = self.tracks.get(signal)
        found = track.events if track else NO_EVENTS
        if log is not None and len(log):
            version = log.version, bisect_right(log.changes(), at.utc_ns)
            if self._version != version:
                clock_ns = at.utc_ns - at.monotonic_ns
                self._entered = entered_readings(log, clock_ns, at.utc_ns)
                self._version = version
            entered = self._entered[TRUSTED.get(signal) or AS_MEASURED[signal]]
            found = merged([found, entered]) if entered.values.size else found
        return found.until(at.monotonic_ns)

    def _track(self, name: str) -> EventTrack:
        return self.tracks.setdefault(name, EventTrack(_STORED_NS))


def share_of_usual(systolic: Events, usual: Events) -> Events:
    """Return systolic readings in percent of the usual pressure known before each of them.

    A reading before which nobody knew the usual pressure is left out.
    """
    newest = usual.times_ns.searchsorted(systolic.times_ns) - 1
    usual_then = np.append(usual.values, nan)[newest]
    is_known = ~np.isnan(usual_then)
    shares = 100 * systolic.values / usual_then
    return Events(
        systolic.times_ns[is_known],
        shares[is_known],
        systolic.utc_ns[is_known],
        systolic.feed_ns[is_known],
    )
