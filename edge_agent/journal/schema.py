"""The journal's file: its tables, its pragmas, and what happens to a damaged one."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA_VERSION: Final = "1"
JOURNAL_SIZE_LIMIT_BYTES: Final = 16 * 1024 * 1024
"""The write-ahead log is cut back to this after a checkpoint."""
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

_PRAGMAS: Final = f"""
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = {JOURNAL_SIZE_LIMIT_BYTES};
"""
# seq starts at the file's birth in milliseconds, so that the entries of the file after a damaged
# one still count upwards and no consumer takes them for repeats.
_TABLES: Final = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS entry (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    lane TEXT NOT NULL,
    bed_id TEXT NOT NULL,
    at_ns INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entry_by_lane ON entry (lane, seq);
CREATE INDEX IF NOT EXISTS entry_by_time ON entry (lane, at_ns);
CREATE TABLE IF NOT EXISTS latest_alert (
    bed_id TEXT NOT NULL,
    rule_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (bed_id, rule_id)
) STRICT;
CREATE TRIGGER IF NOT EXISTS remember_alert AFTER INSERT ON entry
WHEN NEW.lane = 'alerts' AND json_valid(CAST(NEW.body AS TEXT))
BEGIN
    INSERT OR REPLACE INTO latest_alert VALUES (
        NEW.bed_id, ifnull(json_extract(CAST(NEW.body AS TEXT), '$.rule_id'), ''), NEW.seq
    );
END;
CREATE TABLE IF NOT EXISTS kept_entry (seq INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER IF NOT EXISTS keep_context AFTER INSERT ON entry
WHEN NEW.lane = 'events' AND json_valid(CAST(NEW.body AS TEXT))
    AND json_extract(CAST(NEW.body AS TEXT), '$.event') = 'context_entered'
BEGIN
    INSERT INTO kept_entry VALUES (NEW.seq);
END;
CREATE TABLE IF NOT EXISTS mark (
    sink TEXT NOT NULL,
    queue TEXT NOT NULL,
    seq INTEGER NOT NULL,
    until_seq INTEGER,
    PRIMARY KEY (sink, queue)
) STRICT;
CREATE TABLE IF NOT EXISTS quarantine (
    sink TEXT NOT NULL,
    seq INTEGER NOT NULL,
    lane TEXT NOT NULL,
    bed_id TEXT NOT NULL,
    at_ns INTEGER NOT NULL,
    body BLOB NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (sink, seq)
) STRICT;
CREATE TABLE IF NOT EXISTS bed_snapshot (bed_id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether the file itself is broken, so that trying again cannot help."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def open_file(path: Path, first_seq: int) -> sqlite3.Connection:
    """Return the one connection to the journal at `path`, creating what is missing.

    Parameters
    ----------
    first_seq
        Entries of a new file count upwards from here.

    Raises
    ------
    sqlite3.Error
        If the file cannot be opened; `is_damage` tells whether it is broken.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The journal's thread alone uses it; one that had to be started again closes the old one.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.executescript(_PRAGMAS)
        connection.executescript(_TABLES)
        connection.execute(
            "INSERT INTO sqlite_sequence (name, seq)"
            " SELECT 'entry', ? WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence)",
            (first_seq,),
        )
        connection.execute(
            "INSERT OR IGNORE INTO meta VALUES ('schema_version', ?)", (SCHEMA_VERSION,)
        )
        connection.execute("COMMIT")
        connection.execute("SELECT * FROM entry ORDER BY seq DESC LIMIT 1").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def set_aside(path: Path) -> Path:
    """Rename a damaged journal and its side files; return where the file went."""
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside
