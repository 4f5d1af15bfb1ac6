"""What the journal holds, and what takes it further."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Lane(StrEnum):
    """A kind of entry with a place of its own in every sink's queue, most urgent first."""

    ALERTS = "alerts"
    EVENTS = "events"
    READINGS = "readings"


@dataclass(frozen=True, slots=True)
class Entry:
    """One journalled fact."""

    seq: int
    """Place in the journal, increasing; 0 while the entry waits for its commit."""
    lane: Lane
    bed_id: str
    at_ns: int
    """When it became known, UTC."""
    body: bytes
    """JSON, written and read by `payloads`."""


class Sink(Protocol):
    """Something outside that takes journalled entries."""

    name: str

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Hand over entries of one lane; return when all of them are safely taken.

        Raises
        ------
        DeliveryError
            When not all were taken; retryable when the same entries may be taken later.
        """

    def close(self) -> None:
        """Let go of the outside."""


@dataclass(frozen=True, slots=True)
class DeliveryHealth:
    """How a sink fares."""

    sink: str
    fault: str = ""
    """Why nothing is taken; empty while the sink takes entries."""
    quarantined: int = 0
    """Entries the sink refused for good since the start."""
    delivered: int = 0
