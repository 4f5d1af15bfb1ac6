"""One answer answers a bed's problem as the person saw it, and says what it leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.alerting.settings import AlertSettings
from edge_agent.model.alerts import AlertPriority, AlertState
from edge_agent.model.answers import AnswerKind, SeenAlert
from tests.support.answered_bed import (
    HIGH,
    POLICIES,
    REJECT,
    SILENCE,
    AnsweredBed,
    refused,
)
from tests.support.findings import BED, at, finding


def test_one_answer_answers_everything_open_on_a_bed() -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P", fever="P", lost="P")
    given = bed.answer(5)
    assert refused(given) == {}
    assert set(bed.states().values()) == {"acknowledged"}
    assert len(given.changes) == 3
    assert bed.shock.answer_expires_at == at(5 + 1800)
    assert bed.fever.answer_expires_at == at(5 + 7200)


def test_an_answer_to_a_quiet_bed_says_that_nothing_is_open() -> None:
    assert refused(AnsweredBed().answer(5)) == {"nothing is open on bed-07": 0}


def test_an_alert_with_a_new_sign_since_it_was_seen_is_refused_and_others_are_answered() -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P", fever="P", lost="P")
    seen = bed.seen("shock", "fever", "lost")
    bed.step(10, shock="P", fever="N", lost="P")
    given = bed.answer(15, *seen)
    (refusal,) = given.refusals
    assert refusal.alert_ids == (bed.fever.alert_id,)
    assert refusal.reason == (
        "it has signalled again since it was seen (a new sign) and waits for an answer"
    )
    assert bed.states() == {
        "shock": "acknowledged",
        "fever": "raised",
        "lost": "acknowledged",
    }
    assert refused(bed.answer(20, *bed.seen("fever"))) == {}


@pytest.mark.parametrize("kind", list(AnswerKind))
def test_no_kind_of_answer_applies_to_what_was_not_seen(kind: AnswerKind) -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P")
    seen = bed.seen("shock")
    bed.step(10, shock="N")
    before = bed.shock
    assert len(bed.answer(15, *seen, kind=kind).refusals) == 1
    assert bed.shock == before


def test_a_reminder_tells_nothing_new_so_that_an_answer_before_it_counts() -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P")
    seen = bed.seen("shock")
    bed.step(300, shock="P")
    assert bed.shock.signal_n == 2
    assert refused(bed.answer(301, *seen)) == {}
    assert bed.states() == {"shock": "acknowledged"}


def test_an_end_of_a_silence_and_a_rejection_by_another_tell_nothing_new_either() -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P")
    seen = bed.seen("shock")
    bed.answer(1, kind=SILENCE)
    bed.step(121, shock="P")
    bed.answer(122, kind=REJECT, by="nurse B")
    assert (bed.shock.signal, bed.shock.signal_n) == ("rejected", 4)
    assert refused(bed.answer(123, *seen)) == {}
    assert bed.states() == {"shock": "acknowledged"}


def test_an_answered_part_expires_with_its_problem_only() -> None:
    times = {AlertPriority.MEDIUM: replace(AlertSettings().times_of(HIGH), answer_s=100.0)}
    bed = AnsweredBed(times=times)
    bed.step(0, fever="P")
    bed.answer(5)
    bed.step(10, fever="P", suspected="P")
    bed.answer(50, *bed.seen("suspected"))
    bed.step(110, fever="P", suspected="P")
    assert bed.fever.signal == "first"
    bed.step(150, fever="P", suspected="P")
    assert (bed.suspected.signal, bed.fever.signal) == ("answer_expired", "first")


def test_an_answer_that_is_played_again_after_it_expired_or_was_withdrawn_counts_no_more() -> None:
    for is_withdrawn in (False, True):
        bed = AnsweredBed()
        bed.step(0, shock="P")
        seen = bed.seen("shock")
        bed.answer(5, *seen, answer_id="1")
        if is_withdrawn:
            bed.answer(6, *bed.seen("shock"), kind=REJECT, answer_id="2")
        else:
            bed.step(1810, shock="P")
        assert bed.states() == {"shock": "raised"}
        assert bed.answer(1815, *seen, answer_id="1").changes == []
        why = "its answer was withdrawn" if is_withdrawn else "its answer expired"
        again = refused(bed.answer(1815, *seen, answer_id="3"))
        assert list(again) == [
            f"it has signalled again since it was seen ({why}) and waits for an answer"
        ]


def test_an_answer_that_is_sent_twice_counts_once_even_after_a_restart() -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P", fever="P")
    assert len(bed.answer(5, kind=REJECT, answer_id="1").changes) == 2
    again = bed.answer(6, kind=REJECT, answer_id="1")
    assert (again.changes, again.refusals) == ([], [])
    assert len(bed.answer(7, kind=REJECT, answer_id="2", by="nurse B").changes) == 2
    assert bed.answer(8, kind=REJECT, answer_id="1").changes == []
    after = AnsweredBed()
    after.book.restore(bed.book.alerts(BED))
    assert after.answer(9, kind=REJECT, answer_id="2", by="nurse C").changes == []
    assert len(after.answer(9, kind=REJECT, answer_id="3", by="nurse C").changes) == 2


def test_an_answer_that_was_refused_may_be_sent_again() -> None:
    bed = AnsweredBed()
    assert bed.answer(5, answer_id="1").refusals
    bed.step(10, shock="P")
    assert bed.answer(15, answer_id="1").changes


def test_of_two_people_the_second_hears_who_was_first() -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P", fever="P")
    seen = bed.seen("shock", "fever")
    bed.answer(5, *seen)
    second = bed.answer(6, *seen, by="nurse B")
    assert (second.changes, refused(second)) == ([], {"already answered by nurse A": 2})
    assert bed.shock.acknowledged_by == "nurse A"
    assert refused(bed.answer(7, by="nurse B")) == {"already answered by nurse A": 2}
    assert refused(bed.answer(7, *seen, by="nurse B", kind=REJECT)) == {
        "already answered by nurse A": 2
    }
    mine = bed.answer(8, *seen)
    assert (mine.changes, mine.refusals) == ([], [])


def test_what_another_answered_before_does_not_disturb_the_answer_to_the_rest() -> None:
    bed = AnsweredBed()
    bed.step(0, fever="P")
    bed.answer(5, *bed.seen("fever"))
    bed.step(10, fever="P", shock="P")
    second = bed.answer(15, *bed.seen("shock", "fever"), by="nurse B")
    assert refused(second) == {}
    assert (bed.shock.acknowledged_by, bed.fever.acknowledged_by) == ("nurse B", "nurse A")


def test_what_ended_and_was_answered_by_another_is_said_too() -> None:
    bed = AnsweredBed()
    bed.step(0, fever="P")
    for seconds in (10, 20, 30):
        bed.step(seconds, fever="-")
    seen = bed.seen("fever")
    assert refused(bed.answer(35, *seen)) == {}
    assert bed.states() == {"fever": "resolved"}
    assert refused(bed.answer(36, *seen, by="nurse B")) == {"already answered by nurse A": 1}
    assert refused(bed.answer(36, *seen)) == {}


def test_a_part_that_people_know_is_answered_with_its_problem() -> None:
    bed = AnsweredBed()
    bed.step(0, fever="P")
    bed.step(10, fever="P", suspected="P", fast="P")
    assert bed.fever.absorbed_by == bed.suspected.alert_id
    bed.answer(15, *bed.seen("suspected"))
    assert bed.states() == {
        "suspected": "acknowledged",
        "fever": "acknowledged",
        "fast": "raised",  # nobody was alerted to it
    }
    assert not bed.fast.is_signalled


def test_a_part_that_has_signalled_since_its_problem_stays_unanswered_unless_it_was_seen() -> None:
    for n, state in ((1, "raised"), (0, "acknowledged")):
        bed = AnsweredBed()
        bed.step(0, fever="P")
        bed.step(10, fever="P", suspected="P")
        bed.step(20, fever="N", suspected="P")
        assert bed.fever.absorbed_by
        seen = SeenAlert(bed.suspected.alert_id, n)
        bed.answer(25, seen)
        assert (bed.suspected.state, bed.fever.state.value) == (AlertState.ACKNOWLEDGED, state)
    bed = AnsweredBed()
    bed.step(0, fever="P")
    bed.step(10, fever="P", suspected="P")
    bed.step(20, fever="N", suspected="P")
    bed.answer(25, *bed.seen("suspected", "fever"))
    assert bed.fever.state is AlertState.ACKNOWLEDGED


def test_a_part_that_nobody_answered_reminds_though_its_problem_was_answered() -> None:
    bed = AnsweredBed()
    bed.step(0, fever="P")
    bed.step(10, fever="P", suspected="P")
    bed.step(20, fever="N", suspected="P")
    bed.answer(25, SeenAlert(bed.suspected.alert_id, 1))
    bed.step(1820, fever="N", suspected="P")
    assert (bed.fever.signal_n, bed.fever.signal) == (bed.fever.n, "reminder")


def test_a_part_does_not_remind_beside_its_unanswered_problem() -> None:
    bed = AnsweredBed()
    bed.step(0, fever="P")
    bed.step(10, fever="P", suspected="P")
    bed.step(1810, fever="P", suspected="P")
    assert (bed.fever.signal, bed.suspected.signal) == ("first", "reminder")


def test_an_unknown_alert_is_refused_and_the_known_one_answered() -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P")
    given = bed.answer(5, SeenAlert("nothing"), *bed.seen("shock"))
    assert refused(given) == {"no alert nothing on bed-07": 0}
    assert bed.states() == {"shock": "acknowledged"}


def test_a_silence_is_limited_by_priority_and_the_limit_is_said() -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P", fever="P")
    given = bed.answer(5, kind=SILENCE, for_s=600.0, reason="washing")
    assert refused(given) == {"a silence lasts at most 2 min at priority HIGH; got 10 min": 1}
    assert (bed.shock.silenced_until, bed.fever.silenced_until) == (None, at(605))
    assert bed.fever.answer_reason == "washing"
    assert bed.answer(6, kind=SILENCE).changes
    assert bed.shock.silenced_until == at(126)
    assert refused(bed.answer(7, kind=SILENCE, by="nurse B")) == {"already silenced by nurse A": 2}
    again = bed.answer(8, kind=SILENCE)
    assert (again.changes, again.refusals) == ([], [])


def test_what_is_answered_needs_no_silence_of_the_same_person() -> None:
    bed = AnsweredBed()
    bed.step(0, shock="P")
    bed.answer(5)
    again = bed.answer(6, kind=SILENCE)
    assert (again.changes, again.refusals) == ([], [])


def test_a_monitor_is_confirmed_by_an_answer_of_its_own_only() -> None:
    bed = AnsweredBed()
    bed.step(0, lost="P")
    bed.step(10, lost="P", changed="P", shock="P")
    assert bed.lost.absorbed_by == bed.changed.alert_id
    alone = "it is answered on its own only, because the answer confirms what it asks"
    assert refused(bed.answer(15)) == {alone: 1}
    assert bed.states() == {"shock": "acknowledged", "lost": "acknowledged", "changed": "raised"}
    assert refused(bed.answer(20)) == {}
    assert bed.changed.state is AlertState.ACKNOWLEDGED
    bed = AnsweredBed()
    bed.step(0, changed="P", shock="P")
    assert refused(bed.answer(5, *bed.seen("changed"))) == {}
    bed.answer(6, kind=REJECT)
    assert (bed.changed.signal, bed.shock.signal) == ("rejected", "rejected")


def test_an_answer_that_expired_lets_its_problem_absorb_no_later_sign() -> None:
    times = {AlertPriority.MEDIUM: replace(AlertSettings().times_of(HIGH), answer_s=100.0)}
    bed = AnsweredBed(times=times)
    bed.step(0, suspected="P")
    bed.answer(5)
    bed.step(110, suspected="P")
    assert (bed.suspected.signal, bed.suspected.state.value) == ("answer_expired", "raised")
    bed.step(120, suspected="P", fever="P")
    assert (bed.fever.absorbed_by, bed.fever.is_signalled) == ("", True)


def test_a_higher_priority_of_the_rules_clears_the_answer() -> None:
    bed = AnsweredBed()
    bed.step(0, fever="P")
    bed.answer(5)
    urgent = [replace(p, priority=HIGH) for p in POLICIES]
    after = AlertBook(urgent, AlertLabels("site", "ward", "hash"))
    after.restore(bed.book.alerts(BED))
    (change,) = after.apply([finding("P", 20, "crs.fever")])
    assert (change.alert.signal, change.alert.priority) == ("worse", HIGH)
    assert (change.alert.acknowledged_by, change.alert.acknowledged_at) == ("", None)
