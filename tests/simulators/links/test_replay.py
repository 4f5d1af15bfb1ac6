"""A replay plays every byte of a recording, on time, and waits for its reader."""

from __future__ import annotations

import queue
import threading
from itertools import pairwise
from struct import pack
from typing import TYPE_CHECKING

import pytest

from edge_agent.model.clock import ScaledClock
from simulators.links.pty_link import PtyLink
from simulators.links.replay import Piece, Replay, cut_evenly, cut_intellivue
from simulators.links.system_clock import read_system_clock
from tests.support import scripted_host as golden
from tests.support.serial_host import PATIENCE_S, SerialHost
from tests.support.shared_data import shared_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.model.clock import Clock, Instant


def reply(ticks: int, *, linked: bool = False, action: int = 0xF13B) -> bytes:
    """Return a frame with a relative time, as a monitor sends it."""
    what = pack(">H", 1) + (pack(">H", 0) if action == 0xF13B else b"") + pack(">I", ticks)
    inside = bytes.fromhex("0021 0000 0000") + pack(">HH", action, len(what)) + what
    body = (b"\x01\x01" if linked else b"") + pack(">HHH", 1, 7, len(inside)) + inside
    return golden.wrap(
        bytes.fromhex("E1000002") + pack(">HH", 5 if linked else 2, len(body)) + body
    )


def offsets(*frames: bytes) -> list[float]:
    pieces = list(cut_intellivue(b"".join(frames)))
    assert [piece.data for piece in pieces] == list(frames)
    return [piece.offset_s for piece in pieces]


def test_frames_are_timed_by_their_relative_time() -> None:
    linked = reply(0xC0C1_7D00 + 16_384, linked=True)
    single = reply(0xC0C1_7D00 + 24_576, action=0x0C16)
    assert offsets(reply(0xC0C1_7D00), reply(0xC0C1_7D00 + 8192), linked, single) == [
        0.0,
        1.024,
        2.048,
        3.072,
    ]


def test_frames_without_time_go_along_with_the_one_before() -> None:
    other = golden.wrap(bytes.fromhex("E1000002 0002 0006 0001 0001 0000"))
    event = golden.wrap(bytes.fromhex("E1000002 0001 0006 0001 0001 0000"))
    short = golden.wrap(bytes.fromhex("E1000002 0002 0010 0001 0007 000A 002100000000F13B"))
    assert offsets(golden.RELEASE, reply(80_000), other, reply(88_000), event, short) == [
        0.0,
        0.0,
        0.0,
        1.0,
        1.0,
        1.0,
    ]


def test_waves_that_lag_behind_do_not_stretch_the_recording() -> None:
    frames = [reply(t) for t in (80_000, 70_000, 88_000, 78_000, 96_000)]
    assert offsets(*frames) == [0.0, 0.0, 1.0, 1.0, 2.0]


def test_the_counter_may_wrap_and_a_monitor_may_restart() -> None:
    assert offsets(reply(2**32 - 8000), reply(0)) == [0.0, 1.0]
    assert offsets(reply(9_000_000), reply(100), reply(8100)) == [0.0, 0.0, 1.0]


def test_noise_and_a_cut_end_are_kept() -> None:
    stream = b"noise" + reply(8000) + reply(16_000)[:9]
    pieces = list(cut_intellivue(stream))
    assert b"".join(piece.data for piece in pieces) == stream


def test_a_stream_without_time_is_cut_evenly() -> None:
    pieces = list(cut_evenly(bytes(100), 50.0, chunk=40))
    assert [(len(piece.data), piece.offset_s) for piece in pieces] == [
        (40, 0.0),
        (40, 0.8),
        (20, 1.6),
    ]


def test_a_real_recording_lasts_as_long_as_its_counter_says() -> None:
    data = shared_data("captures/intellivue_mp90/1B_spo2_low.bin").read_bytes()
    pieces = list(cut_intellivue(data))
    assert b"".join(piece.data for piece in pieces) == data
    assert 200 < pieces[-1].offset_s < 300
    ahead = [b.offset_s - a.offset_s for a, b in pairwise(pieces)]
    assert min(ahead) >= 0
    assert max(ahead) < 5


def test_speed_must_be_positive() -> None:
    with PtyLink() as link, pytest.raises(ValueError, match="speed is 0"):
        player([], link, speed=0.0)


def player(
    pieces: Sequence[Piece], link: PtyLink, *, speed: float = 1000.0, factor: float = 10.0
) -> Replay:
    clock = ScaledClock(read_system_clock, read_system_clock(), factor)
    return Replay(pieces, link, clock, speed)


