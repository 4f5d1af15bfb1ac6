"""A device that talks unasked is connected while it is heard."""

from __future__ import annotations

from edge_agent.drivers.link_watch import LinkWatch
from edge_agent.model.clock import Instant
from edge_agent.model.session_events import LinkState

START = Instant(0, 0)


def test_each_change_is_told_once() -> None:
    watch = LinkWatch(6.0)
    assert watch.tick(START) == []
    assert [e.state for e in watch.heard(START)] == [LinkState.CONNECTED]
    assert watch.heard(START.plus(2)) == []
    assert watch.tick(START.plus(7.9)) == []
    (lost,) = watch.tick(START.plus(8))
    assert (lost.state, lost.reason) == (LinkState.LOST, "no sound message for 6 s")
    assert watch.tick(START.plus(100)) == []
    assert [e.state for e in watch.heard(START.plus(101))] == [LinkState.CONNECTED]
