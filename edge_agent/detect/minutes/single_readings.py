"""Single readings of one bed: the cuff, spot temperatures, and what people measured by hand."""

from __future__ import annotations

from typing import Final

from edge_agent.detect.arrays import NO_EVENTS, Events, merged
from edge_agent.detect.language.signals import CUFF
from edge_agent.detect.minutes.by_hand import SHARE, SPOT_TEMPERATURE, HandReadings
from edge_agent.detect.series.doubts import AS_MEASURED_OF
from edge_agent.detect.series.tracks import EventTrack
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog

_STORED_NS: Final = 60 * 3600 * 10**9
"""Time for which single readings are stored."""
_NAMES: Final = {VitalKind.TEMPERATURE: SPOT_TEMPERATURE}


class SingleReadings:
    """Single readings by the names of their event signals."""

    def __init__(self) -> None:
        self.tracks: dict[str, EventTrack] = {}
        self._by_hand = HandReadings()

    def forget_entries(self) -> None:
        """Discard what was read from the entries, because the patient has changed."""
        self._by_hand.forget()

    def add(
        self, kind: VitalKind, at: Instant, value: float, feed_ns: int, usual_pressure: float
    ) -> bool:
        """Store a reading and, for systolic pressure, its share of the usual one.

        Returns
        -------
        bool
            True for a reading that was not stored before.
        """
        name = kind.value if kind in CUFF else _NAMES.get(kind)
        if name is None:
            return False
        is_new = self._track(name).add(at, value, feed_ns)
        if is_new and kind is VitalKind.NIBP_SYSTOLIC:
            self._track(SHARE).add(at, 100 * value / usual_pressure, feed_ns)
        return is_new

    def add_as_measured(self, kind: VitalKind, at: Instant, shown: float, feed_ns: int) -> None:
        """Store a reading, doubted or not."""
        if kind in AS_MEASURED_OF:
            self._track(AS_MEASURED_OF[kind]).add(at, shown, feed_ns)

    def until(
        self, signal: str, at: Instant, log: ContextLog | None, usual_pressures: EventTrack
    ) -> Events:
        """Return the readings of an event signal up to `at`, those of the entries included."""
        track = self.tracks.get(signal)
        found = track.events if track else NO_EVENTS
        if log is not None and len(log):
            clock_ns = at.utc_ns - at.monotonic_ns
            entered = self._by_hand.events(signal, log, clock_ns, usual_pressures)
            found = merged([found, entered]) if entered.values.size else found
        return found.until(at.monotonic_ns)

    def _track(self, name: str) -> EventTrack:
        return self.tracks.setdefault(name, EventTrack(_STORED_NS))
