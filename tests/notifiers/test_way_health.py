"""Heartbeats of a way, and how its health follows from them."""

from __future__ import annotations

import threading

import pytest

from edge_agent.model.calls import ReceiptFact
from edge_agent.model.errors import DeliveryError
from edge_agent.notifiers.worker import WayWorker
from tests.support.notices import Heard, a_notice
from tests.support.running_ways import running, times, turns
from tests.support.scripted_way import ScriptedWay

DELIVERED = ReceiptFact.DELIVERED


@pytest.fixture
def way() -> ScriptedWay:
    return ScriptedWay()


@pytest.fixture
def heard() -> Heard:
    return Heard()


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
    with running(way, heard, quick, has_beat=False) as worker:
        worker.offer(a_notice(1))
        assert way.next() == "n-1"
        assert turns(worker, wanted=True)
        assert turns(worker, wanted=None)  # nobody beats, and nothing is wrong
        assert way.given.empty()
        worker.beat_soon()
        assert way.next() == "beat"
        assert turns(worker, wanted=True)
        worker.offer(a_notice(2))
        assert way.next() == "n-2"  # one call, one heartbeat
        assert way.given.empty()
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
