"""An address that devices connect to, with real sockets on the loopback interface."""

from __future__ import annotations

import queue
import socket
from typing import TYPE_CHECKING

import pytest

from edge_agent.app import read_system_clock
from edge_agent.model.clock import Instant, ScaledClock
from edge_agent.model.errors import LinkError
from edge_agent.sources.mllp_source import MAX_CONNECTIONS, MllpSource

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S = 20.0
CLOCK = ScaledClock(read_system_clock, read_system_clock())


class Echo:
    """Answers what it hears, and notes how it ends."""

    def __init__(self, peer: str, ends: queue.SimpleQueue[tuple[str, str]]) -> None:
        self._peer = peer
        self._ends = ends
        self.ticks = 0

    def converse(self, data: bytes, _at: Instant) -> bytes:
        """Return the data in capitals; fail at a question mark."""
        self.ticks += not data
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
        self.source = MllpSource(address, self._open, self.told.put, clock)

    def _open(self, peer: str) -> Echo:
        return Echo(peer, self.ends)

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
    assert subject.ends.get(timeout=WAIT_S)[1] == "the gateway stops"
    assert not subject.source.is_alive
    assert subject.source.bound_port == 0


def test_too_many_connections_are_turned_away_and_the_others_stay(listening: Listening) -> None:
    devices = [listening.connect() for _ in range(MAX_CONNECTIONS)]
    for device in devices:
        device.sendall(b"a")
        assert device.recv(9) == b"A"
    with listening.connect() as turned_away:
        assert turned_away.recv(9) == b""
    devices[0].sendall(b"b")
    assert devices[0].recv(9) == b"B"
    for device in devices:
        device.close()


def test_a_device_that_says_nothing_makes_room() -> None:
    subject = Listening(clock=ScaledClock(read_system_clock, read_system_clock(), 6000.0))
    subject.begin()
    with subject.connect() as device:
        assert device.recv(9) == b""
    assert subject.ends.get(timeout=WAIT_S)[1] == "nothing came for 600 s"
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
