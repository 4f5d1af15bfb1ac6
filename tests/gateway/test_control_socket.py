"""The control socket: a file for its owner alone, and clients that delay nobody."""

from __future__ import annotations

import socket
import stat
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.beside_journal import control_paths
from edge_agent.gateway import control_socket
from edge_agent.gateway.control_socket import ControlSocket
from edge_agent.payloads.control import MAX_REQUEST_BYTES
from tests.support.control_sockets import (
    WAIT_S,
    EchoDesk,
    await_path,
    calling,
    opened_socket,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def left_by_a_dead_agent(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))


def test_a_line_is_answered_and_only_the_owner_may_ask(journal: Path) -> None:
    path, spare = control_paths(journal)
    with opened_socket(journal), calling(path) as caller:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert caller.ask(b"one") == b"got one\n"
        assert caller.ask(b"two") == b"got two\n"
    assert not path.exists()
    assert not spare.exists()


def test_lines_that_come_together_are_answered_in_order(journal: Path) -> None:
    with opened_socket(journal), calling(control_paths(journal)[0]) as caller:
        caller.socket.sendall(b"one\ntwo\nth")
        assert [caller.read(), caller.read()] == [b"got one\n", b"got two\n"]
        assert caller.ask(b"ree") == b"got three\n"


def test_a_path_longer_than_an_address_can_be_is_reached(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    path, _ = control_paths(folder / "journal.db")
    assert len(str(path)) > 108
    with opened_socket(folder / "journal.db"), calling(path) as caller:
        assert caller.ask(b"far") == b"got far\n"
    assert not path.exists()


def test_the_socket_of_a_dead_agent_is_replaced(journal: Path) -> None:
    path, _ = control_paths(journal)
    left_by_a_dead_agent(path)
    with opened_socket(journal), calling(path) as caller:
        assert caller.ask(b"new") == b"got new\n"


def test_the_socket_of_a_living_agent_is_left_until_it_ends(
    journal: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(control_socket, "_LOOK_EVERY_S", 0.02)
    path, _ = control_paths(journal)
    second = ControlSocket((path,), EchoDesk())
    with opened_socket(journal, first := EchoDesk()), calling(path) as caller:
        second.start()
        caller.socket.sendall(b"wait\n")
        reply = first.waiting.get(timeout=WAIT_S)
        pace = threading.Event()
        while "is used by another agent" not in caplog.text:
            pace.wait(0.01)
        with calling(path) as other:
            other.socket.sendall(b"wait\n")
            first.waiting.get(timeout=WAIT_S)
        reply(b"still here\n")
        assert caller.read() == b"still here\n"
    await_path(journal)
    with calling(path) as caller:
        assert caller.ask(b"you") == b"got you\n"
    assert caplog.text.count("is used by another agent") == 1
    second.stop()


def test_another_file_is_left_as_it_is_and_memory_serves(journal: Path) -> None:
    path, spare = control_paths(journal)
    path.write_text("notes")
    with opened_socket(journal), calling(spare) as caller:
        assert caller.ask(b"spare") == b"got spare\n"
    assert path.read_text() == "notes"
    assert not spare.exists()


def test_a_file_that_was_removed_comes_back(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_socket, "_LOOK_EVERY_S", 0.02)
    path, _ = control_paths(journal)
    with opened_socket(journal):
        path.unlink()
        await_path(journal)
        with calling(path) as caller:
            assert caller.ask(b"again") == b"got again\n"


def test_a_file_that_took_its_place_is_left_at_the_end(journal: Path) -> None:
    path, _ = control_paths(journal)
    with opened_socket(journal):
        other = path.with_name("other")
        other.write_text("notes")
        other.replace(path)
    assert path.read_text() == "notes"


def test_a_folder_that_appears_later_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(control_socket, "_LOOK_EVERY_S", 0.02)
    caplog.set_level("INFO")
    path = tmp_path / "disk" / "socket"
    control = ControlSocket((path,), EchoDesk())
    control.start()
    pace = threading.Event()
    while "are not accepted" not in caplog.text:
        pace.wait(0.01)
    path.parent.mkdir()
    while "are accepted at" not in caplog.text:
        pace.wait(0.01)
    with calling(path) as caller:
        assert caller.ask(b"here") == b"got here\n"
    assert control.is_alive()
    control.stop()
    assert not control.is_alive()


def test_a_reply_that_comes_later_reaches_its_caller_only(journal: Path) -> None:
    desk = EchoDesk()
    path, _ = control_paths(journal)
    with opened_socket(journal, desk), calling(path) as slow, calling(path) as quick:
        slow.socket.sendall(b"wait\nthen\n")
        reply = desk.waiting.get(timeout=WAIT_S)
        assert quick.ask(b"me") == b"got me\n"
        reply(b"done\n")
        reply(b"done twice\n")
        assert [slow.read(), slow.read()] == [b"done\n", b"got then\n"]


def test_an_effect_that_is_not_seen_in_time_is_said(journal: Path) -> None:
    desk = EchoDesk()
    with opened_socket(journal, desk, 0.05), calling(control_paths(journal)[0]) as caller:
        assert b"no effect was seen in 0.05 s" in caller.ask(b"wait")
        desk.waiting.get(timeout=WAIT_S)(b"late\n")
        assert caller.ask(b"next") == b"got next\n"


def test_a_request_without_end_is_refused_and_ends_the_connection(journal: Path) -> None:
    with opened_socket(journal), calling(control_paths(journal)[0]) as caller:
        caller.socket.sendall(b"x" * (MAX_REQUEST_BYTES + 1))
        assert b"request is too long" in caller.read()
        assert caller.read() == b""
    with opened_socket(journal), calling(control_paths(journal)[0]) as caller:
        assert b"request is too long" in caller.ask(b"x" * (MAX_REQUEST_BYTES + 1))
        assert caller.read() == b""


def test_a_request_of_the_longest_size_is_accepted(journal: Path) -> None:
    with opened_socket(journal), calling(control_paths(journal)[0]) as caller:
        assert caller.ask(b"x" * MAX_REQUEST_BYTES).startswith(b"got x")


def test_a_silent_client_is_hung_up_on(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_socket, "_SILENT_S", 0.05)
    with opened_socket(journal), calling(control_paths(journal)[0]) as caller:
        caller.socket.sendall(b"never ended")
        assert caller.read() == b""


def test_a_client_that_does_not_read_its_reply_is_hung_up_on(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_socket, "_SILENT_S", 0.05)
    desk = EchoDesk()
    path, _ = control_paths(journal)
    with opened_socket(journal, desk), calling(path) as caller:
        caller.socket.sendall(b"wait\n")
        desk.waiting.get(timeout=WAIT_S)(b"y" * 5_000_000 + b"\n")
        with calling(path) as other:
            assert other.ask(b"me") == b"got me\n"
            assert other.read() == b""  # by then the patience with the first has ended, too
        received = 0
        while data := caller.socket.recv(65536):
            received += len(data)
    assert received < 5_000_000


def test_a_reply_larger_than_the_socket_holds_arrives_whole(journal: Path) -> None:
    desk = EchoDesk()
    with opened_socket(journal, desk), calling(control_paths(journal)[0]) as caller:
        caller.socket.sendall(b"wait\n")
        desk.waiting.get(timeout=WAIT_S)(b"y" * 5_000_000 + b"\n")
        assert len(caller.read()) == 5_000_001
        assert caller.ask(b"on") == b"got on\n"


def test_a_crowd_of_idle_clients_makes_room_for_the_next(journal: Path) -> None:
    path, _ = control_paths(journal)
    with opened_socket(journal), ExitStack() as stack:
        crowd = [stack.enter_context(calling(path)) for _ in range(40)]
        assert crowd[-1].ask(b"last") == b"got last\n"
        assert crowd[0].read() == b""


def test_a_crowd_that_waits_for_effects_is_not_disturbed(journal: Path) -> None:
    desk = EchoDesk()
    path, _ = control_paths(journal)
    with opened_socket(journal, desk), ExitStack() as stack:
        crowd = [stack.enter_context(calling(path)) for _ in range(16)]
        for caller in crowd:
            caller.socket.sendall(b"wait\n")
        replies = [desk.waiting.get(timeout=WAIT_S) for _ in crowd]
        with calling(path) as late:
            assert late.read() == b""
        for reply in replies:
            reply(b"done\n")
        assert [caller.read() for caller in crowd] == [b"done\n"] * 16


def test_a_client_that_hangs_up_in_the_middle_harms_nobody(journal: Path) -> None:
    desk = EchoDesk()
    path, _ = control_paths(journal)
    with opened_socket(journal, desk) as control:
        with calling(path) as gone:
            gone.socket.sendall(b"wait\n")
            reply = desk.waiting.get(timeout=WAIT_S)
        reply(b"y" * 5_000_000 + b"\n")
        with calling(path) as caller:
            assert caller.ask(b"on") == b"got on\n"
        assert control.is_alive()


def test_the_thread_can_be_started_again_after_it_died(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BrokenDesk(EchoDesk):
        def serve(self, line: bytes, reply: control_socket.Reply) -> None:
            if line == b"break":
                raise RuntimeError("a mistake of ours")
            super().serve(line, reply)

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    path, _ = control_paths(journal)
    with opened_socket(journal, BrokenDesk()) as control:
        with calling(path) as caller:
            assert caller.ask(b"break") == b""
        control._thread.join(WAIT_S)
        assert not control.is_alive()
        control.start()
        await_path(journal)
        with calling(path) as caller:
            assert caller.ask(b"on") == b"got on\n"
