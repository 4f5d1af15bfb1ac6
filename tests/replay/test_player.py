"""Feeds are played side by side on their own time, at any pace, and never ahead of the judge."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.gateway_file import AgentConfig, BedSection, GatewaySection, JournalSection
from edge_agent.gateway.pipeline_thread import TimePassed
from edge_agent.model.bed_events import DevicePlace, FromDevice
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime
from edge_agent.model.session_events import NumericsReceived
from edge_agent.replay.player import FeedClock, PlayedSpan, Player, ReplayError
from tests.support.pipelines import BED, PLACE, START, book, message
from tests.support.replays import replay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from edge_agent.gateway.pipeline_thread import PipelineMessage
    from edge_agent.replay.player import Feed

OTHER = DevicePlace("bed-02", "bed-02")
WAIT_S = 20.0


class Notes:
    """A judge that writes down what it gets, and where the clock stands then."""

    def __init__(self, clock: FeedClock) -> None:
        self.clock = clock
        self.messages: list[PipelineMessage] = []
        self.stood_at: list[Instant] = []
        self.is_alive = True
        self.has_begun = threading.Event()

    def put(self, message: PipelineMessage) -> None:
        """Write down."""
        self.messages.append(message)
        self.stood_at.append(self.clock.now())
        self.has_begun.set()

    def wait_until_idle(self) -> bool:
        """Return whether it lives."""
        return self.is_alive


def feed(*seconds: float, place: DevicePlace = PLACE) -> list[FromDevice]:
    return [FromDevice(place, (), START.plus(second)) for second in seconds]


def noted(
    feeds: Sequence[Feed], speed: float = math.inf, until_s: float | None = None
) -> tuple[Notes, bool]:
    clock = FeedClock(START, speed)
    notes = Notes(clock)
    is_whole = Player(feeds, clock, notes).run(None if until_s is None else START.plus(until_s))
    return notes, is_whole


def in_short(messages: Sequence[PipelineMessage]) -> str:
    """Return bed and second of each message, and the second of each step."""
    words = []
    for said in messages:
        assert isinstance(said, FromDevice | TimePassed)
        name = said.place.bed_id[-1] if isinstance(said, FromDevice) else "t"
        words.append(f"{name}{said.at.seconds_since(START):g}")
    return " ".join(words)


def test_feeds_are_merged_by_time_and_every_second_passes_also_in_silence() -> None:
    notes, is_whole = noted([feed(0.5, 1, 3.2), feed(0.5, 0.7, place=OTHER)])
    assert is_whole
    assert in_short(notes.messages) == "10.5 20.5 20.7 11 t1 t2 t3 13.2 t4"


def test_a_feed_is_played_up_to_a_moment_and_silence_is_played_out() -> None:
    notes, _ = noted([feed(0.5, 1.5)], until_s=1.2)
    assert in_short(notes.messages) == "10.5 t1 t1.2"
    notes, _ = noted([feed(0.5)], until_s=2.5)
    assert in_short(notes.messages) == "10.5 t1 t2 t2.5"
    notes, _ = noted([], until_s=2)
    assert in_short(notes.messages) == "t1 t2"


def test_the_judge_is_told_the_same_at_any_speed() -> None:
    told = [noted([feed(0.5, 1.1, 2.9)], speed)[0].messages for speed in (50.0, 500.0, math.inf)]
    assert told[0] == told[1] == told[2]


def test_the_clock_stands_at_what_was_judged_and_never_runs_ahead() -> None:
    notes, _ = noted([feed(0.5, 1, 1.4, 2.2)])
    said = zip(notes.messages, notes.stood_at, strict=True)
    stood = [(in_short([message]), at.seconds_since(START)) for message, at in said]
    assert stood == [
        ("10.5", 0),
        ("11", 0),
        ("t1", 0),
        ("11.4", 1),
        ("t2", 1),
        ("12.2", 2),
        ("t3", 2),
    ]
    assert notes.clock.now() == START.plus(3)


def test_progress_is_told_after_each_step() -> None:
    clock = FeedClock(START, math.inf)
    reached: list[float] = []
    player = Player(
        [feed(2.5)], clock, Notes(clock), lambda at: reached.append(at.seconds_since(START))
    )
    assert player.run()
    assert reached == [1, 2, 3]


def test_another_thread_can_end_it() -> None:
    clock = FeedClock(START, 1.0)
    notes = Notes(clock)
    player = Player([feed(0, 3600)], clock, notes)
    ended: list[bool] = []
    thread = threading.Thread(target=lambda: ended.append(player.run()))
    thread.start()
    assert notes.has_begun.wait(WAIT_S)
    player.stop()
    thread.join(WAIT_S)
    assert ended == [False]
    assert in_short(notes.messages) == "10"


@pytest.mark.parametrize("seconds", [(1.0, 0.5), (-1.0,)])
def test_a_feed_that_goes_back_is_refused_by_name(seconds: tuple[float, ...]) -> None:
    with pytest.raises(ReplayError, match=r"feed of bed-01: a message is .* s older"):
        noted([feed(*seconds)])


def test_a_judge_that_died_ends_the_replay_with_a_word() -> None:
    clock = FeedClock(START, math.inf)
    notes = Notes(clock)
    notes.is_alive = False
    with pytest.raises(ReplayError, match="has died"):
        Player([feed(0.5)], clock, notes).run()


@pytest.mark.parametrize("speed", [0.0, -1.0, math.nan])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="want > 0"):
        FeedClock(START, speed)


def ward(folder: Path) -> AgentConfig:
    gateway = GatewaySection(id="gw-test", site="site", ward="ward")
    beds = tuple(
        BedSection(id=bed_id, port="recorded", driver="nonin", required_signals=("spo2",))
        for bed_id in (BED, OTHER.bed_id)
    )
    return AgentConfig(gateway, JournalSection(folder / "journal.db"), beds)


def low_oxygen(seconds: int) -> list[FromDevice]:
    events: list[NumericsReceived] = [message(second, hr=80, spo2=86) for second in range(seconds)]
    return [FromDevice(PLACE, (event,), event.at) for event in events]


@pytest.mark.untraced
def test_an_agent_tells_the_alerts_of_a_feed_at_its_own_moments(tmp_path: Path) -> None:
    config = ward(tmp_path)
    told = replay(config, book(), [low_oxygen(240), []])
    assert (told.is_whole, told.is_delivered, told.readings_stored) == (True, True, 240)
    (low, *_) = [a for a in told.alerts if a.rule_id == "vital.severe_hypoxia"]
    assert 150 <= low.changed_at.seconds_since(START) <= 170
    assert low.changed_at.monotonic_ns % 10_000_000_000 == 0
    silent = [a.rule_id for a in told.alerts if a.bed_id == OTHER.bed_id]
    assert silent == ["system.feed"]
    # A second replay begins with nothing known and does not tell the first one's alerts again.
    assert replay(config, book(), [low_oxygen(240)]).alerts == told.alerts


@pytest.mark.parametrize(("start_s", "end_s", "raised_s"), [(-60, 2, -20), (0, 60, 40)])
def test_a_span_plays_silence_before_and_after_the_feed(
    tmp_path: Path, start_s: float, end_s: float, raised_s: float
) -> None:
    span = PlayedSpan(START.plus(start_s), START.plus(end_s))
    told = replay(ward(tmp_path), book(), [low_oxygen(2)], span=span)
    (lost,) = [a for a in told.alerts if (a.bed_id, a.rule_id) == (BED, "system.feed")]
    assert lost.changed_at.seconds_since(START) == raised_s


def test_feeds_without_a_message_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="2 feeds hold no message"):
        replay(ward(tmp_path), book(), [[], []])


@pytest.mark.untraced
def test_a_message_that_cannot_be_judged_is_left_out_and_said(tmp_path: Path) -> None:
    messages = low_oxygen(240)
    poison = NumericsReceived((None,), DeviceTime(), messages[100].at)  # type: ignore[arg-type]
    messages[100] = FromDevice(PLACE, (poison,), messages[100].at)
    told = replay(ward(tmp_path), book(), [messages])
    assert told.readings_stored == 239
    assert told.alerts
    assert not told.is_whole
