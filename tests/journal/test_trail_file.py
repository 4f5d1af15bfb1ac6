"""The file of an audit trail: torn, cut, shared, not ours, on a full disk."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.journal import trail_file
from edge_agent.journal.trail_check import check_trail
from edge_agent.journal.trail_file import TrailFile, read_tail, trail_path
from edge_agent.model.audit import Act
from edge_agent.model.errors import JournalRefusedError
from tests.journal.test_unwritable_journal import tmpfs
from tests.support.trails import (
    ORIGIN,
    START,
    an_act,
    checkpoints_at,
    entries_of,
    lines_of,
    write_trail,
)


def said(path: Path) -> tuple[str, ...]:
    return check_trail(lines_of(path), []).faults


def acts(path: Path) -> list[str]:
    return [entry.act.act for entry in entries_of(path)]


def test_a_trail_begins_with_its_name_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = trail_path(tmp_path / "journal.db")
    write_trail(path, 2)
    assert path.name == "journal.db.audit.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    first, *others = entries_of(path)
    assert (first.act.act, first.act.subject, dict(first.act.detail)) == (
        Act.TRAIL_BEGUN,
        ORIGIN,
        {},
    )
    assert [entry.act.subject for entry in others] == ["alert-0", "alert-1"]
    assert said(path) == ()


def test_a_trail_is_continued(tmp_path: Path) -> None:
    path = tmp_path / "trail"
    for _ in range(3):
        write_trail(path, 2)
    assert [entry.n for entry in entries_of(path)] == list(range(1, 8))
    assert said(path) == ()
    path.chmod(0o644)
    write_trail(path, 1)
    assert path.stat().st_mode & 0o777 == 0o600


def test_two_programs_write_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "trail"
    with closing(TrailFile(path, ORIGIN)) as one, closing(TrailFile(path, ORIGIN)) as other:
        for number in range(5):
            one.append([an_act(number)], START)
            other.append([an_act(number), an_act(number)], START)
        assert other.count == 16
    assert said(path) == ()
    assert len(entries_of(path)) == 16


MANY = """
import sys
from pathlib import Path
from edge_agent.journal.trail_file import TrailFile
from tests.support.trails import ORIGIN, START, an_act
file = TrailFile(Path(sys.argv[1]), ORIGIN)
for number in range(40):
    file.append([an_act(number)], START)
