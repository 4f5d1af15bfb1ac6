"""The places where bodies wait for the board."""

from __future__ import annotations

import threading

from edge_agent.board.feed import BoardFeed, BodyKind, FeedBody


def body(kind: BodyKind, text: str, bed_id: str = "bed-1", subject: str = "") -> FeedBody:
    return FeedBody(kind, "gw", bed_id, text.encode(), subject)


def test_vital_signs_wait_apart_from_everything_urgent() -> None:
    feed = BoardFeed()
    for i in range(10_000):
        feed.put(body(BodyKind.VITALS, str(i)))
    feed.put(body(BodyKind.ALERTS, "alert", subject="crs.fever"))
    assert [one.payload for one in feed.urgent()] == [b"alert"]
    vitals = feed.vitals()
    assert len(vitals) == 8192, "bounded"
    assert vitals[-1].payload == b"9999", "the newest stay"
    assert feed.urgent() == feed.vitals() == []


def test_of_each_subject_the_newest_state_stays_and_none_is_dropped() -> None:
    feed = BoardFeed()
    for n in range(3):
        for rule in range(5000):
            feed.put(body(BodyKind.ALERTS, f"{rule} {n}", subject=f"rule.{rule}"))
    found = {one.subject: one.payload for one in feed.urgent()}
    assert len(found) == 5000
    assert found["rule.7"] == b"7 2"


def test_entries_come_before_states_and_in_their_order() -> None:
    feed = BoardFeed()
    feed.put(body(BodyKind.ALERTS, "alert"))
    for i in range(5000):
        feed.put(body(BodyKind.CONTEXT, str(i)))
    payloads = [one.payload for one in feed.urgent()]
    assert len(payloads) == 4096 + 1, "bounded"
    assert payloads[-2:] == [b"4999", b"alert"]


def test_what_is_urgent_wakes_the_board_and_vital_signs_do_not() -> None:
    feed = BoardFeed()
    woken = threading.Event()
    feed.listen(woken.set)
    feed.put(body(BodyKind.VITALS, "1"))
    assert not woken.is_set()
    feed.put(body(BodyKind.CALLS, "2"))
    assert woken.is_set()


def test_threads_that_put_at_once_lose_nothing() -> None:
    feed = BoardFeed()
    seen: dict[str, bytes] = {}

    def put(thread: int) -> None:
        for n in range(500):
            feed.put(body(BodyKind.ALERTS, str(n), f"bed-{thread}", f"rule.{n % 7}"))

    threads = [threading.Thread(target=put, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        seen |= {f"{one.bed_id} {one.subject}": one.payload for one in feed.urgent()}
    seen |= {f"{one.bed_id} {one.subject}": one.payload for one in feed.urgent()}
    assert len(seen) == 8 * 7
    assert {int(payload) for payload in seen.values()} == set(range(493, 500))
