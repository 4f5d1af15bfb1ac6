"""Screens of the ward's boards on other machines, as those boards report them through the broker.

Whoever may publish there may lie. A lie makes a screen count as one that can sound, or a signal as
shown or opened; it answers nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from edge_agent.model.alerts import Alert
from edge_agent.model.answers import SeenAlert
from edge_agent.model.calls import Receipt, ReceiptFact
from edge_agent.model.clock import Clock
from edge_agent.model.names import is_id
from edge_agent.model.oversight import BoardReport, ScreenHealth
from edge_agent.payloads.screens import parse_screens

_SILENT_S: Final = 30.0
"""Wall seconds without a report after which a board has no screens, and without a screen that can
sound from which the auditor asks for one; design start value, unvalidated."""
_LEAST_S: Final = 0.5
"""Wall seconds between two reports of a board; it sends one a second at most, and repeats it."""
_MOST_BOARDS: Final = 16
_MOST_FACTS: Final = 64
"""Most screens and people recorded for one signal of an alert."""
_LOG_EVERY_S: Final = 60.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Board:
    screens: tuple[ScreenHealth, ...]
    at_s: float


@dataclass(slots=True)
class _Recorded:
    """Facts recorded of the newest signal of an alert: its ways, each with the person."""

    signal_n: int
    facts: set[tuple[str, str]] = field(default_factory=set)


class WardScreens:
    """Screens of other machines, for the auditor, and the facts about problems on them.

    Only the time of receipt on this machine counts: the clock of a board may be wrong.

    Parameters
    ----------
    bed_ids
        Beds of this gateway.
    clock
        The ward's time.
    alerts
        Returns the newest state of every reported alert.
    began_s
        Start on the machine's monotonic clock, seconds; so are all times in seconds.
    """

    def __init__(
        self,
        bed_ids: Iterable[str],
        clock: Clock,
        alerts: Callable[[], Iterable[Alert]],
        began_s: float,
    ) -> None:
        self._beds = frozenset(bed_ids)
        self._clock = clock
        self._alerts = alerts
        self.on_receipt: Callable[[Receipt], None] = _nobody_listens
        """Receives the facts that a screen shows a problem, and that a person opened it."""
        self._boards: Mapping[str, _Board] = {}
        """Boards that have reported lately; replaced as a whole."""
        self._sounded_s = began_s
        """Time at which a screen could sound last."""
        self._recorded: dict[str, _Recorded] = {}
        """Facts recorded of each alert."""
        self._refused = 0
        self._refused_s: float | None = None
        """Time of the newest line about a refused report; None before the first."""

    def take(self, board_id: str, payload: bytes, now_s: float) -> None:
        """Take in the report of a board; on the network's thread."""
        boards = {name: b for name, b in self._boards.items() if now_s - b.at_s <= _SILENT_S}
        before = boards.get(board_id)
        if before is not None and now_s - before.at_s < _LEAST_S:
            return
        try:
            if before is None:
                _check_board(board_id, len(boards))
            report = parse_screens(payload)
        except ValueError as error:
            self._refuse(board_id, error, now_s)
            return
        self._boards = {**boards, board_id: _Board(self._healths(board_id, report), now_s)}
        sounding = [s.age_s for s in report.screens if s.can_sound and s.is_awake]
        if sounding:
            self._sounded_s = max(self._sounded_s, now_s - min(sounding))
        self._record(board_id, report)

    def screens(self, now_s: float) -> Sequence[ScreenHealth] | None:
        """Return the screens; None while it is too early to ask for one. On any thread."""
        if now_s - self._sounded_s < _SILENT_S:
            return None
        boards = self._boards.values()
        return [s for board in boards if now_s - board.at_s <= _SILENT_S for s in board.screens]

    def _healths(self, board_id: str, report: BoardReport) -> tuple[ScreenHealth, ...]:
        now, factor = self._clock.now(), self._clock.factor
        return tuple(
            ScreenHealth(
                f"{board_id}/{screen.name}",
                screen.can_sound,
                screen.is_awake,
                now.plus(-screen.age_s * factor),
            )
            for screen in report.screens
        )

    def _record(self, board_id: str, report: BoardReport) -> None:
        at = self._clock.now()
        alerts = {alert.alert_id: alert for alert in self._alerts() if alert.bed_id in self._beds}
        self._recorded = {name: r for name, r in self._recorded.items() if name in alerts}
        for screen in report.screens:
            if screen.is_awake:
                way = f"screen:{board_id}/{screen.name}"
                receipt = Receipt("", "", way, ReceiptFact.DELIVERED, at)
                self._send_new(receipt, screen.shows, alerts)
        for problem in report.opened:
            way = f"board:{board_id}"
            receipt = Receipt("", "", way, ReceiptFact.SEEN, at, problem.by)
            self._send_new(receipt, problem.seen, alerts)

    def _send_new(
        self, receipt: Receipt, seen: Iterable[SeenAlert], alerts: Mapping[str, Alert]
    ) -> None:
        """Send a receipt for each bed with a signal for which it is new."""
        beds: dict[str, None] = {}
        for shown in seen:
            alert = alerts.get(shown.alert_id)
            if alert is not None and alert.signal_n <= shown.n <= alert.n:
                recorded = self._recorded.get(alert.alert_id)
                if recorded is None or recorded.signal_n != alert.signal_n:
                    recorded = self._recorded[alert.alert_id] = _Recorded(alert.signal_n)
                fact = (receipt.way, receipt.by)
                if fact not in recorded.facts and len(recorded.facts) < _MOST_FACTS:
                    recorded.facts.add(fact)
                    beds[alert.bed_id] = None
        for bed_id in beds:
            self.on_receipt(replace(receipt, bed_id=bed_id))

    def _refuse(self, board_id: str, error: ValueError, now_s: float) -> None:
        self._refused += 1
        if self._refused_s is None or now_s - self._refused_s >= _LOG_EVERY_S:
            number, self._refused, self._refused_s = self._refused, 0, now_s
            _LOG.error("mqtt: %d reports on screens refused; %.40r: %s", number, board_id, error)


def _check_board(board_id: str, boards: int) -> None:
    """Check that one more board may be heard; raise ValueError where not."""
    if not is_id(board_id):
        raise ValueError("no name of a board")
    if boards >= _MOST_BOARDS:
        raise ValueError(f"{boards} boards have reported; at most {_MOST_BOARDS} are heard")


def _nobody_listens(_receipt: Receipt) -> None:
    pass
