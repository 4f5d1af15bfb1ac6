"""The device's end of a network connection connects by itself and mixes no two connections."""

from __future__ import annotations

import select
import selectors
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from simulators.links.tcp_link import TcpLink

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE_MS = 20_000
_ALL_BYTES = bytes(range(256))


@dataclass
class Seconds:
    """A clock that moves when it is told to."""

    now: float = 100.0

    def read(self) -> float:
        """Return the present second."""
        return self.now


@pytest.fixture
def agent() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(_PATIENCE_MS / 1000)
        yield listening


def reserved_port() -> socket.socket:
    """Return a socket whose port refuses until it listens."""
    reserved = socket.socket()
    reserved.bind(("127.0.0.1", 0))
    reserved.settimeout(_PATIENCE_MS / 1000)
    return reserved


def port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


def accepted(listening: socket.socket, link: TcpLink) -> socket.socket:
    """Return the agent's end of a connection that the link has begun."""
    assert link.read() == b""
    connection, _ = listening.accept()
    connection.settimeout(_PATIENCE_MS / 1000)
    assert link.read() == b""
    assert link.is_connected
    return connection


def wait_until_readable(link: TcpLink) -> None:
    poll = select.poll()
    poll.register(link, select.POLLIN)
    assert poll.poll(_PATIENCE_MS), "nothing came within the time allowed"


def received(connection: socket.socket, count: int) -> bytes:
    got = b""
    while len(got) < count:
        chunk = connection.recv(count - len(got))
        assert chunk, "the link hung up"
        got += chunk
    return got


def is_idle(link: TcpLink) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(link, selectors.EVENT_READ)
        return selector.select(0) == []


def test_every_byte_value_passes_both_ways(agent: socket.socket) -> None:
    with TcpLink("127.0.0.1", port_of(agent)) as link, accepted(agent, link) as host:
        assert link.write_some(_ALL_BYTES) == 256
        assert received(host, 256) == _ALL_BYTES
        host.sendall(_ALL_BYTES)
        wait_until_readable(link)
        assert link.read() == _ALL_BYTES
        assert link.read() == b""
        assert link.is_connected


def test_a_selector_that_knows_the_link_from_the_start_hears_every_connection(
    agent: socket.socket,
) -> None:
    clock = Seconds()
    with (
        TcpLink("127.0.0.1", port_of(agent), clock.read) as link,
        selectors.DefaultSelector() as ward,
    ):
        ward.register(link, selectors.EVENT_READ)
        assert ward.select(0) == []
        for greeting in (b"first", b"second"):
            with accepted(agent, link) as host:
                assert ward.select(0) == []
                host.sendall(greeting)
                assert ward.select(_PATIENCE_MS / 1000)
                assert link.read() == greeting
            assert ward.select(_PATIENCE_MS / 1000)
            assert link.read() == b""
            assert not link.is_connected
            assert ward.select(0) == []
            clock.now += 0.1


def test_what_is_written_without_a_connection_is_lost(agent: socket.socket) -> None:
    clock = Seconds()
    with TcpLink("127.0.0.1", port_of(agent), clock.read) as link:
        with accepted(agent, link) as host:
            assert link.write_some(b"half a mess") == 11
            assert received(host, 11) == b"half a mess"
        wait_until_readable(link)
        assert link.read() == b""
        assert link.write_some(b"age") == 3
        clock.now += 0.1
        with accepted(agent, link) as host:
            assert link.write_some(b"whole") == 5
            assert received(host, 5) == b"whole"


def test_a_refused_link_tries_again_after_ever_longer_waits() -> None:
    clock = Seconds(0.0)
    with reserved_port() as agent, TcpLink("127.0.0.1", port_of(agent), clock.read) as link:
        for refused_at in (0.0, 0.11, 0.32, 0.73):
            clock.now = refused_at
            assert link.read() == b""
        agent.listen()
        clock.now = 1.5
        assert link.read() == b""
        assert not link.is_connected
        clock.now = 1.54
        accepted(agent, link).close()


