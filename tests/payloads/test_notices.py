"""Notices as JSON, and what counts as a reply to one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from edge_agent.model.calls import ReceiptFact
from edge_agent.payloads.notices import (
    GatewayPlace,
    Reply,
    beat_message,
    notice_message,
    parse_reply,
)
from tests.support.notices import A_NOTICE, AT, UUID

PLACE = GatewayPlace("st-anna", "w3", "gw-1")


def test_a_notice_says_who_is_called_for_what_and_since_when() -> None:
    assert json.loads(notice_message(A_NOTICE, PLACE)) == {
        "schema": 1,
        "note": "decision support, not a medical device",
        "kind": "notice",
        "site": "st-anna",
        "ward": "w3",
        "gateway": "gw-1",
        "notice_id": "n-1",
        "call_id": "c-1",
        "bed_id": "bed-1",
        "person_id": "nurse-7",
        "duty": "nurse",
        "reason": "first",
        "priority": "high",
        "alert_kind": "physiological",
        "headline": "HIGH: bed-1: low blood pressure",
        "sentence": "BP 72/42 at 04:26, HR 147, SpO2 88 %, T 39.2 °C",
        "alert_id": UUID,
        "seen": [{"alert_id": UUID, "n": 3}],
        "at": "2023-11-14T22:13:20.123Z",
        "since": "2023-11-14T22:13:20.123Z",
        "is_over": False,
        "answered_by": "",
        "is_test": False,
    }


def test_a_start_that_is_not_known_is_null() -> None:
    assert json.loads(notice_message(replace(A_NOTICE, since=None), PLACE))["since"] is None


def test_a_heartbeat_says_when_the_next_one_comes_at_the_latest() -> None:
    assert json.loads(beat_message("pager", PLACE, AT, 30.0)) == {
        "schema": 1,
        "note": "decision support, not a medical device",
        "kind": "heartbeat",
        "site": "st-anna",
        "ward": "w3",
        "gateway": "gw-1",
        "way": "pager",
        "at": "2023-11-14T22:13:20.123Z",
        "next_within_s": 30.0,
    }


def test_a_reply_names_its_notice_and_a_fact() -> None:
    payload = b'{"notice_id": "n-1", "fact": "rejected", "by": "M\xc3\xbcller", "reason": "in CT"}'
    assert parse_reply(payload) == Reply("n-1", ReceiptFact.REJECTED, "Müller", "in CT")
    assert parse_reply(b'{"notice_id": "n-1", "fact": "seen"}').by == ""


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "not a reply"),
        (b"[]", "not a reply"),
        (b"[" * 3000, "not a reply"),
        (b'{"fact": "seen"}', "missing required field `notice_id`"),
        (b'{"notice_id": "n", "fact": "eaten"}', "Invalid enum value 'eaten'"),
        (b'{"notice_id": "n", "fact": "seen", "pin": 1}', "unknown field `pin`"),
        (b'{"notice_id": "\\u0007", "fact": "seen"}', "notice_id has up to 160"),
        (
            b'{"notice_id": "n", "fact": "failed"}',
            "fact is failed; want one of accepted, delivered",
        ),
        (b'{"notice_id": "n", "fact": "accepted"}', "by is a person's name"),
        (b'{"notice_id": "n", "fact": "accepted", "by": " "}', "by is a person's name"),
        (b'{"notice_id": "n", "fact": "seen", "by": "\\u202ea"}', "by has up to 80 characters"),
        (b'{"notice_id": "n", "fact": "seen", "reason": "a\\nb"}', "reason has up to 200"),
        (b'{"notice_id": "n", "fact": "seen", "reason": "' + b"x" * 201 + b'"}', "reason has up"),
        (b" " * 5000, "5000 bytes; want at most 4096"),
    ],
)
def test_what_is_no_reply_is_refused_in_words(payload: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_reply(payload)
