"""The file behind `crswatch status`: full disks, other programs, a disk that hangs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.gateway.status_file import (
    RunState,
    StatusFile,
    encode_status,
    has_ended,
    newest_status,
    process_key,
    status_path,
    status_paths,
)
from edge_agent.journal.ownership import STATUS_BEGIN, STATUS_SUFFIX
from tests.support.gateway_states import DEVICE, show, status

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (RunState.STOPPED, "the agent does not run: it stopped as requested"),
        (RunState.STOPPING, "the agent began to stop"),
    ],
)
def test_an_agent_that_stops_is_not_said_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], state: RunState, words: str
) -> None:
    assert show(tmp_path, replace(status(DEVICE), state=state)) == 1
    shown = capsys.readouterr()
    assert words in shown.err
    assert words in shown.out.splitlines()[1]


def test_a_process_that_was_killed_is_not_said_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        key = process_key(process.pid)
        assert key
        said = replace(status(DEVICE), pid=process.pid, process_key=key)
        assert show(tmp_path, said) == 0
        assert not has_ended(said)
        assert has_ended(replace(said, process_key=f"{key}1"))  # a later process of that number
        assert not has_ended(replace(said, process_key=f"elsewhere {key}"))
        process.kill()
    assert show(tmp_path, said, "--json") == 1
    shown = capsys.readouterr()
    assert "ended unexpectedly" in shown.err
    assert json.loads(shown.out.splitlines()[-1])["state"] == "gone"


def test_a_process_that_runs_and_is_silent_is_said_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = replace(status(DEVICE), pid=os.getpid(), process_key=process_key(os.getpid()))
    assert show(tmp_path, said, age_s=31.0) == 1
    said_of_it = capsys.readouterr().err
    assert re.search(r"runs, but its last status is from 3\d s ago", said_of_it), said_of_it


def test_on_a_full_disk_the_status_is_left_in_memory(tmp_path: Path) -> None:
    journal = tmp_path / "full" / "journal.db"
    paths = status_paths(journal)
    file = StatusFile(paths)
    with pytest.raises(OSError, match="full"):
        newest_status(paths)
    file.write(b'{"gateway_id":1}')
    try:
        assert newest_status(paths)[0] == b'{"gateway_id":1}'
        journal.parent.mkdir()
        file.write(b'{"gateway_id":2}')
        assert newest_status(paths)[0] == b'{"gateway_id":2}'
        assert not paths[1].exists()
    finally:
        paths[1].unlink(missing_ok=True)


def test_of_two_states_the_newer_is_shown(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for path, age_s in ((old, 60.0), (new, 1.0)):
        path.write_text(path.name)
        os.utime(path, (0, time.time() - age_s))
    assert newest_status([old, new])[0] == b"new"
    assert newest_status([new, old])[0] == b"new"
    new.unlink()
    new.symlink_to(old)
    with pytest.raises(OSError, match="nowhere"):  # a link in memory is not followed
        newest_status([tmp_path / "nowhere", new])


def test_a_status_that_cannot_be_written_is_said_once_and_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "folder" / "status.json"
    now_s = [0.0]
    file = StatusFile((path, tmp_path / "spare"), lambda: now_s[0])
    file.write(b"1")
    now_s[0] = 10.0
    file.write(b"2")
    assert len(caplog.records) == 1
    path.parent.mkdir()
    now_s[0] = 20.0
    file.write(b"3")
    now_s[0] = 24.0
    assert not file.is_due()
    now_s[0] = 25.0
    assert file.is_due()
    assert path.read_bytes() == b"3"


def test_a_file_of_another_program_is_left_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    body = encode_status(status(DEVICE))
    for name in ("a.json", "b.json.new"):
        (tmp_path / name).write_bytes(b'{"mine": 1}')
        StatusFile((tmp_path / name.removesuffix(".new"), tmp_path / "spare")).write(body)
        assert (tmp_path / name).read_bytes() == b'{"mine": 1}'
    assert "no status of an agent" in caplog.text
    for rest in (b"", bytes(300), body[:40]):
        (tmp_path / "c.json").write_bytes(rest)
        StatusFile((tmp_path / "c.json", tmp_path / "spare")).write(body)
        assert (tmp_path / "c.json").read_bytes() == body
    assert body.startswith(STATUS_BEGIN)
    assert status_path(tmp_path / "j.db") == tmp_path / f"j.db{STATUS_SUFFIX}"


def test_a_disk_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "s.json.new")  # opened for writing, it waits for somebody who reads
    now_s = [0.0]
    file = StatusFile((tmp_path / "s.json", tmp_path / "spare"), lambda: now_s[0])
    for second in (0.0, 10.0, 20.0):
        now_s[0] = second
        file.write(b"1")
    assert (tmp_path / "spare").read_bytes() == b"1"
    assert (tmp_path / "s.json.new").read_bytes() == b"1"
