"""Commits that SQLite does not read in a damaged log."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from edge_agent.journal.entries import JournalEntry, Lane
from edge_agent.journal.log_check import frames_of
from edge_agent.journal.recorder import Recorder
from tests.journal.test_recorder import bodies, settings

if TYPE_CHECKING:
    from pathlib import Path

HEADER_BYTES = 32


def left_open(folder: Path, commits: int) -> Path:
    """Return the folder of a journal whose program was killed after some commits."""
    running = folder / "running"
    running.mkdir()
    recorder = Recorder(settings(running))
    recorder.open()
    for number in range(commits):
        body = b"%d" % number
        recorder.add(JournalEntry(0, Lane.EVENTS, "bed", 1, body), 0.0, is_urgent=True)
        recorder.commit(0.0)
    left = folder / "left"
    shutil.copytree(running, left)
    recorder.close()
    return left


def flip(log: Path, at: int) -> None:
    content = bytearray(log.read_bytes())
    content[at] ^= 1
    log.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (HEADER_BYTES - 1, "the write-ahead log: up to"),  # its checksum
        (HEADER_BYTES - 10, "the write-ahead log: up to"),  # its salt
        (HEADER_BYTES + 24 + 1, "frame 1 of the write-ahead log"),
    ],
)
def test_lost_commits_are_reported(tmp_path: Path, at: int, words: str) -> None:
    left = left_open(tmp_path, 5)
    flip(left / "journal.db-wal", at)
    recorder = Recorder(settings(left))
    recorder.open()
    assert words in recorder.health.damage
    assert bodies(recorder.store.read(Lane.EVENTS, 0, 10)) == []
    recorder.close()


def test_a_newest_commit_that_is_not_whole_is_no_damage(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    left = left_open(tmp_path, 5)
    log = left / "journal.db-wal"
    flip(log, log.stat().st_size - 1)
    recorder = Recorder(settings(left))
    recorder.open()
    assert recorder.health.damaged_rows == 0
    assert bodies(recorder.store.read(Lane.EVENTS, 0, 10)) == [b"0", b"1", b"2", b"3"]
    assert "its last commit is not whole" in caplog.text
    recorder.close()


def test_a_whole_log_and_none_at_all_have_no_damage(tmp_path: Path) -> None:
    left = left_open(tmp_path, 3)
    frames = frames_of(left / "journal.db")
    assert sum(frames.ends_commit) >= 3
    assert frames.damage(len(frames.ends_commit)) == ""
    assert not frames.is_cut(len(frames.ends_commit))
    assert frames_of(tmp_path / "none.db").ends_commit == ()
