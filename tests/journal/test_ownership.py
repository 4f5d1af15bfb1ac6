"""A journal's path that names somebody else's file: refused and left as it is."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from edge_agent.journal.entries import Lane
from edge_agent.journal.ownership import APPLICATION_ID, journal_mistake
from edge_agent.journal.reader import read_journal
from edge_agent.journal.settings import JournalSettings
from edge_agent.journal.writer import Journal
from edge_agent.model.errors import JournalError, JournalRefusedError
from tests.support.gateways import opened

HEADER = b"SQLite format 3\x00"
OLD_TABLES = """
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    lane TEXT NOT NULL,
    bed_id TEXT NOT NULL,
    at_ns INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE TRIGGER remember_alert AFTER INSERT ON entry WHEN NEW.lane = 'alerts' BEGIN SELECT 1; END;
INSERT INTO entry VALUES (7, 'events', 'bed', 1, x'7b7d');
"""
"""The part of a journal from before the application id that names it as ours."""


def made(path: Path, script: str) -> bytes:
    """Return the bytes of a database made by a script."""
    with closing(sqlite3.connect(path)) as file:
        file.executescript(script)
    return path.read_bytes()


def start(path: Path) -> Journal:
    journal = Journal(JournalSettings(path, (), 1e9))
    journal.start()
    return journal


@contextmanager
def tmpfs(folder: Path) -> Iterator[None]:
    """Mount a file system of 1 MB on a folder."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_new_journal_says_whose_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with opened(path) as journal:
        journal.append(Lane.EVENTS, "bed", 1, b"{}")
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert file.execute("PRAGMA user_version").fetchone() == (2,)
        assert file.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    assert path.read_bytes()[68:72] == b"crsw"
    assert journal_mistake(path) == ""


FOREIGN = {
    "notes.txt": b"my notes\n" * 999,
    "short.txt": b"x",
    "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(200),
    "cut.db": HEADER + bytes(40),
    "noise.db": HEADER + b"\xff" * 9000,
    "unreadable.db": HEADER + b"\x00" * 9000,
}


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_another_file_is_refused_and_left_as_it_is(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FOREIGN[name])
    before = path.stat()
    assert "want a journal of crswatch" in journal_mistake(path)
    with pytest.raises(JournalRefusedError, match="Nothing was touched"):
        start(path)
    assert path.read_bytes() == FOREIGN[name]
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE states (a)",
        "CREATE TABLE entry (x); CREATE TABLE meta (name, value)",
        "PRAGMA application_id = 7",
        "PRAGMA application_id = 7; CREATE TABLE entry (x)",
    ],
)
def test_the_database_of_another_program_is_refused_and_left_as_it_is(
    tmp_path: Path, script: str
) -> None:
    path = tmp_path / "homeassistant.db"
    whole = made(path, script)
    assert "database of another program" in journal_mistake(path)
    with pytest.raises(JournalRefusedError, match="another program"):
        start(path)
    assert path.read_bytes() == whole
    assert list(tmp_path.iterdir()) == [path]


