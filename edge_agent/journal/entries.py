"""Entries of the journal, and the sinks that receive them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Lane(StrEnum):
    """A kind of entry with a queue of its own in every sink, most urgent first."""

    ALERTS = "alerts"
    CALLS = "calls"
    """Calls to people, and what became of each notice."""
    EVENTS = "events"
    READINGS = "readings"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One journalled fact."""

    seq: int
    """Number in the journal, increasing; 0 while the entry waits for its commit."""
    lane: Lane
    bed_id: str
    at_ns: int
    """Time at which it became known, UTC, nanoseconds."""
    body: bytes
    """JSON, written and read by `payloads`."""


class Sink(Protocol):
    """Receiver of journalled entries outside the gateway."""

    name: str

    def deliver(self, entries: Sequence[JournalEntry]) -> int:
        """Deliver entries of one lane; return the number of them sent and accepted.

        An entry that this sink does not need counts as delivered but not as accepted.

        Raises
        ------
        DeliveryError
            When not all were accepted; retryable when the same entries may be accepted later. A
            `PartialDeliveryError` names those accepted and those refused.
        """

    def fault(self) -> str:
        """Return the fault of its link that the sink itself knows of; empty where there is none."""

    def tend(self) -> None:
        """Do what is due besides deliveries; called often, on the delivering thread.

        Raises
        ------
        DeliveryError
            When the outside cannot be reached meanwhile.
        """

    def interrupt(self) -> None:
        """Make a delivery under way fail soon; called from another thread."""

    def close(self) -> None:
        """Close the connection."""


@dataclass(frozen=True, slots=True)
class DeliveryHealth:
    """Health of a sink."""

    sink: str
    fault: str = ""
    """Reason why it does not accept everything; empty while it does."""
    quarantined: int = 0
    """Entries set aside because the sink refused them, those of earlier runs included."""
    refused: int = 0
    """Entries set aside since the start."""
    delivered: int = 0
    """Entries accepted since the start."""
    since_ns: int = 0
    """Start of the fault or of the time without one, UTC, nanoseconds; 0 before the first try."""
    reason: str = ""
    """Reason of the newest refusal."""
    waiting: int = 0
    """Entries not accepted yet, counted up to some thousands per lane."""
    oldest_alert_ns: int = 0
    """Time at which the oldest waiting alert became known, UTC, nanoseconds; 0 where none waits."""
