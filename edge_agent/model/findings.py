"""What a rule said about one bed at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from edge_agent.model.clock import Instant


class Presence(Enum):
    """Answer of a rule; `INDETERMINATE` means there was not enough usable data to say."""

    PRESENT = "present"
    ABSENT = "absent"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One number a finding rests on."""

    kind: str
    """The vital kind, or the rule id where the evidence is another rule's answer."""
    statistic: str
    value: float | None
    """None where the window held nothing usable."""
    unit: str
    window_s: float
    coverage: float
    """Share of the window that usable values account for, 0 to 1."""
    threshold: float
    measured_at: Instant | None
    """Newest usable reading behind the value; None where there is none."""
    site: str = ""
    """Where it was measured; empty where the kind has one site."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Grounds that hold together: one of those any of which is enough."""

    own: tuple[Evidence, ...]
    """What the rule measures itself."""
    evidence: tuple[Evidence, ...]
    """The same, and what the rules that it reads rest on."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One evaluation of one rule for one bed."""

    bed_id: str
    rule_id: str
    rule_version: int
    presence: Presence
    """Whether the rule's condition to raise holds."""
    recovered: Presence
    """Whether the rule's condition to clear holds; stricter than ABSENT with hysteresis."""
    evidence: tuple[Evidence, ...]
    feed_time: str
    """The feed's own time of the reading the evidence begins with; equal in every replay."""
    at: Instant
    branches: tuple[Branch, ...] = ()
    """The evidence by the grounds any of which is enough; empty where they are not told apart."""
    explanation: str = ""
    """What is seen of the patient, in one sentence; empty where nobody asked."""
    missing: tuple[str, ...] = ()
    """Inputs that are not fresh, or were never entered."""
