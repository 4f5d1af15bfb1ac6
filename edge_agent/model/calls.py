"""Calls: the escalation of one problem, its notices to people, and what became of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge_agent.model.alerts import AlertKind, AlertPriority, SignalReason
from edge_agent.model.answers import SeenAlert
from edge_agent.model.clock import Instant
from edge_agent.model.duty import Duty

_KEY: Final = re.compile(r"([0-9a-f-]{36})\.(\d{1,9})\.(\d{1,5})\.(.+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step of a call as it was planned when the call began; later changes do not touch it."""

    after_s: float
    """Seconds after the start of the call; the wait for a step that nobody fills is left out."""
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
class CalledSignal:
    """Newest signal of an alert for which a call was made."""

    alert_id: str
    signal_n: int
    """Transition of the alert that signalled."""
    call_n: int
    """Change of the call with which people were called for it."""


@dataclass(frozen=True, slots=True)
class CalledPerson:
    """A person who was called, and the three facts about it, each on its own."""

    person_id: str
    duty: Duty
    ways: tuple[str, ...]
    at: Instant
    """Time of the call for this duty."""
    delivered_at: Instant | None = None
    """Time when a way out confirmed that the person's device has it; None until then."""
    seen_at: Instant | None = None
    """Time when the person opened it; None until then."""
    failed_ways: tuple[str, ...] = ()
    """Ways out that could not deliver it."""
    relieved_at: Instant | None = None
    """End of the person's shift, when the call passed to somebody else; None before."""
    told_n: int = 0
    """Change of the call with which the newest notice was sent; 0 before the first."""
    news_n: int = 0
    """Newest change of the call whose notice was delivered or answered; 0 before any."""


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
    """Start of the plan."""
    steps_done: int
    """Number of steps of the plan that were carried out or skipped."""
    next_at: Instant | None
    """Time of the next step or reminder, whichever is first; None when not calling."""
    state: CallState
    changed_at: Instant
    is_test: bool = False
    signals: tuple[CalledSignal, ...] = ()
    """Newest signals for which it has called."""
    called: tuple[CalledPerson, ...] = ()
    """Everybody called so far, oldest first; once for each duty."""
    shift: str = ""
    """Shift whose people are called; empty without a ward file."""
    earlier_s: float = 0.0
    """Seconds by which the remaining steps are earlier than planned, because somebody rejected."""
    reminder_s: float = 0.0
    """Time between two reminders, seconds."""
    reminder_at: Instant | None = None
    """Next reminder; None when not calling."""
    answered_by: tuple[str, ...] = ()
    """People who have answered what it calls for; while calling, the first of two."""
    rejected_by: str = ""
    """Person who rejected last, with the time: one rejection may be of several alerts."""
    rejected_ns: int = 0
    """Time of that rejection, ns since 1970 UTC; 0 without one."""

    def seen_at(self, n: int) -> tuple[SeenAlert, ...]:
        """Return the alerts that a notice of change `n` tells of, as they stand."""
        return tuple(SeenAlert(s.alert_id, s.signal_n) for s in self.signals if s.call_n <= n)

    @property
    def nobody_since(self) -> Instant | None:
        """Time since which it calls and no person was called; None where somebody was."""
        is_nobody = self.state is CallState.CALLING and not self.called
        return self.began_at if is_nobody else None


@dataclass(frozen=True, slots=True)
class NoticeKey:
    """The parts of a notice's id."""

    call_id: str
    call_n: int
    """Change of the call with which the notice was sent."""
    index: int
    """Index of the person in `Call.called`."""
    way: str

    def __str__(self) -> str:
        return f"{self.call_id}.{self.call_n}.{self.index}.{self.way}"

    @classmethod
    def read(cls, notice_id: str) -> NoticeKey | None:
        """Return the parts of an id as written by `str`; None for any other text."""
        found = _KEY.fullmatch(notice_id)
        return None if found is None else cls(found[1], int(found[2]), int(found[3]), found[4])


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person over one way out, about the problem as it stands."""

    notice_id: str
    """The same for every attempt to deliver it, also after a restart; see `NoticeKey`."""
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
    kind: AlertKind = AlertKind.PHYSIOLOGICAL
    """Subject of the leading alert."""
    seen: tuple[SeenAlert, ...] = ()
    """Alerts that it tells of, as they stood: an answer to the notice answers these."""
    since: Instant | None = None
    """Start of the call; None where it is not known."""


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
