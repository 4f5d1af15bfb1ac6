"""A ward with a real journal, an escalator and an auditor, second by second on a clock of its own.

The parts look and audit when the ward's second has come, on the test's thread, so that a run is the
same each time; `break_*` puts one of them out of order.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from edge_agent.gateway.auditor import Auditor, AuditorPorts
from edge_agent.gateway.escalator import Escalator, EscalatorPorts
from edge_agent.gateway.known_calls import known_calls
from edge_agent.journal.entries import Lane
from edge_agent.model.calls import Call, Notice, Receipt
from edge_agent.model.clock import ScaledClock
from edge_agent.model.oversight import AuditFault, AuditorPulse, ScreenHealth, WayHealth
from edge_agent.model.shifts import OnDuty
from edge_agent.payloads.alerts import encode_alert
from edge_agent.payloads.calls import encode_call, encode_receipt
from tests.support.call_scripts import BED, DAY, PLAN, START, Course, said, shown
from tests.support.gateways import opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.journal.writer import Journal
    from edge_agent.model.alerts import Alert

_AUDIT_EVERY_S: Final = 3


class CallWard:
    """One bed whose alerts are called out and audited."""

    def __init__(self, journal: Journal, path: Path) -> None:
        self.course = Course()
        """Alerts of the bed; its own call is not used."""
        self.journal = journal
        self.on_duty = OnDuty(PLAN, DAY)
        self.ways: list[WayHealth] = [WayHealth("pager", is_working=True, since=START)]
        self.screens: list[ScreenHealth] | None = None
        self.sent: list[Notice] = []
        self.rung: list[str] = []
        """Notices so far, each with its second."""
        self.faults: list[tuple[int, AuditFault]] = []
        """Faults so far, each with its second."""
        self.beats: list[int] = []
        self.shown: list[AuditorPulse] = []
        self.runs = True
        """False for an escalator that is dead or hangs."""
        self.clock = ScaledClock(lambda: self.course.now, START)
        self.escalator = self._new_escalator()
        self.auditor = Auditor(
            path,
            [BED],
            self.clock,
            AuditorPorts(
                alerts=self.newest,
                ways=lambda: self.ways,
                screens=lambda: self.screens,
                on_duty=lambda _now: self.on_duty,
                escalator_at=lambda: self.escalator.ticked_at,
                show=self.shown.append,
                beat=lambda _at: self.beats.append(self.second),
                report=self._report,
            ),
        )

    @property
    def second(self) -> int:
        """Present second of the ward."""
        return self.course.second

    def newest(self) -> list[Alert]:
        """Return the newest alerts."""
        return list(self.course.alerts.values())

    def do(self, *events: str) -> None:
        """Change alerts, as the pipeline does."""
        before = dict(self.course.alerts)
        for event in events:
            self.course.do(event)
        for alert in self.newest():
            if alert is not before.get(alert.rule_id):
                changed = replace(alert, changed_at=self.course.now)
                self.course.alerts[alert.rule_id] = changed
                at_ns = changed.changed_at.utc_ns
                self.journal.append(Lane.ALERTS, BED, at_ns, encode_alert(changed), urgent=True)
                self.escalator.note(changed)

    def wait_until(self, second: int) -> None:
        """Let time pass, second by second."""
        while self.second < second:
            self.course.second += 1
            self.look()

    def look(self) -> None:
        """Let the parts do what is due in this second."""
        if self.runs:
            self.escalator._look(0.0)
        if self.second % _AUDIT_EVERY_S == 0:
            self.journal.flush()
            self.auditor._audit(self.course.now)

    def restart(self) -> None:
        """Begin anew with what the journal holds, as after a restart of the gateway."""
        self.journal.flush()
        self.escalator = self._new_escalator()
        self.escalator.restore(known_calls(self.journal, self.clock))

    @property
    def call(self) -> Call:
        """Newest call of the bed."""
        return self.escalator.calls[BED]

    def corrupt(self, *, is_stored: bool = False, **fields: object) -> None:
        """Change fields of the call in the escalator's memory, and in the journal as well."""
        wrong = replace(self.call, **fields)  # type: ignore[arg-type]  # fields by name
        self.escalator.calls = {BED: wrong}
        if is_stored:
            self._store(replace(wrong, n=wrong.n + 1))

    def kinds_since(self, second: int) -> list[tuple[int, str]]:
        """Return the seconds and kinds of the faults from a second on."""
        return [(at, fault.kind) for at, fault in self.faults if at >= second]

    def _new_escalator(self) -> Escalator:
        return Escalator(
            self.clock,
            EscalatorPorts(
                store=self._store,
                send=self._send,
                alerts=self.newest,
                on_duty=lambda _now: self.on_duty,
                say=said,
                report=self._report,
            ),
        )

    def _store(self, found: Call | Receipt) -> None:
        body = encode_call(found) if isinstance(found, Call) else encode_receipt(found)
        self.journal.append(Lane.CALLS, BED, START.utc_ns, body, urgent=True)

    def _send(self, notice: Notice) -> None:
        self.sent.append(notice)
        self.rung.append(f"{self.second} {shown(notice)}")

    def _report(self, fault: AuditFault) -> None:
        self.faults.append((self.second, fault))


@contextmanager
def call_ward(folder: Path) -> Iterator[CallWard]:
    """Give a ward whose journal lies in a folder."""
    path = folder / "journal.db"
    with opened(path) as journal:
        yield CallWard(journal, path)
