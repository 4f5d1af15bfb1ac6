"""Calls: the escalation of one problem, its notices to people, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge_agent.model.alerts import AlertPriority, SignalReason
from edge_agent.model.clock import Instant
from edge_agent.model.duty import Duty


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step of a call as it was planned when the call began; later changes do not touch it."""

    after_s: float
    """Seconds after the start of the call."""
    duty: Duty
    person_id: str
    """Empty if nobody fills the duty: the step is skipped at once, and that is recorded."""
    ways: tuple[str, ...]


class CallState(StrEnum):
    """Stage of a call."""

    CALLING = "calling"
    ANSWERED = "answered"
    OVER = "over"
    """Nothing is open any longer."""


@dataclass(frozen=True, slots=True)
class Call:
    """The escalation of one bed's problem; each change is journalled with the next `n`."""

    call_id: str
    n: int
    bed_id: str
    priority: AlertPriority
    alert_ids: tuple[str, ...]
    """Unanswered alerts for which it calls."""
    plan: tuple[PlannedStep, ...]
    began_at: Instant
    steps_done: int
    """Number of steps of the plan that were carried out or skipped."""
    next_at: Instant | None
    """Time of the next step, or of the next reminder after the last one; None when not calling."""
    state: CallState
    changed_at: Instant
    is_test: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person over one way out, about the problem as it stands."""

    notice_id: str
    """The same for every attempt to deliver it."""
    call_id: str
    bed_id: str
    way: str
    person_id: str
    duty: Duty
    reason: SignalReason
    priority: AlertPriority
    headline: str
    """Priority, bed and sign, without any name."""
    sentence: str
    """Values with units and times."""
    alert_id: str
    """Leading alert."""
    at: Instant
    is_over: bool = False
    """True if it says that the problem is answered or over, so that nobody comes for nothing."""
    answered_by: str = ""
    is_test: bool = False


class ReceiptFact(StrEnum):
    """Facts about a notice; each is recorded on its own."""

    DELIVERED = "delivered"
    """The way out confirmed that the person's device has it."""
    SEEN = "seen"
    """The person opened it."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"
    """The way out could not deliver it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One fact about one notice, or about a bed's problem on a screen."""

    notice_id: str
    """Empty for a screen."""
    bed_id: str
    way: str
    """Way out, or `screen:NAME`."""
    fact: ReceiptFact
    at: Instant
    by: str = ""
    """Person; empty where only a device is known."""
    detail: str = ""
    """Reason of a failure; empty otherwise."""
