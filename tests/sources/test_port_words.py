"""Why a port cannot be used is said in words about which somebody can do something."""

from __future__ import annotations

import errno
import os
import queue
import socket
import subprocess
import sys
import tty
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import serial

from edge_agent.drivers.base import SerialSettings
from edge_agent.sources.port_words import port_words
from edge_agent.sources.serial_source import SerialSource
from tests.support.source_talk import WAIT_S, Talk, clock

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = SerialSettings(baud=9600, byte_size=8, parity="N", stop_bits=1, rts_cts=False)
HOLDER = """
import fcntl, os, sys
port = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
fcntl.flock(port, fcntl.LOCK_EX | fcntl.LOCK_NB)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def terminal() -> Iterator[str]:
    master, slave = os.openpty()
    tty.setraw(slave)
    yield os.ttyname(slave)
    os.close(slave)
    os.close(master)


def told(port: str) -> str:
    """Return the first word of a source about its port."""
    talk = Talk()
    source = SerialSource(port, SETTINGS, talk.converse, talk.links.put, clock())
    source.start()
    try:
        return str(talk.links.get(timeout=WAIT_S))
    finally:
        source.stop()


def test_what_is_no_serial_port_is_called_so(tmp_path: Path) -> None:
    file, pipe = tmp_path / "file", tmp_path / "pipe"
    file.write_text("x")
    os.mkfifo(pipe)
    assert told(str(file)) == f"{file} is not a serial port"
    assert told(str(pipe)) == f"{pipe} is not a serial port"
    assert told("/dev/null") == "/dev/null is not a serial port"
    assert told(str(tmp_path)) == f"{tmp_path} is a folder, not a serial port"
    assert told(str(tmp_path / "none")) == f"{tmp_path / 'none'} is not there"


def test_a_terminal_server_that_is_off_is_called_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    url = f"socket://127.0.0.1:{port}"
    assert told(url).startswith(f"{url} refuses the connection: ")


@pytest.mark.pty
def test_an_adapter_that_is_pulled_is_called_so() -> None:
    talk = Talk()
    master, slave = os.openpty()
    tty.setraw(slave)
    port = os.ttyname(slave)
    source = SerialSource(port, SETTINGS, talk.converse, talk.links.put, clock())
    source.start()
    assert talk.link() is None
    os.close(slave)
    os.close(master)
    assert str(talk.link()).startswith(f"{port} was unplugged")
    source.stop()


@pytest.mark.pty
def test_the_program_that_holds_the_port_is_named_under_every_name(
    terminal: str, tmp_path: Path
) -> None:
    link = tmp_path / "monitor"
    link.symlink_to(terminal)
    other = f"/dev/pts/../pts/{Path(terminal).name}"
    command = [sys.executable, "-c", HOLDER, terminal]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for port in (terminal, other, str(link)):
            words = told(port)
            assert words.startswith(f"{port} is used by another program (python")
            assert words.endswith(f", process {holder.pid})")
        holder.communicate()
    assert told(terminal) == "None"


@pytest.mark.pty
def test_two_lines_of_one_gateway_never_share_a_port(terminal: str, tmp_path: Path) -> None:
    link = tmp_path / "monitor"
    link.symlink_to(terminal)
    talk = Talk()
    source = SerialSource(terminal, SETTINGS, talk.converse, talk.links.put, clock())
    source.start()
    assert talk.link() is None
    assert told(str(link)) == f"{link} is used by another line of this gateway"
    source.stop()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EIO, "x"), "was unplugged, or its device was switched off"),
        (OSError(errno.ENODEV, "x"), "was unplugged"),
        (serial.SerialException("device reports readiness to read but returned no data"),
         "was unplugged, or another program reads it, too"),
        (serial.SerialException("Could not open port: timed out"), "does not answer"),
        (socket.gaierror(socket.EAI_NONAME, "x"), "has an unknown host name"),
        (OSError(errno.EBUSY, "x"), "is used by another program"),
        (serial.SerialException(errno.EAGAIN, "x"), "is used by another program"),
        (serial.SerialException("something else"), ": something else"),
    ],
)  # fmt: skip
def test_each_kind_of_failure_has_its_words(error: Exception, words: str) -> None:
    said = port_words("/dev/ttyUSB0", "/dev/none", error)
    assert said == f"/dev/ttyUSB0{'' if words.startswith(':') else ' '}{words}"


def test_what_led_to_an_error_is_looked_at_too() -> None:
    error = serial.SerialException("Could not open port")
    error.__context__ = ConnectionRefusedError(errno.ECONNREFUSED, "x")
    assert "refuses the connection" in port_words("socket://t:1", "", error)


def test_garbage_without_end_is_handed_over_in_bounded_pieces_and_no_faster_than_a_line() -> None:
    talk = Talk()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(WAIT_S)
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
        source = SerialSource(url, SETTINGS, talk.converse, talk.links.put, clock())
        source.start()
        peer, _address = server.accept()
        with peer:
            peer.settimeout(WAIT_S)
            assert talk.link() is None
            begun = clock().now()
            peer.sendall(bytes(600_000))
            got = 0
            while got < 600_000:
                chunk = talk.chunks.get(timeout=WAIT_S)
                assert len(chunk) <= 65536
                got += len(chunk)
            assert clock().now().seconds_since(begun) < WAIT_S
        source.stop()


def test_a_port_that_does_not_let_go_does_not_hold_up_the_end() -> None:
    talk, never = Talk(), queue.Queue[bytes]()

    def converse(data: bytes, _at: object) -> bytes:
        if data:
            talk.ticked.set()
            return never.get()
        return b""

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(WAIT_S)
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
        source = SerialSource(url, SETTINGS, converse, talk.links.put, clock())
        source.start()
        peer, _address = server.accept()
        with peer:
            assert talk.link() is None
            peer.sendall(b"x")
            assert talk.ticked.wait(WAIT_S)
            source.stop(0.1)
            assert source.is_alive
            never.put(b"")
            source.stop()
