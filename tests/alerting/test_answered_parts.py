"""No answer and no silence of a problem hides a sign that nobody answered."""

from __future__ import annotations

import pytest

from edge_agent.model.alerts import AlertState
from edge_agent.model.answers import AnswerKind, SeenAlert
from tests.support.answered_bed import ACKNOWLEDGE, REJECT, SILENCE, AnsweredBed, refused


@pytest.mark.parametrize("is_withdrawn", [False, True])
@pytest.mark.parametrize("is_over", [False, True])
def test_a_part_that_nobody_answered_does_not_end_with_the_answer_to_its_problem(
    *, is_withdrawn: bool, is_over: bool
) -> None:
    bed = AnsweredBed()
    bed.step(0, fever="P")
    bed.step(10, fever="P", suspected="P")
    bed.step(20, fever="P" if is_withdrawn else "N", suspected="P")
    bed.answer(25, SeenAlert(bed.suspected.alert_id, 1))
    if is_withdrawn:
        bed.answer(26, *bed.seen("fever"), kind=REJECT)
    for seconds in (30, 40, 50):
        bed.step(seconds, fever="~" if is_over else "-", suspected="-" if is_over else "P")
    assert bed.states() == {
        "fever": "raised" if is_over else "latched",
        "suspected": "resolved" if is_over else "acknowledged",
    }
    assert bed.fever.acknowledged_by == ""
    bed.answer(60, *bed.seen("fever"))
    assert bed.fever.acknowledged_by == "nurse A"


@pytest.mark.parametrize("kind", [ACKNOWLEDGE, REJECT, SILENCE])
def test_a_part_that_nobody_was_alerted_to_is_not_answered_though_it_is_named(
    kind: AnswerKind,
) -> None:
    bed = AnsweredBed()
    bed.step(10, suspected="P", fast="P")
    given = bed.answer(15, *bed.seen("fast"), kind=kind)
    assert (given.changes, refused(given)) == ([], {"nobody was alerted to it yet": 1})
    for seconds in (20, 30, 40):
        bed.step(seconds, suspected="-", fast="P")
    bed.answer(45, *bed.seen("suspected"))
    assert (bed.fast.signal, bed.fast.state) == ("first", AlertState.RAISED)


def test_a_sign_that_is_raised_during_a_silence_of_its_problem_is_reported() -> None:
    bed = AnsweredBed()
    bed.step(0, suspected="P")
    bed.answer(5, kind=SILENCE)
    bed.step(10, suspected="P", fast="P")
    assert (bed.fast.absorbed_by, bed.fast.signal) == ("", "first")
    assert bed.suspected.silenced_until is not None
    bed.answer(15, kind=SILENCE, by="nurse B")
    assert bed.fast.silenced_by == "nurse B"
