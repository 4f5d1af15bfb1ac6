"""A terminal server is a port like any other: read, answered, lost and found again."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from edge_agent.drivers.base import SerialSettings
from edge_agent.sources.serial_source import SerialSource, _connection
from simulators.links.pty_link import PtyLink
from tests.support.serial_host import PATIENCE_S
from tests.support.source_talk import Talk, clock
from tests.support.terminal_server import TerminalServer

if TYPE_CHECKING:
    from collections.abc import Iterator

# pyserial names its reader thread in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning:serial.rfc2217")

SETTINGS = SerialSettings(baud=19200, byte_size=8, parity="N", stop_bits=2, rts_cts=False)
EVERY_BYTE = bytes(range(256))
PAUSE = threading.Event()


def started(url: str, talk: Talk) -> SerialSource:
    source = SerialSource(url, SETTINGS, talk.converse, talk.links.put, clock())
    source.start()
    return source


@pytest.fixture
def monitor() -> Iterator[PtyLink]:
    """Give the device's end of the cable that is plugged into the terminal server."""
    with PtyLink() as link:
        yield link


def heard_by(monitor: PtyLink, count: int) -> bytes:
    got = b""
    for _ in range(round(PATIENCE_S / 0.01)):
        got += monitor.read()
        if len(got) >= count:
            break
        PAUSE.wait(0.01)
    return got


@pytest.mark.pty
def test_a_port_of_a_terminal_server_is_set_up_read_and_answered(monitor: PtyLink) -> None:
    talk = Talk()
    with TerminalServer(monitor.path) as server:
        source = started(f"rfc2217://127.0.0.1:{server.port}", talk)
        assert talk.link() is None
        assert (server.serial.baudrate, server.serial.stopbits) == (19200, 2)
        monitor.write(EVERY_BYTE)
        assert talk.heard(256) == EVERY_BYTE
        talk.to_say.put(EVERY_BYTE)
        assert heard_by(monitor, 256) == EVERY_BYTE
        source.stop()
    assert talk.links.empty()


@pytest.mark.pty
def test_a_terminal_server_that_restarts_is_found_again(monitor: PtyLink) -> None:
    talk = Talk()
    with TerminalServer(monitor.path) as server:
        source = started(f"rfc2217://127.0.0.1:{server.port}", talk)
        assert talk.link() is None
    gone = talk.link()
    assert gone is not None
    assert gone.retryable
    with TerminalServer(monitor.path, server.port):
        assert talk.link() is None
        monitor.write(b"after")
        assert talk.heard(5) == b"after"
        source.stop()


def test_a_raw_port_of_a_terminal_server_that_restarts_is_found_again() -> None:
    talk = Talk()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        source = started(f"socket://127.0.0.1:{port}", talk)
        server.settimeout(PATIENCE_S)
        monitor, _peer = server.accept()
        assert talk.link() is None
        monitor.close()
    assert "disconnected" in str(talk.link())
    with socket.create_server(("127.0.0.1", port)) as server:
        server.settimeout(PATIENCE_S)
        monitor, _peer = server.accept()
        with monitor:
            assert talk.link() is None
            monitor.sendall(EVERY_BYTE)
            assert talk.heard(256) == EVERY_BYTE
            source.stop()


def test_a_server_that_lost_its_power_is_asked_whether_it_is_there() -> None:
    talk = Talk()
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = started(f"socket://127.0.0.1:{server.getsockname()[1]}", talk)
        assert talk.link() is None
        connection = _connection(source._port)
        assert connection is not None
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        seconds = [
            connection.getsockopt(socket.IPPROTO_TCP, option)
            for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        ]
        source.stop()
    idle_s, interval_s, count = seconds
    assert idle_s + interval_s * count < 30


def test_a_server_that_takes_no_bytes_is_given_up() -> None:
    talk = Talk()
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = started(f"socket://127.0.0.1:{server.getsockname()[1]}", talk)
        assert talk.link() is None
        talk.to_say.put(bytes(50_000_000))
        stuck = talk.link()
        assert stuck is not None
        assert stuck.retryable
        assert "accepts no bytes for 1 s" in str(stuck)
        source.stop()


def test_a_server_that_is_not_rfc2217_is_refused_in_words() -> None:
    talk = Talk()
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"rfc2217://127.0.0.1:{server.getsockname()[1]}"
        source = started(url, talk)
        refused = talk.link()
        source.stop()
    assert str(refused) == f"{url} does not speak RFC 2217: want socket:// for a raw port"
