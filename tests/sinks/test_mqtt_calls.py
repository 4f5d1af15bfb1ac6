"""Calls and receipts as messages to the broker."""

from __future__ import annotations

import json
from dataclasses import replace

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.model.calls import CallState, Receipt, ReceiptFact
from edge_agent.model.oversight import AuditorPulse
from edge_agent.payloads.calls import encode_call, encode_pulse, encode_receipt
from edge_agent.payloads.topics import Topics
from edge_agent.sinks.mqtt_calls import CallStates
from tests.support.call_scripts import BED, START, Course

TOPICS = Topics("site", "ward", "gw-01")


def entry(body: bytes) -> JournalEntry:
    return JournalEntry(7, Lane.CALLS, BED, START.utc_ns, body)


def test_the_broker_holds_the_newest_call_of_a_bed() -> None:
    course, states = Course(), CallStates(TOPICS, "gw-01")
    course.play("""
          0 raise shock high            | nurse first
         60                             | buddy first
    """)
    found = [states.of_entry(entry(encode_call(c)), is_ours=True) for c in course.changes]
    assert [len(messages) for messages in found] == [1, 1]
    (state,) = found[-1]
    assert (state.topic, state.is_retained) == (f"crswatch/v1/site/ward/{BED}/calls", True)
    assert state.expiry_s is None
    assert json.loads(state.payload)["steps_done"] == 2
    assert states.held() == [state]


def test_a_call_that_is_over_leaves_the_broker_after_a_while() -> None:
    course, states = Course(), CallStates(TOPICS, "gw-01")
    course.play("0 raise shock high | nurse first")
    assert course.call is not None
    over = replace(course.call, state=CallState.OVER)
    (state,) = states.of_entry(entry(encode_call(over)), is_ours=True)
    assert state.expiry_s == 3600


def test_a_receipt_is_an_event_and_no_state() -> None:
    states = CallStates(TOPICS, "gw-01")
    receipt = Receipt("id", BED, "pager", ReceiptFact.DELIVERED, START)
    (event,) = states.of_entry(entry(encode_receipt(receipt)), is_ours=True)
    assert (event.topic, event.is_retained) == (f"crswatch/v1/site/ward/{BED}/events", False)
    assert json.loads(event.payload)["fact"] == "delivered"
    assert states.held() == []


def test_the_call_of_a_bed_of_another_gateway_is_only_history() -> None:
    course, states = Course(), CallStates(TOPICS, "gw-01")
    course.play("0 raise shock high | nurse first")
    assert course.call is not None
    (event,) = states.of_entry(entry(encode_call(course.call)), is_ours=False)
    assert (event.topic, event.is_retained) == (f"crswatch/v1/site/ward/{BED}/events", False)
    assert states.held() == []


def test_the_pulse_of_the_auditor_is_held_for_a_short_time() -> None:
    states = CallStates(TOPICS, "gw-01")
    body = encode_pulse(AuditorPulse(START, START))
    (state,) = states.of_entry(JournalEntry(0, Lane.CALLS, "", 0, body), is_ours=False)
    assert (state.topic, state.is_retained, state.expiry_s) == (
        "crswatch/v1/site/ward/_gateway/gw-01/auditor",
        True,
        15,
    )
    assert states.held() == []
