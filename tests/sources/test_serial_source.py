"""Bytes cross a real line both ways, and a line that vanishes comes back."""

from __future__ import annotations

import os
import queue
import select
import socket
import threading
import time
import tty
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from edge_agent.drivers.base import SerialSettings
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.errors import LinkError
from edge_agent.sources.serial_source import SerialSource
from tests.support.source_talk import WAIT_S, Talk, clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START = Instant(10**12, 1_800_000_000 * 10**9)
SETTINGS = SerialSettings(baud=115200, byte_size=8, parity="N", stop_bits=1, rts_cts=False)


@dataclass
class Line:
    """A pseudo-terminal under a name that stays while the terminal is replaced."""

    name: Path
    master: int = -1
    slave: int = -1

    def plug_in(self) -> None:
        """Put a new terminal behind the name."""
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.name.symlink_to(os.ttyname(self.slave))

    def settle(self) -> None:
        """Leave the terminal to whoever opened it; until then it would be gone at once."""
        os.close(self.slave)
        self.slave = -1

    def pull_out(self) -> None:
        """Take the terminal away."""
        self.name.unlink()
        os.close(self.master)
        self.master = -1


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    line = Line(tmp_path / "ttyMonitor")
    line.plug_in()
    yield line
    for descriptor in (line.master, line.slave):
        if descriptor >= 0:
            os.close(descriptor)


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
def source(line: Line, talk: Talk) -> Iterator[SerialSource]:
    source = SerialSource(str(line.name), SETTINGS, talk.converse, talk.links.put, clock())
    source.start()
    assert talk.link() is None
    line.settle()
    yield source
    source.stop()


@pytest.mark.pty
@pytest.mark.usefixtures("source")
def test_what_the_monitor_sends_is_heard_and_answered(line: Line, talk: Talk) -> None:
    talk.to_say.put(b"poll\xc0\x00\x11\x13")
    os.write(line.master, bytes(range(256)))
    assert talk.heard(256) == bytes(range(256))
    assert os.read(line.master, 100) == b"poll\xc0\x00\x11\x13"


@pytest.mark.pty
@pytest.mark.usefixtures("source")
def test_a_silent_line_tells_that_time_passes_and_may_speak_first(line: Line, talk: Talk) -> None:
    talk.to_say.put(b"hello")
    assert talk.ticked.wait(WAIT_S)
    assert os.read(line.master, 100) == b"hello"


@pytest.mark.pty
def test_bytes_that_arrive_while_the_machine_is_busy_are_not_taken_for_a_silence(
    line: Line,
) -> None:
    """The first look at the clock after the half stands for a machine busy for a second."""
    talk, told, has_passed = Talk(), list[tuple[bytes, Instant]](), threading.Event()

    def busy_once() -> Instant:
        if not has_passed.is_set() and any(data for data, _ in told):
            has_passed.set()
            os.write(line.master, b"rest")
        return START.plus(1.0 if has_passed.is_set() else 0.0)

    def converse(data: bytes, at: Instant) -> bytes:
        told.append((data, at))
        return talk.converse(data, at)

    ward = ScaledClock(busy_once, START)
    source = SerialSource(str(line.name), SETTINGS, converse, talk.links.put, ward)
    source.start()
    assert talk.link() is None
    os.write(line.master, b"half")
    assert talk.heard(8) == b"halfrest"
    source.stop()
    before = told[: [data for data, _ in told].index(b"rest")]
    assert [at for data, at in before if not data and at > START] == []


@pytest.mark.pty
@pytest.mark.usefixtures("source")
def test_a_part_of_a_frame_is_heard_without_waiting_for_the_rest(line: Line, talk: Talk) -> None:
    for part in (b"\xc0\x11", b"\x01", b"\xc1"):
        os.write(line.master, part)
        assert talk.heard(len(part)) == part


@pytest.mark.pty
def test_a_line_that_vanished_and_came_back_is_read_again(
    source: SerialSource, line: Line, talk: Talk
) -> None:
    os.write(line.master, b"before")
    assert talk.heard(6) == b"before"
    line.pull_out()
    gone = talk.link()
    assert gone is not None
    assert gone.retryable
    assert str(line.name) in str(gone)
    line.plug_in()
    assert talk.link() is None
    line.settle()
    os.write(line.master, b"after")
    assert talk.heard(5) == b"after"
    assert source._retry_s == 0.1  # the next return is noticed as soon as this one
    source.stop()
    assert talk.links.empty()


