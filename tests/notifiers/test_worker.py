"""The thread of a way: attempts, receipts, and its end."""

from __future__ import annotations

import logging

import pytest

from edge_agent.model.alerts import AlertPriority
from edge_agent.model.calls import ReceiptFact
from edge_agent.model.errors import DeliveryError
from edge_agent.notifiers.pending import RetryTimes
from edge_agent.notifiers.worker import WayTimes, WayWorker
from tests.support.notices import Heard, a_notice
from tests.support.running_ways import NO_BEAT, running, times, turns
from tests.support.scripted_way import ScriptedWay

DELIVERED, FAILED = ReceiptFact.DELIVERED, ReceiptFact.FAILED
LATER = DeliveryError("503: busy", retryable=True)
NEVER = DeliveryError("400: no such field", retryable=False)


@pytest.fixture
def way() -> ScriptedWay:
    return ScriptedWay()


@pytest.fixture
def heard() -> Heard:
    return Heard()


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