class Playing:
    """A replay in its own thread."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.finished: list[bool] = []
        self._thread = threading.Thread(target=lambda: self.finished.append(replay.run()))
        self._thread.start()

    def join(self) -> bool:
        """Return what the replay returned."""
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        return self.finished[0]


@pytest.mark.pty
def test_the_host_gets_every_byte_and_progress_is_told() -> None:
    data = bytes(range(256)) * 40
    told: list[tuple[int, int]] = []
    clock = ScaledClock(read_system_clock, read_system_clock(), 10.0)
    pieces = list(cut_evenly(data, 5000.0, chunk=512))
    with PtyLink() as link, SerialHost(link.path) as host:
        playing = Playing(Replay(pieces, link, clock, 100.0, lambda *step: told.append(step)))
        host.write(b"what a host says is ignored")
        assert host.read(len(data)) == data
        assert playing.join()
    assert told == [(512 * n, len(data)) for n in range(1, 21)]


@pytest.mark.pty
def test_a_replay_waits_for_a_reader_and_the_next_one_gets_the_rest() -> None:
    data = bytes(range(256)) * 40
    with PtyLink() as link:
        playing = Playing(player(list(cut_evenly(data, 1e6, chunk=512)), link))
        with SerialHost(link.path) as first:
            assert first.read(3000) == data[:3000]
        assert not playing.finished
        with SerialHost(link.path) as second:
            assert second.read(len(data) - 3000) == data[3000:]
        assert playing.join()


class WatchedLink(PtyLink):
    """A cable that notes when its source waits, and at which ward time it wrote."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.written_at: list[Instant] = []
        self.looks: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.is_full = threading.Event()

    def unread(self) -> int:
        """Return how many bytes wait, and note the look."""
        count = super().unread()
        self.looks.put(count)
        return count

    def write_some(self, data: bytes) -> int:
        """Return how many bytes were taken, and note when."""
        count = super().write_some(data)
        self.written_at.append(self._clock.now())
        if not count:
            self.is_full.set()
        return count


class HandClock:
    """A clock that a test sets."""

    factor = 1000.0
    axis = "hand"

    def __init__(self) -> None:
        self.at = golden.POWERED_AT

    def now(self) -> Instant:
        """Return the moment it was set to."""
        return self.at


@pytest.mark.pty
def test_a_host_that_flushes_on_opening_gets_the_rest_as_well() -> None:
    clock = HandClock()
    with WatchedLink(clock) as link:
        playing = Playing(Replay([Piece(b"abcdef", 0.0), Piece(b"ghi", 0.0)], link, clock))
        with SerialHost(link.path) as first:
            assert first.read(4) == b"abcd"
        looks = [link.looks.get(timeout=PATIENCE_S)]
        # The second piece follows once nobody has to read the first.
        while looks[-2:] not in ([2, 2], [5, 5]):
            looks.append(link.looks.get(timeout=PATIENCE_S))
        with SerialHost(link.path, flush=True) as second:
            assert second.read(5) == b"efghi"
        assert playing.join()


@pytest.mark.pty
def test_time_stands_still_while_nobody_reads() -> None:
    clock = HandClock()
    played = queue.SimpleQueue[int]()
    pieces = [Piece(b"a", 0.0), Piece(b"b", 60.0)]
    with WatchedLink(clock) as link:
        replay = Replay(pieces, link, clock, 1.0, lambda done, _: played.put(done))
        playing = Playing(replay)
        while link.looks.get(timeout=PATIENCE_S) != 1:
            pass
        clock.at = golden.POWERED_AT.plus(240.0)
        with SerialHost(link.path) as host:
            assert host.read(1) == b"a"
            assert played.get(timeout=PATIENCE_S) == 1
            clock.at = golden.POWERED_AT.plus(299.0)
            clock.at = golden.POWERED_AT.plus(301.0)
            assert host.read(1) == b"b"
        assert playing.join()
        assert [at.seconds_since(golden.POWERED_AT) for at in link.written_at] == [0.0, 301.0]


@pytest.mark.pty
def test_a_flush_while_nothing_waits_repeats_nothing() -> None:
    clock = HandClock()
    played = queue.SimpleQueue[int]()
    pieces = [Piece(b"a", 0.0), Piece(b"b", 60.0), Piece(b"c", 60.0)]
    with PtyLink() as link:
        replay = Replay(pieces, link, clock, 1.0, lambda done, _: played.put(done))
        playing = Playing(replay)
        with SerialHost(link.path) as first:
            assert first.read(1) == b"a"
        assert played.get(timeout=PATIENCE_S) == 1
        with SerialHost(link.path, flush=True) as second:
            clock.at = golden.POWERED_AT.plus(61.0)
            assert second.read(2) == b"bc"
        assert playing.join()


@pytest.mark.pty
def test_a_replay_can_be_stopped_while_the_next_piece_is_not_due() -> None:
    with PtyLink() as link, SerialHost(link.path) as host:
        playing = Playing(player([Piece(b"x", 0.0), Piece(b"y", 1e9)], link))
        host.read(1)
        playing.replay.stop()
        assert not playing.join()


@pytest.mark.pty
def test_a_replay_can_be_stopped_while_the_cable_is_full() -> None:
    clock = HandClock()
    with WatchedLink(clock) as link:
        playing = Playing(Replay([Piece(bytes(10**6), 0.0)], link, clock))
        assert link.is_full.wait(PATIENCE_S)
        playing.replay.stop()
        assert not playing.join()


@pytest.mark.pty
def test_a_replay_can_be_stopped_while_nobody_reads() -> None:
    clock = HandClock()
    with WatchedLink(clock) as link:
        playing = Playing(Replay([Piece(b"x", 0.0)], link, clock))
        while link.looks.get(timeout=PATIENCE_S) != 1:
            pass
        playing.replay.stop()
        assert not playing.join()
