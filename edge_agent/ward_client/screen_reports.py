"""Reports of a ward's board on its screens to the gateways: each 10 s, and after each change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from edge_agent.board.screens import Screens
from edge_agent.model.oversight import BoardReport
from edge_agent.payloads.screens import encode_screens

_EVERY_S: Final = 10.0
"""Wall seconds between reports of the same, as between those of a screen; three missed, and the
gateways count no screen."""


class ScreenReports:
    """Sends what the screens say of themselves, what they show, and what people opened.

    Parameters
    ----------
    send
        Function that sends one report; returns False where it cannot.
    """

    def __init__(self, screens: Screens, send: Callable[[bytes], bool]) -> None:
        self._screens = screens
        self._send = send
        self._sent: BoardReport | None = None  # None before the first
        self._sent_s = 0.0

    def send_due(self, now_s: float) -> None:
        """Send a report where one is due; call it about once a second."""
        report = self._screens.report(now_s)
        ageless = tuple(replace(screen, age_s=0.0) for screen in report.screens)
        state = replace(report, screens=ageless)
        is_due = state != self._sent or now_s - self._sent_s >= _EVERY_S
        if is_due and self._send(encode_screens(report)):
            self._sent, self._sent_s = state, now_s
