"""Queue of the journal's thread: in order, bounded, and never lost in silence."""

from __future__ import annotations

from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.gaps import Gaps
from edge_agent.journal.jobs import Jobs, JournalQuery
from edge_agent.journal.recorder import Recorder
from edge_agent.journal.settings import JournalSettings
from edge_agent.model.errors import JournalError
from edge_agent.payloads.common import rfc3339
from edge_agent.payloads.events import ReadingsLostEvent, decode_event

if TYPE_CHECKING:
    from pathlib import Path


SECOND = 10**9


def reading(bed_id: str, at_ns: int) -> JournalEntry:
    return JournalEntry(0, Lane.READINGS, bed_id, at_ns, b"%d" % at_ns)


def test_jobs_come_out_in_the_order_in_which_they_came() -> None:
    jobs = Jobs(10)
    first, second = (lambda: None), (lambda: None)
    jobs.put_reading(reading("a", 1))
    jobs.put(first)
    jobs.put_reading(reading("a", 2))
    jobs.put(second)
    jobs.put(None)
    assert jobs.waiting() == 5
    assert [jobs.get(0) for _ in range(5)] == [
        reading("a", 1),
        first,
        reading("a", 2),
        second,
        None,
    ]
    with pytest.raises(TimeoutError):
        jobs.get(0)


def test_of_readings_the_oldest_go_and_of_all_else_nothing() -> None:
    jobs = Jobs(2)
    alerts = [lambda: None for _ in range(9)]
    for alert in alerts:
        jobs.put(alert)
    for bed_id, at_ns in (("a", 5), ("b", 3), ("a", 9), ("a", 7), ("b", 8)):
        jobs.put_reading(reading(bed_id, at_ns * SECOND))
    assert jobs.lost() == 3
    assert [jobs.get(0) for _ in range(11)] == [
        *alerts,
        reading("a", 7 * SECOND),
        reading("b", 8 * SECOND),
    ]
    gaps = Gaps()
    jobs.move_gaps(gaps)
    jobs.move_gaps(gaps)
    assert gaps.messages == 3
    events = {e.bed_id: (e.lane, decode_event(e.body)) for e in gaps.entries()}
    five, nine, three = (rfc3339(n * SECOND) for n in (5, 9, 3))
    assert events == {
        "a": (Lane.EVENTS, ReadingsLostEvent("a", 2, five, nine, nine)),
        "b": (Lane.EVENTS, ReadingsLostEvent("b", 1, three, three, three)),
    }
    assert jobs.lost() == 3


def test_questions_that_nobody_will_answer_are_refused_and_all_else_waits(tmp_path: Path) -> None:
    jobs = Jobs(2)
    answer: Future[int] = Future()
    recorder = Recorder(JournalSettings(tmp_path / "journal.db", (), 1e9))
    jobs.put(JournalQuery(lambda _: 1, answer, recorder))
    jobs.put(None)
    cancelled: Future[int] = Future()
    jobs.put(JournalQuery(lambda _: 1, cancelled, recorder))
    cancelled.cancel()
    jobs.refuse_questions()
    with pytest.raises(JournalError, match="does not run"):
        answer.result(0)
    assert jobs.waiting() == 1
