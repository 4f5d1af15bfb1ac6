"""Signals by time, by findings and by answers, with a restart at every step of a script."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.alerting.settings import AlertSettings
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.answers import Answer, AnswerKind
from edge_agent.model.duty import DEFAULT_TIMES, ResponseTimes
from tests.support.alert_courses import COURSES, STEP_S
from tests.support.alert_script import ANSWERS, Script
from tests.support.answered_bed import AnsweredBed
from tests.support.findings import BED, at, finding, policy

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


def test_a_priority_rises_by_the_time_without_an_answer_not_since_it_was_raised() -> None:
    times = {AlertPriority.MEDIUM: ResponseTimes(5000.0, 100.0, 60.0)}
    plain = replace(policy(for_s=0), escalate_after_s=60, escalate_priority=AlertPriority.HIGH)
    book = AlertBook([plain], AlertLabels("s", "w", "h"), AlertSettings(times=times))
    book.apply([finding("P", 0)])
    book.answer(Answer(BED, AnswerKind.ACKNOWLEDGE, "nurse A"), at(30))
    found = [c.alert for s in range(40, 300, 10) for c in book.apply([finding("P", s)])]
    assert [(a.signal, a.changed_at) for a in found] == [
        ("answer_expired", at(130)),
        ("worse", at(190)),
    ]


def test_a_clock_that_was_ahead_makes_no_answer_and_no_silence_longer() -> None:
    for answer, reason, due_s in (
        (AnswerKind.ACKNOWLEDGE, "answer_expired", 500 + 7200),
        (AnswerKind.SILENCE, "silence_ended", 500 + 600),
    ):
        before, after = (AlertBook([policy(for_s=0)], AlertLabels("s", "w", "h")) for _ in "ab")
        before.apply([finding("P", 0)])
        before.answer(Answer(BED, answer, "nurse A"), at(90_000))
        (alert,) = before.alerts(BED)
        after.restore([replace(alert, changed_at=at(0))], at(500))
        assert after.due_at(BED, at(500)) == at(due_s)
        (change,) = after.apply([finding("P", due_s)])
        assert change.alert.signal == reason


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


def test_several_changes_of_one_step_are_one_transition_that_can_be_answered() -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P")
    bed.answer(5)
    bed.step(1780, shock="_")
    bed.step(1800, shock="_")
    assert (bed.shock.is_stale, bed.shock.n) == (True, 3)
    bed.step(1810, shock="P")  # seen again, and its answer has expired
    assert (bed.shock.signal, bed.shock.is_stale, bed.shock.n) == ("answer_expired", False, 4)
    assert (bed.shock.signal_n, bed.shock.answer_from_n) == (4, 4)
    assert bed.answer(1815, *bed.seen("shock")).refusals == []


def test_a_signal_by_time_is_no_change_of_state_that_a_restart_must_not_evaluate_again() -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P")
    bed.step(300, shock="P")
    assert bed.shock.changed_at == at(300)
    assert not bed.book.is_changed_since(BED, "vital.shock", at(100))
    bed.step(310, shock="N")
    assert bed.book.is_changed_since(BED, "vital.shock", at(300))
    bed.answer(315)
    assert bed.book.is_changed_since(BED, "vital.shock", at(310))


def test_an_answer_ends_a_silence_and_a_rejection_in_the_alert() -> None:
    names = "silenced_until silenced_by rejected_at rejected_by"
    *_, silent, answered = facts("PYSA", names)
    assert silent[1::2] == ("nurse A", "nurse B")
    assert answered == (None, "", None, "")
