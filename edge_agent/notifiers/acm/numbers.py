"""Numbers and phases of the messages about each alert, as its receiver must see them."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.model.alerts import AlertPriority, SignalReason
from edge_agent.model.calls import Notice
from edge_agent.notifiers.acm.codes import AlarmState, Inactivation, Phase

_MOST_ALERTS: Final = 2000
"""Alerts whose numbers are kept; a ward has some hundred in a shift."""
_CONTROL_CHARS: Final = 20
"""Longest control id of HL7 versions before 2.7."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """One message about one alert."""

    alert_id: str
    n: int
    phase: Phase
    state: AlarmState
    inactivation: Inactivation
    notice: Notice

    @property
    def control_id(self) -> str:
        """Control id, the same for every attempt to send the message."""
        text = f"{self.notice.notice_id}/{self.alert_id}"
        digest = hashlib.sha256(text.encode()).digest()
        return b32encode(digest).decode()[:_CONTROL_CHARS]


@dataclass(frozen=True, slots=True)
class _Known:
    """State of one alert at the receiver."""

    bed_id: str
    n: int
    """Number of the newest message."""
    priority: AlertPriority
    is_open: bool


class AlertNumbers:
    """Numbers of the alerts that the receiver was told of.

    Parameters
    ----------
    started_ns
        Start of this program, ns since 1970 UTC: an alert of before may be known to the receiver.
    """

    def __init__(self, started_ns: int) -> None:
        self._started_ns = started_ns
        self._known: dict[str, _Known] = {}
        self._made: dict[str, list[Numbered]] = {}

    def messages(self, notice: Notice) -> list[Numbered]:
        """Return the messages for a notice; the same ones however often it is tried.

        A notice that all is over ends every alert of the bed that the receiver was told of.
        """
        made = self._made.pop(notice.notice_id, None)
        if made is None:
            others = self._others(notice) if notice.is_over else []
            made = [self._next(notice, alert_id) for alert_id in (*others, notice.alert_id)]
        self._made[notice.notice_id] = made
        if len(self._made) > _MOST_ALERTS:
            del self._made[next(iter(self._made))]
        return made

    def _others(self, notice: Notice) -> list[str]:
        return [
            alert_id
            for alert_id, known in self._known.items()
            if known.bed_id == notice.bed_id and known.is_open and alert_id != notice.alert_id
        ]

    def _next(self, notice: Notice, alert_id: str) -> Numbered:
        known = self._known.pop(alert_id, None)
        if known is not None:
            n = known.n + 1
        elif notice.is_over or (notice.since and notice.since.utc_ns < self._started_ns):
            # The receiver may have had messages before our start: this is higher than theirs.
            n = notice.at.utc_ns // 10**9
        else:
            n = 0
        is_ended = notice.is_over and not notice.answered_by
        self._known[alert_id] = _Known(notice.bed_id, n, notice.priority, not is_ended)
        if len(self._known) > _MOST_ALERTS:
            del self._known[next(iter(self._known))]
        is_answered = notice.is_over and not is_ended
        return Numbered(
            alert_id=alert_id,
            n=n,
            phase=Phase.END if is_ended else _phase(notice, n, known),
            state=AlarmState.INACTIVE if is_ended else AlarmState.ACTIVE,
            inactivation=Inactivation.ACKNOWLEDGED if is_answered else Inactivation.ENABLED,
            notice=replace(notice, alert_id=alert_id),
        )


def _phase(notice: Notice, n: int, known: _Known | None) -> Phase:
    if not n:
        return Phase.START
    if notice.is_over:
        return Phase.CONTINUE
    before = notice.priority if known is None else known.priority
    if notice.priority > before or notice.reason is SignalReason.WORSE:
        return Phase.ESCALATE
    if notice.priority < before:
        return Phase.DE_ESCALATE
    return Phase.UPDATE if notice.reason is SignalReason.NEW_SIGN else Phase.CONTINUE
