"""A way to an alert manager, the alert manager, and what the way reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.support.brokers import WAIT_S
from tests.support.notices import Heard, a_notice

if TYPE_CHECKING:
    from edge_agent.notifiers.acm.way import AcmWay
    from tests.support.alert_manager import Alert, AlertManager

OWN: Final = "MSH|^~\\&|AM|W|||20231114221321||ORA^R41^ORA_R41|S1|P|2.6"
"""Head of a report of status that is a message of its own, in the original mode."""


@dataclass
class Loop:
    """A way, its alert manager, and what it reports."""

    manager: AlertManager
    heard: Heard
    way: AcmWay

    def sent(self, number: int = 1, **changes: object) -> Alert:
        """Send a notice; return the alert as it arrived."""
        self.way.notify(a_notice(number, **changes))
        return self.manager.next()

    def reply(self, message: bytes) -> str:
        """Send a message of the alert manager's own; return the MSA that comes back."""
        self.manager.say(message)
        answer = self.manager.others.get(timeout=WAIT_S)
        return "|".join(answer.segments[1])
