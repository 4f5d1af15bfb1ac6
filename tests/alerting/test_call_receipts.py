"""Facts about notices, as a call records them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.alerting.bed_signs import signs_of
from edge_agent.alerting.call_notices import notice_about
from edge_agent.alerting.call_receipts import with_receipts
from edge_agent.alerting.escalation import undelivered
from edge_agent.model.answers import SeenAlert
from edge_agent.model.calls import Call, NoticeKey, Receipt, ReceiptFact
from tests.support.call_scripts import BED, DAY, START, Course, said

LATER = START.plus(5)


def course() -> Course:
    found = Course()
    found.play("""
          0 raise shock high            | nurse first
         10 raise fever medium          | nurse first
         60                             | buddy first
    """)
    return found


def call_of(found: Course) -> Call:
    assert found.call is not None
    return found.call


def receipt(found: Course, index: int, fact: ReceiptFact, by: str = "") -> Receipt:
    notice = found.notices[index]
    return Receipt(notice.notice_id, BED, notice.way, fact, LATER, by)


def test_a_notice_says_which_signals_it_tells_of() -> None:
    found = course()
    seen = [[(one.alert_id, one.n) for one in notice.seen] for notice in found.notices]
    both = [("id-shock", 1), ("id-fever", 1)]
    assert seen == [[("id-shock", 1)], both, both]
    assert {notice.since for notice in found.notices} == {START}


def test_a_reminder_leaves_what_an_earlier_notice_told_of() -> None:
    found = course()
    found.play("""
        120                             | charge first
        180                             | rapid first
        300 raise shock high reminder   | nurse+buddy+charge+rapid reminder
    """)
    assert call_of(found).seen_at(1) == (SeenAlert("id-shock", 2),)
    found.play("310 raise shock high new_sign | nurse+buddy+charge+rapid new_sign")
    assert call_of(found).seen_at(1) == ()


def test_the_end_of_a_silence_leaves_what_an_earlier_notice_told_of() -> None:
    found = course()
    found.play("70 raise shock high silence_ended | nurse+buddy silence_ended")
    assert SeenAlert("id-shock", 2) in call_of(found).seen_at(1)


def test_a_notice_of_a_call_that_has_ended_says_so_whenever_it_is_sent() -> None:
    found = course()
    key = NoticeKey.read(found.notices[0].notice_id)
    assert key is not None
    assert not notice_about(call_of(found), key, None, said).is_over
    found.play("70 answer shock nurse, answer fever nurse | nurse+buddy answered nurse")
    assert notice_about(call_of(found), key, None, said).is_over


def test_old_news_of_a_notice_does_not_make_newer_news_undone() -> None:
    found = course()
    facts = [receipt(found, index, ReceiptFact.DELIVERED) for index in (1, 0)]
    signs = signs_of(BED, list(found.alerts.values()))
    left = undelivered(with_receipts(call_of(found), facts), signs, said)
    assert [notice.person_id for notice in left] == ["buddy"]


def test_a_fact_about_another_call_changes_nothing() -> None:
    found = course()
    seen = receipt(found, 0, ReceiptFact.SEEN)
    strange = [
        replace(seen, notice_id=str(NoticeKey("0" * 36, 1, 0, "pager"))),
        replace(seen, notice_id="x"),
        replace(seen, notice_id="", by="nurse", bed_id="bed-01"),
        replace(seen, notice_id="", by="stranger"),
        replace(seen, notice_id="x", by="nurse"),
        replace(seen, notice_id=str(NoticeKey(call_of(found).call_id, 1, 2, "pager"))),
    ]
    assert with_receipts(call_of(found), strange) == call_of(found)


def test_the_failure_of_a_notice_that_a_newer_one_replaced_is_none() -> None:
    found = course()
    call = call_of(found)
    assert with_receipts(call, [receipt(found, 0, ReceiptFact.FAILED)]) == call
    failed = with_receipts(call, [receipt(found, 1, ReceiptFact.FAILED)])
    assert failed.called[0].failed_ways == ("pager",)


@pytest.mark.parametrize("fact", [ReceiptFact.SEEN, ReceiptFact.ACCEPTED, ReceiptFact.REJECTED])
def test_who_answers_has_seen_it(fact: ReceiptFact) -> None:
    found = course()
    nurse = with_receipts(call_of(found), [receipt(found, 0, fact)]).called[0]
    assert (nurse.delivered_at, nurse.seen_at) == (LATER, LATER)


def test_after_a_restart_a_notice_without_news_is_sent_again_under_its_id() -> None:
    found = course()
    call, signs = call_of(found), signs_of(BED, list(found.alerts.values()))
    again = undelivered(call, signs, said)
    assert [notice.notice_id for notice in again] == [n.notice_id for n in found.notices[1:]]
    assert [notice.person_id for notice in again] == ["nurse", "buddy"]
    facts = [receipt(found, 1, ReceiptFact.DELIVERED), receipt(found, 2, ReceiptFact.FAILED)]
    left = undelivered(with_receipts(call, facts), signs, said)
    assert [notice.person_id for notice in left] == ["buddy"]
    found.play("70 shift night | owl+bat handover, nurse+buddy over")
    assert [n.person_id for n in undelivered(call_of(found), signs, said)] == ["owl", "bat"]
    found.play("80 answer shock owl, answer fever owl | owl+bat answered owl")
    assert undelivered(call_of(found), signs, said) == ()


def test_a_person_who_saw_it_on_a_screen_has_it() -> None:
    found = course()
    seen = Receipt("", BED, "screen:station", ReceiptFact.SEEN, LATER, "buddy")
    _, buddy = with_receipts(call_of(found), [seen]).called
    assert (buddy.delivered_at, buddy.seen_at) == (LATER, LATER)


def test_of_two_duties_of_a_person_the_newer_one_is_seen_on_a_screen() -> None:
    both = replace(DAY, buddies={"nurse": "charge"})
    found = Course(shift=both)
    found.play("""
          0 raise shock high            | nurse first
         60                             | charge first
        120                             | charge first
    """)
    seen = Receipt("", BED, "screen:station", ReceiptFact.SEEN, LATER, "charge")
    _, buddy, charge = with_receipts(call_of(found), [seen]).called
    assert (buddy.seen_at, charge.seen_at) == (None, LATER)


def test_the_first_delivery_and_the_first_look_count() -> None:
    found = course()
    seen = receipt(found, 0, ReceiptFact.SEEN)
    again = replace(seen, at=LATER.plus(9))
    nurse = with_receipts(call_of(found), [seen, again]).called[0]
    assert (nurse.delivered_at, nurse.seen_at) == (LATER, LATER)


def test_a_delivery_after_a_failure_is_one() -> None:
    found = course()
    facts = [receipt(found, 1, fact) for fact in (ReceiptFact.FAILED, ReceiptFact.DELIVERED)]
    failed = with_receipts(call_of(found), facts[:1]).called[0]
    assert (failed.failed_ways, failed.delivered_at) == (("pager",), None)
    reached = with_receipts(call_of(found), facts).called[0]
    assert (reached.failed_ways, reached.delivered_at) == ((), LATER)


def test_facts_that_come_after_the_end_of_a_call_are_recorded() -> None:
    found = course()
    found.play("""
         70 answer shock nurse, answer fever nurse | nurse+buddy answered nurse
         75 seen nurse                  |
    """)
    assert call_of(found).called[0].seen_at == START.plus(75)
    assert len(found.changes) == 5


@pytest.mark.parametrize("text", ["", "x", f"{'0' * 36}.1.0.", f"{'0' * 36}.1.x.pager"])
def test_a_text_that_is_no_id_of_a_notice_has_no_parts(text: str) -> None:
    assert NoticeKey.read(text) is None


def test_the_id_of_a_notice_is_read_back() -> None:
    key = NoticeKey("0f" * 18, 12, 3, "ward.pager-2")
    assert NoticeKey.read(str(key)) == key
