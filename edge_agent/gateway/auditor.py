"""The auditor: a second watcher over the journal's file, independent of what calls people.

It beats only while every question of `alerting.audit_questions` has a good answer, and reports
through the pipeline what two audits in a row find stuck. Its silence is noticed by everybody who
reads its pulse.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge_agent.alerting.audit_questions import LATE_S, Audited, Suspicion, suspicions_of
from edge_agent.journal.audit_reader import AuditReader
from edge_agent.model.alerts import Alert
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.errors import JournalError
from edge_agent.model.oversight import (
    AuditFault,
    AuditorPulse,
    FaultKind,
    ScreenHealth,
    WayHealth,
)
from edge_agent.model.shifts import OnDuty

_CHECK_S: Final = 3.0
"""Wall seconds between two audits: with the delay that counts as late, two audits tell a fault
within twelve seconds. Design start value, unvalidated."""
_STOP_WAIT_S: Final = 5.0  # wall: a disk that hangs does not hold up the stop
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AuditorPorts:
    """Functions that the auditor calls on its thread; none may wait."""

    alerts: Callable[[], Iterable[Alert]]
    """Returns the newest state of every reported alert."""
    ways: Callable[[], Sequence[WayHealth]]
    """Returns the health of the ways out; none where nobody can be called."""
    screens: Callable[[], Sequence[ScreenHealth] | None]
    """Returns the screens of the board; None where no board is configured."""
    on_duty: Callable[[Instant], OnDuty]
    escalator_at: Callable[[], Instant | None]
    """Returns the time of the escalator's newest look at all calls; None before the first."""
    show: Callable[[AuditorPulse], None]
    """Receives the result of each audit."""
    beat: Callable[[Instant], None]
    """Called after an audit without any fault."""
    report: Callable[[AuditFault], None]
    """Called at each audit with each fault."""


class Auditor:
    """Audits the calls every few seconds; a part that can be restarted.

    Parameters
    ----------
    path
        The journal's file.
    bed_ids
        Beds of this gateway; the journal may hold others.
    clock
        The ward's time.
    """

    name: Final = "auditor"

    def __init__(
        self,
        path: Path,
        bed_ids: Iterable[str],
        clock: Clock,
        ports: AuditorPorts,
        check_s: float = _CHECK_S,
    ) -> None:
        self._reader = AuditReader(path)
        self._beds = frozenset(bed_ids)
        self._clock = clock
        self._ports = ports
        self._check_s = check_s
        self._is_stopping = threading.Event()
        self._thread = threading.Thread()
        self._started_at = clock.now()
        self._checked_s = time.monotonic()
        self._suspicions: frozenset[Suspicion] = frozenset()
        """Suspicions of the audit before."""
        self.pulse = AuditorPulse()
        """Result of the newest audit; replaced as a whole."""

    def start(self) -> None:
        """Start, or restart after the thread died."""
        self._is_stopping.clear()
        self._started_at, self._checked_s = self._clock.now(), time.monotonic()
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the audit under way."""
        self._is_stopping.set()
        if self._thread.is_alive():
            self._thread.join(_STOP_WAIT_S)

    def is_alive(self) -> bool:
        """Return True while the thread runs."""
        return self._thread.is_alive()

    def silent_s(self) -> float:
        """Return the wall seconds since the newest audit, or since the start."""
        return time.monotonic() - self._checked_s

    def _run(self) -> None:
        while not self._is_stopping.wait(self._check_s):
            self._audit(self._clock.now())

    def _audit(self, now: Instant) -> None:
        before, found = self._suspicions, self._found(now)
        self._suspicions = frozenset(found)
        faults = tuple(dict.fromkeys(s.fault for s in found if s in before))
        self._note_change(faults)
        self.pulse = AuditorPulse(now, self.pulse.beat_at if found else now, faults)
        self._checked_s = time.monotonic()
        self._ports.show(self.pulse)
        for fault in faults:
            self._ports.report(fault)
        if not found:
            self._ports.beat(now)

    def _found(self, now: Instant) -> tuple[Suspicion, ...]:
        try:
            newest = self._reader.read()
        except JournalError as error:
            unreadable = Suspicion(AuditFault(FaultKind.JOURNAL_UNREADABLE))
            if unreadable not in self._suspicions:
                _LOG.error("%s", error)
            return (unreadable,)
        audited = Audited(
            [alert for alert in newest.alerts if alert.bed_id in self._beds],
            [alert for alert in self._ports.alerts() if alert.bed_id in self._beds],
            {bed_id: call for bed_id, call in newest.calls.items() if bed_id in self._beds},
            self._ports.ways(),
            self._ports.screens(),
            self._ports.on_duty(now),
            self._ports.escalator_at() or self._started_at,
            now,
            LATE_S * self._clock.factor,
        )
        return suspicions_of(audited)

    def _note_change(self, faults: tuple[AuditFault, ...]) -> None:
        before = self.pulse.faults
        for fault in faults:
            if fault not in before:
                _LOG.error("calls: %s %s %s", fault.kind, fault.bed_id, fault.subject)
        if before and not faults:
            _LOG.warning("calls: no fault any longer")
