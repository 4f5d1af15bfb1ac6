"""What the detector keeps of one bed: recent readings, and when each rule last held."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge_agent.detect.sites import INELIGIBLE_SITES
from edge_agent.detect.window import Stamp, VitalSeries
from edge_agent.model.measurements import VitalKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.model.bed_events import BedState
    from edge_agent.model.clock import Instant
    from edge_agent.model.findings import Evidence
    from edge_agent.model.measurements import Vital

_CUFF: Final = frozenset({VitalKind.NIBP_SYSTOLIC, VitalKind.NIBP_MEAN, VitalKind.NIBP_DIASTOLIC})
"""Events with a time of their own, which a monitor sends again until the next one."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A rule's newest answer PRESENT."""

    at: Instant
    evidence: tuple[Evidence, ...]
    stamp: Stamp


class BedRecord:
    """Readings and remembered answers of one bed.

    Parameters
    ----------
    watched_since
        When watching began.
    spans_ns
        How long the readings of each vital are kept.
    """

    def __init__(self, watched_since: Instant, spans_ns: Mapping[VitalKind, int]) -> None:
        self.first = Stamp(watched_since, f"watch:{watched_since.utc_ns}")
        """The bed's first reading, the start of watching before there is one."""
        self.newest: Stamp | None = None
        """Newest reading of any kind, usable or not; None before the first."""
        self.watched_since = watched_since
        self.remembered: dict[str, Remembered] = {}
        self.states: dict[BedState, Stamp] = {}
        """Since when something is the matter with the watching; a reading's time in a replay."""
        self._spans_ns = spans_ns
        self._series: dict[VitalKind, dict[str, VitalSeries]]
        self.forget_readings()

    def forget_readings(self) -> None:
        """Begin all windows anew: what was read so far may be another patient's."""
        self._series = {kind: {} for kind in self._spans_ns}

    def observe(self, vital: Vital) -> None:
        """Keep a reading; one that no rule may count on is kept as a gap."""
        feed_ns = _feed_ns(vital)
        if self.newest is None:
            self.first = Stamp(vital.received_at, str(feed_ns))
        if self.newest is None or self.newest.at <= vital.received_at:
            self.newest = Stamp(vital.received_at, str(feed_ns))
        kind = vital.kind
        if kind not in self._series or vital.site in INELIGIBLE_SITES.get(kind, ()):
            return
        series = self._series[kind].get(vital.site)
        if series is None:
            series = self._series[kind][vital.site] = VitalSeries(self._spans_ns[kind])
        usable = vital.value is not None and vital.is_usable
        value = vital.value if usable and vital.value is not None else math.nan
        if kind not in _CUFF or not series.settle_repeat(value, feed_ns):
            series.append(vital.measured_at, value, feed_ns)

    def series(self, kind: VitalKind) -> Mapping[str, VitalSeries]:
        """Return the readings of a vital by site, eligible sites only."""
        return self._series[kind]

    def is_monitored(self, kind: VitalKind, now_ns: int) -> bool:
        """Return whether the kept span holds any reading of a vital, usable or not."""
        return any(series.holds_reading(now_ns) for series in self._series[kind].values())

    def newest_usable(self, kind: VitalKind) -> Stamp | None:
        """Return when a vital was last usable at any eligible site, None: never."""
        stamps = [s.newest_usable for s in self._series[kind].values() if s.newest_usable]
        return max(stamps, key=lambda stamp: stamp.at, default=None)


def _feed_ns(vital: Vital) -> int:
    """Return the feed's own time of a reading: a cuff's own stamp, else the running counter."""
    elapsed_ns, wall_ns = vital.device_time.elapsed_ns, vital.device_time.wall_ns
    ordered = (wall_ns, elapsed_ns) if vital.kind in _CUFF else (elapsed_ns, wall_ns)
    return next((ns for ns in ordered if ns is not None), vital.measured_at.utc_ns)
