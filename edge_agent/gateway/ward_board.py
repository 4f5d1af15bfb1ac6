"""The nurses' board of a gateway's own beds: in the agent's process, without broker or disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from edge_agent.board.board import Board
from edge_agent.board.commands import Reply, Signature
from edge_agent.board.feed import BoardFeed
from edge_agent.board.server import BoardServer
from edge_agent.board.ward_gate import WardGate
from edge_agent.config.board import BoardSection
from edge_agent.config.gateway_file import AgentConfig
from edge_agent.gateway.board_settings import address_of, settings_of
from edge_agent.gateway.staff import Staff
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.journal.past import JournalPast
from edge_agent.journal.trail_file import read_tail, trail_path
from edge_agent.model.answers import AlertTest, Answer
from edge_agent.model.audit import Act, AuditAct, AuditEntry
from edge_agent.model.bed_events import BedEvent, CommandRejected
from edge_agent.model.calls import Receipt, ReceiptFact
from edge_agent.model.clock import Clock
from edge_agent.model.oversight import ScreenHealth
from edge_agent.model.patient import BedEntry
from edge_agent.ward.beds import Outcome
from edge_agent.wording.rule_texts import RuleTexts

_SOUNDLESS_FOR_S: Final = 30.0
"""Wall seconds without a screen that can sound from which the auditor asks for one; design start
value, unvalidated."""
_MOST_ACTS: Final = 500
_ENTRIES_SHARE: Final = 0.75
"""Share of the pipeline's queue for entries, so that answers always fit."""


class WardBoard:
    """The board's server and its feed, and what people do at it."""

    def __init__(
        self,
        config: AgentConfig,
        section: BoardSection,
        clock: Clock,
        staff: Staff,
        words: RuleTexts,
    ) -> None:
        self._clock = clock
        self._staff = staff
        self.feed = BoardFeed()
        """Takes the bodies of the ward."""
        self.on_receipt: Callable[[Receipt], None] = _nobody_listens
        """Receives the facts that a screen shows a problem, and that a person opened it."""
        trail = trail_path(config.journal.path)

        def newest_acts() -> list[AuditEntry] | None:
            return read_tail(trail, _MOST_ACTS) if trail.exists() else None

        settings = replace(
            settings_of(config.gateway, section, lambda: clock.now().utc_ns // 1_000_000),
            pace=clock.factor,
            texts=words,
            past=JournalPast(config.journal.path),
            audit=newest_acts,
        )
        gate = WardGate(staff.admission.access, read_system_clock, is_local=section.is_local)
        self._board = Board(settings, self.feed, gate, self)
        self.server = BoardServer(self._board, address_of(section))
        """Part to supervise."""

    def screens(self) -> Sequence[ScreenHealth] | None:
        """Return the screens for the auditor; None while it is too early to ask for one."""
        screens, now_s = self._board.screens, time.monotonic()
        if screens.soundless_s(now_s) < _SOUNDLESS_FOR_S:
            return None
        now = self._clock.now()
        return [
            ScreenHealth(
                screen.name,
                screen.can_sound,
                screen.is_awake,
                now.plus((screen.seen_ms - now.utc_ns // 1_000_000) / 1000),
            )
            for screen in screens.newest
        ]

    def answer(self, answer: Answer, signature: Signature, reply: Reply) -> bool:
        """Hand on an answer."""
        return self._staff.command(answer, signature.via, _told(reply))

    def enter(self, entry: BedEntry, signature: Signature, reply: Reply) -> bool:
        """Hand on an entry."""
        return self._staff.command(entry, signature.via, _told(reply), _ENTRIES_SHARE)

    def test_alert(self, bed_id: str, signature: Signature, reply: Reply) -> bool:
        """Hand on the wish for a test."""
        return self._staff.command(AlertTest(bed_id, signature.by), signature.via, _told(reply))

    def note_pause(self, for_s: float, signature: Signature) -> None:
        """Record a pause of the sound in the audit trail."""
        detail = {"seconds": f"{for_s:g}"}
        now, by, role = self._clock.now(), signature.by, signature.role
        self._staff.record(AuditAct(Act.AUDIO_PAUSE, by, now, role, signature.via, detail=detail))

    def note_seen(self, bed_id: str, by: str) -> None:
        """Hand on that a person opened a problem."""
        self.on_receipt(Receipt("", bed_id, "board", ReceiptFact.SEEN, self._clock.now(), by))

    def note_shown(self, bed_id: str, screen: str) -> None:
        """Hand on that a screen shows a problem."""
        way = f"screen:{screen}"
        self.on_receipt(Receipt("", bed_id, way, ReceiptFact.DELIVERED, self._clock.now()))


def _nobody_listens(_receipt: Receipt) -> None:
    pass


def _told(reply: Reply) -> Callable[[Sequence[Outcome]], None]:
    """Return the receiver of a command's outcomes that tells of a refusal."""

    def tell(outcomes: Sequence[Outcome]) -> None:
        events = (outcome.event for outcome in outcomes if isinstance(outcome, BedEvent))
        refusals = (event.reason for event in events if isinstance(event, CommandRejected))
        reply("; ".join(refusals))

    return tell
