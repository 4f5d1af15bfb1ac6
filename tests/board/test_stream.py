"""The stream of the board, over a real socket."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from edge_agent.access.roles import Role
from edge_agent.board import hub, stream
from tests.support.board_bodies import gateway_body
from tests.support.board_ward import BEDS
from tests.support.made_alerts import ORGAN_SIGN
from tests.support.served_board import WAIT_S, Served, serving
from tests.support.session_gate import SessionGate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def board() -> Iterator[Served]:
    with serving() as served:
        yield served


def test_the_first_event_is_everything(board: Served) -> None:
    with board.screen() as screen:
        first = screen.event()
    assert first is not None
    assert first.name == "snapshot"
    assert [bed["id"] for bed in first.content["beds"]] == list(BEDS)
    assert first.content["ward"]["beds_assessed"] == 8
    assert first.content["seq"] == first.seq


def test_a_proxy_is_told_not_to_hold_the_stream_back(board: Served) -> None:
    with board.screen() as screen:
        headers = screen.response.headers
    assert headers["Content-Type"].startswith("text/event-stream")
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["Cache-Control"] == "no-store, no-transform"


def test_an_alert_comes_at_once_with_its_bed(board: Served) -> None:
    with board.screen() as screen:
        screen.until("snapshot")
        board.ward.raise_alert("bed-03", ORGAN_SIGN)
        bed = screen.until("bed", "bed-03").content
    assert bed["problem"]["priority"] == "high"
    assert bed["problem"]["state"] == "open"
    assert bed["vitals"]["pressure"]["in_alarm"] is True


def test_an_alert_waits_for_no_second_and_for_no_vital_sign(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub, "_TICK_S", 3600.0)
    with serving() as board, board.screen() as screen:
        screen.until("snapshot")
        for second in range(200):
            board.ward.move(second)
        board.ward.raise_alert("bed-03", ORGAN_SIGN)
        assert screen.until("bed", "bed-03").content["problem"]["state"] == "open"


def test_vital_signs_come_within_a_second_and_a_beat_with_them(board: Served) -> None:
    with board.screen() as screen:
        before = screen.until("snapshot").content
        board.ward.move(1)
        vitals = screen.until("vitals")
        beat = screen.until("beat")
    assert vitals.content["beds"].keys() == set(BEDS)
    shown = vitals.content["beds"]["bed-01"]["vitals"]["heart_rate"]
    assert shown["at_ms"] > before["beds"][0]["vitals"]["heart_rate"]["at_ms"]
    assert shown["state"] == "live"
    assert beat.content["seq"] == vitals.seq


def test_a_screen_that_comes_back_gets_only_what_changed_meanwhile(board: Served) -> None:
    with board.screen() as screen:
        seq = screen.until("snapshot").seq
    board.ward.raise_alert("bed-03", ORGAN_SIGN)
    board.ward.feed.put(gateway_body("lost", (), "gw-2"))
    with board.screen() as other:
        other.until("snapshot")  # it is in what the board has sent
    with board.screen(after=seq) as screen:
        names: list[str] = []
        while not names or names[-1] != "vitals":
            event = screen.event()
            assert event is not None
            assert event.seq > seq
            names.append(event.name)
            if event.name == "bed":
                assert event.content["id"] == "bed-03"
    assert sorted(names) == ["bed", "vitals", "ward"]


@pytest.mark.parametrize("after", [0, 1, 10**15, 10**17])
def test_a_number_from_another_run_gets_everything(board: Served, after: int) -> None:
    with board.screen(after=after) as screen:
        first = screen.event()
    assert first is not None
    assert first.name == "snapshot"


@pytest.mark.parametrize("text", ["-1", "x", "1e3", "9" * 40, "%D9%A3"])
def test_a_number_that_is_none_gets_everything(board: Served, text: str) -> None:
    with socket.create_connection(("127.0.0.1", board.port), WAIT_S) as peer:
        peer.sendall(f"GET /api/stream?after={text} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        received = b""
        while b"event: " not in received:
            received += peer.recv(65536)
    assert b"200 OK" in received
    assert b"event: snapshot" in received


def test_numbers_never_fall_within_a_stream(board: Served) -> None:
    with board.screen() as screen:
        seqs = []
        for second in range(1, 4):
            board.ward.raise_alert(BEDS[second], ORGAN_SIGN)
            board.ward.move(second)
            while (event := screen.event()) is not None:
                seqs.append(event.seq)
                if event.name == "beat":
                    break
    assert seqs == sorted(seqs)


def test_a_screen_that_stops_reading_keeps_nobody_waiting_and_costs_no_memory(
    board: Served,
) -> None:
    stalled = socket.socket()
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    stalled.connect(("127.0.0.1", board.port))
    stalled.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    with stalled, board.screen() as screen:
        screen.until("snapshot")
        for second in range(1, 40):
            board.ward.raise_alert(BEDS[second % 8], ORGAN_SIGN)
            assert screen.until("bed", BEDS[second % 8]).content["problem"] is not None


def test_a_session_that_is_revoked_gets_no_event_after_one_beat(tmp_path: Path) -> None:
    gate = SessionGate(tmp_path)
    visitor = gate.open("nurse 7", Role.NURSE)
    with serving(gate=gate) as board, board.screen(visitor=visitor) as screen:
        screen.until("beat")
        gate.revoke("nurse 7")
        left = []
        while (event := screen.event()) is not None:
            left.append(event.name)
    gate.access.file.close()
    assert left.count("beat") <= 1


def test_the_end_of_the_board_ends_every_stream_at_once(board: Served) -> None:
    screens = [board.screen() for _ in range(20)]
    for screen in screens:
        screen.until("snapshot")
    stopping = threading.Thread(target=board.server.stop)
    stopping.start()
    for screen in screens:
        while screen.event() is not None:
            pass
        screen.__exit__()
    stopping.join(WAIT_S)
    assert not board.server.is_alive()


def test_more_streams_than_a_ward_needs_are_refused_and_harm_no_other(
    board: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_MOST_STREAMS", 2)
    with board.screen() as one, board.screen() as two:
        one.until("snapshot")
        two.until("snapshot")
        with board.screen() as third:
            assert third.response.status == 503
        board.ward.raise_alert("bed-03", ORGAN_SIGN)
        for screen in (one, two):
            assert screen.until("bed", "bed-03").content["problem"] is not None


def test_a_screen_that_does_not_read_is_cut_off(
    board: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(stream, "SEND_WITHIN_S", 0.2)
    stalled = socket.socket()
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    stalled.connect(("127.0.0.1", board.port))
    stalled.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    with stalled, board.screen() as screen:
        screen.until("snapshot")
        for second in range(1, 2000):
            board.ward.raise_alert(BEDS[second % 8], ORGAN_SIGN)
            screen.until("bed", BEDS[second % 8])
            if board.server._board.hub.streams == 1:
                break
    assert board.server._board.hub.streams <= 1
    assert any("is cut off" in record.getMessage() for record in caplog.records)
    caplog.clear()
