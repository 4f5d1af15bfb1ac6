"""The journal's file: its tables, its pragmas, and its errors."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from edge_agent.journal.ownership import APPLICATION_ID

_SCHEMA_VERSION: Final = 3
"""`PRAGMA user_version`; a journal of a newer program is used as long as its tables fit."""
_JOURNAL_SIZE_LIMIT_BYTES: Final = 16 * 1024 * 1024
"""Size to which the write-ahead log is cut back after a checkpoint, bytes."""
_BUSY_S: Final = 1.0
"""Longest wait for another program that holds the file, seconds; longer is a fault."""
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

# The id is written before there is a log, so that it is in the file itself.
_NEW_FILE: Final = f"""
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA application_id = {APPLICATION_ID};
"""
_PRAGMAS: Final = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA cell_size_check = ON;
PRAGMA journal_size_limit = {_JOURNAL_SIZE_LIMIT_BYTES};
"""
# seq starts at the file's birth in milliseconds, so that the entries of the file after a damaged
# one still count upwards and no consumer mistakes them for repeats.
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
CREATE TABLE IF NOT EXISTS latest_call (bed_id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
CREATE TRIGGER IF NOT EXISTS remember_call AFTER INSERT ON entry
WHEN NEW.lane = 'calls' AND json_valid(CAST(NEW.body AS TEXT))
    AND json_extract(CAST(NEW.body AS TEXT), '$.event') = 'call'
BEGIN
    INSERT OR REPLACE INTO latest_call VALUES (NEW.bed_id, NEW.seq);
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
CREATE TABLE IF NOT EXISTS age (
    seq INTEGER PRIMARY KEY,
    passed_s INTEGER NOT NULL,
    boot TEXT NOT NULL,
    monotonic_s INTEGER NOT NULL
) STRICT;
"""
_USES_TRIGGERS: Final = (
    "EXPLAIN INSERT INTO entry (lane, bed_id, at_ns, body) VALUES ('events', '', 0, x'')"
)
"""Statement that fails where the text of a trigger is damaged, and changes nothing."""
_COLUMNS: Final = {
    "entry": ("seq", "lane", "bed_id", "at_ns", "body"),
    "latest_alert": ("bed_id", "rule_id", "seq"),
    "latest_call": ("bed_id", "seq"),
    "kept_entry": ("seq",),
    "mark": ("sink", "queue", "seq", "until_seq"),
    "quarantine": ("sink", "seq", "lane", "bed_id", "at_ns", "body", "reason"),
    "bed_snapshot": ("bed_id", "body"),
    "meta": ("name", "value"),
    "age": ("seq", "passed_s", "boot", "monotonic_s"),
}
"""Columns of every table, in order."""


class WrongTablesError(sqlite3.DatabaseError):
    """A journal whose tables are not those of a journal; it counts as damaged."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def is_damage(error: sqlite3.Error) -> bool:
    """Return True where the file itself is broken, so that a retry cannot help."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def is_disk_error(error: Exception) -> bool:
    """Return True where the disk failed, so that nobody knows what it has."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR


def rewrite_log(path: Path) -> None:
    """Write the write-ahead log over itself and sync it, while no connection of ours is open.

    After a failed sync it may hold entries that the system shows and the disk does not have. All
    that SQLite adds behind them would be lost with them.
    """
    real = Path(os.path.realpath(path))  # SQLite stores its log beside the real file
    log = real.with_name(f"{real.name}-wal")
    if not log.exists():
        return
    with log.open("r+b") as file:
        content = file.read()
        file.seek(0)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def open_file(path: Path, first_seq: int) -> tuple[sqlite3.Connection, int]:
    """Return the one connection to the journal at `path`, creating what is missing.

    The number is that of the frames which SQLite read in the write-ahead log, and merged.

    Parameters
    ----------
    path
        A file that is ours or nobody's; see `ownership`.
    first_seq
        Entries of a new file count upwards from here.

    Raises
    ------
    sqlite3.Error
        If the file cannot be opened; `is_damage` says whether it is broken.
    """
    # Only the journal's thread uses it; a thread that was restarted closes the old one.
    connection = sqlite3.connect(
        path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
    )
    # A damaged text is read as well: an error would hold up every row read with it.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    try:
        if _number(connection, "page_count") == 0:
            connection.executescript(_NEW_FILE)
        connection.executescript(_PRAGMAS)
        _, frames, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        if not _is_complete(connection):
            _complete(connection, first_seq)
        connection.execute("SELECT * FROM entry ORDER BY seq DESC LIMIT 1").fetchall()
        connection.execute(_USES_TRIGGERS).fetchall()
    except sqlite3.Error as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_ERROR:
            # Our statements are right, so what they name is not as it was created.
            raise WrongTablesError(str(error)) from error
        raise
    except UnicodeDecodeError as error:  # from SQLite's message about the damage
        connection.close()
        raise WrongTablesError("the names of its tables are damaged") from error
    return connection, frames


def _is_complete(connection: sqlite3.Connection) -> bool:
    """Return True where no table is missing; a file that another process holds then opens, too."""
    found = {table: _columns(connection, table) for table in _COLUMNS}
    wrong = [table for table, columns in _COLUMNS.items() if found[table] not in {(), columns}]
    if wrong:
        raise WrongTablesError(f"its table {wrong[0]} has columns {', '.join(found[wrong[0]])}")
    is_ours = _number(connection, "application_id") == APPLICATION_ID
    is_known = _number(connection, "user_version") >= _SCHEMA_VERSION
    return is_ours and is_known and all(found.values())


def _complete(connection: sqlite3.Connection, first_seq: int) -> None:
    """Create what is missing in one transaction, also in a journal from before the id."""
    version = max(_SCHEMA_VERSION, _number(connection, "user_version"))
    connection.executescript(_TABLES)
    connection.execute(
        "INSERT INTO sqlite_sequence (name, seq)"
        " SELECT 'entry', ? WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence)",
        (first_seq,),
    )
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.execute("COMMIT")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    (number,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    return int(number)


def _columns(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """Return the names of a table's columns; empty where there is no such table."""
    rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
    return tuple(str(row[1]) for row in rows)
