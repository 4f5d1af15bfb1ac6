"""The host's side of the dialogue: what to ask for, when to ask again, how to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge_agent.drivers.ge_dri import requests
from edge_agent.drivers.ge_dri.requests import AlarmCommand, Values
from edge_agent.model.session_events import LinkChanged, LinkState

if TYPE_CHECKING:
    from edge_agent.model.clock import Instant

INTERVAL_S: Final = 5
"""How often displayed values are asked for: the shortest interval the monitor takes."""

LOST_AFTER_S: Final = 3.0 * INTERVAL_S
"""Values may stop without notice (case ended, port re-plugged); then they are asked for again.
Also keeps two requests more than 5 s apart: the monitor ignores the second one otherwise."""

LISTENER_LOST_AFTER_S: Final = 30.0
"""Three times 10 s, the interval of the specification's own example: another host chose it."""

ALARM_LEVEL: Final = 10
"""Record level from which monitors tell alarms on this line (CARESCAPE)."""
ALARM_GAP_S: Final = 2.0
"""Shortest time between two alarm messages (8005313)."""
ALARM_REFRESH_S: Final = 60.0
"""The whole status is asked for anew this often, so that one lost change does not stand."""


class Dialogue:
    """Where the link stands and what is due to the monitor; a listener sends nothing ever."""

    def __init__(self, *, listen_only: bool) -> None:
        self._listen_only = listen_only
        self._lost_after_s = LISTENER_LOST_AFTER_S if listen_only else LOST_AFTER_S
        self._state = LinkState.INITIAL
        self._asked_at: Instant | None = None  # newest request for values, None before the first
        self._heard_at: Instant | None = None  # newest displayed values, None before the first
        self._has_alarms = False
        self._is_differential = False
        self._alarms_asked_at: Instant | None = None  # None before the first alarm request
        self._status_asked_at: Instant | None = None  # None where the status is due
        self._is_ending = False
        self._outbox = b""
        self._changes: list[LinkChanged] = []

    def levelled(self, level: int) -> None:
        """Note which edition of the specification the monitor follows."""
        self._has_alarms = level >= ALARM_LEVEL

    def heard(self, at: Instant) -> None:
        """Note displayed values."""
        self._heard_at = at
        if self._state is not LinkState.CONNECTED:
            self._enter(LinkState.CONNECTED, "the monitor sends displayed values", at)

    def step(self, at: Instant) -> None:
        """Run time-outs and put what is due into the outbox."""
        is_waiting = self._state in {LinkState.CONNECTING, LinkState.CONNECTED}
        if is_waiting and self._is_quiet(at):
            self._is_differential = False
            self._status_asked_at = None
            reason = f"no displayed values for {self._lost_after_s:.0f} s"
            self._enter(LinkState.LOST, reason, at)
        if not self._listen_only and not self._is_ending:
            self._ask_for_values(at)
            self._ask_for_alarms(at)

    def release(self) -> None:
        """Ask the monitor to stop, where it was asked to start; ask for nothing any more."""
        if self._is_ending or self._asked_at is None:
            self._is_ending = True
            return
        self._is_ending = True
        if self._is_differential:
            self._outbox += requests.alarms(AlarmCommand.LEAVE_DIFFERENTIAL)
        self._outbox += requests.stop_values(Values.DISPLAYED)

    def changes(self) -> list[LinkChanged]:
        """Return and forget the changes of state."""
        changes, self._changes = self._changes, []
        return changes

    def take(self) -> bytes:
        """Return and forget what is due to the monitor."""
        outbox, self._outbox = self._outbox, b""
        return outbox

    def _is_quiet(self, at: Instant) -> bool:
        signs = [sign for sign in (self._asked_at, self._heard_at) if sign is not None]
        return not signs or at.seconds_since(max(signs)) >= self._lost_after_s

    def _ask_for_values(self, at: Instant) -> None:
        if self._is_quiet(at):
            self._asked_at = at
            self._outbox += requests.values(Values.DISPLAYED, INTERVAL_S)
            if self._state is LinkState.INITIAL:
                self._enter(LinkState.CONNECTING, "displayed values are asked for", at)

    def _ask_for_alarms(self, at: Instant) -> None:
        if self._state is not LinkState.CONNECTED or not self._has_alarms:
            return
        asked_at, status_at = self._alarms_asked_at, self._status_asked_at
        if asked_at is not None and at.seconds_since(asked_at) < ALARM_GAP_S:
            return
        if not self._is_differential:
            self._is_differential = True
            self._ask(AlarmCommand.ENTER_DIFFERENTIAL, at)
        elif status_at is None or at.seconds_since(status_at) >= ALARM_REFRESH_S:
            self._status_asked_at = at
            self._ask(AlarmCommand.STATUS, at)

    def _ask(self, command: AlarmCommand, at: Instant) -> None:
        self._alarms_asked_at = at
        self._outbox += requests.alarms(command)

    def _enter(self, state: LinkState, reason: str, at: Instant) -> None:
        self._state = state
        self._changes.append(LinkChanged(state, reason, at))
