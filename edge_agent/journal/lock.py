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
_MOUNTS: Final = Path("/proc/self/mountinfo")
_REMOTE: Final = ("nfs", "cifs", "smb", "9p ", "afs", "ceph", "fuse.sshfs")
"""Beginnings of the kinds of network file systems."""
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
        if _is_remote_file(self._fd):
            _LOG.warning("%s is on a network file system: a second agent is not noticed", path)
            return
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                holder = _holder(self._fd)
                self.release()
                raise JournalRefusedError(
                    f"journal {path} is used by another agent{holder}; each agent needs its own"
                ) from error
            # Some file systems have no locks; the watching is worth more than the check.
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


def _is_remote_file(fd: int) -> bool:
    """Return whether a file is one of a network file system, as far as the system tells.

    There this lock would stand for a lock of every byte, and hold up SQLite's own.
    """
    try:
        return is_remote(_MOUNTS.read_text(encoding="utf-8", errors="replace"), os.fstat(fd).st_dev)
    except OSError:
        return False


def is_remote(mounts: str, device: int) -> bool:
    """Return whether a device is a network file system by the text of /proc/self/mountinfo."""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        place, _, kind = line.partition(" - ")
        if place.split()[2:3] == [number]:
            return kind.startswith(_REMOTE)
    return False


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
