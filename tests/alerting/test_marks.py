"""Facts beside an alert's state: they delete no state and end with it."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.model.alerts import TEST_RULE, AlertKind, AlertState
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from tests.support.answered_bed import SILENCE, AnsweredBed, refused
from tests.support.findings import BED, at, finding, policy

LABELS = AlertLabels("site", "ward", "hash")


def test_a_silence_does_not_lengthen_the_time_for_which_an_alert_stays_latched() -> None:
    book = AlertBook([policy(for_s=0, latch_s=60)], LABELS)
    for seconds, mark in ((0, "P"), (10, "-"), (20, "-"), (30, "-")):
        book.apply([finding(mark, seconds)])
    book.answer(Answer(BED, AnswerKind.SILENCE, "nurse A"), at(50))
    (alert,) = book.alerts(BED)
    assert (alert.state, alert.changed_at) == (AlertState.LATCHED, at(50))
    assert book.due_at(BED, at(50)) == at(90)
    (change,) = book.apply([finding("-", 90)])
    assert change.alert.state is AlertState.RESOLVED


def test_what_is_over_is_neither_silent_nor_unanswered() -> None:
    bed = AnsweredBed()
    bed.step(0, lost="P")
    bed.answer(5, kind=SILENCE)
    for seconds in (10, 20, 30):
        bed.step(seconds, lost="-")
    over = bed.lost
    assert over.state is AlertState.RESOLVED
    assert (over.silenced_until, over.silenced_by, over.unanswered_since) == (None, "", None)
    bed = AnsweredBed()
    bed.step(0, fever="P")
    bed.answer(5)
    for seconds in (10, 20, 30):
        bed.step(seconds, fever="-")
    assert (bed.fever.answer_expires_at, bed.fever.acknowledged_by) == (None, "nurse A")


def test_a_problem_that_is_raised_again_absorbs_signs_again() -> None:
    bed = AnsweredBed()
    bed.step(0, suspected="P")
    bed.answer(5)
    bed.step(100, suspected="N")
    bed.step(110, suspected="N", fever="P")
    assert bed.fever.absorbed_by == bed.suspected.alert_id


def test_a_test_absorbs_nothing_and_is_absorbed_by_nothing_whatever_the_rules_say() -> None:
    technical = AlertKind.TECHNICAL
    policies = [
        policy("system.all", for_s=0, kind=technical, absorbs=("system.*",)),
        policy(TEST_RULE, for_s=0, kind=technical, absorbs=("signal.*",)),
        policy("signal.lost", for_s=0, kind=technical),
    ]
    book = AlertBook(policies, LABELS)
    changes = book.apply([finding("P", 0, p.rule_id) for p in policies])
    assert {c.alert.absorbed_by for c in changes} == {""}
    assert [c.is_signalled for c in changes] == [True] * 3


def test_a_monitor_and_the_signals_lost_with_it_are_one_answer() -> None:
    bed = AnsweredBed()
    bed.step(0, lost="P")
    bed.step(10, lost="P", changed="P")
    assert refused(bed.answer(15, *bed.seen("changed", "lost"))) == {}
    assert bed.states() == {"changed": "acknowledged", "lost": "acknowledged"}


def test_a_signal_that_became_due_long_ago_is_due_at_once() -> None:
    bed = AnsweredBed()
    bed.step(0, fever="P")
    bed.step(10, fever="P", suspected="P")
    bed.step(20, fever="N", suspected="P")
    bed.answer(3000, SeenAlert(bed.suspected.alert_id, 1))
    assert (bed.suspected.state, bed.fever.state) == (AlertState.ACKNOWLEDGED, AlertState.RAISED)
    due_at = bed.book.due_at(BED, at(3000))
    assert due_at is not None
    assert 0 < due_at.seconds_since(at(3000)) < 1
    bed.step(3010, fever="N", suspected="P")
    assert (bed.fever.signal, bed.fever.signalled_at) == ("reminder", at(3010))


def test_an_alert_keeps_its_marks_at_another_bed() -> None:
    bed = AnsweredBed()
    bed.step(0, fever="P")
    bed.answer(5, kind=SILENCE)
    bed.book.move(BED, "bed-08", at(10))
    (moved,) = bed.book.alerts("bed-08")
    assert (moved.silenced_by, moved.signal, moved.state_since) == ("nurse A", "first", at(10))
    said = replace(finding("P", 610, "crs.fever"), bed_id="bed-08")
    (change,) = bed.book.apply([said])
    assert change.alert.signal == "silence_ended"
