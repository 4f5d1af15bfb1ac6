"""The stream of the board, over a real socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.made_alerts import ORGAN_SIGN
from tests.support.served_board import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def board() -> Iterator[Served]:
    with serving() as served:
        yield served


def test_the_first_event_is_everything(board: Served) -> None:
    with board.screen() as screen:
        first = screen.event()
    assert first is not None
    assert first.name == "snapshot"
    assert [bed["id"] for bed in first.content["beds"]] == [f"bed-{i:02}" for i in range(1, 9)]
    assert first.content["ward"]["beds_assessed"] == 8
    assert first.content["seq"] == first.seq


def test_an_alert_comes_at_once_with_its_bed(board: Served) -> None:
    with board.screen() as screen:
        screen.until("snapshot")
        board.ward.raise_alert("bed-03", ORGAN_SIGN)
        bed = screen.until("bed", "bed-03").content
    assert bed["problem"]["priority"] == "high"
    assert bed["problem"]["state"] == "open"
    assert bed["vitals"]["pressure"]["in_alarm"] is True


def test_vital_signs_come_within_a_second_and_a_beat_with_them(board: Served) -> None:
    with board.screen() as screen:
        before = screen.until("snapshot").content
        board.ward.move(1)
        vitals = screen.until("vitals")
        beat = screen.until("beat")
    assert vitals.content["beds"].keys() == {f"bed-{i:02}" for i in range(1, 9)}
    shown = vitals.content["beds"]["bed-01"]["vitals"]["heart_rate"]
    assert shown["at_ms"] > before["beds"][0]["vitals"]["heart_rate"]["at_ms"]
    assert shown["state"] == "live"
    assert beat.content["seq"] == vitals.seq