"""


def test_programs_that_write_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "trail"
    writers = [subprocess.Popen([sys.executable, "-c", MANY, str(path)]) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert said(path) == ()
    assert len(entries_of(path)) == 121


@pytest.mark.parametrize("cut", [2, 3, 40, 200])
def test_a_line_torn_by_a_loss_of_power_is_recorded_and_stays_in_the_file(
    tmp_path: Path, cut: int
) -> None:
    path = tmp_path / "trail"
    write_trail(path, 3)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    (torn,) = said(path)
    assert torn.startswith("the trail ends with")
    write_trail(path, 1)
    assert path.read_bytes().startswith(whole[:-cut])
    assert acts(path)[3:] == [Act.TRAIL_TORN, Act.ANSWER]
    report = check_trail(lines_of(path), [])
    assert report.faults == ()
    assert "bytes before entry 4 are no entry, as it says" in report.notes[0]


def test_a_line_that_lost_its_line_end_only_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "trail"
    write_trail(path, 3)
    path.write_bytes(path.read_bytes()[:-1])
    write_trail(path, 1)
    assert acts(path) == [Act.TRAIL_BEGUN, *[Act.ANSWER] * 4]
    assert said(path) == ()


def test_pages_of_zeros_after_a_loss_of_power_are_recorded(tmp_path: Path) -> None:
    path = tmp_path / "trail"
    write_trail(path, 3)
    with path.open("ab") as file:
        file.write(bytes(4096) + b"\n" + bytes(400_000))
    write_trail(path, 1)
    report = check_trail(lines_of(path), checkpoints_at(path, [4, 6]))
    assert (report.faults, len(report.notes)) == ((), 1)
    assert report.ranges[0].anchored_until == 6


@pytest.mark.parametrize("begin", [b'{"entry":{"act":"trail_be', b"{", bytes(4096)])
def test_a_first_line_that_was_torn_begins_the_trail(tmp_path: Path, begin: bytes) -> None:
    path = tmp_path / "trail"
    path.write_bytes(begin)
    write_trail(path, 1)
    assert acts(path) == [Act.TRAIL_TORN, Act.TRAIL_BEGUN, Act.ANSWER]
    assert said(path) == ()


@pytest.mark.parametrize("content", [b"my notes\n", b"SQLite format 3\x00" * 9, b'{"entry":{}}\n'])
def test_another_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "trail"
    path.write_bytes(content)
    path.chmod(0o644)
    with pytest.raises(JournalRefusedError, match="is not an audit trail of crswatch"):
        write_trail(path, 1)
    assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_pipe_or_a_folder_is_no_trail(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(JournalRefusedError):
        write_trail(tmp_path / "pipe", 1)
    with pytest.raises(OSError, match="directory"):
        write_trail(tmp_path, 1)


def test_a_tail_cut_off_while_the_file_is_open_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "trail"
    with closing(TrailFile(path, ORIGIN)) as file:
        file.append([an_act(number) for number in range(9)], START)
        path.write_bytes(b"".join(lines_of(path)[:4]))
        file.append([an_act(9)], START)
        assert file.damage == "the trail had 10 entries and has 4 entries"
    assert acts(path)[4:] == [Act.TRAIL_DAMAGED, Act.ANSWER]
    assert entries_of(path)[4].act.detail["words"] == file.damage


def test_a_trail_deleted_while_it_is_open_begins_anew_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "trail"
    with closing(TrailFile(path, ORIGIN)) as file:
        file.append([an_act(1)], START)
        path.unlink()
        file.append([an_act(2)], START)
    assert acts(path) == [Act.TRAIL_BEGUN, Act.ANSWER]
    assert entries_of(path)[0].act.detail["words"] == "the trail had 2 entries and is gone"


def test_an_end_that_a_checkpoint_contradicts_is_recorded(tmp_path: Path) -> None:
    path, other = tmp_path / "trail", tmp_path / "other"
    write_trail(path, 5)
    write_trail(other, 5, by="nobody")
    (known,) = checkpoints_at(path, [6])
    path.write_bytes(other.read_bytes())
    with closing(TrailFile(path, ORIGIN)) as file:
        file.expect(known)
        file.append([], START)
        assert file.damage == "entry 6 is not the one that was there before"


def test_a_last_entry_that_was_changed_is_kept_and_recorded(tmp_path: Path) -> None:
    path = tmp_path / "trail"
    write_trail(path, 5)
    path.write_bytes(path.read_bytes().replace(b"alert-4", b"alert-9"))
    write_trail(path, 1)
    assert b"alert-9" in path.read_bytes()
    assert acts(path)[5:] == [Act.TRAIL_TORN, Act.ANSWER]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_full_disk_leaves_a_sound_trail_and_gets_the_acts_later(tmp_path: Path) -> None:
    with tmpfs(tmp_path):
        path = tmp_path / "trail"
        (tmp_path / "ballast").write_bytes(bytes(900_000))
        with closing(TrailFile(path, ORIGIN)) as file:
            file.append([an_act(1)], START)
            with pytest.raises(OSError, match="No space"):
                file.append([an_act(number) for number in range(2000)], START)
            assert file.count == 2
            assert (said(path), len(entries_of(path))) == ((), 2)
            (tmp_path / "ballast").unlink()
            file.append([an_act(number) for number in range(1000)], START)
        assert (said(path), len(entries_of(path))) == ((), 1002)


def test_who_holds_the_lock_for_long_is_waited_for_and_then_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trail"
    write_trail(path, 1)
    monkeypatch.setattr(trail_file, "_LOCK_PAUSE_S", 0.001)
    with path.open("rb") as holder, closing(TrailFile(path, ORIGIN)) as file:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(BlockingIOError):
            file.append([an_act(1)], START)
        fcntl.flock(holder, fcntl.LOCK_UN)
        file.append([an_act(1)], START)
    assert len(entries_of(path)) == 3


def test_the_newest_entries_are_read_from_the_end(tmp_path: Path) -> None:
    path = tmp_path / "trail"
    write_trail(path, 900)
    assert [entry.n for entry in read_tail(path, 3)] == [899, 900, 901]
    assert len(read_tail(path, 800)) == 800
    assert len(read_tail(path, 5000)) == 901
