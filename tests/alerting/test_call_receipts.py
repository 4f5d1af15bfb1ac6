"""Facts about notices, and the answers among them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.alerting.call_receipts import answer_of, with_receipts
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.calls import Call, NoticeKey, Receipt, ReceiptFact
from tests.support.call_scripts import BED, START, Course

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


def test_an_answer_on_a_handset_is_one_to_what_its_notice_was_about() -> None:
    found = course()
    first, second = (
        answer_of(call_of(found), receipt(found, i, ReceiptFact.ACCEPTED)) for i in (0, 1)
    )
    assert first == Answer(
        BED,
        AnswerKind.ACKNOWLEDGE,
        "nurse",
        (SeenAlert("id-shock", 1),),
        answer_id=f"{found.notices[0].notice_id}.accepted",
    )
    assert second is not None
    assert second.seen == (SeenAlert("id-shock", 1), SeenAlert("id-fever", 1))


def test_a_rejection_carries_the_name_of_the_handset_and_its_reason() -> None:
    found = course()
    rejected = replace(receipt(found, 2, ReceiptFact.REJECTED, "N9 "), detail="at another bed")
    answer = answer_of(call_of(found), rejected)
    assert answer is not None
    assert (answer.kind, answer.by, answer.reason) == (AnswerKind.REJECT, "N9", "at another bed")


def test_an_answer_to_a_notice_from_before_a_reminder_counts() -> None:
    found = course()
    found.play("""
        120                             | charge first
        180                             | rapid first
        300 raise shock high reminder   | nurse+buddy+charge+rapid reminder
    """)
    answer = answer_of(call_of(found), receipt(found, 0, ReceiptFact.ACCEPTED))
    assert answer is not None
    assert answer.seen == (SeenAlert("id-shock", 2),)


def test_an_answer_from_before_a_worse_sign_counts_for_nothing() -> None:
    found = Course()
    found.play("""
          0 raise shock high            | nurse first
         10 raise shock high new_sign   | nurse new_sign
    """)
    assert answer_of(call_of(found), receipt(found, 0, ReceiptFact.ACCEPTED)) is None


@pytest.mark.parametrize("fact", [ReceiptFact.DELIVERED, ReceiptFact.SEEN, ReceiptFact.FAILED])
def test_other_facts_are_no_answers(fact: ReceiptFact) -> None:
    found = course()
    assert answer_of(call_of(found), receipt(found, 0, fact)) is None


def test_a_fact_about_another_call_changes_nothing() -> None:
    found = course()
    other = NoticeKey("0" * 36, 1, 0, "pager")
    strange = [
        replace(receipt(found, 0, ReceiptFact.ACCEPTED), notice_id=str(other)),
        replace(receipt(found, 0, ReceiptFact.ACCEPTED), notice_id="x"),
        replace(receipt(found, 0, ReceiptFact.SEEN, "nurse"), notice_id="", bed_id="bed-01"),
        replace(receipt(found, 0, ReceiptFact.SEEN, "stranger"), notice_id=""),
        replace(
            receipt(found, 0, ReceiptFact.SEEN),
            notice_id=str(NoticeKey(call_of(found).call_id, 1, 9, "pager")),
        ),
    ]
    assert with_receipts(call_of(found), strange) == call_of(found)
    assert [answer_of(call_of(found), each) for each in strange] == [None] * 5


def test_a_person_who_saw_it_on_a_screen_has_it() -> None:
    found = course()
    seen = Receipt("", BED, "screen:station", ReceiptFact.SEEN, LATER, "buddy")
    _, buddy = with_receipts(call_of(found), [seen]).called
    assert (buddy.delivered_at, buddy.seen_at) == (LATER, LATER)


def test_a_delivery_after_a_failure_is_one() -> None:
    found = course()
    facts = [receipt(found, 0, fact) for fact in (ReceiptFact.FAILED, ReceiptFact.DELIVERED)]
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
