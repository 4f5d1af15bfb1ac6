"""Queues of one sink: the holds of refused ones, and the count of waiting entries."""

from __future__ import annotations

import math
from pathlib import Path

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.queues import Queues
from edge_agent.journal.sender import key_of
from tests.journal.test_writer import running
from tests.support.fake_sinks import WAIT_S


def test_a_queue_waits_twice_as_long_each_time_up_to_the_longest() -> None:
    queues = Queues("mqtt", 5.0, 15.0)
    assert queues.wait_s(0.0) == math.inf
    waits = []
    for _ in range(3):
        queues.hold("alerts", 100.0)
        waits.append(queues.wait_s(100.0))
    assert waits == [5.0, 10.0, 15.0]
    assert (queues.is_held("alerts", 114.9), queues.is_held("alerts", 115.0)) == (True, False)
    assert queues.wait_s(200.0) == 0.0
    queues.release("alerts")
    queues.hold("alerts", 0.0)
    assert queues.wait_s(0.0) == 5.0


def test_a_backlog_is_counted_once_beside_the_live_readings(tmp_path: Path) -> None:
    queues = Queues("mqtt", 5.0, 15.0)
    with running(tmp_path, "mqtt") as journal:
        for number in range(5):
            journal.append(Lane.READINGS, "bed", number, b"%d" % number)
        journal.append(Lane.ALERTS, "bed", 77, b'{"rule_id":"r","alert_id":"a","n":1}')
        journal.flush()
        journal.submit(queues.load).result(WAIT_S)
        journal.submit(queues.skip_to_live).result(WAIT_S)
        for number in range(3):
            journal.append(Lane.READINGS, "bed", number, b"live")
        journal.flush()
        assert journal.submit(lambda r: queues.count_waiting(r, 100)).result(WAIT_S) == (9, 77)
        queues.end_backlog(journal)
        assert journal.submit(lambda r: queues.count_waiting(r, 100)).result(WAIT_S) == (4, 77)


def test_what_was_settled_ahead_is_forgotten_once_the_cursor_has_passed_it(tmp_path: Path) -> None:
    queues = Queues("mqtt", 5.0, 15.0)
    first, second = (JournalEntry(seq, Lane.EVENTS, "bed", seq, b"x") for seq in (1, 2))
    with running(tmp_path, "mqtt") as journal:
        queues.move(journal, Lane.EVENTS, [first, second], {key_of(second)})
        assert (queues.cursors, queues.ahead) == ({}, {key_of(second)})
        queues.move(journal, Lane.EVENTS, [first, second], {key_of(first)})
        assert (queues.cursors, queues.ahead) == ({Lane.EVENTS: 2}, set())