def test_another_programs_tables_are_found_in_its_log_as_well(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("CREATE TABLE states (a)")
        file.commit()
        assert "another program" in journal_mistake(path)
        with pytest.raises(JournalRefusedError):
            start(path)
        for name in ("copy.db", "copy.db-wal"):
            (tmp_path / name).write_bytes((tmp_path / name.replace("copy", "other")).read_bytes())
    (tmp_path / "copy.db").write_bytes(b"")
    assert "another program" in journal_mistake(tmp_path / "copy.db")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "is a folder" in journal_mistake(tmp_path)
    with pytest.raises(JournalRefusedError, match="is a folder"):
        start(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "no regular file" in journal_mistake(tmp_path / "pipe")
    with pytest.raises(JournalRefusedError, match="no regular file"):
        start(tmp_path / "pipe")


def test_where_nothing_can_be_written_a_check_says_so(tmp_path: Path) -> None:
    assert journal_mistake(tmp_path / "new.db") == ""
    assert "holds no files of ours" in journal_mistake(Path("/proc/crswatch.db"))
    (tmp_path / "link.db").symlink_to(tmp_path / "gone" / "x.db")
    assert "is no folder" in journal_mistake(tmp_path / "link.db")
    assert "cannot be read" in journal_mistake(tmp_path / ("x" * 300))
    (tmp_path / "folder").symlink_to(tmp_path / "gone")
    assert "is no folder" in journal_mistake(tmp_path / "folder" / "x.db")
    (tmp_path / "file").write_bytes(b"x")
    assert "Not a directory" in journal_mistake(tmp_path / "file" / "x.db")


@pytest.mark.parametrize("name", ["/proc/x.db", "proc.db", "x" * 300, "file/x.db"])
def test_an_agent_does_not_start_where_no_journal_can_ever_be(name: str, tmp_path: Path) -> None:
    (tmp_path / "proc.db").symlink_to("/proc/x.db")
    (tmp_path / "file").write_bytes(b"x")
    path = tmp_path / name
    with pytest.raises(JournalRefusedError, match=re.escape(f"{path} {journal_mistake(path)}")):
        start(path)


def test_an_agent_starts_before_the_disk_of_its_journal_is_mounted(tmp_path: Path) -> None:
    (tmp_path / "x.db").symlink_to(tmp_path / "disk" / "x.db")
    journal = start(tmp_path / "x.db")
    assert journal.health().fault
    (tmp_path / "disk").mkdir()
    journal.flush()
    assert journal.health().fault == ""
    journal.stop()


def test_a_start_is_refused_in_no_folder_of_the_kernel_that_is_yet_to_be_made() -> None:
    with pytest.raises(JournalRefusedError, match="is in /proc, which holds no files of ours"):
        start(Path("/proc/new/x.db"))


def test_an_agent_starts_in_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    with opened(tmp_path / "new" / "folder" / "x.db") as journal:
        journal.flush()
        assert journal.health().fault == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
@pytest.mark.parametrize("is_known", [True, False])
def test_a_disk_that_became_read_only_stops_no_agent_that_had_its_journal_there(
    tmp_path: Path, *, is_known: bool
) -> None:
    """A file system is mounted to be read only after an error: alerts go on without the disk."""
    disk, path = tmp_path / "disk", tmp_path / "disk" / "x.db"
    disk.mkdir()
    with tmpfs(disk):
        if is_known:
            with opened(path):
                pass
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        if not is_known:
            with pytest.raises(JournalRefusedError, match="where nothing may be written"):
                start(path)
            return
        journal = start(path)
        assert "read" in journal.health().fault.lower()
        journal.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_a_full_disk_without_a_journal_stops_no_agent(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with tmpfs(disk):
        with suppress(OSError):
            (disk / "filler").write_bytes(bytes(2 * 1024 * 1024))
        journal = start(disk / "x.db")
        assert journal.health().fault
        journal.stop()


@pytest.mark.skipif(not Path("/usr/bin/setpriv").exists(), reason="setpriv is not there")
def test_where_an_agents_user_may_not_write_a_check_says_so(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder == Path(tempfile.gettempdir()):
            break
        folder.chmod(0o755)
    with opened(tmp_path / "ours.db"):
        pass
    (tmp_path / "ours.db").chmod(0o444)
    (tmp_path / "open").mkdir(mode=0o777)
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "ours.db").rename(tmp_path / "open" / "ours.db")
    submit = (
        "import sys; from pathlib import Path;"
        " from edge_agent.journal.ownership import journal_mistake;"
        " [print(journal_mistake(Path(p))) for p in sys.argv[1:]]"
    )
    nobody = ("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    paths = [str(tmp_path / "new.db"), str(tmp_path / "open" / "ours.db")]
    done = subprocess.run(
        [*nobody, sys.executable, "-c", submit, *paths], capture_output=True, text=True, check=True
    )
    new, ours = done.stdout.splitlines()
    assert "nothing may be written" in new
    assert ours == "may not be written"


def test_a_journal_from_before_the_id_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    made(path, OLD_TABLES)
    assert journal_mistake(path) == ""
    with opened(path) as journal:
        assert [entry.seq for entry in journal.read(Lane.EVENTS, 0, 10)] == [7]
        assert journal.health().set_aside == ()
    assert path.read_bytes()[68:72] == b"crsw"


def test_a_journal_whose_names_are_no_text_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with opened(path) as journal:
        journal.append(Lane.EVENTS, "bed", 1, b"x")
    whole = path.read_bytes()
    assert whole.count(b"bed_snapshot") > 1
    path.write_bytes(whole.replace(b"bed_snapshot", b"bed_sn\xffpshot", 1))
    with opened(path) as journal:
        assert len(journal.health().set_aside) == 1
        journal.append(Lane.EVENTS, "bed", 1, b"new")
        journal.flush()


def damaged_copies(whole: bytes) -> dict[str, bytes]:
    """Return a journal with damage at its beginning, where its id can be read."""
    return {
        "tables": whole[:100] + b"\xa5" * 3996 + whole[4096:],
        "magic": b"\x00" * 16 + whole[16:],
        "cut": whole[:5000],
    }


@pytest.mark.parametrize("kind", ["tables", "magic", "cut"])
def test_a_damaged_journal_of_ours_is_set_aside(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "journal.db"
    with opened(path) as journal:
        for i in range(50):
            journal.append(Lane.EVENTS, "bed", i, b"x" * 400)
    damaged = damaged_copies(path.read_bytes())[kind]
    path.write_bytes(damaged)
    assert journal_mistake(path) == ""
    with opened(path) as journal:
        (aside,) = journal.health().set_aside
        assert aside.read_bytes() == damaged
        assert journal.health().fault == ""
        journal.append(Lane.EVENTS, "bed", 1, b"new")
        journal.flush()
        assert [entry.body for entry in journal.read(Lane.EVENTS, 0, 10)] == [b"new"]


def test_a_first_page_of_zeros_is_ours_only_where_an_agent_left_its_status(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with opened(path) as journal:
        journal.append(Lane.EVENTS, "bed", 1, b"x")
    zeros = bytes(4096) + path.read_bytes()[4096:]
    path.write_bytes(zeros)
    with pytest.raises(JournalRefusedError):
        start(path)
    assert path.read_bytes() == zeros
    status = tmp_path / "journal.db.status.json"
    status.write_bytes(b'{"other":1}')
    with pytest.raises(JournalRefusedError):
        start(path)
    status.write_bytes(b'{"gateway_id":"gw-01"}')
    with opened(path) as journal:
        assert len(journal.health().set_aside) == 1


def test_a_damaged_journal_from_before_the_id_is_known_by_its_tables(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    whole = bytearray(made(path, OLD_TABLES))
    whole[100:104] = b"\xa5" * 4
    path.write_bytes(whole)
    with opened(path) as journal:
        assert len(journal.health().set_aside) == 1


@pytest.mark.parametrize(
    "script",
    [
        "ALTER TABLE entry RENAME COLUMN at_ns TO at_us",
        "DROP TABLE entry; CREATE TABLE entry (x)",
        "DROP TABLE mark; CREATE TABLE mark (sink, seq, queue, until_seq)",
    ],
)
def test_a_journal_whose_tables_are_not_ours_any_more_is_set_aside(
    tmp_path: Path, script: str
) -> None:
    path = tmp_path / "journal.db"
    with opened(path) as journal:
        journal.append(Lane.EVENTS, "bed", 1, b"old")
    made(path, script)
    with opened(path) as journal:
        journal.append(Lane.EVENTS, "bed", 1, b"new")
        journal.flush()
        assert len(journal.health().set_aside) == 1


def test_missing_tables_are_made_again_and_a_newer_version_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with opened(path) as journal:
        journal.append(Lane.EVENTS, "bed", 1, b"old")
    made(path, "DROP TABLE bed_snapshot; DROP TABLE latest_alert; PRAGMA user_version = 99")
    with opened(path) as journal:
        assert [entry.body for entry in journal.read(Lane.EVENTS, 0, 10)] == [b"old"]
        assert journal.latest_alerts() == []
        assert journal.health().set_aside == ()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (99,)


def test_only_a_journal_is_read_as_one(tmp_path: Path) -> None:
    made(tmp_path / "other.db", "CREATE TABLE entry (seq, lane, bed_id, at_ns, body)")
    for name in ("other.db", "gone.db"):
        with pytest.raises(JournalError, match=name):
            list(read_journal(tmp_path / name, Lane.EVENTS))
    with pytest.raises(JournalError, match="is a folder"):
        list(read_journal(tmp_path, Lane.EVENTS))
