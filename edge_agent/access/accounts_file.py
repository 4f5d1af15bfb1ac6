"""The accounts file: one small SQLite file that only its owner reads.

The agent and `crswatch accounts` use it at the same time; each notices changes of the other.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge_agent.model.errors import AccessError, AccountsRefusedError

APPLICATION_ID: Final = 0x63727361
"""`PRAGMA application_id` of an accounts file: "crsa"."""
_SCHEMA_VERSION: Final = 1
_MAGIC: Final = b"SQLite format 3\x00"  # source: sqlite.org/fileformat2.html, 1.3
_ID_AT: Final = 68  # offset of the application id, 4 bytes, big-endian; same page
_BUSY_S: Final = 2.0
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_SALT_BYTES: Final = 16
_TABLES: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS account (
    folded TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    role TEXT NOT NULL,
    is_enabled INTEGER NOT NULL,
    password TEXT NOT NULL,
    pin TEXT NOT NULL,
    badge TEXT NOT NULL,
    changed_utc_ns INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS account_by_badge ON account (badge) WHERE badge <> '';
CREATE TABLE IF NOT EXISTS session (
    token_hash BLOB PRIMARY KEY,
    person_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    began_utc_ns INTEGER NOT NULL,
    used_utc_ns INTEGER NOT NULL,
    address TEXT NOT NULL,
    name TEXT NOT NULL,
    station BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS failure (
    subject TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    newest_utc_ns INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
INSERT OR IGNORE INTO meta VALUES ('badge_salt', ?);
PRAGMA user_version = {_SCHEMA_VERSION};
COMMIT;
"""

Statement = tuple[str, Sequence[object]]
"""SQL with its parameters."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Rows of a changed file."""

    version: object
    """State of the file that they are of."""
    rows: list[tuple[object, ...]]


def file_mistake(path: Path) -> str:
    """Return why a path cannot be used for accounts; empty where it can, or nothing is there."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            head = file.read(100) if stat.S_ISREG(mode) else b""
    except FileNotFoundError:
        return "" if path.parent.is_dir() else f"is in {path.parent}, which is no folder"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if not stat.S_ISREG(mode):
        return "is no regular file"
    is_ours = int.from_bytes(head[_ID_AT : _ID_AT + 4], "big") == APPLICATION_ID
    if head and not (head.startswith(_MAGIC) and is_ours):
        return (
            "is not an accounts file of crswatch; want one, or a path where there is no file. "
            "Nothing was touched"
        )
    if mode & _OTHERS:
        return f"may be read by others than its owner; want mode 0600 (chmod 600 {path.name})"
    return ""


class AccountsFile:
    """One connection to the file; may be used by any thread.

    Parameters
    ----------
    path
        A file that is ours or nobody's; it is made where there is none.

    Raises
    ------
    AccountsRefusedError
        If the file is not ours, or others than its owner may read it.
    AccessError
        If it cannot be opened now.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        mistake = file_mistake(path)
        if mistake:
            raise AccountsRefusedError(f"{path} {mistake}")
        try:
            with suppress(FileExistsError):
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            self._connection = _opened(path)
        except (sqlite3.Error, OSError) as error:
            raise AccessError(f"{path} cannot be opened: {error}") from error

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Return the rows of a query.

        Raises
        ------
        AccessError
            If the file cannot be read.
        """
        with self._used() as connection:
            return connection.execute(query, parameters).fetchall()

    def write(self, statements: Sequence[Statement]) -> None:
        """Carry out statements in one transaction.

        Raises
        ------
        AccessError
            If the file cannot be written; nothing is changed then.
        """
        with self._used() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                for sql, parameters in statements:
                    connection.execute(sql, parameters)
                connection.execute("COMMIT")
            except sqlite3.Error:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise

    def changed_rows(self, query: str, version: object) -> Changed | None:
        """Return the rows of a query if another program has changed the file since a version.

        It never waits for the disk: while a write of ours is under way, nothing has changed.

        Parameters
        ----------
        version
            As returned with earlier rows; None for rows in any case.

        Raises
        ------
        AccessError
            If the file cannot be read.
        """
        if not self._lock.acquire(blocking=False):
            return None
        try:
            newest = self._connection.execute("PRAGMA data_version").fetchone()[0]
            if newest == version:
                return None
            return Changed(newest, self._connection.execute(query).fetchall())
        except sqlite3.Error as error:
            raise AccessError(f"{self._path}: {error}") from error
        finally:
            self._lock.release()

    def badge_salt(self) -> bytes:
        """Return the salt of this file's badge numbers.

        Raises
        ------
        AccessError
            If the file cannot be read.
        """
        ((salt,),) = self.rows("SELECT value FROM meta WHERE name = 'badge_salt'")
        return bytes(salt) if isinstance(salt, bytes) else b""

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _used(self) -> Iterator[sqlite3.Connection]:
        if not self._lock.acquire(timeout=_BUSY_S):
            raise AccessError(f"{self._path}: the disk has not answered for {_BUSY_S:g} s")
        try:
            yield self._connection
        except sqlite3.Error as error:
            raise AccessError(f"{self._path}: {error}") from error
        finally:
            self._lock.release()


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
    )
    try:
        if connection.execute("PRAGMA page_count").fetchone()[0] == 0:
            # before there is a log, so that it is in the file itself
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # the salt is made anew and ignored where there is one
        script = _TABLES.replace("?", f"x'{secrets.token_bytes(_SALT_BYTES).hex()}'")
        if connection.execute("PRAGMA user_version").fetchone()[0] < _SCHEMA_VERSION:
            connection.executescript(script)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
