"""Gaps in the record of a bed as JSON: failed evaluations, lost readings."""

from __future__ import annotations

import msgspec

from edge_agent.model.bed_events import EvaluationFailed, ReadingsLost
from edge_agent.payloads.common import rfc3339


class EvaluationFailedEvent(msgspec.Struct, frozen=True, tag_field="event", tag="judging_failed"):
    """A message or step of a bed that failed and was discarded; `times` since the start."""

    bed_id: str
    what: str
    error: str
    times: int
    at: str


class ReadingsLostEvent(msgspec.Struct, frozen=True, tag_field="event", tag="readings_lost"):
    """Messages whose readings were evaluated but not stored, because the disk was too slow."""

    bed_id: str
    messages: int
    since: str
    until: str
    at: str


def gap_event(
    bed_id: str, gap: EvaluationFailed | ReadingsLost, at: str
) -> EvaluationFailedEvent | ReadingsLostEvent:
    """Return the record of a gap."""
    if isinstance(gap, EvaluationFailed):
        return EvaluationFailedEvent(bed_id, gap.what, gap.error, gap.times, at)
    since, until = rfc3339(gap.since_utc_ns), rfc3339(gap.until_utc_ns)
    return ReadingsLostEvent(bed_id, gap.messages, since, until, at)
