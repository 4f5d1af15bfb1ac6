"""Alerts of another detector on the same patients, in the form that the scoring reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from edge_agent.evaluate.stays.reported_alerts import About, ReportedAlerts
from edge_agent.model.alerts import AlertPriority


@dataclass(frozen=True, slots=True)
class PeerChange:
    """One change of an alert of another detector."""

    at_s: float
    """Seconds since the recording began, or since 1970 where the time is a date."""
    is_dated: bool
    rule_id: str
    about: About
    priority: AlertPriority
    is_raised: bool
    """False where the alert ended."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another detector's alerts."""

    name: str
    changes: Mapping[str, tuple[PeerChange, ...]]
    """Changes by patient id, as in the file; a patient who is missing had no alert."""

    @property
    def method(self) -> str:
        """Name of the method beside those of the comparators."""
        return f"peer {self.name}"

    def reports(self, patient_id: str, start_utc_ns: int, length_s: float) -> ReportedAlerts:
        """Return the reports about one patient.

        Each raising is one; it lasts until the same rule ends, or to the end of the recording.

        Parameters
        ----------
        start_utc_ns
            Begin of the recording, ns since 1970.
        """
        changes = self.changes.get(patient_id, ())
        times_s = [c.at_s - start_utc_ns / 1e9 if c.is_dated else c.at_s for c in changes]
        timed = sorted(zip(times_s, changes, strict=True), key=lambda pair: pair[0])
        return _reports(timed, length_s)


def _reports(timed: Sequence[tuple[float, PeerChange]], length_s: float) -> ReportedAlerts:
    raised: list[tuple[float, PeerChange]] = []
    ends_s: list[float] = []
    still_open: dict[str, list[int]] = {}
    for at_s, change in timed:
        if change.is_raised:
            still_open.setdefault(change.rule_id, []).append(len(raised))
            raised.append((at_s, change))
            ends_s.append(length_s)
        else:
            for index in still_open.pop(change.rule_id, ()):
                ends_s[index] = at_s
    return ReportedAlerts(
        np.array([at_s for at_s, _ in raised], np.float64),
        np.array(ends_s, np.float64),
        np.array([change.about for _, change in raised], np.int8),
        np.array([change.priority for _, change in raised], np.int8),
    )
