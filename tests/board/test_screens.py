"""Screens: whether the ward has one that can sound, and what each was recorded to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.board.forms import ScreenForm
from edge_agent.board.screens import Screens, alerts_on
from edge_agent.model.answers import SeenAlert
from edge_agent.model.oversight import OpenedProblem
from tests.support.board_bodies import alert_body
from tests.support.made_alerts import ORGAN_SIGN, SUSPECTED
from tests.support.shown_ward import BED, NOW, OTHER, Ward

if TYPE_CHECKING:
    from edge_agent.board.shapes import ShownBed


def post(name: str = "wall", audio_time: float = 1.0, *, can_sound: bool = True) -> ScreenForm:
    return ScreenForm(name, 1, can_sound, is_awake=True, shows=(BED, OTHER), audio_time=audio_time)


def test_a_ward_without_a_screen_is_soundless_from_the_start() -> None:
    screens = Screens(100.0)
    assert screens.soundless_s(100.0) == 0.0
    assert screens.soundless_s(131.0) == 31.0
    screens.note(post(), 140.0, NOW)
    assert screens.soundless_s(140.0) == 0.0
    assert [screen.name for screen in screens.shown(140.0)] == ["wall"]


def test_a_screen_that_says_nothing_more_no_longer_counts() -> None:
    screens = Screens(100.0)
    screens.note(post(), 100.0, NOW)
    assert [screen.name for screen in screens.shown(125.0)] == ["wall"]
    assert screens.soundless_s(125.0) == 0.0
    assert screens.shown(125.1) == ()
    assert screens.soundless_s(125.1) == pytest.approx(25.1)


def test_a_board_that_stands_still_has_no_screen_that_sounds() -> None:
    screens = Screens(100.0)
    screens.note(post(), 100.0, NOW)
    assert screens.soundless_s(104.9) == 0.0
    assert screens.soundless_s(105.0) == 5.0


def test_a_screen_whose_audio_clock_stands_still_cannot_sound_whatever_it_says() -> None:
    screens = Screens(100.0)
    screens.note(post(audio_time=5.0), 100.0, NOW)
    screens.note(post(audio_time=5.0), 110.0, NOW + 10_000)
    assert screens.soundless_s(111.0) == 11.0
    assert [screen.can_sound for screen in screens.shown(111.0)] == [False]
    screens.note(post(audio_time=15.0), 120.0, NOW + 20_000)
    assert screens.soundless_s(121.0) == 0.0


def test_a_screen_that_says_that_it_cannot_sound_is_believed() -> None:
    screens = Screens(100.0)
    screens.note(post(can_sound=False), 110.0, NOW)
    assert screens.soundless_s(111.0) == 11.0
    screens.note(post("phone"), 112.0, NOW)
    assert screens.soundless_s(112.0) == 0.0


def beds(at_ms: int) -> dict[str, ShownBed]:
    ward = Ward()
    ward.take(alert_body(ORGAN_SIGN.alert(BED, at_ms)))
    return {bed_id: ward.bed(bed_id) for bed_id in (BED, OTHER)}


def test_a_problem_is_recorded_as_shown_once_for_each_signal_and_screen() -> None:
    screens = Screens(100.0)
    first = beds(NOW)
    assert screens.newly_shown(post(), first) == [BED]
    assert screens.newly_shown(post(), first) == []
    assert screens.newly_shown(post("phone"), first) == [BED]
    unknown = ScreenForm("wall", 1, can_sound=True, is_awake=True, shows=("bed-99",))
    assert screens.newly_shown(unknown, first) == []


def test_a_pause_of_all_sound_ends_by_itself_and_is_never_long() -> None:
    screens = Screens(100.0)
    assert screens.paused_until_ms(100.0) is None
    screens.pause(60.0, 100.0, NOW)
    assert screens.paused_until_ms(159.9) == NOW + 60_000
    assert screens.paused_until_ms(160.0) is None
    screens.pause(60.0, 200.0, NOW)
    screens.pause(0.0, 201.0, NOW)
    assert screens.paused_until_ms(201.0) is None
    for wrong in (120.1, -1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="want at most 120 s"):
            screens.pause(wrong, 200.0, NOW)


def test_a_flood_of_screens_is_bounded() -> None:
    screens = Screens(0.0)
    for i in range(500):
        screens.note(post(f"screen {i}"), 1.0, NOW)
        screens.newly_shown(post(f"screen {i}"), beds(NOW) if i == 0 else {})
    assert len(screens.shown(1.0)) == 128
    screens.note(post("late"), 30.0, NOW)
    assert [screen.name for screen in screens.shown(30.0)] == ["late"]


def test_the_report_of_a_board_names_what_each_screen_shows_the_newest_signal_first() -> None:
    ward = Ward()
    older, newer = ORGAN_SIGN.alert(BED, NOW), SUSPECTED.alert(OTHER, NOW + 1000)
    ward.take(alert_body(older), alert_body(newer))
    found = {bed_id: ward.bed(bed_id) for bed_id in (BED, OTHER)}
    shows = alerts_on(post(), found)
    assert shows == (SeenAlert(newer.alert_id, 1), SeenAlert(older.alert_id, 1))
    asleep = ScreenForm("phone", 1, can_sound=True, is_awake=False, shows=(BED, "bed-99"))
    assert alerts_on(asleep, found) == ()
    screens = Screens(100.0)
    screens.note(post(), 110.0, NOW, shows)
    (wall,) = screens.report(112.0).screens
    assert (wall.name, wall.can_sound, wall.is_awake, wall.age_s) == ("wall", True, True, 2.0)
    assert wall.shows == shows
    assert screens.report(115.0).screens == (), "a board that stands still has no screen"


def test_an_opened_problem_is_reported_for_a_while() -> None:
    screens = Screens(100.0)
    bed = beds(NOW)[BED]
    assert bed.problem is not None
    seen = (SeenAlert(bed.problem.signs[0].alert_id, 1),)
    screens.note_opened("nurse 7", bed, 100.0)
    screens.note_opened("nurse 7", beds(NOW)[OTHER], 100.0)
    assert screens.report(159.9).opened == (OpenedProblem("nurse 7", seen),)
    assert screens.report(160.0).opened == ()
    for number in range(70):
        screens.note_opened(str(number), bed, 200.0)
    assert [opened.by for opened in screens.report(200.0).opened] == [str(n) for n in range(6, 70)]
