"""A sink gets everything, alerts first, in order, whatever fails in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.journal.delivery_log import QUIET_S, DeliveryLog
from edge_agent.journal.entries import Entry, Lane
from edge_agent.journal.lane_delivery import DeliveryPolicy
from edge_agent.journal.marks import BACKLOG
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.worker import MAX_OFFERS, DeliveryWorker
from edge_agent.journal.writer import Journal, Patience
from edge_agent.model.errors import DeliveryError
from tests.support.fake_sinks import WAIT_S, FakeSink, GatedSink, Stall, alert_body
from tests.support.journal_state import cursor, mark, quarantined

POLICY = DeliveryPolicy(first_wait_s=0.01, longest_wait_s=0.04)
MARKER = b"end"
NEVER_RETRY = DeliveryPolicy(first_wait_s=3600.0, longest_wait_s=3600.0)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(JournalSettings(tmp_path / "journal.db", ("fake",), 1e9))
    made.start()
    yield made
    made.stop()


@contextmanager
def delivering(
    journal: Journal, sink: FakeSink, policy: DeliveryPolicy = POLICY
) -> Iterator[DeliveryWorker]:
    worker = DeliveryWorker(journal, sink, policy)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def append(journal: Journal, lane: Lane, *bodies: bytes) -> None:
    for i, body in enumerate(bodies):
        journal.append(lane, "bed", i, body)
    journal.flush()


def bodies(sink: FakeSink) -> list[bytes]:
    return [entry.body for entry in sink.accepted if entry.body != MARKER]


def markers(sink: FakeSink) -> int:
    return sum(entry.body == MARKER for entry in sink.accepted)


def numbers(start: int, stop: int) -> list[bytes]:
    return [b"%d" % i for i in range(start, stop)]


def offer(journal: Journal, worker: DeliveryWorker, body: bytes) -> None:
    worker.offer(Entry(0, Lane.ALERTS, "bed", 1, body))
    journal.append(Lane.ALERTS, "bed", 1, body, urgent=True)


def wait_for_count(sink: FakeSink, count: int) -> None:
    sink.wait_for(lambda: len(sink.accepted) == count)


def wait_for_markers(sink: FakeSink, count: int) -> None:
    sink.wait_for(lambda: markers(sink) == count)


def settle(journal: Journal, sink: FakeSink) -> None:
    """Wait until the sink has been offered all that is appended so far.

    The second marker is needed because an event may overtake an alert that is committed while
    the worker goes from one lane to the next.
    """
    for _ in range(2):
        count = markers(sink)
        append(journal, Lane.EVENTS, MARKER)
        wait_for_markers(sink, count + 1)


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


def test_poison_is_quarantined_and_the_rest_goes_on(journal: Journal) -> None:
    good = numbers(0, 19)
    append(journal, Lane.READINGS, *good[:7], b"poison 1", *good[7:12], b"poison 2", *good[12:])
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        sink.wait_for(lambda: len(sink.accepted) == len(good))
        settle(journal, sink)
        assert worker.health().quarantined == 2
    assert bodies(sink) == good
    assert [e.body for e in quarantined(journal, "fake")] == [b"poison 1", b"poison 2"]


LARGE = b"x" * 50_000


def limit_file(journal: Journal, pages: int) -> None:
    """Let the journal's file grow to so many pages, or no more at all where it is larger."""
    journal.submit(
        lambda r: r.store._connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()
    ).result(WAIT_S)


def test_poison_waits_in_memory_while_the_disk_is_full_and_vitals_go_on(journal: Journal) -> None:
    append(journal, Lane.READINGS, b"1", b"poison" + LARGE, b"2")
    limit_file(journal, 1)
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        sink.wait_for(lambda: bodies(sink) == [b"1", b"2"])
        settle(journal, sink)
        assert (worker.health().quarantined, worker.health().reason) == (1, "poison")
        assert quarantined(journal, "fake") == []
        limit_file(journal, 1_000_000)
        worker._counted_s = 0.0
        settle(journal, sink)
        assert worker.health().quarantined == 1
    assert [e.body for e in quarantined(journal, "fake")] == [b"poison" + LARGE]


def test_a_poisoned_alert_is_held_while_the_disk_is_full_and_holds_nothing_else(
    journal: Journal,
) -> None:
    append(journal, Lane.ALERTS, b"{torn poison" + LARGE, alert_body("a", 1))
    append(journal, Lane.READINGS, b"1", b"2")
    limit_file(journal, 1)
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        sink.wait_for(lambda: {alert_body("a", 1), b"1", b"2"} <= set(bodies(sink)))
        settle(journal, sink)
        assert "alerts: poison; it cannot be set aside: database or disk is full" in (
            worker.health().fault
        )
        assert cursor(journal, "fake", Lane.ALERTS) < sink.accepted[0].seq
        limit_file(journal, 1_000_000)
        offer(journal, worker, alert_body("b", 1))
        sink.wait_for(lambda: alert_body("b", 1) in bodies(sink))
        settle(journal, sink)
        sink.wait_for(lambda: not worker.health().fault)
    assert [e.body for e in quarantined(journal, "fake")] == [b"{torn poison" + LARGE]


