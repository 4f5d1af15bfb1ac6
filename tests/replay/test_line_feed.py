"""A recorded line gives what its session would have reported at the recorded moments."""

from __future__ import annotations

import pytest

from edge_agent.config.gateway_file import BedSection
from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import driver
from edge_agent.model.durations import LINE_TICK_S
from edge_agent.model.session_events import (
    Direction,
    FrameRejected,
    LinkChanged,
    LinkState,
    NumericsReceived,
    SessionEvent,
)
from edge_agent.recorded.line_file import RecordedPiece
from edge_agent.replay.line_feed import LineFeed, feed_instant
from simulators.monitors.catalog import MONITORS
from simulators.monitors.device import PowerOn
from simulators.scenarios.scenario_file import load_scenario
from tests.support.pipelines import BED, PLACE

START = feed_instant(1_800_000_000_100_000_000)
LINE = BedSection(id=BED, port="recorded", driver="masimo_ascii")


def lines(seconds: int) -> list[RecordedPiece]:
    view = load_scenario("baseline", 1).patient.vitals_at
    monitor = MONITORS["masimo_ascii"](BED, 1, PowerOn(view, START))
    pieces = []
    for second in range(seconds):
        monitor.tick(START.plus(second))
        data = monitor.bytes_to_send()
        if data:
            pieces.append(RecordedPiece(float(second), Direction.FROM_DEVICE, data))
    return pieces


def played(feed: LineFeed, since_s: float, until_s: float) -> list[tuple[float, SessionEvent]]:
    told = feed.play(START.plus(since_s), START.plus(until_s))
    return [(said.at.seconds_since(START), event) for said in told for event in said.events]


def test_each_piece_is_received_at_its_recorded_moment() -> None:
    pieces = lines(30)
    session = driver("masimo_ascii").open_session(SessionOptions(BED, listen_only=True))
    told = [
        event
        for piece in pieces
        for event in session.receive(piece.data, START.plus(piece.offset_s))
        if isinstance(event, NumericsReceived)
    ]
    found = played(LineFeed(PLACE, LINE, START, pieces), 0, 30)
    assert len(told) >= 28
    assert [event for _, event in found if isinstance(event, NumericsReceived)] == told


def test_half_a_message_is_settled_by_the_silence_after_it() -> None:
    whole = lines(5)
    cut = RecordedPiece(whole[-1].offset_s, Direction.FROM_DEVICE, whole[-1].data[:20])
    feed = LineFeed(PLACE, LINE, START, [*whole[:-1], cut])
    found = played(feed, 0, feed.end.seconds_since(START))
    ((at_s, rejected),) = [(at_s, e) for at_s, e in found if isinstance(e, FrameRejected)]
    assert rejected.raw.strip() == cut.data
    silence_s = driver("masimo_ascii").silence_s
    assert silence_s <= at_s - cut.offset_s <= silence_s + LINE_TICK_S


def test_a_line_that_stays_silent_is_lost_at_the_same_moment_whenever_it_is_played() -> None:
    feed = LineFeed(PLACE, LINE, START, lines(5))
    lost = [
        at_s
        for at_s, event in played(feed, 0, 60)
        if isinstance(event, LinkChanged) and event.state is LinkState.LOST
    ]
    assert len(lost) == 1
    # Ticks fall on whole quarters of UTC, so a run that begins elsewhere has the same ones.
    assert played(feed, 1.3, 60)[-1][0] == lost[0]


@pytest.mark.parametrize("since_s", [10.0, 10.5])
def test_what_was_before_the_chosen_start_is_not_played(since_s: float) -> None:
    feed = LineFeed(PLACE, LINE, START, lines(20))
    found = [
        at_s for at_s, event in played(feed, since_s, 15) if isinstance(event, NumericsReceived)
    ]
    assert min(found) >= since_s
    assert max(found) <= 15
    assert len(found) >= 4


def test_an_empty_recording_is_silence() -> None:
    feed = LineFeed(PLACE, LINE, START, [])
    assert feed.end > START
    assert played(feed, 0, 60) == []
