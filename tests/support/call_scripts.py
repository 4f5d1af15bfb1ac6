"""Courses of a bed's call as text: events at seconds, and the notices that must follow.

Each line reads `SECOND EVENT | NOTICES`. Events, separated by commas:

- `raise NAME PRIORITY [REASON]`: an alert signals, for the first time or once more
- `answer NAME PERSON`: an acknowledgement, the first of two where the plan wants two
- `reject NAME PERSON`, `latch NAME`, `resolve NAME`, `inhibit NAME`
- `failed PERSON`, `delivered PERSON`, `seen PERSON`: a receipt of the newest notice to a person
- `shift NAME`: another shift works from now on

Notices read `PERSON REASON`, `PERSON over`, or `PERSON answered NAME`; where a second person must
answer, `PERSON second NAME`. People who get the same are joined: `nurse+buddy reminder`. Between
the lines, a call is evaluated when it is due, and every 10 s.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import time
from typing import TYPE_CHECKING, Any, Final

from edge_agent.alerting.bed_signs import signs_of
from edge_agent.alerting.call_notices import Said
from edge_agent.alerting.escalation import Circumstances, escalate
from edge_agent.model.alerts import AlertPriority, AlertState, SignalReason
from edge_agent.model.calls import Call, CallState, Notice, Receipt, ReceiptFact
from edge_agent.model.clock import Instant
from edge_agent.model.duty import Person, Shift, WardPlan
from edge_agent.model.shifts import OnDuty
from edge_agent.payloads.calls import decode_call, encode_call
from tests.support.samples import an_alert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.model.alerts import Alert

BED: Final = "bed-07"
START: Final = Instant(5_000 * 10**9, 1_800_000_000 * 10**9)
DAY: Final = Shift("day", time(7), time(19), {BED: "nurse"}, {"nurse": "buddy"}, "charge", "rapid")
NIGHT: Final = Shift("night", time(19), time(7), {BED: "owl"}, {"owl": "bat"}, "moon", "rapid")
PEOPLE: Final = ("nurse", "buddy", "charge", "rapid", "owl", "bat", "moon")
PLAN: Final = WardPlan({name: Person(name, ("pager",)) for name in PEOPLE}, (DAY, NIGHT))


def said(alert: Alert) -> Said:
    """Return the texts about an alert."""
    return Said(f"{alert.priority.name} {alert.bed_id}", alert.rule_id)


def _notices(expected: str) -> list[str]:
    """Return the notices on a line, one for each person."""
    groups = [group.strip().partition(" ") for group in expected.split(",") if group.strip()]
    return [f"{name} {what}" for names, _, what in groups for name in names.split("+")]


def shown(notice: Notice) -> str:
    """Return a notice as a script names it."""
    names = notice.answered_by.replace(", ", "+")
    if notice.is_over:
        return f"{notice.person_id} {f'answered {names}' if names else 'over'}"
    if notice.reason is SignalReason.SECOND_ANSWER:
        return f"{notice.person_id} second {names}"
    return f"{notice.person_id} {notice.reason}"


@dataclass
class Course:
    """A bed, its alerts and its call."""

    plan: WardPlan = PLAN
    shift: Shift | None = DAY
    restarts: bool = False
    """True to write the call to a journal and read it back after every evaluation."""
    second: int = -1
    alerts: dict[str, Alert] = field(default_factory=dict)
    call: Call | None = None
    changes: list[Call] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    """Notices so far, each with its second, as a script names them."""
    _receipts: list[Receipt] = field(default_factory=list)

    @property
    def now(self) -> Instant:
        """Present moment."""
        return START.plus(self.second)

    def evaluate(self) -> None:
        """Evaluate the call once, and once more, which must change nothing."""
        self._advance(self._receipts)
        self._receipts = []
        count = len(self.notices), len(self.changes)
        self._advance(())
        assert (len(self.notices), len(self.changes)) == count

    def _advance(self, receipts: Sequence[Receipt]) -> None:
        signs = signs_of(BED, list(self.alerts.values()))
        on_duty = OnDuty(self.plan, self.shift)
        now = Circumstances(signs, on_duty, self.now, tuple(receipts))
        result = escalate(self.call, now, said)
        for change in result.calls:
            before = self.changes[-1] if self.changes else None
            is_same = before is not None and before.call_id == change.call_id
            assert change.n == (before.n + 1 if before is not None and is_same else 1)
            assert change.changed_at == self.now
            self.changes.append(change)
            self.call = decode_call(encode_call(change)) if self.restarts else change
        self.notices += result.notices
        self.told += [f"{self.second} {shown(notice)}" for notice in result.notices]

    def play(self, script: str) -> None:
        """Play a script, and compare its notices."""
        for line in filter(None, (line.strip() for line in script.splitlines())):
            done, _, expected = line.partition("|")
            second, _, events = done.strip().partition(" ")
            before = len(self.told)
            self.wait_until(int(second) - 1)
            self.second = int(second)
            for event in filter(None, events.strip().split(", ")):
                self.do(event)
            self.evaluate()
            assert self.told[before:] == [f"{second} {name}" for name in _notices(expected)], line

    def wait_until(self, second: int) -> None:
        """Let time pass."""
        while self.second < second:
            self.second += 1
            due = None if self.call is None else self.call.next_at
            if self.second % 10 == 0 or (due is not None and due <= self.now):
                self.evaluate()

    def do(self, event: str) -> None:
        """Do one event of a script."""
        what, name, *rest = event.split()
        match what:
            case "raise":
                self._raise(name, *rest)
            case "answer":
                self._answer(name, *rest)
            case "resolve" | "latch":
                self._change(name, state=AlertState(f"{what.removesuffix('e')}ed"))
            case "inhibit":
                self._change(name, is_inhibited=True)
            case "reject":
                self._raise(name, self.alerts[name].priority.name, "rejected")
                alert = self.alerts[name]
                self.alerts[name] = replace(alert, rejected_by=rest[0], rejected_at=self.now)
            case "shift":
                self.shift = {"day": DAY, "night": NIGHT}[name]
            case _:
                self._receive(name, ReceiptFact(what))

    def _answer(self, name: str, by: str) -> None:
        alert = self.alerts[name]
        is_urgent = alert.priority is AlertPriority.HIGH and not alert.is_test
        if is_urgent and self.plan.answers_for_high > 1 and not alert.answered_first_by:
            self._change(name, answered_first_by=by, answered_first_at=self.now)
            return
        is_over = alert.state is AlertState.LATCHED
        state = AlertState.RESOLVED if is_over else AlertState.ACKNOWLEDGED
        self._change(name, state=state, acknowledged_by=by, acknowledged_at=self.now)

    def _raise(self, name: str, priority: str, reason: str = "first") -> None:
        before = self.alerts.get(name)
        n = 1 if before is None else before.n + 1
        is_test = name.startswith("test")
        self.alerts[name] = replace(
            an_alert() if before is None else before,
            alert_id=f"id-{name}",
            bed_id=BED,
            rule_id=name,
            n=n,
            priority=AlertPriority[priority.upper()],
            state=AlertState.RAISED,
            signal=SignalReason(reason),
            signal_n=n,
            signalled_at=self.now,
            is_signalled=True,
            acknowledged_by="",
            acknowledged_at=None,
            answered_first_by="",
            is_test=is_test,
        )

    def _change(self, name: str, **fields: Any) -> None:  # noqa: ANN401 - any field
        alert = self.alerts[name]
        self.alerts[name] = replace(alert, n=alert.n + 1, changed_at=self.now, **fields)

    def _receive(self, person: str, fact: ReceiptFact) -> None:
        notice = next(n for n in reversed(self.notices) if n.person_id == person)
        self._receipts.append(Receipt(notice.notice_id, BED, notice.way, fact, self.now))

    @property
    def is_calling(self) -> bool:
        """True while the call goes on."""
        return self.call is not None and self.call.state is CallState.CALLING


def play(script: str, plan: WardPlan = PLAN) -> Course:
    """Play a script twice, once with a restart after every evaluation, and return the course."""
    courses = [Course(plan), Course(plan, restarts=True)]
    for course in courses:
        course.play(script)
    assert courses[0].changes == courses[1].changes
    assert courses[0].notices == courses[1].notices
    return courses[0]
