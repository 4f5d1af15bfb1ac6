"""Alerts, their states, their signals and their policies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from math import inf
from typing import Final

from edge_agent.model.clock import Instant
from edge_agent.model.facts import Facts
from edge_agent.model.findings import Evidence

TEST_RULE: Final = "system.test"
"""Rule whose alerts test the whole chain and say nothing about a patient."""


class AlertKind(Enum):
    """Subject of an alert, the patient or the monitoring, after IEC 60601-1-8."""

    PHYSIOLOGICAL = "physiological"
    TECHNICAL = "technical"


class AlertPriority(IntEnum):
    """Urgency of the response, after IEC 60601-1-8; compares by urgency."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


class AlertState(Enum):
    """Stage in the life of an alert."""

    PENDING = "pending"
    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    LATCHED = "latched"
    RESOLVED = "resolved"


class SignalReason(StrEnum):
    """Reason why an alert signals: why people are alerted to it, now or once more."""

    FIRST = "first"
    NEW_SIGN = "new_sign"
    """Its rule holds on a sign that was not reported before."""
    WORSE = "worse"
    """Its priority rose."""
    BACK = "back"
    """Its condition came back after it had ended unseen."""
    REMINDER = "reminder"
    """Nobody has answered it in time."""
    ANSWER_EXPIRED = "answer_expired"
    """Its condition outlasts the answer."""
    SILENCE_ENDED = "silence_ended"
    REJECTED = "rejected"
    """A person who was called cannot come."""
    HANDOVER = "handover"
    """Unanswered at the change of shift; no transition of the alert, only of its call."""
    SECOND_ANSWER = "second_answer"
    """One person has answered, and a second one must; no transition of the alert either."""


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """Settings of a rule for the alert it raises."""

    rule_id: str
    rule_version: int
    kind: AlertKind
    priority: AlertPriority
    text: str
    """One sentence for the nurse."""
    for_s: float
    """Seconds for which the condition must be seen to hold before the alert is raised."""
    clear_for_s: float
    """Seconds of unbroken recovery before the alert resolves."""
    latch_s: float | None
    """Seconds for which an unacknowledged alert stays after its condition ended, 0 for none; None
    until somebody acknowledges it."""
    absorbs: tuple[str, ...]
    """Rules whose alerts become part of this one if they were raised before it or with it; `name.*`
    means every name.x."""
    escalate_after_s: float = 0.0
    """Seconds for which a raised alert stays unacknowledged before its priority rises."""
    escalate_priority: AlertPriority = AlertPriority.LOW
    """Priority after the rise; LOW for no rise."""
    follows_patient: bool = True
    """True if an open alert about the patient follows the patient to another bed; False for a
    monitor's own alarm."""
    covers: tuple[str, ...] = ()
    """Rules that state less about the same sign: their alerts become part of this one whenever they
    are raised before it ends, acknowledged or not."""
    again_at: float = inf
    """Points by which a score must exceed the reported one for the open alert to be raised again;
    infinite where no score does."""

    def absorbs_rule(self, rule_id: str) -> bool:
        """Return True if alerts of `rule_id` can become part of this rule's alert."""
        return rule_id != self.rule_id and _is_named(rule_id, (*self.absorbs, *self.covers))

    def covers_rule(self, rule_id: str) -> bool:
        """Return True if `rule_id` states less about the same sign."""
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
    """Number of this transition of the alert, from 1; consumers discard numbers they have seen."""
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
    """The patient's signs when the alert was raised, in one sentence; for a technical alert, the
    unusable reading, or the message of the monitor or the gateway."""
    missing: tuple[str, ...] = ()
    """Inputs that were out of date at that time, or never entered."""
    facts: Facts | None = None
    """The same without words, in any language: `wording` renders them; None in older journals."""
    present_s: float = 0.0
    """Seconds for which the condition was seen to hold; time without data does not count."""
    present_at: Instant | None = None
    """Newest PRESENT finding, None after a gap or contrary evidence."""
    recovered_since: Instant | None = None
    """Start of unbroken recovery, None while there is none."""
    recovered_at: Instant | None = None
    """Newest finding of recovery, None after a gap or contrary evidence."""
    gone_since: Instant | None = None
    """Time when its condition was first seen not to hold, None while there is none: missing data
    change nothing."""
    raised_at: Instant | None = None
    """Time when raised; None while pending."""
    acknowledged_at: Instant | None = None
    """Time of the acknowledgement; None without one, and after it expired or was withdrawn."""
    acknowledged_by: str = ""
    latched_at: Instant | None = None
    """Time when the condition ended unacknowledged, None otherwise."""
    state_since: Instant | None = None
    """Time when it entered its state, was raised again, or came to its bed; None in a journal of an
    older version. Signals and facts beside the state do not count."""
    resolved_at: Instant | None = None
    """Time when resolved; None while open."""
    closed_because: str = ""
    """Reason why the alert was closed without the end of its condition, such as another patient in
    the bed; empty while open, and after recovery or acknowledgement."""
    absorbed_by: str = ""
    """The alert_id of the open alert that this one is part of; empty for an alert of its own."""
    is_signalled: bool = False
    """True once people were alerted; False while pending, and while absorbed from the start."""
    signal: SignalReason | None = None
    """Reason of its newest signal; None before the first."""
    signal_n: int = 0
    """Transition of its newest signal."""
    signalled_at: Instant | None = None
    """Time of its newest signal; None before the first."""
    answer_from_n: int = 0
    """Transition that an answer must have seen: that of its newest signal with news. Reminders and
    the end of a silence have none."""
    unanswered_since: Instant | None = None
    """Time since which nobody has answered it; None while pending, answered or resolved."""
    answer_expires_at: Instant | None = None
    """Time until which its answer holds; None without an answer."""
    answer_id: str = ""
    """Id of the newest answer that changed it, so that one sent twice counts once."""
    answer_reason: str = ""
    """Reason given with its newest rejection or silencing."""
    answered_first_at: Instant | None = None
    """Time of the first answer where two people must answer; None without one."""
    answered_first_by: str = ""
    absorbs_until: Instant | None = None
    """Time of its first answer or silence since it was raised: later signs are no part of it,
    whatever becomes of the answer. None before."""
    rejected_at: Instant | None = None
    """Time when a person who was called declined; None unless its newest signal says so."""
    rejected_by: str = ""
    silenced_until: Instant | None = None
    """End of its silence; None where it may sound. Silence deletes no state."""
    silenced_by: str = ""
    unobserved_since: Instant | None = None
    """Start of the time without any observation of its condition, None while there is none."""
    is_stale: bool = False
    """True while its condition cannot be observed; it stays as it is."""
    is_inhibited: bool = False
    """True for an alert about the monitoring while the patient is away from the bed."""
    is_test: bool = False
    """True for a test of the whole chain, which says nothing about a patient."""

    @property
    def is_open(self) -> bool:
        """True from being raised until being resolved."""
        return self.state is not AlertState.PENDING and self.state is not AlertState.RESOLVED

    @property
    def is_unanswered(self) -> bool:
        """True while it is open and nobody has acknowledged it."""
        return self.state in {AlertState.RAISED, AlertState.LATCHED}

    @property
    def rank(self) -> tuple[int, bool, str]:
        """Order among a bed's alerts: by priority, the patient's before the monitoring's, by id."""
        return -self.priority, self.kind is AlertKind.TECHNICAL, self.rule_id
