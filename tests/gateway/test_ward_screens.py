"""Screens of boards on other machines, second by second, with boards that lie."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.gateway.ward_screens import WardScreens
from edge_agent.model.answers import SeenAlert
from edge_agent.model.calls import Receipt
from edge_agent.model.clock import ScaledClock
from edge_agent.model.oversight import BoardReport, OpenedProblem, ScreenReport
from edge_agent.payloads.screens import encode_screens
from tests.support.samples import an_alert

if TYPE_CHECKING:
    from edge_agent.model.alerts import Alert
    from edge_agent.model.clock import Instant

BED = an_alert().bed_id
FIRST = replace(an_alert(), alert_id="a-1", n=4, signal_n=3)
OTHER = replace(an_alert(), alert_id="a-2", n=1, signal_n=1)
FOREIGN = replace(an_alert(), alert_id="a-9", n=4, signal_n=3, bed_id="bed-99")


@dataclass
class Listening:
    """A gateway of one bed that hears boards, on a clock of its own."""

    now_s: float = 1000.0
    alerts: list[Alert] = field(default_factory=lambda: [FIRST, FOREIGN])
    receipts: list[Receipt] = field(default_factory=list)

    def __post_init__(self) -> None:
        clock = ScaledClock(self._now, self._now())
        self.screens = WardScreens([BED], clock, lambda: self.alerts, self.now_s)
        self.screens.on_receipt = self.receipts.append

    def _now(self) -> Instant:
        return FIRST.changed_at.plus(self.now_s)

    def hear(self, *screens: ScreenReport, board: str = "b-1", opened: str | None = None) -> None:
        """Let a board report."""
        problems = () if opened is None else (OpenedProblem(opened, (SeenAlert("a-1", 3),)),)
        self.take(encode_screens(BoardReport(screens, problems)), board)

    def take(self, payload: bytes, board: str = "b-1") -> None:
        """Let something arrive."""
        self.screens.take(board, payload, self.now_s)

    def known(self) -> list[str] | None:
        """Names of the screens, where the auditor gets any."""
        screens = self.screens.screens(self.now_s)
        return None if screens is None else [screen.name for screen in screens]

    def facts(self) -> list[str]:
        """Return the facts since the last call of this."""
        found = [" ".join((r.fact, r.bed_id, r.way, r.by)).strip() for r in self.receipts]
        self.receipts.clear()
        return found


def wall(name: str = "wall", *alerts: SeenAlert, **own: object) -> ScreenReport:
    screen = ScreenReport(name, can_sound=True, is_awake=True, age_s=0.0, shows=alerts)
    return replace(screen, **own)  # type: ignore[arg-type]  # fields by name


def test_the_auditor_asks_for_a_screen_only_after_a_while() -> None:
    gateway = Listening()
    assert gateway.known() is None
    gateway.now_s += 30.0
    assert gateway.known() == []
    gateway.hear(wall(can_sound=False), wall("asleep", is_awake=False))
    assert gateway.known() == ["b-1/wall", "b-1/asleep"]
    gateway.now_s += 1.0
    gateway.hear(wall())
    assert gateway.known() is None


def test_a_board_that_falls_silent_has_no_screen_after_the_usual_time() -> None:
    gateway = Listening()
    gateway.hear(wall())
    gateway.now_s += 29.9
    assert gateway.known() is None
    gateway.now_s += 0.1
    assert gateway.known() == ["b-1/wall"], "the auditor sees how old it is"
    gateway.now_s += 0.1
    assert gateway.known() == []


def test_the_last_board_with_sound_is_enough() -> None:
    gateway = Listening()
    for _ in range(4):
        gateway.hear(wall(can_sound=False), board="b-1")
        gateway.hear(wall(), board="b-2")
        gateway.now_s += 10.0
        assert gateway.known() is None
    gateway.now_s += 20.1
    gateway.hear(wall(can_sound=False), board="b-1")
    assert gateway.known() == ["b-1/wall"]


def test_the_age_of_a_screen_counts_from_the_receipt_on_this_machine() -> None:
    gateway = Listening()
    gateway.now_s += 40.0
    gateway.hear(wall(age_s=20.0))
    assert gateway.known() is None
    gateway.now_s += 10.0
    screens = gateway.screens.screens(gateway.now_s)
    assert screens is not None
    assert gateway._now().seconds_since(screens[0].seen_at) == pytest.approx(30.0)


def test_a_signal_is_delivered_once_for_each_screen_and_again_when_it_is_new() -> None:
    gateway = Listening()
    shown = wall("wall", SeenAlert("a-1", 3))
    phone = wall("phone", SeenAlert("a-1", 4))
    for _ in range(3):
        gateway.hear(shown, phone)
        gateway.now_s += 10.0
    assert gateway.facts() == [
        f"delivered {BED} screen:b-1/wall",
        f"delivered {BED} screen:b-1/phone",
    ]
    gateway.alerts = [replace(FIRST, n=5, signal_n=5), OTHER]
    gateway.hear(shown, wall("phone", SeenAlert("a-1", 5), SeenAlert("a-2", 1)))
    assert gateway.facts() == [f"delivered {BED} screen:b-1/phone"], "the wall shows the one before"


def test_nothing_counts_as_shown_that_no_screen_can_show() -> None:
    gateway = Listening()
    lies = [SeenAlert("a-1", 2), SeenAlert("a-1", 5), SeenAlert("a-9", 3), SeenAlert("none", 1)]
    gateway.hear(wall("wall", *lies), wall("asleep", SeenAlert("a-1", 3), is_awake=False))
    assert gateway.facts() == []


def test_who_opened_a_problem_is_recorded_once() -> None:
    gateway = Listening()
    for by in ("nurse 7", "nurse 7", "nurse 8", ""):
        gateway.hear(opened=by)
        gateway.now_s += 1.0
    assert gateway.facts() == [
        f"seen {BED} board:b-1 {by}".strip() for by in ("nurse 7", "nurse 8", "")
    ]


def test_an_alert_that_has_ended_is_forgotten() -> None:
    gateway = Listening()
    gateway.hear(wall("wall", SeenAlert("a-1", 3)))
    gateway.alerts = []
    gateway.now_s += 1.0
    gateway.hear()
    assert gateway.screens._recorded == {}


def test_invented_screens_and_people_are_bounded() -> None:
    gateway = Listening()
    for number in range(40):
        names = [f"{number} {i}" for i in range(8)]
        gateway.hear(*(wall(name, SeenAlert("a-1", 3)) for name in names), opened=str(number))
        gateway.now_s += 1.0
    assert len(gateway.facts()) == 64


def test_a_flood_of_one_board_is_left_out_and_the_next_report_counts() -> None:
    gateway = Listening()
    gateway.hear(wall(can_sound=False))
    gateway.now_s += 0.4
    gateway.hear(wall("wall", SeenAlert("a-1", 3)))
    assert gateway.facts() == []
    gateway.now_s += 0.1
    gateway.hear(wall("wall", SeenAlert("a-1", 3)))
    assert len(gateway.facts()) == 1


def test_hostile_reports_change_nothing_and_are_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gateway = Listening()
    gateway.hear(wall(can_sound=False))
    gateway.now_s += 31.0
    with caplog.at_level(logging.WARNING):
        gateway.hear(wall(can_sound=False))
        for number in range(20):
            gateway.hear(board=f"b-{number + 2}")
        assert len(caplog.records) == 1
        assert "at most 16 are heard" in caplog.text
        for payload in (b"", b"[" * 100_000, b'{"screens": [{}]}', b"x" * 300_000):
            gateway.take(payload)
        gateway.take(b"", "x" * 60_000)
        gateway.now_s += 1.0
        gateway.take(b"{")
    assert len(caplog.records) == 1
    assert gateway.known() == ["b-1/wall"]
    gateway.now_s += 60.0
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        gateway.take(b"{", "ä" * 60_000)
    assert len(caplog.text) < 500
    assert "reports on screens refused" in caplog.text


def test_without_a_receiver_facts_go_nowhere() -> None:
    gateway = Listening()
    other = WardScreens([BED], ScaledClock(gateway._now, gateway._now()), lambda: [FIRST], 0.0)
    other.take("b", encode_screens(BoardReport((wall("wall", SeenAlert("a-1", 3)),))), 1.0)
    assert gateway.facts() == []
