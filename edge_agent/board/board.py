"""The parts of one running board."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from edge_agent.board.backfill import Backfill
from edge_agent.board.commands import BoardCommands
from edge_agent.board.feed import BoardFeed
from edge_agent.board.gatekeeper import Gatekeeper
from edge_agent.board.hub import Hub
from edge_agent.board.screens import Screens
from edge_agent.board.static_files import StaticFiles
from edge_agent.board.vital_view import Limit
from edge_agent.board.ward_state import Surroundings, WardPlace, WardState
from edge_agent.journal.past import JournalPast
from edge_agent.model.audit import AuditEntry
from edge_agent.model.protocol import ProtocolCard
from edge_agent.wording.rule_texts import RuleTexts

_MOST_IDS: Final = 4096
"""Ids of acts that are remembered; a person sends fewer in a week."""


def _no_trail() -> None:
    return None


@dataclass(frozen=True, slots=True)
class BoardSettings:
    """Facts about a board from outside."""

    place: WardPlace
    limit: Limit
    now_ms: Callable[[], int]
    """Clock of the ward, UTC milliseconds."""
    pace: float = 1.0
    """Ward seconds per second."""
    language: str = "en"
    may_be_shared: bool = True
    """True if a screen may be made a shared one."""
    texts: RuleTexts | None = None
    """Words of the rules in force; None for the shipped ones."""
    files: StaticFiles = field(default_factory=StaticFiles)
    past: JournalPast | None = None
    """The journal; None for a board that reads none."""
    audit: Callable[[], list[AuditEntry] | None] = _no_trail
    """Returns the newest entries of the audit trail, None without one; it may wait for the disk."""
    protocol: ProtocolCard | None = None
    """The hospital's own text; None without one."""


class _SeenIds:
    """Ids of acts that were received, so that an act sent twice counts once."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def is_new(self, act_id: str) -> bool:
        """Return True for an id that was not seen before, and remember it."""
        if act_id in self._ids:
            return False
        self._ids[act_id] = None
        if len(self._ids) > _MOST_IDS:
            self._ids.popitem(last=False)
        return True

    def forget(self, act_id: str) -> None:
        """Forget the id of an act that was not passed on, so that it may be sent again."""
        self._ids.pop(act_id, None)


class Board:
    """One board: the ward's state, its streams and screens, and what people may do."""

    def __init__(
        self, settings: BoardSettings, feed: BoardFeed, gate: Gatekeeper, commands: BoardCommands
    ) -> None:
        self.settings = settings
        self.gate = gate
        self.commands = commands
        self.screens = Screens(time.monotonic())
        self.ids = _SeenIds()
        self.backfill = Backfill(settings.past)
        self.state = WardState(
            settings.place, settings.limit, settings.pace, settings.texts, has_courses=True
        )
        self.hub = Hub(feed, self.state, settings.now_ms, self._around)

    def _around(self) -> Surroundings:
        now_s = time.monotonic()
        return Surroundings(self.screens.shown(now_s), self.screens.paused_until_ms(now_s))
