"""People of the ward: who is called, the thread that calls them, and the auditor beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from edge_agent.alerting.call_notices import Said
from edge_agent.config.gateway_file import AgentConfig
from edge_agent.config.ward_file import scope_of
from edge_agent.gateway.auditor import Auditor, AuditorPorts
from edge_agent.gateway.call_acts import CallActs
from edge_agent.gateway.escalator import Escalator, EscalatorPorts
from edge_agent.gateway.known_calls import known_calls
from edge_agent.gateway.outcomes import Outcomes
from edge_agent.gateway.pipeline_thread import FEED_AXIS
from edge_agent.gateway.staff import Staff
from edge_agent.gateway.supervisor import Part
from edge_agent.gateway.ward_plan import CurrentPlan
from edge_agent.gateway.ward_ways import ways_of
from edge_agent.model.alerts import Alert
from edge_agent.model.answers import Answer
from edge_agent.model.audit import Act, AuditAct
from edge_agent.model.bed_events import BedEvent, PersonUnreachable
from edge_agent.model.calls import Call, Notice, Receipt
from edge_agent.model.clock import Instant
from edge_agent.model.duty import Duty, Person, WardPlan
from edge_agent.model.errors import JournalError
from edge_agent.model.language import Language
from edge_agent.model.oversight import AuditFault, FaultKind, ScreenHealth, WayHealth
from edge_agent.model.shifts import OnDuty
from edge_agent.notifiers.notifier import WayEvents
from edge_agent.wording.catalogue import phrase
from edge_agent.wording.fault_words import fault_words
from edge_agent.wording.rule_texts import RuleTexts
from edge_agent.wording.sentence import headline_of, sentence_of

_SILENT_S: Final = 15.0
"""Wall seconds without an audit (five of them) after which the auditor is silent; design start
value, unvalidated."""
_REPORT_EVERY_S: Final = 10.0
"""Ward seconds after which a lasting fault is reported again, so that it counts as one; an event
counts for 60 s."""
_WARD_FILE: Final = "ward_file"
"""Name under which the journal stores the ward file in force."""
_TOO_BUSY: Final = "the gateway is too busy; answer again"
_LOG = logging.getLogger(__name__)


class _Pace:
    """Times at which a fault that lasts is reported."""

    def __init__(self) -> None:
        self._reported_at: Instant | None = None  # None before the first report

    def is_due(self, now: Instant) -> bool:
        """Return True for a first report, and once the newest is old enough."""
        before = self._reported_at
        if before is not None and now.seconds_since(before) < _REPORT_EVERY_S:
            return False
        self._reported_at = now
        return True


class WardPeople:
    """Calls people for the alerts of a gateway, and audits that it does; not for those of a replay.

    A recorded alert must call nobody.

    Parameters
    ----------
    staff
        Takes people's answers, and keeps the trail of calls to nobody.
    words
        Words of every rule.
    """

    def __init__(
        self,
        config: AgentConfig,
        outcomes: Outcomes,
        staff: Staff,
        words: RuleTexts,
    ) -> None:
        self._bed_ids = tuple(bed.id for bed in config.beds)
        self._language = config.gateway.language
        self._zone = ZoneInfo(config.gateway.zone)
        self._clock = clock = staff.clock
        self._outcomes = outcomes
        self._pipeline_thread = staff.pipeline_thread
        self._staff = staff
        self._call_acts = CallActs()
        self._words = words
        self._screens: Callable[[], Sequence[ScreenHealth] | None] = _no_board
        events = WayEvents(self.note_receipt, self._answer, clock.now, self._recall)
        self._ways = ways_of(config, events, self._note_way, clock, lambda: staff.newest_checkpoint)
        file = None if config.ward is None else config.ward.file
        self._current = CurrentPlan(file, scope_of(config), self._zone)
        self._escalator = Escalator(
            clock,
            EscalatorPorts(
                store=self._store_call,
                send=self._ways.send,
                alerts=self._alerts,
                on_duty=self._current.on_duty,
                say=self._say,
                report=self._report,
            ),
        )
        self._auditor = Auditor(
            config.journal.path,
            self._bed_ids,
            clock,
            AuditorPorts(
                alerts=self._alerts,
                ways=self._ways.health,
                screens=self._shown_screens,
                on_duty=self._current.on_duty,
                escalator_at=lambda: self._escalator.ticked_at,
                show=outcomes.show_pulse,
                beat=lambda _at: self._ways.beat_watchdogs(),
                report=self._report,
            ),
        )
        is_feed = clock.axis == FEED_AXIS
        parts: tuple[Part, ...] = (self._ways, self._escalator, self._auditor)
        self.parts = () if is_feed else parts[0 if config.ways else 1 :]
        """Parts to supervise."""
        if self.parts:
            outcomes.on_alert = self._escalator.note
        self._must_pass_on = False
        """True where the pipeline does not have the plan in force yet."""
        self._checked_shift = ""
        self._must_check = True
        """True where the ways to the people on duty must be checked."""
        self._file_pace, self._ways_pace = _Pace(), _Pace()

    @property
    def plan(self) -> WardPlan:
        """Ward file in force."""
        return self._current.plan

    def look_at(self, screens: Callable[[], Sequence[ScreenHealth] | None]) -> None:
        """Set the function that returns the screens of the board, for the auditor."""
        self._screens = screens

    def _shown_screens(self) -> Sequence[ScreenHealth] | None:
        return self._screens()

    def begin(self) -> None:
        """Take up the journalled calls; before this run's clock is stored, and before the start."""
        if not self.parts:
            return
        try:
            self._remember_file()
            calls = known_calls(self._outcomes.journal, self._clock)
        except JournalError as error:
            _LOG.error("%s; calls of before the start are not known", error)
            return
        ours = [call for call in calls if call.bed_id in self._bed_ids]
        self._call_acts.note_known(ours)
        self._escalator.restore(ours)
        for call in ours:
            self._outcomes.show_call(call)

    def _remember_file(self) -> None:
        """Store the ward file for a start with a wrong one; at such a start, use the stored one."""
        journal, current = self._outcomes.journal, self._current
        if current.text:
            journal.set_meta(_WARD_FILE, current.text)
        elif current.fault and (text := journal.meta(_WARD_FILE)):
            current.fall_back(text)

    def supervise(self) -> None:
        """Read a changed ward file, check the ways at a change of shift, listen to the auditor."""
        if not self.parts:
            return
        now = self._clock.now()
        if self._current.refresh():
            self._must_check = self._must_pass_on = True
            self._outcomes.journal.set_meta(_WARD_FILE, self._current.text)
        if self._must_pass_on:
            self._must_pass_on = not self._pipeline_thread.offer(self.plan)
        if self._current.fault:
            self._report_file(now)
        on_duty = self._current.on_duty(now)
        if self._must_check or on_duty.shift_name != self._checked_shift:
            self._note_shift(on_duty, now)
            self._must_check, self._checked_shift = False, on_duty.shift_name
            self._check_ways(on_duty, now)
        if self._auditor.silent_s() > _SILENT_S:
            self._report(AuditFault(FaultKind.AUDITOR_SILENT))
        self._report_ways(now)

    def note_receipt(self, receipt: Receipt) -> None:
        """Take a fact about a notice, or about a problem on a screen; on any thread."""
        if not self._escalator.note(receipt):
            _LOG.error("a receipt is lost: %s %s", receipt.notice_id, receipt.fact)

    def _answer(self, answer: Answer, way: str) -> str:
        """Pass on a person's answer from a way out; return why not, empty if it is."""
        _LOG.info("%s answers by %s: %s", answer.by, way, answer.kind)
        try:
            return "" if self._staff.command(answer, f"way {way}") else _TOO_BUSY
        except ValueError as error:
            return str(error)

    def _store_call(self, found: Call | Receipt) -> None:
        self._outcomes.store_call(found)
        for act in self._call_acts.of(found) if isinstance(found, Call) else ():
            self._staff.record(act)

    def _note_shift(self, on_duty: OnDuty, now: Instant) -> None:
        """Record a change of shift, and anchor the trail at it."""
        if self._checked_shift and on_duty.shift_name != self._checked_shift:
            shift = on_duty.shift_name
            detail = {"before": self._checked_shift}
            self._staff.record(
                AuditAct(Act.HANDOVER, "", now, via="gateway", subject=shift, detail=detail)
            )
            self._staff.audit.anchor()

    def _recall(self, notice_id: str) -> Notice | None:
        return self._escalator.recall(notice_id)

    def _note_way(self, health: WayHealth) -> None:
        """Show the health of a way; check the ways to the people on duty after one has failed."""
        self._outcomes.show_way(health)
        if health.is_working is False:
            self._must_check = True

    def _report_file(self, now: Instant) -> None:
        if self._file_pace.is_due(now):
            self._report(AuditFault(FaultKind.WARD_FILE_WRONG))

    def _report_ways(self, now: Instant) -> None:
        """Report each way that does not work, at the first bed: it is no matter of a patient."""
        if not self._ways_pace.is_due(now):
            return
        for way in self._ways.health():
            if way.is_working is False:
                fault = AuditFault(FaultKind.WAY_LOST, subject=way.name)
                words = fault_words(fault, Language.EN)
                self._pipeline_thread.report_way(words, self._bed_ids[0])

    def _check_ways(self, on_duty: OnDuty, now: Instant) -> None:
        """Report everybody on duty to whom no way out works, at the beds of their duty."""
        failing = {way.name for way in self._ways.health() if way.is_working is False}
        for bed_id, person in self._on_duty_at_beds(on_duty):
            if failing.issuperset(person.ways):
                fault = AuditFault(FaultKind.PERSON_UNREACHABLE, bed_id, person.person_id)
                _LOG.error("%s: no way to %s works", bed_id, person.person_id)
                event = PersonUnreachable(person.person_id, person.ways, on_duty.shift_name)
                self._outcomes.store_event(BedEvent(bed_id, bed_id, event, now))
                self._report(fault)

    def _on_duty_at_beds(self, on_duty: OnDuty) -> Iterator[tuple[str, Person]]:
        for bed_id in self._bed_ids:
            found = (on_duty.person(duty, bed_id) for duty in Duty)
            for person in dict.fromkeys(p for p in found if p is not None):
                yield bed_id, person

    def _alerts(self) -> list[Alert]:
        return [
            alert for alert in self._outcomes.reported_alerts() if alert.bed_id in self._bed_ids
        ]

    def _report(self, fault: AuditFault) -> None:
        # The words are English in the alert; whoever shows it translates them.
        self._pipeline_thread.report_calls(fault_words(fault, Language.EN), fault.bed_id)

    def _say(self, alert: Alert) -> Said:
        language, zone, words = self._language, self._zone, self._words
        priority = phrase(language, f"priority.{alert.priority.name.lower()}").upper()
        headline = headline_of(alert, language, zone, words)
        return Said(f"{priority} {alert.bed_id}: {headline}", sentence_of(alert, language, zone))


def _no_board() -> None:
    return None
