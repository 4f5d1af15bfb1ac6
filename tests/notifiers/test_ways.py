"""All ways together: where a notice goes, and who says that one is lost."""

from __future__ import annotations

import queue
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edge_agent.model.calls import ReceiptFact
from edge_agent.model.oversight import WayHealth
from edge_agent.notifiers.pending import RetryTimes
from edge_agent.notifiers.ways import Ways
from edge_agent.notifiers.worker import WayTimes, WayWorker
from tests.support.brokers import WAIT_S
from tests.support.notices import Heard, a_notice
from tests.support.scripted_way import ScriptedWay

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK = WayTimes(0.02, 0.15, 3600.0, 2.0, RetryTimes(0.01, 0.05))


@contextmanager
def running(
    heard: Heard, *ways: ScriptedWay
) -> Iterator[tuple[Ways, queue.SimpleQueue[WayHealth]]]:
    changes: queue.SimpleQueue[WayHealth] = queue.SimpleQueue()
    workers = [WayWorker(way, heard.events(), QUICK) for way in ways]
    all_ways = Ways(workers, (), heard.events(), changes.put, watch_s=0.01)
    all_ways.start()
    try:
        yield all_ways, changes
    finally:
        all_ways.stop()


def test_a_notice_goes_to_the_way_it_names() -> None:
    heard, pager, phone = Heard(), ScriptedWay("pager"), ScriptedWay("phone")
    with running(heard, pager, phone) as (ways, _):
        ways.send(a_notice(1, way="phone"))
        assert phone.next(but="beat") == "n-1"
        receipt = heard.next()
        assert (receipt.way, receipt.fact) == ("phone", ReceiptFact.DELIVERED)


def test_a_notice_for_no_way_fails_in_words() -> None:
    heard = Heard()
    with running(heard, ScriptedWay()) as (ways, _):
        ways.send(a_notice(1, way="pigeon"))
    receipt = heard.next()
    assert (receipt.notice_id, receipt.fact) == ("n-1", ReceiptFact.FAILED)
    assert receipt.detail == "no way out is named 'pigeon'"


def test_a_way_that_is_lost_is_reported_once_while_the_others_go_on() -> None:
    heard, pager, phone = Heard(), ScriptedWay("pager"), ScriptedWay("phone")
    with running(heard, pager, phone) as (ways, changes):
        found = {changes.get(timeout=WAIT_S) for _ in range(2)}
        assert {(h.name, h.is_working) for h in found} == {
            ("pager", True),
            ("phone", True),
        }
        pager.may_go_on.clear()
        lost = changes.get(timeout=WAIT_S)
        assert (lost.name, lost.is_working) == ("pager", False)
        ways.send(a_notice(1, way="phone"))
        assert phone.next(but="beat") == "n-1"
        assert {h.name: h.is_working for h in ways.health()} == {
            "pager": False,
            "phone": True,
        }
        pager.may_go_on.set()
        back = changes.get(timeout=WAIT_S)
        assert (back.name, back.is_working) == ("pager", True)


def test_only_watchdogs_get_the_auditors_heartbeat() -> None:
    heard, phone, dog = Heard(), ScriptedWay("phone"), ScriptedWay("dog")
    workers = [WayWorker(w, heard.events(), QUICK, has_beat=False) for w in (phone, dog)]
    ways = Ways(workers, ["dog"], heard.events(), lambda _health: None, watch_s=0.01)
    ways.start()
    for number in range(5):
        ways.beat_watchdogs()
        assert dog.next() == "beat"
        ways.send(a_notice(number, way="phone"))
        assert phone.next() == f"n-{number}"
    ways.stop()


def test_what_died_is_started_again_and_a_stop_ends_all() -> None:
    heard, pager = Heard(), ScriptedWay()
    worker = WayWorker(pager, heard.events(), QUICK)
    ways = Ways([worker], (), heard.events(), lambda _health: None, watch_s=0.01)
    assert not ways.is_alive()
    ways.stop()  # never started
    ways = Ways([WayWorker(pager, heard.events(), QUICK)], (), heard.events(), lambda _health: None)
    ways.start()
    ways.start()
    assert ways.is_alive()
    ways.stop()
    assert not ways.is_alive()
