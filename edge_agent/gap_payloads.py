"""What is missing from the record of a bed, as JSON: failed judging, lost readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from edge_agent.model.bed_events import JudgingFailed
from edge_agent.payloads import rfc3339

if TYPE_CHECKING:
    from edge_agent.model.bed_events import ReadingsLost


class JudgingFailedEvent(msgspec.Struct, frozen=True, tag_field="event", tag="judging_failed"):
    """A message or a step of a bed could not be judged and was set aside; `times` since start."""

    bed_id: str
    what: str
    error: str
    times: int
    at: str


class ReadingsLostEvent(msgspec.Struct, frozen=True, tag_field="event", tag="readings_lost"):
    """Messages with readings were judged and not stored: the disk did not take them in time."""

    bed_id: str
    messages: int
    since: str
    until: str
    at: str


def gap_event(
    bed_id: str, gap: JudgingFailed | ReadingsLost, at: str
) -> JudgingFailedEvent | ReadingsLostEvent:
    """Return the record of what is missing."""
    if isinstance(gap, JudgingFailed):
        return JudgingFailedEvent(bed_id, gap.what, gap.error, gap.times, at)
    since, until = rfc3339(gap.since_utc_ns), rfc3339(gap.until_utc_ns)
    return ReadingsLostEvent(bed_id, gap.messages, since, until, at)