def test_a_link_that_was_refused_for_long_still_tries_every_5_s() -> None:
    clock = Seconds(0.0)
    with reserved_port() as agent, TcpLink("127.0.0.1", port_of(agent), clock.read) as link:
        for second in range(100):
            clock.now = float(second)
            assert link.read() == b""
            assert link.write_some(b"void") == 4
            assert is_idle(link)
        agent.listen()
        clock.now += 5.0
        accepted(agent, link).close()


def test_an_unanswered_attempt_is_waited_for_without_blocking() -> None:
    with reserved_port() as agent, socket.socket() as first, socket.socket() as second:
        agent.listen(0)
        for other in (first, second):  # the queue holds one, the next gets no answer
            other.settimeout(0)
            other.connect_ex(agent.getsockname())
        with TcpLink("127.0.0.1", port_of(agent)) as link:
            for _ in range(3):
                assert link.read() == b""
                assert link.write_some(b"void") == 4
                assert not link.is_connected
            assert is_idle(link)


def test_an_address_that_cannot_be_reached_is_like_a_refusal() -> None:
    clock = Seconds()
    with TcpLink("255.255.255.255", 9, clock.read) as link:
        for _ in range(5):
            assert link.read() == b""
            assert link.write_some(b"void") == 4
            assert not link.is_connected
            clock.now += 10.0


def test_a_connection_that_takes_nothing_more_loses_nothing(agent: socket.socket) -> None:
    with TcpLink("127.0.0.1", port_of(agent)) as link, accepted(agent, link) as host:
        block = _ALL_BYTES * 64
        taken = 0
        while count := link.write_some(block[taken % len(block) :]):
            taken += count
        assert taken > len(block)
        assert link.is_connected
        assert received(host, taken) == (block * (taken // len(block) + 1))[:taken]


def test_a_reset_connection_is_given_up_by_writing_and_by_reading(agent: socket.socket) -> None:
    clock = Seconds()
    reset = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # linger on, for no time
    with TcpLink("127.0.0.1", port_of(agent), clock.read) as link:
        for write in (True, False):
            host = accepted(agent, link)
            host.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            host.close()
            wait_until_readable(link)
            if write:
                assert link.write_some(b"lost") == 4
            else:
                assert link.read() == b""
            assert not link.is_connected
            clock.now += 0.1


def test_writing_nothing_takes_nothing(agent: socket.socket) -> None:
    with TcpLink("127.0.0.1", port_of(agent)) as link, accepted(agent, link):
        assert link.write_some(b"") == 0


def test_a_closed_link_stays_closed(agent: socket.socket) -> None:
    link = TcpLink("127.0.0.1", port_of(agent))
    with accepted(agent, link) as host:
        link.close()
        link.close()
        assert host.recv(1) == b""
        assert link.read() == b""
        assert link.write_some(b"x") == 1
        assert not link.is_connected


def test_the_path_names_the_agent(agent: socket.socket) -> None:
    with TcpLink("127.0.0.1", port_of(agent)) as link:
        assert link.path == f"127.0.0.1:{port_of(agent)}"


def test_an_unplugged_link_hangs_up_and_connects_only_when_it_is_plugged_in(
    agent: socket.socket,
) -> None:
    clock = Seconds()
    with TcpLink("127.0.0.1", port_of(agent), clock.read) as link:
        with accepted(agent, link) as host:
            link.unplug()
            assert host.recv(1) == b""
        clock.now += 3600
        assert link.write_some(b"nobody") == 6
        assert link.read() == b""
        assert not link.is_connected
        agent.settimeout(0)
        with pytest.raises(BlockingIOError):
            agent.accept()
        agent.settimeout(_PATIENCE_MS / 1000)
        link.plug_in()
        with accepted(agent, link) as host:
            assert link.write_some(b"back") == 4
            assert received(host, 4) == b"back"
