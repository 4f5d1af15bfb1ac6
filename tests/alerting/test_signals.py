"""Signals by time, by findings and by answers, with a restart at every step of a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.alerting.settings import AlertSettings
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.duty import DEFAULT_TIMES, ResponseTimes
from tests.support.alert_courses import COURSES, STEP_S
from tests.support.alert_script import ANSWERS, Script

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=COURSES, name="course")
def the_course(request: pytest.FixtureRequest) -> tuple[AlertPriority, str, str, str]:
    """Return one course after the other."""
    return COURSES[request.param]


def test_an_alert_signals_for_every_reason_that_is_its_own(
    course: tuple[AlertPriority, str, str, str],
) -> None:
    priority, script, states, signals = course
    played = Script(priority, STEP_S[priority])
    assert (played.states(script), played.signals(script)) == (states, signals)


def whole(played: Script, script: str) -> list[object]:
    return list(played.alerts(script))


def test_a_restart_at_any_step_changes_nothing(
    course: tuple[AlertPriority, str, str, str],
) -> None:
    priority, script, _, _ = course
    expected = whole(Script(priority, STEP_S[priority]), script)
    for step in range(1, len(script)):
        again = Script(priority, STEP_S[priority], restart_at=step)
        assert whole(again, script) == expected, step


UNENDED: Final = [name for name, (_, script, *_) in COURSES.items() if "-" not in script]
"""Courses without a recovery, which would begin anew: nobody observed it meanwhile."""


@pytest.mark.parametrize("name", UNENDED)
def test_without_a_snapshot_a_restart_changes_no_signal_by_time(name: str) -> None:
    priority, script, _, signals = COURSES[name]
    for step in range(1, len(script)):
        again = Script(priority, STEP_S[priority], restart_at=step, with_snapshot=False)
        assert again.signals(script) == signals, step


def test_every_letter_of_an_answer_and_every_priority_is_played() -> None:
    letters = {mark for _, script, _, _ in COURSES.values() for mark in script}
    assert letters >= {*ANSWERS, *"PN-~_ "}
    assert {priority for priority, *_ in COURSES.values()} == set(AlertPriority)


def test_a_ward_may_shorten_a_silence_and_never_lengthen_it() -> None:
    high = AlertPriority.HIGH
    for silence_s, signals in ((60.0, "f.s..."), (120.0, "f..s.."), (9000.0, "f..s..")):
        times = {high: ResponseTimes(reminder_s=3000.0, answer_s=60.0, silence_s=silence_s)}
        played = Script(high, settings=AlertSettings(times=times))
        assert played.signals("PSPPPP") == signals
    assert AlertSettings().times_of(high) == DEFAULT_TIMES[high]


def test_a_ward_has_its_own_times_for_reminders_and_answers() -> None:
    times = {AlertPriority.HIGH: ResponseTimes(reminder_s=120.0, answer_s=180.0, silence_s=60.0)}
    played = Script(AlertPriority.HIGH, settings=AlertSettings(times=times))
    assert played.signals("PPPPAPPPPP") == "f.r....e.r"


def facts(script: str, names: str, played: Script | None = None) -> Iterator[tuple[object, ...]]:
    """Yield some fields of the alert after each step."""
    for alert in (played or Script(AlertPriority.HIGH)).alerts(script):
        yield tuple(getattr(alert, name) for name in names.split())


def test_the_answer_is_cleared_in_the_alert_itself() -> None:
    answered = ("nurse A", True, True, False)
    names = "acknowledged_by acknowledged_at answer_expires_at unanswered_since"
    for script, is_cleared in (
        ("PAPN", True),
        ("PA" + "P" * 30, True),
        ("PAPX", True),
        ("PAP_", False),
        ("PAPP", False),
    ):
        *_, (by, *moments) = facts(script, names)
        cleared = ("", False, False, True)
        assert (by, *(m is not None for m in moments)) == (cleared if is_cleared else answered)


def test_a_silence_and_a_rejection_say_who_and_are_over_with_the_next_signal() -> None:
    names = "silenced_by rejected_by signal_n n"
    assert list(facts("PSPPP", names))[1:] == [
        ("nurse A", "", 1, 2),
        ("nurse A", "", 1, 2),
        ("", "", 3, 3),
        ("", "", 3, 3),
    ]
    assert list(facts("PYPPPPP", names))[1:] == [
        *[("", "nurse B", 2, 2)] * 5,
        ("", "", 3, 3),
    ]


def test_an_alert_is_stale_while_its_condition_cannot_be_observed() -> None:
    stale = [mark for (mark,) in facts("PP__~P_ P", "is_stale")]
    assert stale == [False, False, False, True, False, False, False, True, False]
    numbers = [n for (n,) in facts("PP__~P_ P", "n")]
    assert numbers == [1, 1, 1, 2, 3, 4, 4, 5, 6]  # with one reminder


def test_what_has_ended_is_no_longer_stale() -> None:
    stale = [mark for (mark,) in facts("P__---_ _", "is_stale")]
    assert stale == [False, False, True, *[False] * 6]
