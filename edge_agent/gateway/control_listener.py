"""The listening end of a control socket: a file that is bound, watched and removed."""

from __future__ import annotations

import errno
import socket
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

from edge_agent.config.beside_journal import socket_address

_WAITING_AT_MOST: Final = 64
"""Connections that the system holds before they are accepted."""
_NOBODY_LISTENS: Final = frozenset({errno.ECONNREFUSED, errno.ENOENT})


class ControlListener:
    """A socket that listens under a path of this machine, for its owner only.

    A socket that a dead agent left is replaced; one that still answers never is, and neither is
    any other file.

    Raises
    ------
    OSError
        If the path cannot be bound, or belongs to something else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        _remove_dead(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with socket_address(path) as address:
                self.socket.bind(address)
            # Nobody can connect before `listen`, so there is no moment with wider rights.
            path.chmod(0o600)
            self._identity = _identity(path)
            self.socket.listen(_WAITING_AT_MOST)
            self.socket.settimeout(0)
        except OSError:
            self.socket.close()
            raise

    def is_there(self) -> bool:
        """Return True while the path still leads here."""
        try:
            return _identity(self.path) == self._identity
        except OSError:
            return False

    def close(self) -> None:
        """Stop listening, and remove the file if it is still this socket's."""
        if self.is_there():
            with suppress(OSError):
                self.path.unlink()
        self.socket.close()


def _remove_dead(path: Path) -> None:
    """Remove the socket of an agent that has died."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise FileExistsError(errno.EEXIST, "is no socket; it was left as it is")
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller,
        socket_address(path) as address,
    ):
        caller.settimeout(0)  # a full queue of a busy agent is an answer, too
        found = caller.connect_ex(address)
    if found not in _NOBODY_LISTENS:
        raise OSError(errno.EADDRINUSE, "is used by another agent")
    path.unlink(missing_ok=True)


def _identity(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_dev, found.st_ino
