"""Owner of the file that a journal's path names; found by reading only."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from contextlib import closing
from enum import Enum
from pathlib import Path
from typing import Final

from edge_agent.model.errors import JournalRefusedError

APPLICATION_ID: Final = 0x63727377
"""`PRAGMA application_id` of a journal: "crsw"."""
_MAGIC: Final = b"SQLite format 3\x00"  # source: sqlite.org/fileformat2.html, 1.3
_ID_AT: Final = 68  # offset of the application id, 4 bytes, big-endian; same page
_FIXED: Final = ((18, (1, 2)), (19, (1, 2)), (20, (0,)), (21, (64,)), (22, (32,)), (23, (32,)))
"""Offsets in the header, and the values that every journal has there; same page."""
_SCHEMA_FORMAT: Final = slice(44, 48)
_TEXT_ENCODING: Final = slice(56, 60)
_OUR_TRIGGER: Final = "remember_alert"
_OUR_WORDS: Final = b"CREATE TRIGGER remember_alert"
"""Text in the tables of every journal, also of those from before the application id."""
_LOOKED_AT_BYTES: Final = 4 * 1024 * 1024
"""Bytes of a file without an id that are searched; its tables are at the beginning."""
STATUS_SUFFIX: Final = ".status.json"
"""Suffix of the status file that an agent leaves beside its journal."""
STATUS_BEGIN: Final = b'{"gateway_id":'

_LASTING: Final = frozenset(
    {
        errno.ENOENT,
        errno.ENOTDIR,
        errno.ENAMETOOLONG,
        errno.ELOOP,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
    }
)
"""Errors of a path itself; a failing disk has others, and may recover."""


class Owner(Enum):
    """Owner of a file."""

    NOBODY = "missing or empty"
    """There is no file, or it is empty, or a loss of power at its birth left zeros only."""
    OURS = "ours"
    DAMAGED = "damaged at its beginning"
    """The file is ours but cannot be opened."""


def owner_of(path: Path) -> Owner:
    """Return the owner of the file that a path names.

    Raises
    ------
    JournalRefusedError
        If the file is not ours, or its owner cannot be found.
    OSError
        If it cannot be read.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return Owner.NOBODY
    if stat.S_ISDIR(mode):
        raise _refusal(path, "is a folder")
    if not stat.S_ISREG(mode):
        raise _refusal(path, "is no regular file")
    with path.open("rb") as file:
        head = file.read(100)
    if not head or _is_blank(path):
        return _owner_of_empty(path)
    if head.startswith(_MAGIC):
        return _owner_of_database(path, head)
    if _id_in(head) == APPLICATION_ID or _has_our_status(path):
        return Owner.DAMAGED
    raise _refusal(path, "is no database")


def journal_mistake(path: Path) -> str:
    """Return why an agent could not use a path for its journal; empty where it can."""
    try:
        owner_of(path)
        return _folder_mistake(path)
    except JournalRefusedError as error:
        return str(error).removeprefix(f"{path} ")
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def refuse_for_good(path: Path) -> None:
    """Raise JournalRefusedError, worded as in `journal_mistake`, where no journal can ever be.

    Alerts do not depend on the disk: one that is full, fails or is not mounted yet is no reason to
    refuse. Neither is a file with content that may not be written now, as the system may mount a
    disk read-only after an error.
    """
    try:
        wrong = "" if path.exists() and path.stat().st_size else _lasting_mistake(path)
    except OSError as error:
        if error.errno not in _LASTING:
            return
        wrong = f"cannot be read: {error.strerror}"
    if wrong:
        raise JournalRefusedError(f"{path} {wrong}")


def _lasting_mistake(path: Path) -> str:
    """Return why nothing can ever be written there; a missing folder may still be mounted."""
    owner_of(path)
    real = Path(os.path.realpath(path))
    folder = next(parent for parent in real.parents if parent.is_dir())
    return _rights_mistake(real, folder) if folder == real.parent else _kind_mistake(folder)


def _folder_mistake(path: Path) -> str:
    """Return why nothing can be written there; empty where it can."""
    real = Path(os.path.realpath(path))
    if not real.parent.is_dir():
        return f"points to {real}, and {real.parent} is no folder"
    return _rights_mistake(real, real.parent)


def _rights_mistake(real: Path, folder: Path) -> str:
    if wrong := _kind_mistake(folder):
        return wrong
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"is in {folder}, where nothing may be written"
    if real.exists() and not os.access(real, os.W_OK):
        return "may not be written"
    return ""


def _kind_mistake(folder: Path) -> str:
    if os.statvfs(folder).f_blocks == 0:
        return f"is in {folder}, which holds no files of ours; want a folder on a disk"
    return ""


def _owner_of_empty(path: Path) -> Owner:
    """Return the owner of an empty file, whose tables may all be in its write-ahead log."""
    words = _log_words(path)
    if b"CREATE TABLE" in words and _OUR_WORDS not in words:
        raise _refusal(path, "is the database of another program")
    return Owner.NOBODY


def _owner_of_database(path: Path, head: bytes) -> Owner:
    number = _id_in(head)
    if number == APPLICATION_ID:
        return Owner.OURS if _is_readable(head) else Owner.DAMAGED
    try:
        names = _names_in(path)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        if _OUR_WORDS in _words_in(path) or _has_our_status(path):
            return Owner.DAMAGED
        raise _refusal(path, f"is a database that cannot be read ({error})") from error
    if _OUR_TRIGGER in names or _OUR_WORDS in _log_words(path):
        return Owner.OURS  # a damaged id is written anew
    if number:
        raise _refusal(path, f"is the database of another program (application id {number})")
    if not names:
        return _owner_of_empty(path)
    raise _refusal(path, f"is the database of another program (it holds {', '.join(names[:3])})")


def _is_readable(head: bytes) -> bool:
    """Return False where SQLite would not use a file, and not call it damaged either."""
    return (
        all(head[at] in values for at, values in _FIXED)
        and int.from_bytes(head[_SCHEMA_FORMAT], "big") <= 4
        and int.from_bytes(head[_TEXT_ENCODING], "big") <= 1
    )


def _names_in(path: Path) -> list[str]:
    """Return the names of a database's tables, indexes and triggers, without its log."""
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as file:
        file.text_factory = lambda text: text.decode("utf-8", "replace")
        rows = file.execute("SELECT name FROM sqlite_master ORDER BY rowid").fetchall()
    return [str(name) for (name,) in rows]


def _words_in(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LOOKED_AT_BYTES)


def _is_blank(path: Path) -> bool:
    """Return True for a file that holds nothing but zeros."""
    return path.stat().st_size <= _LOOKED_AT_BYTES and not _words_in(path).strip(b"\0")


def _log_words(path: Path) -> bytes:
    real = Path(os.path.realpath(path))  # SQLite stores its log beside the real file
    log = real.with_name(f"{real.name}-wal")
    return _words_in(log) if log.is_file() else b""


def _has_our_status(path: Path) -> bool:
    """Return True where an agent's status file lies beside the file, which was then its journal."""
    status = path.with_name(path.name + STATUS_SUFFIX)
    return status.is_file() and _words_in(status).startswith(STATUS_BEGIN)


def _id_in(head: bytes) -> int:
    return int.from_bytes(head[_ID_AT : _ID_AT + 4], "big")


def _refusal(path: Path, words: str) -> JournalRefusedError:
    return JournalRefusedError(
        f"{path} {words}; want a journal of crswatch, or a path where there is no file. "
        "Nothing was touched"
    )