@pytest.mark.pty
def test_a_simulated_line_stands_for_one_with_any_frame(line: Line, talk: Talk) -> None:
    settings = SerialSettings(19200, 7, "E", 1, rts_cts=True)
    source = SerialSource(str(line.name), settings, talk.converse, talk.links.put, clock())
    source.start()
    assert talk.link() is None
    os.write(line.master, b"\xff")
    assert talk.heard(1) == b"\xff"
    source.stop()


@pytest.mark.pty
def test_a_port_in_use_is_left_to_its_user(source: SerialSource, line: Line) -> None:
    assert source.is_alive
    other = Talk()
    second = SerialSource(str(line.name), SETTINGS, other.converse, other.links.put, clock())
    second.start()
    busy = other.link()
    second.stop()
    assert str(busy) == f"{line.name} is used by another line of this gateway"
    assert not second.is_alive


@pytest.mark.pty
@pytest.mark.usefixtures("source")
def test_a_line_that_takes_no_more_bytes_is_given_up_and_opened_again(
    line: Line, talk: Talk
) -> None:
    talk.to_say.put(bytes(200_000))
    os.write(line.master, b"go")
    stuck = talk.link()
    assert "accepts no bytes for 1 s" in str(stuck)
    assert talk.link() is None


@pytest.mark.pty
def test_a_line_that_takes_not_even_a_first_byte_is_waited_for_without_using_the_processor(
    line: Line, talk: Talk
) -> None:
    os.set_blocking(line.slave, False)
    while select.select((), (line.slave,), (), 0.1)[1]:
        with suppress(BlockingIOError):
            while True:
                os.write(line.slave, b"x")
    source = SerialSource(str(line.name), SETTINGS, talk.converse, talk.links.put, clock())
    source.start()
    assert talk.link() is None
    line.settle()
    before_s = time.process_time()
    talk.to_say.put(bytes(200_000))
    assert "accepts no bytes for 1 s" in str(talk.link())
    assert time.process_time() - before_s < 0.2
    source.stop()


def test_an_absent_port_is_reported_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    talk = Talk()
    source = SerialSource(
        str(tmp_path / "ttyNone"), SETTINGS, talk.converse, talk.links.put, clock()
    )
    source.start()
    assert str(talk.link()).endswith("ttyNone is not there")
    with pytest.raises(queue.Empty):  # several attempts later
        talk.links.get(timeout=0.5)
    source.stop()
    assert caplog.text.count("ttyNone is not there") == 1


def test_a_network_port_is_read_and_found_again() -> None:
    talk = Talk()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(WAIT_S)
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
        source = SerialSource(url, SETTINGS, talk.converse, talk.links.put, clock())
        source.start()
        for _ in range(2):
            monitor, _address = server.accept()
            with monitor:
                monitor.settimeout(WAIT_S)
                assert talk.link() is None
                talk.to_say.put(b"poll")
                monitor.sendall(b"x" * 500)
                assert talk.heard(500) == b"x" * 500
                assert monitor.recv(10) == b"poll"
            assert "disconnected" in str(talk.link())
        source.stop()


def test_a_looped_port_hears_itself_on_a_fast_clock() -> None:
    talk = Talk()
    source = SerialSource("loop://", SETTINGS, talk.converse, talk.links.put, clock(factor=60.0))
    talk.to_say.put(b"echo")
    source.start()
    assert talk.heard(4) == b"echo"
    source.stop()


def test_a_source_that_never_started_stops() -> None:
    talk = Talk()
    source = SerialSource("loop://", SETTINGS, talk.converse, talk.links.put, clock())
    source.stop()
    assert not source.is_alive


@pytest.mark.parametrize(
    ("url", "parity"),
    [
        ("nonsense://x", "N"),
        ("loop://", "X"),
        ("usb:403:6001", "N"),
        ("usb-path:hub", "N"),
        ("socket://terminal", "N"),
        ("rfc2217://terminal:99999", "N"),
    ],
)
def test_a_port_that_cannot_exist_is_refused_for_good(url: str, parity: str) -> None:
    talk = Talk()
    settings = SerialSettings(9600, 8, parity, 1, rts_cts=False)
    with pytest.raises(LinkError, match=url) as caught:
        SerialSource(url, settings, talk.converse, talk.links.put, clock())
    assert not caught.value.retryable
