"""Connections that send nothing, or too slowly, end; streams and requests do not."""

from __future__ import annotations

import socket
from typing import Final

import pytest

from tests.support.served_board import WAIT_S, serving

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
