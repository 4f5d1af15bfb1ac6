"""The board's server as a part of the program: start, stop, and its address."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge_agent.board.server import Address, BoardServer
from edge_agent.model.errors import LinkError
from tests.support.board_ward import BoardWard, board_of
from tests.support.served_board import WAIT_S, Screen, serving

if TYPE_CHECKING:
    from edge_agent.board.shapes import ShownBed

ROOT = Path(__file__).resolve().parents[2]


def test_a_server_starts_again_on_its_port_after_it_was_stopped() -> None:
    with serving() as board:
        server, port = board.server, board.port
        assert server.is_alive()
        assert server.url == f"http://127.0.0.1:{port}/"
        server.stop()
        assert not server.is_alive()
        server.stop()
        server.start()
        assert (server.is_alive(), board.port) == (True, port)
        with board.screen() as screen:
            screen.until("snapshot")


def test_a_port_that_is_taken_is_said() -> None:
    with serving() as board:
        other = BoardServer(board_of(BoardWard("quiet")), Address(port=board.port))
        with pytest.raises(LinkError, match=f"127.0.0.1:{board.port} cannot be used"):
            other.start()


def test_what_is_put_while_nobody_serves_is_there_afterwards() -> None:
    with serving() as board:
        board.server.stop()
        board.ward.move(1)
        board.ward.feed.put(board.ward.feed.vitals()[-1])
        board.server.start()
        with board.screen() as screen:
            assert len(screen.until("snapshot").content["beds"]) == 8


def test_a_bed_that_cannot_be_shown_does_not_end_the_board(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as board, board.screen() as screen:
        screen.until("snapshot")
        state = board.server._board.hub._state
        plain = state.bed

        def bed(bed_id: str, now_ms: int) -> ShownBed:
            assert bed_id != "bed-02", "a mistake of ours"
            return plain(bed_id, now_ms)

        monkeypatch.setattr(state, "bed", bed)
        broken = screen.until("bed", "bed-02").content
        screen.until("beat")
        screen.until("beat")
    assert broken["assessment"]["state"] == "not_assessing"
    assert "monitor" in broken["assessment"]["words"]["en"]
    assert len([record for record in caplog.records if "bed-02" in record.getMessage()]) == 1


def test_a_hundred_open_streams_do_not_hold_up_the_end() -> None:
    command = [sys.executable, "-m", "tests.support.board_ward", "--port", "0", "--scene", "quiet"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
        screens = [Screen(port) for _ in range(100)]
        for screen in screens:
            screen.until("snapshot")
        process.send_signal(signal.SIGTERM)
        stopped = process.stdout.readline()
        process.wait(WAIT_S)
        for screen in screens:
            screen.__exit__()
    assert process.returncode == 0
    assert float(stopped.split()[2]) < 2.0
