"""A worker that delivers from a journal to a fake sink, and waits on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.lane_delivery import DeliveryPolicy
from edge_agent.journal.worker import DeliveryWorker
from edge_agent.journal.writer import Journal
from tests.support.fake_sinks import FakeSink

POLICY = DeliveryPolicy(first_wait_s=0.01, longest_wait_s=0.04)
MARKER = b"end"


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
    worker.offer(JournalEntry(0, Lane.ALERTS, "bed", 1, body))
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
