"""One agent for one journal: a lock on the file itself, under whatever name it is opened."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
from pathlib import Path
from typing import Final

from edge_agent.model.errors import JournalRefusedError

_LOCKS: Final = Path("/proc/locks")
_HELD: Final = frozenset({errno.EAGAIN, errno.EACCES})
_LOG = logging.getLogger(__name__)


class JournalLock:
    """Held until `release` or the end of the process.

    The system's locks of SQLite on a file are gone as soon as any of its descriptors is closed in
    the process: release it only after the database was closed.

    Parameters
    ----------
    path
        The journal; an empty file is created where there is none.

    Raises
    ------
    JournalRefusedError
        If another process holds it.
    OSError
        If the file cannot be opened to be written.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                holder = _holder(self._fd)
                self.release()
                raise JournalRefusedError(
                    f"journal {path} is used by another agent{holder}; each agent needs its own"
                ) from error
            # Some network file systems have no locks; the watching is worth more than the check.
            _LOG.warning(
                "%s cannot be locked (%s): a second agent would not be noticed", path, error
            )

    def holds(self, path: Path) -> bool:
        """Return whether the file at a path is still the one that is held."""
        try:
            return os.path.samestat(path.stat(), os.fstat(self._fd))
        except OSError:
            return False

    def release(self) -> None:
        """Let another agent have it."""
        os.close(self._fd)


def _holder(fd: int) -> str:
    """Return in words which process holds the lock on a file; empty where the system hides it."""
    inode = os.fstat(fd).st_ino
    try:
        lines = _LOCKS.read_text(encoding="ascii").splitlines()
    except OSError:
        return ""
    for line in lines:
        fields = line.split()
        if len(fields) > 5 and fields[1] == "FLOCK" and fields[5].endswith(f":{inode}"):
            return f" (process {fields[4]})"
    return ""
