"""Two people answer an urgent alert where the ward says so."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.alerting.settings import AlertSettings
from edge_agent.model.answers import Answer
from tests.support.answered_bed import (
    ACKNOWLEDGE,
    HIGH,
    POLICIES,
    REJECT,
    AnsweredBed,
    refused,
)
from tests.support.findings import BED, at, finding


def test_two_different_people_must_acknowledge_what_is_urgent_where_the_ward_says_so() -> None:
    bed = AnsweredBed(answers_for_high=2)
    bed.step(0, shock="P", fever="P")
    assert refused(bed.answer(5)) == {}
    assert bed.states() == {"shock": "raised", "fever": "acknowledged"}
    first = bed.shock
    assert (first.answered_first_by, first.answered_first_at) == ("nurse A", at(5))
    assert (first.n, first.signal_n, first.acknowledged_at) == (2, 1, None)
    assert refused(bed.answer(6, *bed.seen("shock"))) == {
        "another person must acknowledge it, too": 1
    }
    bed.step(300, shock="P", fever="P")
    assert (bed.shock.signal, bed.shock.answered_first_by) == ("reminder", "nurse A")
    assert refused(bed.answer(305, *bed.seen("shock"), by="nurse B")) == {}
    both = (bed.shock.state.value, bed.shock.answered_first_by, bed.shock.acknowledged_by)
    assert both == ("acknowledged", "nurse A", "nurse B")
    assert refused(bed.answer(306, *bed.seen("shock"), by="nurse C")) == {
        "already answered by nurse B": 1
    }
    again = bed.answer(307, *bed.seen("shock"))
    assert (again.changes, again.refusals) == ([], [])
    bed.step(310, shock="N", fever="P")
    assert (bed.shock.answered_first_by, bed.shock.acknowledged_by) == ("", "")


def test_the_first_of_two_answers_is_withdrawn_by_a_rejection() -> None:
    bed = AnsweredBed(answers_for_high=2)
    bed.step(0, shock="P")
    bed.answer(5)
    bed.answer(6, kind=REJECT)
    assert (bed.shock.answered_first_by, bed.shock.signal) == ("", "rejected")
    bed.answer(7, by="nurse B")
    assert bed.shock.answered_first_by == "nurse B"
    bed.answer(8, kind=REJECT, by="nurse C")
    assert bed.shock.answered_first_by == "nurse B"


def test_a_sign_after_the_first_of_two_answers_is_no_part_of_what_that_person_saw() -> None:
    urgent = [replace(POLICIES[1], priority=HIGH), POLICIES[2]]
    book = AlertBook(urgent, AlertLabels("s", "w", "h"), AlertSettings(answers_for_high=2))
    book.apply([finding("P", 0, "crs.suspected")])
    book.answer(Answer(BED, ACKNOWLEDGE, "nurse A"), at(5))
    (change,) = book.apply([finding("P", 10, "crs.suspected"), finding("P", 10, "crs.fever")])
    assert (change.alert.rule_id, change.is_signalled) == ("crs.fever", True)


def test_one_answer_is_enough_for_a_test() -> None:
    bed = AnsweredBed(answers_for_high=2)
    bed.step(0, test="P")
    bed.answer(5)
    assert (bed.test.state.value, bed.test.acknowledged_by) == ("resolved", "nurse A")
