"""Moments and priorities as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from edge_agent.model.alerts import AlertPriority
from edge_agent.model.clock import Instant
from edge_agent.payloads.common import rfc3339


class InstantRecord(msgspec.Struct, frozen=True):
    """An instant that people can read and a restart can restore."""

    utc: str
    utc_ns: int
    monotonic_ns: int


def moment_of(at: Instant | None) -> InstantRecord | None:
    """Return the record of an instant; None for None."""
    return None if at is None else InstantRecord(rfc3339(at.utc_ns), at.utc_ns, at.monotonic_ns)


def instant_of(moment: InstantRecord | None) -> Instant | None:
    """Return the instant of a record; None for None."""
    return None if moment is None else Instant(moment.monotonic_ns, moment.utc_ns)


PriorityWord = Literal["low", "medium", "high"]
PRIORITY_WORDS: Final[Mapping[AlertPriority, PriorityWord]] = {
    AlertPriority.LOW: "low",
    AlertPriority.MEDIUM: "medium",
    AlertPriority.HIGH: "high",
}
