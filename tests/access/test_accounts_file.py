"""The accounts file: ours or untouched, its owner's only, and shared by two programs."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.access.accounts_file import APPLICATION_ID, AccountsFile, file_mistake
from edge_agent.model.errors import AccessError, AccountsRefusedError
from tests.support.brokers import WAIT_S

INSERT = "INSERT INTO failure VALUES (?, 1, 2)"
COUNT = "SELECT count(*) FROM failure"


def test_a_new_file_says_whose_it_is_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    assert file_mistake(path) == ""
    with closing(AccountsFile(path)) as file:
        assert len(file.badge_salt()) == 16
        file.write([(INSERT, ("x",))])
        modes = {p.name: p.stat().st_mode & 0o777 for p in tmp_path.iterdir()}
        assert set(modes.values()) == {0o600}
    assert path.read_bytes()[68:72] == b"crsa" == APPLICATION_ID.to_bytes(4, "big")
    assert file_mistake(path) == ""


def test_the_salt_of_badges_stays(tmp_path: Path) -> None:
    salts = set()
    for _ in range(3):
        with closing(AccountsFile(tmp_path / "accounts")) as file:
            salts.add(file.badge_salt())
    assert len(salts) == 1


@pytest.mark.parametrize("content", [b"my notes\n", b"SQLite format 3\x00" + bytes(100), b"x"])
def test_another_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "accounts"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(AccountsRefusedError, match="Nothing was touched"):
        AccountsFile(path)
    assert path.read_bytes() == content
    assert [p.name for p in tmp_path.iterdir()] == ["accounts"]


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE account (x)")
    with pytest.raises(AccountsRefusedError, match="want one, or a path where there is no file"):
        AccountsFile(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "accounts"
    with closing(AccountsFile(path)):
        pass
    path.chmod(mode)
    with pytest.raises(AccountsRefusedError, match="want mode 0600"):
        AccountsFile(path)


def test_folders_pipes_and_missing_folders_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"")
    assert "is no regular file" in file_mistake(Path("/dev/null"))
    assert "cannot be read" in file_mistake(tmp_path)
    assert "which is no folder" in file_mistake(tmp_path / "gone" / "accounts")
    assert "cannot be read" in file_mistake(tmp_path / "file" / "accounts")


def test_an_empty_file_becomes_ours(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    path.touch(0o600)
    with closing(AccountsFile(path)) as file:
        assert file.rows(COUNT) == [(0,)]


def test_a_file_that_cannot_be_opened_now_is_no_refusal(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    with closing(AccountsFile(path)):
        pass
    path.write_bytes(path.read_bytes()[:100] + bytes(9000))
    with pytest.raises(AccessError, match="cannot be opened") as refused:
        AccountsFile(path)
    assert not isinstance(refused.value, AccountsRefusedError)


def test_a_statement_that_fails_changes_nothing(tmp_path: Path) -> None:
    with closing(AccountsFile(tmp_path / "accounts")) as file:
        with pytest.raises(AccessError, match="UNIQUE"):
            file.write([(INSERT, ("x",)), (INSERT, ("x",))])
        assert file.rows(COUNT) == [(0,)]
        file.write([(INSERT, ("x",))])
        assert file.rows(COUNT) == [(1,)]


def test_changes_by_another_program_are_seen_and_own_ones_are_not_read_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "accounts"
    with closing(AccountsFile(path)) as file, closing(AccountsFile(path)) as other:
        first = file.changed_rows(COUNT, None)
        assert first is not None
        assert first.rows == [(0,)]
        assert file.changed_rows(COUNT, first.version) is None
        other.write([(INSERT, ("x",))])
        second = file.changed_rows(COUNT, first.version)
        assert second is not None
        assert second.rows == [(1,)]
        file.write([(INSERT, ("y",))])
        assert file.changed_rows(COUNT, second.version) is None


def test_a_look_never_waits_for_a_disk_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(AccountsFile(tmp_path / "accounts")) as file:
        hangs, may_end = threading.Event(), threading.Event()

        def write() -> None:
            with file._used():
                hangs.set()
                may_end.wait(WAIT_S)

        writer = threading.Thread(target=write)
        writer.start()
        assert hangs.wait(WAIT_S)
        assert file.changed_rows(COUNT, None) is None
        monkeypatch.setattr("edge_agent.access.accounts_file._BUSY_S", 0.01)
        with pytest.raises(AccessError, match="the disk has not answered"):
            file.rows(COUNT)
        may_end.set()
        writer.join(WAIT_S)
        assert file.changed_rows(COUNT, None) is not None


def test_a_file_that_became_unreadable_says_so(tmp_path: Path) -> None:
    file = AccountsFile(tmp_path / "accounts")
    file.close()
    with pytest.raises(AccessError, match="closed"):
        file.changed_rows(COUNT, None)
    with pytest.raises(AccessError, match="closed"):
        file.badge_salt()
