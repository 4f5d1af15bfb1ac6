"""Calls and receipts survive the way through JSON."""

from __future__ import annotations

import json

import msgspec
import pytest

from edge_agent.model.calls import Call, Receipt, ReceiptFact
from edge_agent.model.oversight import AuditFault, AuditorPulse, FaultKind
from edge_agent.payloads.calls import (
    call_message,
    decode_call,
    decode_call_entry,
    encode_call,
    encode_pulse,
    encode_receipt,
)
from tests.support.call_scripts import BED, START, Course

RECEIPT = Receipt("id", BED, "pager", ReceiptFact.FAILED, START, "nurse", "no answer")


def a_call() -> Call:
    course = Course()
    course.play("""
          0 raise shock high            | nurse first
         10 delivered nurse, reject shock nurse | buddy rejected
         20 seen nurse, failed buddy    | charge rejected
         30 shift night                 | owl+bat+moon handover, nurse+buddy+charge over
    """)
    assert course.call is not None
    return course.call


def test_a_call_is_read_back_as_it_was_written() -> None:
    assert decode_call(encode_call(a_call())) == a_call()


def test_a_receipt_is_read_back_as_it_was_written() -> None:
    assert decode_call_entry(encode_receipt(RECEIPT)) == RECEIPT


def test_a_receipt_is_no_call() -> None:
    with pytest.raises(msgspec.ValidationError, match="is a Receipt; want a call"):
        decode_call(encode_receipt(RECEIPT))


def test_subscribers_see_the_gateway_and_words() -> None:
    seen = json.loads(call_message(encode_call(a_call()), "gw-01"))
    assert (seen["gateway_id"], seen["event"], seen["priority"]) == ("gw-01", "call", "high")
    assert seen["called"][0]["delivered_at"]["utc"] == "2027-01-15T08:00:10.000Z"
    assert seen["note"] == "decision support, not a medical device"


def test_the_board_reads_a_pulse_as_it_is_published() -> None:
    fault = AuditFault(FaultKind.STEP_LATE, BED)
    pulse = AuditorPulse(START, None, (fault,))
    assert decode_call_entry(encode_pulse(pulse)) == pulse
    message = call_message(encode_pulse(pulse), "gw-01")
    assert msgspec.json.decode(message, type=AuditorPulse) == pulse
    assert json.loads(message)["gateway_id"] == "gw-01"
