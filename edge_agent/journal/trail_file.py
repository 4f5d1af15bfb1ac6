"""The file of an audit trail: appended to by one program at a time, never rewritten.

Several programs may hold the file open, such as the agent and `crswatch accounts`. Each locks it
for one append, continues behind the entry that is last at that moment, and returns when the disk
has the bytes.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from edge_agent.journal.folder import sync_folder
from edge_agent.model.audit import Act, AuditAct, AuditEntry, Checkpoint
from edge_agent.model.clock import Instant
from edge_agent.model.errors import JournalRefusedError
from edge_agent.payloads.audit import (
    GENESIS,
    LINE_BEGIN,
    LONGEST_LINE_BYTES,
    chained,
    decode_line,
    encode_line,
)

_TRAIL_SUFFIX: Final = ".audit.jsonl"
"""Suffix of the trail, beside the journal."""
_MODE: Final = 0o600
_VIA: Final = "gateway"
_LOCK_TRIES: Final = 50
_LOCK_PAUSE_S: Final = 0.1
"""An append takes milliseconds; who holds the lock for five seconds hangs."""
_HELD: Final = frozenset({errno.EAGAIN, errno.EACCES})
_PIECE_BYTES: Final = 2 * LONGEST_LINE_BYTES


def trail_path(journal: Path) -> Path:
    """Return the path of the trail that belongs to a journal."""
    return journal.with_name(journal.name + _TRAIL_SUFFIX)


@dataclass(frozen=True, slots=True)
class _End:
    """The end of the file as it was found."""

    n: int
    """Number of the last entry; 0 without one."""
    head: str
    torn: bytes
    """Bytes behind the last entry that are no entry."""
    lacks_line_end: bool
    """True where the file does not end with a line end."""


class TrailFile:
    """One program's hold of the file; used by one thread.

    Parameters
    ----------
    origin
        Name of the trail: site, ward and gateway.
    """

    def __init__(self, path: Path, origin: str) -> None:
        self._path = path
        self._origin = origin
        self._fd: int | None = None
        self._size: int | None = None
        """Size of the file behind our own last entry, bytes; None where it has to be read."""
        self.count = 0
        """Number of the newest entry that is known."""
        self.head = GENESIS
        self.damage = ""
        """Newest difference between the file and the known entries, in words; empty without."""

    def expect(self, known: Checkpoint) -> None:
        """Take a checkpoint of this trail as known: a file without its entries was cut off."""
        self.count, self.head = known.count, known.head

    def append(self, acts: Sequence[AuditAct], at: Instant) -> None:
        """Append acts, and begin a trail where there is none; return when they are on the disk.

        What was found at the end of the file is recorded before them: see `Act.TRAIL_TORN`.

        Parameters
        ----------
        at
            Time of such records.

        Raises
        ------
        JournalRefusedError
            If the file is not ours.
        OSError
            If the file cannot be used now; none of the acts is in it then.
        """
        with self._locked() as fd:
            size = os.fstat(fd).st_size
            before: list[AuditAct] = []
            prefix = b""
            if size != self._size:
                end = self._found_end(fd, size)
                before, prefix = self._records(end, at)
                self.count, self.head = end.n, end.head
            entries = self._chained([*before, *acts])
            data = prefix + b"".join(encode_line(entry) for entry in entries)
            if data:
                self._write(fd, size, data)
            if entries:
                self.count, self.head = entries[-1].n, entries[-1].head
            self._size = size + len(data)

    def close(self) -> None:
        """Close the file."""
        if self._fd is not None:
            os.close(self._fd)
        self._fd = self._size = None

    def _chained(self, acts: Sequence[AuditAct]) -> list[AuditEntry]:
        entries: list[AuditEntry] = []
        n, head = self.count, self.head
        for act in acts:
            entries.append(chained(act, n + 1, head))
            n, head = entries[-1].n, entries[-1].head
        return entries

    def _records(self, end: _End, at: Instant) -> tuple[list[AuditAct], bytes]:
        """Return the acts about the end of the file, and the bytes before them."""
        acts: list[AuditAct] = []
        prefix = b"\n" if end.lacks_line_end else b""
        if end.torn:
            torn = end.torn + prefix
            detail = {"bytes": str(len(torn)), "sha256": sha256(torn).hexdigest()}
            acts.append(AuditAct(Act.TRAIL_TORN, "", at, via=_VIA, detail=detail))
        damage = self._difference(end)
        detail = {"words": damage} if damage else {}
        if end.n == 0:
            begun = AuditAct(Act.TRAIL_BEGUN, "", at, via=_VIA, subject=self._origin, detail=detail)
            acts.append(begun)
        elif damage:
            acts.append(AuditAct(Act.TRAIL_DAMAGED, "", at, via=_VIA, detail=detail))
        self.damage = damage or self.damage
        return acts, prefix

    def _difference(self, end: _End) -> str:
        """Return in which way the file lacks entries that are known; empty where it has them."""
        if end.n < self.count:
            state = f"has {end.n} entries" if end.n else "is gone"
            return f"the trail had {self.count} entries and {state}"
        if end.n == self.count and end.head != self.head:
            return f"entry {end.n} is not the one that was there before"
        return ""

    def _write(self, fd: int, size: int, data: bytes) -> None:
        """Write behind `size`; take back what was written where the disk refuses the rest."""
        self._size = None
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(fd, rest) :]
            os.fdatasync(fd)
        except OSError:
            # The acts stay in memory. If this fails, too, the next append records the bytes.
            with suppress(OSError):
                os.ftruncate(fd, size)
            raise

    @contextmanager
    def _locked(self) -> Iterator[int]:
        fd = self._opened()
        for left in reversed(range(_LOCK_TRIES)):
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if error.errno not in _HELD or not left:
                    raise
                time.sleep(_LOCK_PAUSE_S)
        try:
            yield fd
        finally:
            fcntl.flock(fd, fcntl.LOCK_UN)

    def _opened(self) -> int:
        """Return the open file that the path names now; another one may have taken its place."""
        if self._fd is not None and not _is_at(self._path, self._fd):
            self.close()
        if self._fd is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK
            fd = os.open(self._path, flags, _MODE)
            try:
                sync_folder(self._path.parent)  # whoever made the file may not have come to it
            except OSError:
                os.close(fd)
                raise
            self._fd = fd
        return self._fd

    def _found_end(self, fd: int, size: int) -> _End:
        """Return the end of a file that is ours.

        Raises
        ------
        JournalRefusedError
            If it is not.
        """
        if not stat.S_ISREG(os.fstat(fd).st_mode) or not _is_ours(os.pread(fd, 4096, 0)):
            raise JournalRefusedError(
                f"{self._path} is not an audit trail of crswatch; want one, or a path where there "
                "is no file. Nothing was touched"
            )
        if stat.S_IMODE(os.fstat(fd).st_mode) != _MODE:
            os.fchmod(fd, _MODE)
        return _end_of(fd, size)


def read_tail(path: Path, entries: int) -> list[AuditEntry]:
    """Return the newest sound entries of a trail in order, at most `entries` of them.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    length = _PIECE_BYTES
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        while True:
            file.seek(max(0, size - length))
            lines = file.read(length).splitlines(keepends=True)
            found = [entry for entry in map(decode_line, lines) if entry is not None]
            if len(found) >= entries or length >= size:
                return found[-entries:]
            length *= 2


def _end_of(fd: int, size: int) -> _End:
    """Return the last sound entry of a file, and the bytes behind it."""
    length = _PIECE_BYTES
    while True:
        begin = max(0, size - length)
        piece = os.pread(fd, size - begin, begin)
        lacks_line_end = bool(piece) and not piece.endswith(b"\n")
        whole = piece + b"\n" if lacks_line_end else piece  # only its line end may be torn off
        end = len(whole)
        while end > 0:
            start = whole.rfind(b"\n", 0, end - 1) + 1
            entry = decode_line(whole[start:end])
            if entry is not None:
                return _End(entry.n, entry.head, piece[end:], lacks_line_end)
            end = start
        if begin == 0:
            return _End(0, GENESIS, piece, lacks_line_end)
        length *= 2


def _is_ours(begin: bytes) -> bool:
    """Return True for a file of ours: also one whose first entry a loss of power has cut."""
    return begin.startswith(LINE_BEGIN) or LINE_BEGIN.startswith(begin) or not begin.strip(b"\0")


def _is_at(path: Path, fd: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except OSError:
        return False
