"""Calls of an earlier run go on after a restart, also on another clock."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.gateway.journal_memory import AXIS, axis_of
from edge_agent.gateway.known_calls import known_calls
from edge_agent.gateway.stored_records import stored_call
from edge_agent.journal.entries import Lane
from edge_agent.model.calls import Call, Receipt, ReceiptFact
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.payloads.calls import encode_call, encode_receipt
from tests.support.call_scripts import BED, START, Course
from tests.support.gateways import opened

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.journal.writer import Journal


def a_call() -> Call:
    course = Course()
    course.play("""
          0 raise shock high            | nurse first
         60                             | buddy first
    """)
    assert course.call is not None
    return course.call


def store(journal: Journal, *bodies: bytes) -> None:
    for body in bodies:
        journal.append(Lane.CALLS, BED, START.utc_ns, body, urgent=True)
    journal.flush()


def clock_at(now: Instant) -> ScaledClock:
    return ScaledClock(lambda: now, now)


def test_on_the_same_boot_a_call_is_as_it_was(tmp_path: Path) -> None:
    clock = clock_at(START.plus(100))
    receipt = Receipt("id", BED, "pager", ReceiptFact.SEEN, START)
    with opened(tmp_path / "journal.db") as journal:
        journal.set_meta(AXIS, axis_of(clock))
        store(journal, encode_call(a_call()), encode_receipt(receipt))
        assert known_calls(journal, clock) == [a_call()]


def test_after_a_reboot_the_moments_keep_their_distance(tmp_path: Path) -> None:
    now = Instant(7 * 10**9, START.utc_ns + 100 * 10**9)
    with opened(tmp_path / "journal.db") as journal:
        store(journal, encode_call(a_call()))
        (call,) = known_calls(journal, clock_at(now))
    assert now.seconds_since(call.began_at) == 100
    assert now.seconds_since(call.called[1].at) == 40
    assert call.next_at is not None
    assert call.next_at.seconds_since(now) == 20
    assert call.reminder_at is not None
    assert call.reminder_at.seconds_since(now) == 200


def test_a_clock_that_was_set_back_makes_no_step_late(tmp_path: Path) -> None:
    now = Instant(7 * 10**9, START.utc_ns - 3600 * 10**9)
    with opened(tmp_path / "journal.db") as journal:
        store(journal, encode_call(a_call()))
        (call,) = known_calls(journal, clock_at(now))
    assert call.began_at == now
    assert call.reminder_at == now.plus(300)


def test_a_call_that_is_damaged_is_left_out_and_counted(tmp_path: Path) -> None:
    with opened(tmp_path / "journal.db") as journal:
        store(journal, encode_call(replace(a_call(), n=0)))
        assert known_calls(journal, clock_at(START)) == []
        assert journal.health().damaged_rows == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (replace(a_call(), began_at=Instant(2**63, 0)), "a time is none"),
        (replace(a_call(), steps_done=9), "steps_done 9 of 4"),
        (replace(a_call(), reminder_s=0.0), "reminder_s is 0"),
        (replace(a_call(), earlier_s=-1.0), "earlier_s -1"),
    ],
)
def test_a_stored_call_that_cannot_be_is_refused(call: Call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        stored_call(encode_call(call))
