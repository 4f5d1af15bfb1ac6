"""Connections that send nothing, or are too many, end; streams and requests go on."""

from __future__ import annotations

import resource
import socket
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from edge_agent.board.connections import HEAD_WITHIN_S, Crowd, crowd_of
from tests.support.served_board import WAIT_S, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD_S: Final = 0.2
_ASKED: Final = b"GET /api/me HTTP/1.1\r\nHost: localhost\r\n\r\n"


def ended(port: int, *sent: bytes) -> bytes:
    """Return what a connection receives until the server ends it."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), WAIT_S) as peer:
        for part in sent:
            peer.sendall(part)
        while data := peer.recv(4096):
            received += data
    return received


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\n"])
def test_a_connection_without_a_whole_request_ends(sent: bytes) -> None:
    with serving(head_within_s=_HEAD_S) as board:
        assert ended(board.port, sent) == b""


def test_a_connection_without_a_whole_second_request_ends() -> None:
    with serving(head_within_s=_HEAD_S) as board:
        answer = ended(board.port, _ASKED, _ASKED[:20])
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.count(b"HTTP/1.1") == 1


def test_a_stream_goes_on_for_longer() -> None:
    with serving(head_within_s=_HEAD_S) as board, board.screen() as screen:
        screen.until("snapshot")
        assert ended(board.port, b"") == b"", "the time of the stream's own request is over, too"
        for _ in range(2):
            screen.until("beat")


@contextmanager
def descriptors(count: int) -> Iterator[None]:
    """Let this process have so many descriptors for a while."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    ("count", "crowd"),
    [
        (512, Crowd(256, 64)),
        (1024, Crowd(512, 128)),
        (4096, Crowd(1024, 128)),
        (resource.RLIM_INFINITY, Crowd(1024, 128)),
    ],
)
def test_the_board_leaves_descriptors_to_the_rest_of_the_program(count: int, crowd: Crowd) -> None:
    assert crowd_of(count) == crowd


def test_further_connections_end_at_once_and_leave_room_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with ExitStack() as stack:
        with descriptors(512):
            board = stack.enter_context(serving())
        with ExitStack() as crowd:
            for _ in range(256):
                crowd.enter_context(socket.create_connection(("127.0.0.1", board.port), WAIT_S))
            with socket.create_connection(("127.0.0.1", board.port), WAIT_S) as further:
                began_s = time.monotonic()
                assert was_cut(further)
                assert time.monotonic() - began_s < HEAD_WITHIN_S / 2
        answer = ended(board.port, _ASKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert answer.startswith(b"HTTP/1.1 ")
    assert [record for record in caplog.records if record.exc_info] == []


def was_cut(peer: socket.socket) -> bool:
    """Return True if the server ends a connection without a word."""
    try:
        return peer.recv(1) == b""
    except ConnectionResetError:
        return True
