"""The client of the control socket: it finds its agent, and says why there is none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.beside_journal import control_paths
from edge_agent.model.errors import LinkError
from edge_agent.payloads.control import SnapshotRequest, decode_reply
from edge_agent.ward_client import control_client
from edge_agent.ward_client.control_client import ask_agent
from tests.support.control_sockets import EchoDesk, opened_socket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.gateway.control_socket import Reply


class RightDesk(EchoDesk):
    """Answers as an agent does."""

    def serve(self, line: bytes, reply: Reply) -> None:
        """Answer with the request itself."""
        reply(b'{"ok":' + line + b"}\n")


@contextmanager
def answering(path: Path, words: bytes) -> Iterator[None]:
    """Listen at a path, and answer the first request with these words."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer() -> None:
            caller, _ = listener.accept()
            with caller:
                caller.recv(65536)
                caller.sendall(words)

        thread = threading.Thread(target=answer)
        thread.start()
        yield
        thread.join()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def test_a_request_is_answered_beside_the_journal(journal: Path) -> None:
    with opened_socket(journal, RightDesk()):
        reply = ask_agent(journal, SnapshotRequest())
    assert reply is not None
    assert bytes(reply.ok) == b'{"do":"snapshot"}'


@pytest.mark.parametrize("is_folder", [False, True])
def test_an_agent_whose_folder_takes_no_socket_is_found_in_memory(
    journal: Path, *, is_folder: bool
) -> None:
    beside, _ = control_paths(journal)
    if is_folder:
        beside.mkdir()
    else:
        beside.write_text("in the way")
    with opened_socket(journal, RightDesk()):
        reply = ask_agent(journal, SnapshotRequest())
    assert reply is not None
    assert reply.ok


def test_no_agent_is_none(journal: Path) -> None:
    assert ask_agent(journal, SnapshotRequest()) is None
    assert ask_agent(journal / "no folder" / "journal.db", SnapshotRequest()) is None
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(control_paths(journal)[0]))
    assert ask_agent(journal, SnapshotRequest()) is None


@pytest.mark.parametrize("words", [b"", b'{"ok":', b"no JSON\n", b'{"ok":1}\nmore'])
def test_an_answer_that_is_none_is_said(journal: Path, words: bytes) -> None:
    path = control_paths(journal)[0]
    with answering(path, words), pytest.raises(LinkError, match=f"{path} does not answer"):
        ask_agent(journal, SnapshotRequest())


def test_an_answer_without_end_is_given_up(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_client, "_LONGEST_REPLY", 10)
    with answering(control_paths(journal)[0], b"x" * 11), pytest.raises(LinkError, match="ended"):
        ask_agent(journal, SnapshotRequest())


def test_an_agent_that_hangs_is_given_up(journal: Path) -> None:
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(control_paths(journal)[0]))
        hung.listen()
        with pytest.raises(LinkError, match="timed out"):
            ask_agent(journal, SnapshotRequest(), wait_s=0.05)


_STRANGER = """
import os, socket, sys
os.setuid(65534)
with socket.socket(socket.AF_UNIX) as listener:
    listener.bind(sys.argv[1])
    listener.listen()
    print("listening", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
def test_an_agent_of_a_stranger_is_not_trusted() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        journal = Path(folder) / "journal.db"
        journal.touch()
        path = str(control_paths(journal)[0])
        command = [sys.executable, "-c", _STRANGER, path]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stranger:
            assert stranger.stdout is not None
            stranger.stdout.readline()
            with pytest.raises(LinkError, match="belongs to user 65534, who is not trusted"):
                ask_agent(journal, SnapshotRequest())
            os.chown(journal, 65534, 65534)
            with pytest.raises(LinkError, match="timed out"):
                ask_agent(journal, SnapshotRequest(), wait_s=0.05)


def test_a_reply_has_a_result_or_a_reason() -> None:
    assert bytes(decode_reply(b'{"ok":[]}').ok) == b"[]"
    assert not decode_reply(b'{"error":"busy"}').ok
