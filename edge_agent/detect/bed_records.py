"""The state of one bed as plain values, for a restart."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from edge_agent.detect.arrays import Stamp
from edge_agent.detect.conditions.view import PresentAnswer
from edge_agent.detect.minutes.baseline import Past
from edge_agent.detect.minutes.minute_book import Minutes
from edge_agent.detect.series.doubts import Tracks
from edge_agent.detect.series.ring import Columns
from edge_agent.detect.series.tracks import EventTrack
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """A patient's history and single readings, which do not depend on the rules."""

    past: Past
    events: dict[str, EventTrack]

    def moved(self, by_ns: int) -> PatientRecord:
        """Return the record on another monotonic clock."""
        events = {name: track.moved(by_ns) for name, track in self.events.items()}
        return PatientRecord(self.past.moved(by_ns), events)


class WindowRecord(msgspec.Struct, frozen=True):
    """The windows of a bed under one rule set."""

    first: Stamp
    newest: Stamp | None
    monitored_since: Instant = msgspec.field(name="watched_since")
    at: Instant
    remembered_answers: dict[str, PresentAnswer]
    tracks: Tracks
    doubts: Tracks
    newest_usable: dict[VitalKind, Stamp]
    newest_any: dict[VitalKind, int]
    firsts: tuple[dict[int, Stamp], ...]
    """First satisfying readings, in the order of the conditions in the rule set."""
    recompute_from: int | None = msgspec.field(name="mend_from")
    begun_ns: int
    begun: int
    closed: int
    steps: Columns
    minutes: Minutes
