"""Conditions that come back while their alert is still open, and count as new."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from edge_agent.model.alerts import Alert
from edge_agent.model.clock import Instant
from edge_agent.model.findings import Finding, Presence

PART_GONE_S: Final = 600.0
"""Seconds without the condition after which a part that was never reported itself is a new sign:
as long as a sign that is raised after its problem counts as part of it (`parts.WITH_IT_S`); design
start value, unvalidated."""
GONE_S: Final = 21600.0
"""The same for an alert that was reported: spikes of one fever come every 6 to 12 h; design start
value, unvalidated."""


def noted(alert: Alert, finding: Finding) -> Alert:
    """Return an open alert with a note of the time since which its condition does not hold."""
    match finding.presence:
        case Presence.PRESENT if alert.gone_since is not None:
            return replace(alert, gone_since=None)
        case Presence.ABSENT if alert.gone_since is None:
            return replace(alert, gone_since=finding.at)
    return alert


def has_returned(alert: Alert, at: Instant) -> bool:
    """Return True if a condition that holds at a moment had been gone for long enough."""
    if alert.gone_since is None:
        return False
    limit_s = GONE_S if alert.is_signalled else PART_GONE_S
    return at.seconds_since(alert.gone_since) >= limit_s
