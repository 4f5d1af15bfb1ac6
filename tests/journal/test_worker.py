"""A delivery worker: order, restarts, retries and what it counts."""

from __future__ import annotations

import pytest

from edge_agent.journal.delivery_log import QUIET_S, DeliveryLog
from edge_agent.journal.entries import Lane
from edge_agent.journal.lane_delivery import DeliveryPolicy
from edge_agent.journal.marks import BACKLOG
from edge_agent.journal.writer import Journal
from edge_agent.model.errors import DeliveryError
from tests.support.deliveries import append, bodies, delivering, numbers, settle, wait_for_count
from tests.support.fake_sinks import WAIT_S, FakeSink, GatedSink, Stall, alert_body
from tests.support.journal_state import mark


def test_alerts_go_before_events_and_events_before_readings(journal: Journal) -> None:
    append(journal, Lane.READINGS, *numbers(0, 50))
    append(journal, Lane.EVENTS, b"event")
    append(journal, Lane.ALERTS, alert_body("a", 1))
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        sink.wait_for(lambda: len(sink.accepted) == 52)
        assert worker.is_alive()
    assert bodies(sink) == [alert_body("a", 1), b"event", *numbers(0, 50)]
    assert sink.is_closed
    assert not worker.is_alive()


def test_what_comes_later_is_delivered_without_being_asked_for(journal: Journal) -> None:
    sink = FakeSink()
    with delivering(journal, sink):
        append(journal, Lane.READINGS, *numbers(0, 5))
        sink.wait_for(lambda: len(sink.accepted) == 5)


def test_a_worker_is_idle_once_its_sink_has_taken_everything(journal: Journal) -> None:
    sink = FakeSink()
    sink.fails_with = DeliveryError("offline", retryable=True)
    append(journal, Lane.READINGS, *numbers(0, 5))
    with delivering(journal, sink) as worker:
        sink.wait_for(lambda: sink.attempts >= 1)
        assert not worker.wait_until_idle(0.0)
        sink.recover()
        assert worker.wait_until_idle(WAIT_S)
    assert bodies(sink) == numbers(0, 5)


def test_a_restart_goes_on_where_the_sink_had_come(journal: Journal) -> None:
    for start in (0, 30):
        append(journal, Lane.READINGS, *numbers(start, start + 30))
        sink = FakeSink()
        with delivering(journal, sink):
            wait_for_count(sink, 30)
        assert bodies(sink) == numbers(start, start + 30)


def test_a_sink_that_fails_for_a_while_gets_everything_once_and_in_order(
    journal: Journal,
) -> None:
    append(journal, Lane.READINGS, *numbers(0, 45))
    sink = FakeSink()
    sink.fails_with = DeliveryError("offline", retryable=True)
    with delivering(journal, sink) as worker:
        sink.wait_for(lambda: sink.attempts >= 5)
        assert worker.health().fault == "offline"
        sink.recover()
        sink.wait_for(lambda: len(sink.accepted) == 45)
        settle(journal, sink)
        assert worker.health().fault == ""
    assert bodies(sink)[:45] == numbers(0, 45)


def test_a_mistake_inside_a_sink_neither_ends_the_worker_nor_loses_entries(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    append(journal, Lane.READINGS, *numbers(0, 3))
    sink = FakeSink()
    sink.fails_with = KeyError("oops")
    with delivering(journal, sink):
        sink.wait_for(lambda: sink.attempts >= 2)
        sink.recover()
        sink.wait_for(lambda: len(sink.accepted) == 3)
    assert "Traceback" in caplog.text


def test_what_waits_is_counted_and_the_oldest_alert_is_dated(journal: Journal) -> None:
    sink = FakeSink()
    sink.fails_with = DeliveryError("offline", retryable=True)
    journal.append(Lane.ALERTS, "bed", 77, alert_body("a", 1))
    journal.append(Lane.ALERTS, "bed", 88, alert_body("a", 2))
    append(journal, Lane.READINGS, *numbers(0, 5))
    with delivering(journal, sink) as worker:
        sink.wait_for(lambda: sink.attempts >= 3)
        worker._counted_s = 0.0
        before = sink.attempts
        sink.wait_for(lambda: sink.attempts >= before + 3)
        health = worker.health()
        assert (health.waiting, health.oldest_alert_ns) == (7, 77)
        sink.recover()
        assert worker.wait_until_idle(WAIT_S)
        health = worker.health()
        assert (health.waiting, health.oldest_alert_ns, health.delivered) == (0, 0, 7)


def test_a_change_is_logged_once_and_recovery_with_its_length(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    now_ns = [10**18]
    log = DeliveryLog("fake", lambda: now_ns[0])
    log._started_s -= QUIET_S
    for text in ("down", "down", "away", "down"):
        log.note_failure(DeliveryError(text, retryable=True))
    log.hold("alerts", "refused")
    now_ns[0] += 5 * 10**9
    log.note_accepted(1)
    assert log.health().fault == "alerts: refused"
    log.release("alerts")
    log.release("alerts")
    assert [record.getMessage() for record in caplog.records] == [
        "fake: down",
        "fake: away",
        "fake: alerts: refused",
        "fake is whole again after 5 s, 4 failed tries",
    ]
    assert log.health().since_ns == now_ns[0]
    log.is_stopping = True
    log.note_failure(DeliveryError("stopped", retryable=True))
    assert log.health().fault == ""


def test_after_an_outage_live_readings_go_before_the_backlog(journal: Journal) -> None:
    append(journal, Lane.READINGS, *numbers(0, 100))
    sink = GatedSink()
    policy = DeliveryPolicy(batch_size=10, live_lag_entries=60)
    with delivering(journal, sink, policy):
        assert sink.is_held.wait(WAIT_S)
        append(journal, Lane.READINGS, *numbers(100, 105))
        sink.gate.set()
        sink.wait_for(lambda: len(sink.accepted) == 105)
    got = bodies(sink)
    assert got[:10] == numbers(0, 10)
    assert got[10:15] == numbers(100, 105)
    assert got[15:] == numbers(10, 100)
    assert mark(journal, "fake", BACKLOG).seq == mark(journal, "fake", BACKLOG).until_seq


def test_an_unfinished_backlog_is_taken_up_after_a_restart(journal: Journal) -> None:
    append(journal, Lane.READINGS, *numbers(0, 30))
    seqs = [e.seq for e in journal.read(Lane.READINGS, 0, 100)]
    journal.submit(lambda r: r.marks.skip_to_live("fake", seqs[-1])).result(WAIT_S)
    journal.advance("fake", "backlog", seqs[9])
    sink = FakeSink()
    with delivering(journal, sink):
        sink.wait_for(lambda: len(sink.accepted) == 20)
    assert bodies(sink) == numbers(10, 30)


def test_a_worker_stops_though_the_journal_does_not_answer(journal: Journal) -> None:
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        settle(journal, sink)
        stall = Stall(journal)
        worker._note_commit()
    assert sink.is_closed
    stall.end()
