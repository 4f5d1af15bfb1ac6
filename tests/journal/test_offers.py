"""Alerts and states that are offered to a worker without waiting for the journal."""

from __future__ import annotations

from pathlib import Path

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.lane_delivery import DeliveryPolicy
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.worker import MAX_OFFERS
from edge_agent.journal.writer import Journal, Patience
from edge_agent.model.errors import DeliveryError
from tests.support.deliveries import (
    POLICY,
    append,
    bodies,
    delivering,
    numbers,
    offer,
    settle,
    wait_for_count,
)
from tests.support.fake_sinks import WAIT_S, FakeSink, GatedSink, Stall, alert_body

NEVER_RETRY = DeliveryPolicy(first_wait_s=3600.0, longest_wait_s=3600.0)


def test_an_offered_alert_is_delivered_once_though_the_journal_brings_it_again(
    journal: Journal,
) -> None:
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        for n in range(1, 30):
            offer(journal, worker, alert_body("a", n))
        settle(journal, sink)
    assert bodies(sink) == [alert_body("a", n) for n in range(1, 30)]


def state(bed_id: str, body: bytes) -> JournalEntry:
    return JournalEntry(0, Lane.EVENTS, bed_id, 1, body)


def test_of_the_states_of_a_bed_the_newest_is_delivered_and_none_is_kept(journal: Journal) -> None:
    sink = GatedSink()
    append(journal, Lane.READINGS, b"1")
    with delivering(journal, sink) as worker:
        assert sink.is_held.wait(WAIT_S)
        for number in range(3):
            worker.offer_state(state("bed-1", b"state %d" % number))
        worker.offer_state(state("bed-2", b"other"))
        offer(journal, worker, alert_body("a", 1))
        sink.gate.set()
        wait_for_count(sink, 4)
        worker.offer_state(state("bed-1", b"state 3"))
        wait_for_count(sink, 5)
        assert worker.wait_until_idle(WAIT_S)
    assert bodies(sink) == [b"1", alert_body("a", 1), b"state 2", b"other", b"state 3"]


def test_a_state_that_cannot_be_delivered_is_dropped_for_the_next(journal: Journal) -> None:
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        sink.fails_with = DeliveryError("offline", retryable=True)
        worker.offer_state(state("bed", b"old"))
        sink.wait_for(lambda: sink.attempts >= 1)
        sink.recover()
        worker.offer_state(state("bed", b"poison"))
        sink.wait_for(lambda: sink.attempts >= 2)
        worker.offer_state(state("bed", b"new"))
        wait_for_count(sink, 1)
    assert bodies(sink) == [b"new"]


def test_an_offer_does_not_wait_for_its_commit(journal: Journal) -> None:
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        settle(journal, sink)
        stall = Stall(journal)
        offer(journal, worker, alert_body("a", 1))
        sink.wait_for(lambda: alert_body("a", 1) in bodies(sink))
        assert not stall.answer.done()
        stall.end()


def test_an_offer_does_not_wait_for_a_disk_that_stalls_under_a_read(journal: Journal) -> None:
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        settle(journal, sink)
        append(journal, Lane.READINGS, b"1")
        stall = Stall(journal)
        worker._note_commit()
        offer(journal, worker, alert_body("a", 1))
        sink.wait_for(lambda: alert_body("a", 1) in bodies(sink))
        stall.end()
        settle(journal, sink)
    assert bodies(sink).count(alert_body("a", 1)) == 1


def test_an_alert_waits_for_one_batch_of_readings_at_most(journal: Journal) -> None:
    append(journal, Lane.READINGS, *numbers(0, 500))
    sink = GatedSink()
    with delivering(journal, sink) as worker:
        assert sink.is_held.wait(WAIT_S)
        offer(journal, worker, alert_body("a", 1))
        journal.flush()
        sink.gate.set()
        sink.wait_for(lambda: len(sink.accepted) == 501)
    assert bodies(sink).index(alert_body("a", 1)) == POLICY.batch_size


def test_a_new_alert_is_tried_at_once_while_the_worker_waits_to_retry(journal: Journal) -> None:
    append(journal, Lane.READINGS, b"1")
    sink = FakeSink()
    sink.fails_with = DeliveryError("offline", retryable=True)
    with delivering(journal, sink, NEVER_RETRY) as worker:
        sink.wait_for(lambda: sink.attempts == 1)
        sink.recover()
        offer(journal, worker, alert_body("a", 1))
        sink.wait_for(lambda: len(sink.accepted) == 2)
    assert bodies(sink) == [alert_body("a", 1), b"1"]


def test_alerts_of_an_outage_arrive_in_order_even_beyond_what_memory_holds(
    journal: Journal,
) -> None:
    sink = FakeSink()
    sink.fails_with = DeliveryError("offline", retryable=True)
    expected = [alert_body("a", n) for n in range(1, MAX_OFFERS + 50)]
    with delivering(journal, sink) as worker:
        for body in expected:
            offer(journal, worker, body)
        journal.flush()
        sink.recover()
        settle(journal, sink)
    assert bodies(sink) == expected


def test_alerts_reach_the_sink_when_the_journal_cannot_be_opened(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.symlink_to(tmp_path / "not mounted")
    journal = Journal(JournalSettings(blocked / "journal.db", ("fake",), 1e9))
    journal.start()
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        offer(journal, worker, alert_body("a", 1))
        sink.wait_for(lambda: bodies(sink) == [alert_body("a", 1)])
        blocked.unlink()
        journal.flush()
        settle(journal, sink)
    journal.stop()
    assert bodies(sink) == [alert_body("a", 1)]


def test_alerts_reach_the_sink_while_the_disk_hangs_from_the_start(tmp_path: Path) -> None:
    hasty = Patience(start_s=0.1, stalled_s=0.05)
    journal = Journal(JournalSettings(tmp_path / "journal.db", ("fake",), 1e9), hasty)
    journal.start()
    stall = Stall(journal)
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        offer(journal, worker, alert_body("a", 1))
        wait_for_count(sink, 1)
        stall.end()
        offer(journal, worker, alert_body("a", 2))
        wait_for_count(sink, 2)
    assert bodies(sink) == [alert_body("a", 1), alert_body("a", 2)]
    journal.stop()
