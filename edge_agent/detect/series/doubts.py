"""Doubted values: the monitor shows them and crswatch does not trust them, but they may be true."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from types import MappingProxyType
from typing import Final

from edge_agent.detect.grid import HOLD_STEPS
from edge_agent.detect.series.sites import HIGHEST
from edge_agent.detect.series.tracks import RunningTrack
from edge_agent.model.measurements import VitalKind

DOUBTED: Final[Mapping[str, VitalKind]] = MappingProxyType(
    {
        "heart_rate_doubted": VitalKind.HEART_RATE,
        "spo2_doubted": VitalKind.SPO2,
        "respiratory_rate_doubted": VitalKind.RESPIRATORY_RATE,
        "temperature_doubted": VitalKind.TEMPERATURE,
        "art_systolic_doubted": VitalKind.ART_SYSTOLIC,
        "art_mean_doubted": VitalKind.ART_MEAN,
    }
)
"""Signals of doubted values, and the vital of each."""
AS_MEASURED: Final[Mapping[str, VitalKind]] = MappingProxyType(
    {
        "nibp_systolic_as_measured": VitalKind.NIBP_SYSTOLIC,
        "nibp_mean_as_measured": VitalKind.NIBP_MEAN,
    }
)
"""Signals of single readings, doubted or not, and the vital of each."""
_KINDS: Final = frozenset(DOUBTED.values())
Tracks = dict[VitalKind, dict[tuple[str, str], RunningTrack]]
"""Tracks by vital, then by device and site."""


class Doubts:
    """Step medians of doubted values.

    Parameters
    ----------
    tracks
        Stored medians to continue with.
    """

    def __init__(self, tracks: Tracks | None = None) -> None:
        self.tracks: Tracks = {} if tracks is None else tracks

    def add(
        self, series: tuple[VitalKind, str, str], step: int, doubted: float | None, feed_ns: int
    ) -> None:
        """Add a reading.

        Parameters
        ----------
        series
            Vital, site and device.
        doubted
            None for a reading that is trusted or has no value.
        """
        kind, site, device_id = series
        known = self.tracks.get(kind)
        if doubted is None and known is None:
            return
        if kind in _KINDS:
            tracks = self.tracks.setdefault(kind, {})
            track = tracks.setdefault((device_id, site), RunningTrack(HOLD_STEPS[kind]))
            track.add(step, nan if doubted is None else doubted, feed_ns)

    def value(self, kind: VitalKind, step: int) -> float:
        """Return the worst value of a step at all sites, NaN without any."""
        return worst(kind, self.tracks.get(kind, {}), step)


def worst(kind: VitalKind, tracks: Mapping[tuple[str, str], RunningTrack], step: int) -> float:
    """Return a vital's worst value of a step among its tracks, NaN without any."""
    values = [value for t in tracks.values() if (value := t.close(step)) == value]
    pick = max if kind in HIGHEST else min
    return pick(values, default=nan)
