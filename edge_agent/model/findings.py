"""Findings: the answer of one rule for one bed at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge_agent.model.clock import Instant
from edge_agent.model.facts import Facts


class Presence(Enum):
    """Answer of a rule; `INDETERMINATE` means too little usable data for an answer."""

    PRESENT = "present"
    ABSENT = "absent"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One number on which a finding rests."""

    kind: str
    """Vital kind or signal; also `any`, a bed's state, or the id of a rule that was answered."""
    statistic: str
    value: float | None
    """None where the window held no usable value."""
    unit: str
    window_s: float
    coverage: float
    """Share of usable values in the window, 0 to 1; 0 for an age, 1 for a state or a rule."""
    threshold: float
    measured_at: Instant | None
    """Time of the newest usable reading behind the value; None if there is none."""
    site: str = ""
    """Measurement site; empty where the kind has only one."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Grounds that hold together; a finding may have several, each sufficient on its own."""

    own: tuple[Evidence, ...]
    """Evidence that the rule measures itself."""
    evidence: tuple[Evidence, ...]
    """The same evidence and that of the rules it reads."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One evaluation of one rule for one bed."""

    bed_id: str
    rule_id: str
    rule_version: int
    presence: Presence
    """Answer of the rule's condition to raise."""
    recovered: Presence
    """Answer of the rule's condition to clear; with hysteresis stricter than ABSENT."""
    evidence: tuple[Evidence, ...]
    feed_time: str
    """Time of the first reading in the evidence on the feed's own clock; equal in every replay."""
    at: Instant
    branches: tuple[Branch, ...] = ()
    """Evidence by sufficient grounds; empty where these are not distinguished."""
    facts: Facts | None = None
    """Facts about the bed; None where the finding adds nothing to what was reported."""
    missing: tuple[str, ...] = ()
    """Inputs that are out of date or were never entered."""
