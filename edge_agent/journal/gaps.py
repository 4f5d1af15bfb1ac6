"""Readings that could not be stored, counted by bed until the journal records the gap."""

from __future__ import annotations

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.model.bed_events import BedEvent, ReadingsLost
from edge_agent.model.clock import Instant
from edge_agent.payloads.events import encode_event


class Gaps:
    """Missing readings of each bed."""

    def __init__(self) -> None:
        self._lost: dict[str, ReadingsLost] = {}

    @property
    def messages(self) -> int:
        """Number of missing messages."""
        return sum(lost.messages for lost in self._lost.values())

    def note(self, entry: JournalEntry) -> None:
        """Count a discarded message."""
        self._add(entry.bed_id, ReadingsLost(1, entry.at_ns, entry.at_ns))

    def add(self, other: Gaps) -> None:
        """Move the counts of another `Gaps` into this one."""
        for bed_id, lost in other._lost.items():
            self._add(bed_id, lost)
        other._lost = {}

    def entries(self) -> list[JournalEntry]:
        """Return the events that record the gaps."""
        return [_entry(bed_id, lost) for bed_id, lost in self._lost.items()]

    def clear(self) -> None:
        """Reset the counts, once the events are stored."""
        self._lost = {}

    def _add(self, bed_id: str, more: ReadingsLost) -> None:
        known = self._lost.get(bed_id, more)
        self._lost[bed_id] = ReadingsLost(
            more.messages + (known.messages if bed_id in self._lost else 0),
            min(known.since_utc_ns, more.since_utc_ns),
            max(known.until_utc_ns, more.until_utc_ns),
        )


def _entry(bed_id: str, lost: ReadingsLost) -> JournalEntry:
    at = Instant(0, lost.until_utc_ns)
    body = encode_event(BedEvent(bed_id, bed_id, lost, at))
    return JournalEntry(0, Lane.EVENTS, bed_id, lost.until_utc_ns, body)