class TrippingSink(FakeSink):
    """Has a mistake in it that one kind of entry brings out."""

    def deliver(self, entries: Sequence[Entry]) -> int:
        """Take the entries, or trip over one."""
        if any(b"trip" in entry.body for entry in entries):
            raise KeyError("oops")
        return super().deliver(entries)


def test_an_entry_that_trips_a_sink_is_set_aside_and_the_rest_goes_on(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    append(journal, Lane.READINGS, *numbers(0, 5), b"trip", *numbers(5, 9))
    sink = TrippingSink()
    with delivering(journal, sink) as worker:
        sink.wait_for(lambda: len(sink.accepted) >= 9)
        assert worker.wait_until_idle(WAIT_S)
        assert "the link broke 3 times at this entry" in worker.health().reason
    assert set(bodies(sink)) == set(numbers(0, 9))
    assert len(bodies(sink)) <= 10  # the newest may be asked for once more, as a proof
    assert [entry.body for entry in quarantined(journal, "fake")] == [b"trip"]
    assert caplog.text.count("Traceback") == 1


class MendedSink(FakeSink):
    """Refuses everything until it was asked for one entry alone."""

    def __init__(self) -> None:
        super().__init__()
        self.is_mended = False

    def deliver(self, entries: Sequence[Entry]) -> int:
        """Refuse, until mended."""
        self.is_mended = self.is_mended or [entry.body for entry in entries] == [b"newest"]
        if not self.is_mended:
            with self.changed:
                self.attempts += 1
                self.changed.notify_all()
            raise DeliveryError("refused", retryable=False)
        return super().deliver(entries)


def test_what_was_refused_before_a_sink_was_put_right_is_not_set_aside(journal: Journal) -> None:
    append(journal, Lane.READINGS, *numbers(0, 8), b"newest")
    sink = MendedSink()
    with delivering(journal, sink) as worker:
        assert worker.wait_until_idle(WAIT_S)
        assert worker.health().refused == 0
    assert sorted(set(bodies(sink))) == sorted([*numbers(0, 8), b"newest"])
    assert len(bodies(sink)) == 9  # the newest, which was asked for first, once


def test_a_sink_that_refuses_everything_is_asked_less_and_less(journal: Journal) -> None:
    append(journal, Lane.READINGS, *numbers(0, 8))
    sink = FakeSink(poison=b"")
    slow = replace(POLICY, first_wait_s=3600.0, longest_hold_s=3600.0)
    with delivering(journal, sink, slow) as worker:
        sink.wait_for(lambda: sink.attempts >= 9)
        append(journal, Lane.EVENTS, b"event")
        sink.wait_for(lambda: sink.attempts >= 10)
        assert not worker.wait_until_idle(0.2)
        # readings: 8, 4, 2, 1, 1, 2, 1, 1, the newest; events: once, and no other to ask for
        assert sink.attempts == 10
        assert worker.health().fault == "readings: poison; events: poison"
        assert worker.health().quarantined == 0
    assert cursor(journal, "fake", Lane.READINGS) == 0


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


def test_an_offered_alert_is_delivered_once_though_the_journal_brings_it_again(
    journal: Journal,
) -> None:
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        for n in range(1, 30):
            offer(journal, worker, alert_body("a", n))
        settle(journal, sink)
    assert bodies(sink) == [alert_body("a", n) for n in range(1, 30)]


def state(bed_id: str, body: bytes) -> Entry:
    return Entry(0, Lane.EVENTS, bed_id, 1, body)


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


def test_a_poisonous_offer_is_quarantined_under_its_seq(journal: Journal) -> None:
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        offer(journal, worker, alert_body("poison", 1))
        offer(journal, worker, alert_body("a", 1))
        settle(journal, sink)
        assert worker.wait_until_idle(WAIT_S)
    assert set(bodies(sink)) == {alert_body("a", 1)}
    (patient_entries,) = quarantined(journal, "fake")
    assert patient_entries.seq > 0


def test_a_damaged_alert_does_not_block_the_lane_and_cannot_be_offered(
    journal: Journal,
) -> None:
    append(journal, Lane.ALERTS, b"{torn poison", alert_body("a", 1))
    sink = FakeSink()
    with delivering(journal, sink) as worker:
        with pytest.raises(ValueError, match="want alert_id and n"):
            worker.offer(Entry(0, Lane.ALERTS, "bed", 1, b"{torn"))
        settle(journal, sink)
    assert bodies(sink) == [alert_body("a", 1)]


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
