"""An address that devices connect to, with real sockets on the loopback interface."""

from __future__ import annotations

import queue
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.errors import LinkError
from edge_agent.sources.mllp_source import MAX_CONNECTIONS, MllpSource

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S = 20.0
CLOCK = ScaledClock(read_system_clock, read_system_clock())


class Echo:
    """Answers what it hears, and notes how it ends."""

    def __init__(
        self, peer: str, ends: queue.SimpleQueue[tuple[str, str]], released: threading.Event
    ) -> None:
        self._peer = peer
        self._released = released
        self._ends = ends
        self.told: list[tuple[bytes, Instant]] = []
        self.ticks = 0
        self.is_of_use = False

    def converse(self, data: bytes, at: Instant) -> bytes:
        """Return the data in capitals; fail at a question mark, wait where that is asked for."""
        self.told.append((data, at))
        self.ticks += not data
        self.is_of_use |= bool(data) and data not in {b"GET", b"wait"}
        if data == b"wait":
            self._released.wait(WAIT_S)
        if data == b"?":
            raise ValueError(data)
        return data.upper()

    def ended(self, reason: str, _at: Instant) -> None:
        """Note it."""
        self._ends.put((self._peer, reason))


class Listening:
    """A source and all that it told."""

    def __init__(self, address: str = "mllp://127.0.0.1:0", clock: ScaledClock = CLOCK) -> None:
        self.ends: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self.told: queue.SimpleQueue[LinkError | None] = queue.SimpleQueue()
        self.released = threading.Event()
        self.turned_away: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.echoes: list[Echo] = []
        self.source = MllpSource(
            address, self._open, self.told.put, clock, lambda: self.turned_away.put("one")
        )

    def _open(self, peer: str) -> Echo:
        self.echoes.append(Echo(peer, self.ends, self.released))
        return self.echoes[-1]

    def begin(self) -> None:
        """Start and wait until it listens."""
        self.source.start()
        assert self.told.get(timeout=WAIT_S) is None

    def connect(self) -> socket.socket:
        """Return a device's connection."""
        return socket.create_connection(("127.0.0.1", self.source.bound_port), WAIT_S)


@pytest.fixture
def listening() -> Iterator[Listening]:
    subject = Listening()
    subject.begin()
    yield subject
    subject.source.stop()


def test_each_connection_is_a_conversation_of_its_own(listening: Listening) -> None:
    with listening.connect() as one, listening.connect() as two:
        one.sendall(b"a")
        two.sendall(b"b")
        assert (one.recv(9), two.recv(9)) == (b"A", b"B")
        one.sendall(b"c")
        assert one.recv(9) == b"C"
    reasons = {listening.ends.get(timeout=WAIT_S)[1] for _ in range(2)}
    assert reasons == {"the device closed the connection"}


def test_bytes_that_arrive_while_the_machine_is_busy_are_not_taken_for_a_silence() -> None:
    """The first look at the clock after the half stands for a machine busy for a second."""
    start, has_passed = Instant(10**12, 1_800_000_000 * 10**9), threading.Event()

    def busy_once() -> Instant:
        told = [data for echo in subject.echoes for data, _ in echo.told if data]
        if told and not has_passed.is_set():
            has_passed.set()
            device.sendall(b"rest")
        return start.plus(1.0 if has_passed.is_set() else 0.0)

    subject = Listening(clock=ScaledClock(busy_once, start))
    subject.begin()
    with subject.connect() as device:
        device.sendall(b"half")
        assert device.recv(4) == b"HALF"
        assert device.recv(4) == b"REST"
    subject.source.stop()
    (echo,) = subject.echoes
    before = echo.told[: [data for data, _ in echo.told].index(b"rest")]
    assert [at for data, at in before if not data and at > start] == []


def test_a_silence_is_told_at_its_moment_and_ended_once_it_has_lasted_too_long() -> None:
    start = Instant(10**12, 1_800_000_000 * 10**9)
    readings = iter([0.0, 600.0, 600.25])
    subject = Listening(clock=ScaledClock(lambda: start.plus(next(readings, 900.0)), start))
    subject.begin()
    with subject.connect():
        _, reason = subject.ends.get(timeout=WAIT_S)
    subject.source.stop()
    assert reason == "no data for 600 s"
    assert [echo.told for echo in subject.echoes] == [[(b"", start.plus(600.0))]]


def test_a_connection_that_breaks_ends_alone(listening: Listening) -> None:
    with listening.connect() as sound:
        broken = listening.connect()
        broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        broken.close()
        _, reason = listening.ends.get(timeout=WAIT_S)
        assert "reset" in reason.lower()
        sound.sendall(b"a")
        assert sound.recv(9) == b"A"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_conversation_that_fails_ends_alone_and_says_so(listening: Listening) -> None:
    with listening.connect() as sound, listening.connect() as failing:
        failing.sendall(b"?")
        assert listening.ends.get(timeout=WAIT_S)[1] == "its conversation failed"
        assert failing.recv(9) == b""
        sound.sendall(b"a")
        assert sound.recv(9) == b"A"


