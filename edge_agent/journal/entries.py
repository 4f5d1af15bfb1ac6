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

    def deliver(self, entries: Sequence[Entry]) -> int:
        """Hand over entries of one lane; return how many the outside was given and took.

        An entry that this sink has no use for counts as handed over but not as taken.

        Raises
        ------
        DeliveryError
            When not all were taken; retryable when the same entries may be taken later. A
            `PartialDeliveryError` says which were taken and which refused.
        """

    def fault(self) -> str:
        """Return what the sink itself knows to be wrong with its link; empty where nothing is."""

    def tend(self) -> None:
        """Do what is due besides deliveries; called often, on the thread that delivers.

        Raises
        ------
        DeliveryError
            When the outside cannot be reached meanwhile.
        """

    def interrupt(self) -> None:
        """Have a delivery under way fail soon; called from another thread."""

    def close(self) -> None:
        """Let go of the outside."""


@dataclass(frozen=True, slots=True)
class DeliveryHealth:
    """How a sink fares."""

    sink: str
    fault: str = ""
    """Why it does not take everything; empty while it does."""
    quarantined: int = 0
    """Entries that are set aside because the sink refused them, also in earlier runs."""
    refused: int = 0
    """Entries that were set aside since the start."""
    delivered: int = 0
    """Entries it took since the start."""
    since_ns: int = 0
    """UTC; start of the fault or of the time without one, 0 before the first try."""
    reason: str = ""
    """The newest reason for setting an entry aside."""
    waiting: int = 0
    """Entries it has not taken yet, counted up to some thousands per lane."""
    oldest_alert_ns: int = 0
    """UTC; when the oldest alert that waits became known, 0 where none waits."""
