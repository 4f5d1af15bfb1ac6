"""The thread of a way: attempts, receipts, heartbeats, health, and its end."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from edge_agent.model.alerts import AlertPriority
from edge_agent.model.calls import ReceiptFact
from edge_agent.model.errors import DeliveryError
from edge_agent.notifiers.pending import RetryTimes
from edge_agent.notifiers.worker import WayTimes, WayWorker
from tests.support.brokers import WAIT_S
from tests.support.notices import Heard, a_notice
from tests.support.scripted_way import ScriptedWay

if TYPE_CHECKING:
    from collections.abc import Iterator

DELIVERED, FAILED = ReceiptFact.DELIVERED, ReceiptFact.FAILED
NO_BEAT = 3600.0
LATER = DeliveryError("503: busy", retryable=True)
NEVER = DeliveryError("400: no such field", retryable=False)


def times(beat_s: float = NO_BEAT, lost_s: float = 3600.0, wait_s: float = 0.01) -> WayTimes:
    return WayTimes(beat_s, lost_s, 3600.0, 2.0, RetryTimes(wait_s, 4 * wait_s))


@contextmanager
def running(
    way: ScriptedWay, heard: Heard, quick: WayTimes | None = None, *, is_watchdog: bool = False
) -> Iterator[WayWorker]:
    worker = WayWorker(way, heard.events(), quick or times(), is_watchdog=is_watchdog)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


@pytest.fixture
def way() -> ScriptedWay:
    return ScriptedWay()


@pytest.fixture
def heard() -> Heard:
    return Heard()


def turns(worker: WayWorker, *, wanted: bool | None) -> bool:
    """Wait until a way works, does not, or is not known to; return whether it came to that."""
    until_s = time.monotonic() + WAIT_S
    while worker.health().is_working is not wanted and time.monotonic() < until_s:
        threading.Event().wait(0.005)
    return worker.health().is_working is wanted


def test_a_notice_that_arrives_is_delivered_once(way: ScriptedWay, heard: Heard) -> None:
    with running(way, heard) as worker:
        worker.offer(a_notice(1))
        receipt = heard.next()
        assert (receipt.notice_id, receipt.bed_id, receipt.way) == ("n-1", "bed-1", "pager")
        assert (receipt.fact, receipt.detail, receipt.by) == (DELIVERED, "", "")
        assert way.next(but="beat") == "n-1"
        worker.offer(a_notice(2))
        assert way.next() == "n-2"
    assert heard.facts(1) == [("n-2", DELIVERED)]
    assert heard.receipts.empty()


def test_a_failure_is_told_once_and_tried_until_it_works(way: ScriptedWay, heard: Heard) -> None:
    way.faults["n-1"] = LATER
    with running(way, heard) as worker:
        worker.offer(a_notice(1))
        assert [way.next(but="beat") for _ in range(4)] == ["n-1"] * 4
        failed = heard.next()
        assert (failed.fact, failed.detail) == (FAILED, "503: busy")
        del way.faults["n-1"]
        assert heard.next().fact is DELIVERED
        worker.offer(a_notice(2))
        assert heard.facts(1) == [("n-2", DELIVERED)]


def test_a_notice_that_is_refused_for_ever_is_not_tried_again(
    way: ScriptedWay, heard: Heard
) -> None:
    way.faults["n-1"] = NEVER
    with running(way, heard) as worker:
        worker.offer(a_notice(1))
        assert heard.next().detail == "400: no such field"
        worker.offer(a_notice(2, bed_id="bed-2"))
        assert heard.facts(1) == [("n-2", DELIVERED)]
    assert [way.next(but="beat") for _ in range(2)] == ["n-1", "n-2"]
    assert way.given.empty()


def test_an_over_replaces_an_undelivered_notice_but_not_the_record_of_it(
    way: ScriptedWay, heard: Heard
) -> None:
    way.may_go_on.clear()
    with running(way, heard) as worker:
        assert way.next() == "beat"
        worker.offer(a_notice(1))
        worker.offer(a_notice(2, is_over=True))
        replaced = heard.next()
        assert (replaced.notice_id, replaced.fact) == ("n-1", FAILED)
        assert "newer notice" in replaced.detail
        way.may_go_on.set()
        assert heard.facts(1) == [("n-2", DELIVERED)]
    assert way.next() == "n-2"


def test_a_notice_replaced_while_it_is_tried_fails_for_good_or_counts(
    way: ScriptedWay, heard: Heard
) -> None:
    way.may_go_on.clear()
    way.faults["n-1"] = LATER
    with running(way, heard) as worker:
        assert way.next() == "beat"
        way.may_go_on.set()
        worker.offer(a_notice(1))
        assert heard.next().detail == "503: busy"
        way.may_go_on.clear()
        assert way.next() == "n-1"
        worker.offer(a_notice(2))
        way.may_go_on.set()
        last = heard.next()
        assert (last.notice_id, last.fact) == ("n-1", FAILED)
        assert heard.facts(1) == [("n-2", DELIVERED)]


def test_a_notice_that_is_too_old_is_not_sent(way: ScriptedWay, heard: Heard) -> None:
    heard.now = heard.now.plus(3700.0)
    with running(way, heard) as worker:
        worker.offer(a_notice(1))
        old = heard.next()
        assert (old.fact, old.detail) == (FAILED, "not delivered while it was current")
        worker.offer(a_notice(3600))
        assert heard.facts(1) == [("n-3600", DELIVERED)]
    assert way.next(but="beat") == "n-3600"


def test_one_that_fails_does_not_hold_up_another(way: ScriptedWay, heard: Heard) -> None:
    way.faults["n-1"] = LATER
    with running(way, heard, times(wait_s=60.0)) as worker:
        worker.offer(a_notice(1))
        assert heard.facts(1) == [("n-1", FAILED)]
        worker.offer(a_notice(2, bed_id="bed-2", priority=AlertPriority.LOW))
        assert heard.facts(1) == [("n-2", DELIVERED)]
        # the way works: the one that failed is tried again at once, not in a minute
        assert [way.next(but="beat") for _ in range(3)] == ["n-1", "n-2", "n-1"]


def test_hearts_beat_and_a_new_notice_does_not_wait_for_them(
    way: ScriptedWay, heard: Heard
) -> None:
    with running(way, heard, times(beat_s=0.01)) as worker:
        assert [way.next() for _ in range(3)] == ["beat"] * 3
        worker.offer(a_notice(1))
        assert way.next(but="beat") == "n-1"


def test_a_heartbeat_that_is_late_comes_between_new_notices(way: ScriptedWay, heard: Heard) -> None:
    with running(way, heard, times(beat_s=0.01)) as worker:
        assert way.next() == "beat"
        way.may_go_on.clear()
        for number in range(3):
            worker.offer(a_notice(number, bed_id=f"bed-{number}"))
        assert way.next(but="beat") == "n-0"
        threading.Event().wait(0.03)  # longer than two heartbeats
        way.may_go_on.set()
        assert [way.next() for _ in range(3)] == ["beat", "n-1", "n-2"]


def test_a_way_without_a_heartbeat_is_lost_and_found(way: ScriptedWay, heard: Heard) -> None:
    with running(way, heard, times(beat_s=0.02, lost_s=0.1)) as worker:
        assert worker.health().is_working is not False
        assert turns(worker, wanted=True)
        way.faults["beat"] = DeliveryError("no route", retryable=True)
        assert turns(worker, wanted=False)
        health = worker.health()
        assert (health.name, health.words) == ("pager", "no route")
        worker.offer(a_notice(1))  # a delivery shows that it works, too
        assert heard.facts(1) == [("n-1", DELIVERED)]
        del way.faults["beat"]
        assert turns(worker, wanted=True)
        assert worker.health().words == ""


def test_a_way_that_never_worked_is_lost(way: ScriptedWay, heard: Heard) -> None:
    way.faults["beat"] = DeliveryError("no route", retryable=True)
    worker = WayWorker(way, heard.events(), times(beat_s=0.02, lost_s=0.1))
    assert worker.health().is_working is None
    worker.start()
    assert turns(worker, wanted=False)
    worker.stop()


def test_a_way_that_hangs_is_lost_although_nothing_failed(way: ScriptedWay, heard: Heard) -> None:
    way.may_go_on.clear()
    with running(way, heard, times(beat_s=0.02, lost_s=0.1)) as worker:
        assert turns(worker, wanted=False)
        assert worker.health().words == "no heartbeat has arrived for 0.1 s"
        since = worker.health().since
        heard.now = heard.now.plus(5.0)
        assert worker.health().since == since


def test_a_watchdog_beats_only_when_told(way: ScriptedWay, heard: Heard) -> None:
    quick = times(beat_s=0.01, lost_s=0.1)
    with running(way, heard, quick, is_watchdog=True) as worker:
        worker.offer(a_notice(1))
        assert way.next() == "n-1"
        assert turns(worker, wanted=True)
        assert turns(worker, wanted=None)  # nobody beats, and nothing is wrong
        assert way.given.empty()
        worker.beat_soon()
        assert way.next() == "beat"
        assert turns(worker, wanted=True)
        way.faults["beat"] = DeliveryError("no route", retryable=True)
        worker.beat_soon()
        assert turns(worker, wanted=False)


def test_a_way_that_confirms_nothing_is_not_known_to_work_but_can_fail(
    way: ScriptedWay, heard: Heard
) -> None:
    worker = WayWorker(way, heard.events(), times(beat_s=0.02, lost_s=0.1), confirms=False)
    worker.start()
    assert [way.next() for _ in range(3)] == ["beat"] * 3
    assert worker.health().is_working is None
    way.faults["beat"] = DeliveryError("nobody listens", retryable=True)
    assert turns(worker, wanted=False)
    assert worker.health().words == "nobody listens"
    worker.stop()


def test_a_mistake_in_a_notifier_is_logged_once_and_ends_nothing(
    way: ScriptedWay, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    way.faults["n-1"] = KeyError("bed")
    with running(way, heard) as worker, caplog.at_level(logging.INFO):
        worker.offer(a_notice(1))
        assert heard.next().detail == "KeyError: 'bed'"
        assert [way.next(but="beat") for _ in range(4)] == ["n-1"] * 4
        del way.faults["n-1"]
        assert heard.facts(1) == [("n-1", DELIVERED)]
        assert turns(worker, wanted=True)
    assert [r.message for r in caplog.records] == [
        "way-pager: KeyError: 'bed'",
        "way-pager works again",
    ]
    assert caplog.records[0].exc_info


def test_a_stop_ends_what_is_under_way_and_records_what_is_left(
    way: ScriptedWay, heard: Heard
) -> None:
    way.may_go_on.clear()
    with running(way, heard) as worker:
        assert way.next() == "beat"
        worker.offer(a_notice(1))
    assert not worker.is_alive()
    left = heard.next()
    assert (left.notice_id, left.detail) == ("n-1", "the gateway stopped before it was delivered")
    worker.offer(a_notice(2))
    assert heard.facts(1) == [("n-2", FAILED)]


def test_a_notice_under_way_at_the_stop_is_recorded(way: ScriptedWay, heard: Heard) -> None:
    with running(way, heard) as worker:
        assert way.next() == "beat"
        way.may_go_on.clear()
        worker.offer(a_notice(1))
        assert way.next() == "n-1"
    assert heard.next().detail == "closed; the gateway stopped before it was delivered"


def test_a_notifier_that_does_not_end_holds_up_no_stop(way: ScriptedWay, heard: Heard) -> None:
    way.may_go_on.clear()
    way.is_deaf = True
    quick = WayTimes(NO_BEAT, NO_BEAT, 3600.0, 0.05, RetryTimes())
    worker = WayWorker(way, heard.events(), quick)
    worker.start()
    assert way.next() == "beat"
    worker.offer(a_notice(1))
    worker.stop()
    assert worker.is_alive()
    assert heard.facts(1) == [("n-1", FAILED)]
    way.may_go_on.set()


def test_a_way_that_was_never_started_stops(way: ScriptedWay, heard: Heard) -> None:
    worker = WayWorker(way, heard.events())
    worker.stop()
    assert way.is_closed
    assert not worker.is_alive()