def test_stopping_ends_every_connection() -> None:
    subject = Listening()
    subject.begin()
    with subject.connect() as device:
        device.sendall(b"a")
        assert device.recv(9) == b"A"
        subject.source.stop()
        assert device.recv(9) == b""
    assert subject.ends.get(timeout=WAIT_S)[1] == "the gateway is stopping"
    assert not subject.source.is_alive
    assert subject.source.bound_port == 0


def test_too_many_connections_are_turned_away_and_the_others_stay(listening: Listening) -> None:
    devices = [listening.connect() for _ in range(MAX_CONNECTIONS)]
    for device in devices:
        device.sendall(b"a")
        assert device.recv(9) == b"A"
    with listening.connect() as turned_away:
        assert turned_away.recv(9) == b""
    with listening.connect() as turned_away:
        assert turned_away.recv(9) == b""
    assert [listening.turned_away.get(timeout=WAIT_S) for _ in range(2)] == ["one", "one"]
    devices[0].sendall(b"b")
    assert devices[0].recv(9) == b"B"
    for device in devices:
        device.close()


def test_connections_of_no_use_make_room_the_oldest_first(listening: Listening) -> None:
    with listening.connect() as useful, listening.connect() as scanner:
        useful.sendall(b"a")
        assert useful.recv(9) == b"A"
        scanner.sendall(b"GET")
        assert scanner.recv(9) == b"GET"
        silent = [listening.connect() for _ in range(MAX_CONNECTIONS - 2)]
        with listening.connect() as new:
            assert scanner.recv(9) == b""
            new.sendall(b"b")
            assert new.recv(9) == b"B"
        _, reason = listening.ends.get(timeout=WAIT_S)
        assert reason == "closed to make room among 64: no device of a bed sent over it"
        for device in silent:
            device.close()
        useful.sendall(b"c")
        assert useful.recv(9) == b"C"
    assert listening.turned_away.empty()


def test_a_connection_that_is_slow_to_end_makes_room_only_once(listening: Listening) -> None:
    with listening.connect() as slow:
        slow.sendall(b"wait")
        silent = [listening.connect() for _ in range(MAX_CONNECTIONS - 1)]
        new = [listening.connect() for _ in range(2)]
        assert silent[0].recv(9) == b""
        listening.released.set()
        for device in (*silent, *new):
            device.close()


def test_there_is_room_again_once_a_device_left(
    listening: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    devices = [listening.connect() for _ in range(MAX_CONNECTIONS)]
    for device in devices:
        device.sendall(b"a")
        assert device.recv(9) == b"A"
    for _ in range(3):
        with listening.connect() as turned_away:
            assert turned_away.recv(9) == b""
    devices.pop().close()
    listening.ends.get(timeout=WAIT_S)
    answer = b""
    while answer != b"N":  # the thread of the one that left may still be ending
        with listening.connect() as late:
            late.sendall(b"n")
            answer = late.recv(9)
    for device in devices:
        device.close()
    lines = [record.getMessage() for record in caplog.records]
    said = [line for line in lines if "refuse" in line]
    assert len(said) == 2
    assert said[0].endswith("refuses connections: 64 connected")
    assert "accepts connections again; refused " in said[1]


def test_a_device_that_says_nothing_makes_room() -> None:
    subject = Listening(clock=ScaledClock(read_system_clock, read_system_clock(), 6000.0))
    subject.begin()
    with subject.connect() as device:
        assert device.recv(9) == b""
    assert subject.ends.get(timeout=WAIT_S)[1] == "no data for 600 s"
    subject.source.stop()


def test_an_address_in_use_is_told_once_and_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        subject = Listening(f"mllp://127.0.0.1:{port}")
        subject.source.start()
        error = subject.told.get(timeout=WAIT_S)
        assert error is not None
        assert error.retryable
        assert str(port) in str(error)
        with pytest.raises(queue.Empty):
            subject.told.get(timeout=0.5)
    assert subject.told.get(timeout=WAIT_S) is None
    subject.source.stop()


def test_stopping_before_the_start_is_fine() -> None:
    Listening().source.stop()


@pytest.mark.parametrize(
    "address", ["mllp://:2575", "mllp://host", "tcp://host:2575", "mllp://host:port"]
)
def test_what_is_no_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(LinkError) as refused:
        Listening(address)
    assert not refused.value.retryable
    assert "host" in str(refused.value) or "HOST" in str(refused.value)
