"""Replies to notices: which notice, whose answer, and how many."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from edge_agent.model.answers import SeenAlert
from edge_agent.model.calls import ReceiptFact
from edge_agent.notifiers import replies as module
from edge_agent.notifiers.replies import Replies
from tests.support.notices import A_NOTICE, UUID, Heard, a_notice

ACCEPTED, SEEN = ReceiptFact.ACCEPTED, ReceiptFact.SEEN


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_a_notice_is_found_while_it_is_remembered(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_NOTICES", 3)
    replies = Replies("pager", heard.events())
    for number in range(4):
        replies.expect(a_notice(number))
    replies.expect(a_notice(1))  # tried again: it is the newest now
    replies.expect(a_notice(5))
    assert [replies.find(f"n-{number}") is not None for number in range(6)] == [
        *(False, True, False),
        *(True, False, True),
    ]


def test_a_notice_of_another_way_cannot_be_answered_over_this_one(heard: Heard) -> None:
    events = replace(heard.events(), recall=lambda _id: replace(A_NOTICE, way="phone"))
    assert Replies("pager", events).find("n-1") is None
    assert Replies("phone", events).find("n-1") is not None


def test_without_what_was_seen_the_leading_alert_is_answered(heard: Heard) -> None:
    replies = Replies("pager", heard.events())
    assert replies.note(a_notice(1, seen=()), ACCEPTED, "nurse-8") == ""
    assert heard.next_answer().seen == (SeenAlert(UUID, 0),)


def test_an_answer_needs_a_person(heard: Heard) -> None:
    replies = Replies("pager", heard.events())
    words = replies.note(a_notice(1, person_id=" "), ACCEPTED, "")
    assert words == "nobody is named; an answer needs a person"
    assert heard.answers.empty()


def test_a_reason_is_kept_with_the_answer_and_the_fact(heard: Heard) -> None:
    replies = Replies("pager", heard.events())
    replies.note(a_notice(1), ReceiptFact.REJECTED, "nurse-7", "in CT")
    assert heard.next_answer().reason == "in CT"
    assert heard.next().detail == "in CT"


def test_a_flood_of_replies_is_held_back(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    replies = Replies("pager", heard.events())
    words = [replies.note(a_notice(1), SEEN, "nurse-7") for _ in range(61)]
    assert words == [""] * 60 + ["more than 2 replies a second; send it again"]
    monkeypatch.setattr(time, "monotonic", lambda: 100.5)
    assert replies.note(a_notice(1), SEEN, "nurse-7") == ""
