"""Settings of a ward's alerts: response times, and groups of rules that are treated alike."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from edge_agent.model.alerts import AlertPriority
from edge_agent.model.duty import DEFAULT_TIMES, ResponseTimes


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Settings of the alerts of all beds."""

    of_patients: Container[str] = frozenset()
    """Rules whose alerts end with the stay, technical ones included."""
    needing_presence: Container[str] = frozenset()
    """Rules about the monitoring whose alerts are inhibited while the patient is away."""
    confirming: Container[str] = frozenset()
    """Rules whose answer confirms something: their alerts are answered on their own only."""
    times: Mapping[AlertPriority, ResponseTimes] = field(default_factory=dict)
    """Times by priority; those of `DEFAULT_TIMES` for the others."""
    answers_for_high: int = 1
    """Number of different people who must acknowledge an alert of priority HIGH, 1 or 2."""

    def times_of(self, priority: AlertPriority) -> ResponseTimes:
        """Return the times of a priority."""
        return self.times.get(priority, DEFAULT_TIMES[priority])

    def longest_silence_s(self, priority: AlertPriority) -> float:
        """Return the longest silence of an alert, seconds; no ward may allow a longer one."""
        return min(self.times_of(priority).silence_s, DEFAULT_TIMES[priority].silence_s)
