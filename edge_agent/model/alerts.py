"""The state of an alert, as a nurse and the record see it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

from edge_agent.model.clock import Instant
from edge_agent.model.findings import Evidence


class AlertKind(Enum):
    """Whether the patient or the watching is the matter, after IEC 60601-1-8."""

    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"


class AlertPriority(IntEnum):
    """How urgent the answer is, after IEC 60601-1-8; compares by urgency."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class AlertState(Enum):
    """Where an alert is in its life."""

    PENDING = "pending"
    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    LATCHED = "latched"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """What a rule asks of the alert it raises."""

    rule_id: str
    rule_version: int
    kind: AlertKind
    priority: AlertPriority
    text: str
    """One sentence for the nurse."""
    for_s: float
    """Seconds the condition must be seen to hold before the alert is raised."""
    clear_for_s: float
    """Seconds of unbroken recovery before it resolves."""
    latch_s: float | None
    """Seconds an unseen alert stays after it ended (0: not at all); None: until seen."""
    absorbs: tuple[str, ...]
    """Rules whose alerts become part of this one if they were raised before it or with it;
    `name.*` means every name.x."""
    escalate_after_s: float = 0.0
    """Seconds a raised alert waits for an answer before its priority rises."""
    escalate_priority: AlertPriority = AlertPriority.LOW
    """What the priority rises to; LOW: it never does."""
    goes_along: bool = True
    """Whether an open alert about the patient goes along to another bed; no monitor's own."""
    covers: tuple[str, ...] = ()
    """Rules that say less of the same sign: their alerts become part of this one whenever they are
    raised while nobody has answered it."""

    def absorbs_rule(self, rule_id: str) -> bool:
        """Return whether alerts of `rule_id` can become part of this rule's alert."""
        return rule_id != self.rule_id and _is_named(rule_id, (*self.absorbs, *self.covers))

    def covers_rule(self, rule_id: str) -> bool:
        """Return whether `rule_id` says less of the same sign."""
        return _is_named(rule_id, self.covers)


def _is_named(rule_id: str, patterns: tuple[str, ...]) -> bool:
    return any(
        rule_id.startswith(pattern[:-1]) if pattern.endswith(".*") else rule_id == pattern
        for pattern in patterns
    )


@dataclass(frozen=True, slots=True)
class Alert:
    """One occurrence of a rule on one bed."""

    alert_id: str
    n: int
    """Counts the transitions of this alert from 1; consumers drop what they have seen."""
    bed_id: str
    rule_id: str
    rule_version: int
    kind: AlertKind
    priority: AlertPriority
    text: str
    state: AlertState
    pending_since: Instant
    changed_at: Instant
    evidence: tuple[Evidence, ...]
    config_hash: str
    explanation: str = ""
    """The patient's signs as it was raised, in one sentence; of a technical one, what came instead
    of a usable reading, or what the monitor or the gateway said."""
    missing: tuple[str, ...] = ()
    """Inputs that were not fresh then, or never entered."""
    present_s: float = 0.0
    """Seconds the condition was seen to hold; time without an answer does not count."""
    present_at: Instant | None = None
    """Newest PRESENT finding, None after a gap or contrary evidence."""
    recovered_since: Instant | None = None
    """Start of unbroken recovery, None while there is none."""
    recovered_at: Instant | None = None
    """Newest finding of recovery, None after a gap or contrary evidence."""
    raised_at: Instant | None = None
    """None while pending."""
    acknowledged_at: Instant | None = None
    """None until somebody answered."""
    acknowledged_by: str = ""
    latched_at: Instant | None = None
    """When the condition ended unseen, None otherwise."""
    resolved_at: Instant | None = None
    """None while open."""
    closed_because: str = ""
    """Why it is over although nothing says that its condition ended, such as another patient in
    the bed; empty where it is open, recovered or was answered."""
    absorbed_by: str = ""
    """The alert_id of the open alert this one is part of; empty where it stands alone."""
    is_signalled: bool = False
    """Whether people were told of it; false while pending, and while absorbed from the start."""

    @property
    def is_open(self) -> bool:
        """Whether it was raised and is not over yet."""
        return self.state is not AlertState.PENDING and self.state is not AlertState.RESOLVED


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A named person answers one alert."""

    bed_id: str
    alert_id: str
    by: str
    """Name or staff id of who answers; never empty."""

    def __post_init__(self) -> None:
        if not self.by.strip():
            raise ValueError("an acknowledgement carries a name; got an empty one")
