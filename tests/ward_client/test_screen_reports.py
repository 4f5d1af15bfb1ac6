"""Reports of a board on its screens: each 10 s, at each change, and again where one failed."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge_agent.board.forms import ScreenForm
from edge_agent.board.screens import Screens
from edge_agent.model.answers import SeenAlert
from edge_agent.payloads.screens import parse_screens
from edge_agent.ward_client.screen_reports import ScreenReports

NOW = 1_800_000_000_000


@dataclass
class Sent:
    """Receiver of reports."""

    is_connected: bool = True
    reports: list[str] = field(default_factory=list)
    """Screens of each report, with the number of alerts that they show."""

    def send(self, payload: bytes) -> bool:
        """Take one report, where the broker is there."""
        if self.is_connected:
            screens = parse_screens(payload).screens
            self.reports.append(" ".join(f"{s.name}:{len(s.shows)}" for s in screens))
        return self.is_connected


def note(screens: Screens, at_s: float, *shows: SeenAlert) -> None:
    form = ScreenForm("wall", 1, can_sound=True, is_awake=True, audio_time=at_s)
    screens.note(form, at_s, NOW, shows)


def test_a_report_is_sent_every_ten_seconds_and_at_each_change() -> None:
    screens, sent = Screens(0.0), Sent()
    reports = ScreenReports(screens, sent.send)
    for second in range(25):
        screens.shown(float(second))
        if second in {3, 13}:
            note(screens, float(second), *([] if second == 3 else [SeenAlert("a-1", 1)]))
        reports.send_due(float(second))
    # 0 s, the new screen at 3 s, its alert at 13 s, and 10 s after the last of these
    assert sent.reports == ["", "wall:0", "wall:1", "wall:1"]


def test_a_report_that_was_not_sent_is_sent_as_soon_as_it_can_be() -> None:
    screens, sent = Screens(0.0), Sent(is_connected=False)
    reports = ScreenReports(screens, sent.send)
    reports.send_due(0.0)
    note(screens, 1.0)
    reports.send_due(1.0)
    sent.is_connected = True
    reports.send_due(2.0)
    reports.send_due(3.0)
    assert sent.reports == ["wall:0"]
