"""A lock on the journal's file, so that only one agent uses it, under whatever name."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
from pathlib import Path
from typing import Final

from edge_agent.model.errors import JournalInUseError

_LOCKS: Final = Path("/proc/locks")
_MOUNTS: Final = Path("/proc/self/mountinfo")
_REMOTE: Final = ("nfs", "cifs", "smb", "9p ", "afs", "ceph", "fuse.sshfs")
"""Beginnings of the names of network file systems."""
_HELD: Final = frozenset({errno.EAGAIN, errno.EACCES})
_LOG = logging.getLogger(__name__)


class JournalLock:
    """Lock that is held until `release` or the end of the process.

    The system's locks of SQLite on a file are gone as soon as any of its descriptors is closed in
    the process: release this lock only after the database was closed.

    Parameters
    ----------
    path
        The journal; an empty file is created where there is none.

    Raises
    ------
    JournalInUseError
        If another process holds the lock.
    OSError
        If the file cannot be opened for writing.
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
                raise JournalInUseError(
                    f"journal {path} is used by another agent{holder}; each agent needs its own"
                ) from error
            # Some file systems have no locks; monitoring matters more than this check.
            _LOG.warning(
                "%s cannot be locked (%s): a second agent would not be noticed", path, error
            )

    def holds(self, path: Path) -> bool:
        """Return True where the path still names the locked file."""
        try:
            return os.path.samestat(path.stat(), os.fstat(self._fd))
        except OSError:
            return False

    def release(self) -> None:
        """Release the lock to another agent."""
        os.close(self._fd)


def _is_remote_file(fd: int) -> bool:
    """Return True for a file on a network file system, as far as the system knows.

    There this lock would count as a lock of every byte, and block SQLite's own.
    """
    try:
        return is_remote(_MOUNTS.read_text(encoding="utf-8", errors="replace"), os.fstat(fd).st_dev)
    except OSError:
        return False


def is_remote(mounts: str, device: int) -> bool:
    """Return True for a device that /proc/self/mountinfo lists as a network file system."""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        mount, _, kind = line.partition(" - ")
        if mount.split()[2:3] == [number]:
            return kind.startswith(_REMOTE)
    return False


def _holder(fd: int) -> str:
    """Return the process that holds the lock, in words; empty where the system hides it."""
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
