"""The host's side of the dialogue: requests, their repetition, and the farewell."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.ge_dri import requests
from edge_agent.drivers.ge_dri.requests import AlarmCommand, Values
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import LinkChanged, LinkState

INTERVAL_S: Final = 5
"""Interval of displayed values in seconds: the shortest that the monitor accepts."""

LOST_AFTER_S: Final = 3.0 * INTERVAL_S
"""Seconds without values after which the host requests them again: they may stop without notice
(case ended, port re-plugged). Also separates two requests by more than 5 s; the monitor ignores a
second one that comes earlier."""

LISTENER_LOST_AFTER_S: Final = 30.0
"""The same for a listener: three times 10 s, the interval in the specification's own example, as
another host chose the interval."""

ALARM_LEVEL: Final = 10
"""Record level from which monitors report alarms on this line (CARESCAPE)."""
ALARM_GAP_S: Final = 2.0
"""Shortest time in seconds between two alarm messages (8005313)."""
ALARM_REFRESH_S: Final = 60.0
"""Seconds after which the whole alarm status is requested again, in case a change was lost."""


class RequestDialogue:
    """State of the link and the requests due to the monitor; a listener never sends."""

    def __init__(self, *, listen_only: bool) -> None:
        self._listen_only = listen_only
        self._lost_after_s = LISTENER_LOST_AFTER_S if listen_only else LOST_AFTER_S
        self._state = LinkState.INITIAL
        self._requested_at: Instant | None = None  # newest value request, None before the first
        self._values_at: Instant | None = None  # newest displayed values, None before the first
        self._has_alarms = False
        self._is_differential = False
        self._alarms_requested_at: Instant | None = None  # None before the first alarm request
        self._status_requested_at: Instant | None = None  # None where the status is due
        self._is_ending = False
        self._outbox = b""
        self._changes: list[LinkChanged] = []
        self.losses = 0
        """Number of times at which the link was lost."""

    def levelled(self, level: int) -> None:
        """Note the edition of the specification that the monitor follows."""
        self._has_alarms = level >= ALARM_LEVEL

    def heard(self, at: Instant) -> None:
        """Note that displayed values arrived."""
        self._values_at = at
        if self._state is not LinkState.CONNECTED:
            self._enter(LinkState.CONNECTED, "the monitor sends displayed values", at)

    def tick(self, at: Instant) -> list[LinkChanged]:
        """Run time-outs, put due requests into the outbox, and return the `changes`."""
        is_waiting = self._state in {LinkState.CONNECTING, LinkState.CONNECTED}
        if is_waiting and self._is_quiet(at):
            self._is_differential = False
            self._status_requested_at = None
            reason = f"no displayed values for {self._lost_after_s:.0f} s"
            self._enter(LinkState.LOST, reason, at)
            self.losses += 1
        if not self._listen_only and not self._is_ending:
            self._request_values(at)
            self._request_alarms(at)
        return self.changes()

    def release(self) -> None:
        """Ask the monitor to stop, if it was asked to start; send no further request."""
        if self._is_ending or self._requested_at is None:
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

    def bytes_to_send(self) -> bytes:
        """Return and forget the bytes due to the monitor."""
        outbox, self._outbox = self._outbox, b""
        return outbox

    def _is_quiet(self, at: Instant) -> bool:
        signs = [sign for sign in (self._requested_at, self._values_at) if sign is not None]
        return not signs or at.seconds_since(max(signs)) >= self._lost_after_s

    def _request_values(self, at: Instant) -> None:
        if self._is_quiet(at):
            self._requested_at = at
            self._outbox += requests.values(Values.DISPLAYED, INTERVAL_S)
            if self._state is LinkState.INITIAL:
                self._enter(LinkState.CONNECTING, "displayed values are requested", at)

    def _request_alarms(self, at: Instant) -> None:
        if self._state is not LinkState.CONNECTED or not self._has_alarms:
            return
        requested_at, status_at = self._alarms_requested_at, self._status_requested_at
        if requested_at is not None and at.seconds_since(requested_at) < ALARM_GAP_S:
            return
        if not self._is_differential:
            self._is_differential = True
            self._send_alarm_request(AlarmCommand.ENTER_DIFFERENTIAL, at)
        elif status_at is None or at.seconds_since(status_at) >= ALARM_REFRESH_S:
            self._status_requested_at = at
            self._send_alarm_request(AlarmCommand.STATUS, at)

    def _send_alarm_request(self, command: AlarmCommand, at: Instant) -> None:
        self._alarms_requested_at = at
        self._outbox += requests.alarms(command)

    def _enter(self, state: LinkState, reason: str, at: Instant) -> None:
        self._state = state
        self._changes.append(LinkChanged(state, reason, at))
