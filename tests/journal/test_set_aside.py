"""Entries that a sink refuses, or that make it fail: set aside, while the rest is delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.writer import Journal
from edge_agent.model.errors import DeliveryError
from tests.support.deliveries import POLICY, append, bodies, delivering, numbers, offer, settle
from tests.support.fake_sinks import WAIT_S, FakeSink, alert_body
from tests.support.journal_state import cursor, quarantined


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

    def deliver(self, entries: Sequence[JournalEntry]) -> int:
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

    def deliver(self, entries: Sequence[JournalEntry]) -> int:
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
            worker.offer(JournalEntry(0, Lane.ALERTS, "bed", 1, b"{torn"))
        settle(journal, sink)
    assert bodies(sink) == [alert_body("a", 1)]
