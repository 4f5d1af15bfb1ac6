"""Readings that people measured and entered by hand, as event signals of the bed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import nan
from typing import Final

import numpy as np

from edge_agent.detect.arrays import NO_EVENTS, Events
from edge_agent.detect.language.signals import CUFF
from edge_agent.detect.minutes.context_rows import readings_of
from edge_agent.detect.series.doubts import AS_MEASURED
from edge_agent.detect.series.tracks import EventTrack
from edge_agent.model.measurements import VitalKind
from edge_agent.model.patient import EntryKind, PatientEntry
from edge_agent.patient.context import ContextLog

SPOT_TEMPERATURE: Final = "spot_temperature"
SHARE: Final = "systolic_share_of_baseline"
_ENTERED_AS: Final[Mapping[str, VitalKind]] = {
    **{kind.value: kind for kind in CUFF},
    **AS_MEASURED,
    SPOT_TEMPERATURE: VitalKind.TEMPERATURE,
}


class HandReadings:
    """Readings entered by hand, recomputed only after a new entry."""

    def __init__(self) -> None:
        self._found: dict[VitalKind, Events] = {}
        self._entries: defaultdict[str, list[PatientEntry]] = defaultdict(list)
        self._version: int | None = None

    def forget(self) -> None:
        """Discard the stored readings, because the patient has changed."""
        self._version = None

    def events(self, signal: str, log: ContextLog, clock_ns: int, usual: EventTrack) -> Events:
        """Return the readings of an event signal, oldest first.

        Parameters
        ----------
        clock_ns
            UTC minus monotonic time, ns.
        usual
            Each change of the patient's usual systolic pressure.
        """
        if signal == SHARE:
            systolic = self.events(VitalKind.NIBP_SYSTOLIC.value, log, clock_ns, usual)
            return _share_of_usual(systolic, usual.events) if systolic.values.size else NO_EVENTS
        if self._version != log.version:
            self._found, self._version = {}, log.version
            self._entries = defaultdict(list)
            for entry in log.current(EntryKind.SPOT):
                self._entries[entry.name].append(entry)
        kind = _ENTERED_AS[signal]
        if kind not in self._found:
            self._found[kind] = readings_of(self._entries[kind.value], kind, clock_ns)
        return self._found[kind]


def _share_of_usual(systolic: Events, usual: Events) -> Events:
    """Return systolic readings in percent of the usual pressure known before each of them."""
    known = usual.times_ns.searchsorted(systolic.times_ns)
    shares = 100 * systolic.values / np.append(usual.values, nan)[known - 1]
    return Events(systolic.times_ns, shares, systolic.utc_ns, systolic.feed_ns)
