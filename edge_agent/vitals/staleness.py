"""Whether a vital still says how the patient is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.vitals.canonical import max_age_s

if TYPE_CHECKING:
    from edge_agent.model.clock import Instant
    from edge_agent.model.measurements import Vital


def is_stale(vital: Vital, now: Instant) -> bool:
    """Return whether `vital` was measured longer ago than its kind and site allow."""
    return now.seconds_since(vital.measured_at) > max_age_s(vital.kind, vital.site)
