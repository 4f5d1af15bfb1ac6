"""Receivers on this machine that need no broker, and what is known of the ward's screens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Final

import msgspec

from edge_agent.board.ward_picture import WardPicture
from edge_agent.board.ward_state import WardPlace
from edge_agent.config.beside_journal import control_paths
from edge_agent.config.gateway_file import AgentConfig
from edge_agent.gateway.control_desk import ControlDesk
from edge_agent.gateway.control_socket import ControlSocket
from edge_agent.gateway.pipeline_thread import FEED_AXIS
from edge_agent.gateway.staff import Staff
from edge_agent.gateway.supervisor import Part
from edge_agent.gateway.ward_board import WardBoard
from edge_agent.gateway.ward_bodies import WardBodies
from edge_agent.gateway.ward_screens import WardScreens
from edge_agent.model.alerts import Alert
from edge_agent.model.calls import Receipt
from edge_agent.model.oversight import ScreenHealth
from edge_agent.payloads.status import GatewayIdentity
from edge_agent.vitals.canonical import max_age_s
from edge_agent.wording.rule_texts import RuleTexts

_encode: Final = msgspec.json.Encoder().encode


class Nearby:
    """The parts of an agent that serve people on this machine.

    A replay serves nobody: its time is not that of the people who look at it.

    Parameters
    ----------
    alerts
        Returns the newest state of every reported alert.
    """

    def __init__(
        self,
        config: AgentConfig,
        identity: GatewayIdentity,
        staff: Staff,
        words: RuleTexts,
        alerts: Callable[[], Iterable[Alert]],
    ) -> None:
        clock = staff.clock
        self._bed_ids = tuple(bed.id for bed in config.beds)
        gateway = config.gateway
        shown = WardPicture(
            WardPlace(gateway.site, gateway.ward, gateway.zone),
            max_age_s,
            lambda: clock.now().utc_ns // 1_000_000,
            clock.factor,
        )
        is_feed = clock.axis == FEED_AXIS
        section = None if is_feed else config.board
        self._board = None if section is None else WardBoard(config, section, clock, staff, words)
        ward = None if is_feed else config.ward
        self._ward_screens = (
            WardScreens(self._bed_ids, clock, alerts, time.monotonic())
            if ward is not None and ward.needs_screen
            else None
        )
        asks_own = section is not None and (section.needs_screen or self._ward_screens is not None)
        self._own_screens = self._board.screens if self._board and asks_own else None
        feeds = [] if self._board is None else [self._board.feed]
        self.bodies = WardBodies(identity, () if is_feed else (shown.feed, *feeds))
        """Takes the outcomes of the pipeline."""
        desk = ControlDesk(staff, shown.fold, lambda: _encode(shown.snapshot()))
        control = ControlSocket(control_paths(config.journal.path), desk)
        servers = [] if self._board is None else [self._board.server]
        self.parts: tuple[Part, ...] = () if is_feed else (control, *servers)
        """Parts to supervise."""

    def screens(self) -> Sequence[ScreenHealth] | None:
        """Return the screens of every board of the ward; None where none has to be open yet."""
        found = [] if self._own_screens is None else [self._own_screens()]
        if self._ward_screens is not None:
            found.append(self._ward_screens.screens(time.monotonic()))
        known = [screens for screens in found if screens is not None]
        is_time = bool(found) and len(known) == len(found)
        return list(chain.from_iterable(known)) if is_time else None

    def take_report(self, board_id: str, payload: bytes) -> None:
        """Take in the report of a ward's board on its screens."""
        if self._ward_screens is not None:
            self._ward_screens.take(board_id, payload, time.monotonic())

    def send_receipts(self, receive: Callable[[Receipt], None]) -> None:
        """Set the receiver of facts about problems on screens."""
        if self._board is not None:
            self._board.on_receipt = receive
        if self._ward_screens is not None:
            self._ward_screens.on_receipt = receive

    @property
    def board_url(self) -> str:
        """Address of the board for a browser on this machine; empty without one."""
        return "" if self._board is None else self._board.server.url

    def begin(self, known: Iterable[Alert]) -> None:
        """Show this gateway's beds, with the alerts of earlier runs."""
        self.bodies.put_gateway("online", self._bed_ids)
        for alert in known:
            self.bodies.put_alert(alert)
