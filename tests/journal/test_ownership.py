"""A journal's path that names somebody else's file: refused and left as it is."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.journal.entries import Lane
from edge_agent.journal.ownership import APPLICATION_ID, journal_mistake
from edge_agent.journal.reader import read_journal
from edge_agent.model.errors import JournalError, JournalRefusedError
from tests.support.gateways import opened
from tests.support.started_journals import start

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


def test_a_new_journal_says_whose_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with opened(path) as journal:
        journal.append(Lane.EVENTS, "bed", 1, b"{}")
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert file.execute("PRAGMA user_version").fetchone() == (3,)
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
