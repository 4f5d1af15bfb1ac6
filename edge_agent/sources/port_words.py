"""Reasons why a port cannot be used, in words that help people on the ward."""

from __future__ import annotations

import errno
import os
import socket
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_WORDS: Final = {
    errno.ENOENT: "is not there",
    errno.EACCES: "may not be opened by this user, who must be in the group of the port (dialout)",
    errno.ENOTTY: "is not a serial port",
    errno.EISDIR: "is a folder, not a serial port",
    errno.EIO: "was unplugged, or its device was switched off",
    errno.ENXIO: "was unplugged",
    errno.ENODEV: "was unplugged",
    errno.ECONNREFUSED: "refuses the connection: is the terminal server set up for this port?",
    errno.ECONNRESET: "was disconnected by the other side",
    errno.EHOSTUNREACH: "cannot be reached in this network",
    errno.ENETUNREACH: "cannot be reached in this network",
    errno.ETIMEDOUT: "does not answer",
    socket.EAI_NONAME: "has an unknown host name",
    socket.EAI_AGAIN: "has a host name that cannot be looked up: no name server answers",
}
_BUSY: Final = {errno.EBUSY, errno.EAGAIN}
"""Errors of a port in use; EAGAIN where a program holds the lock on the port."""
_WORDS_BY_TEXT: Final = {
    "returned no data": "was unplugged, or another program reads it, too",
    "socket disconnected": "was disconnected by the other side",
    "RFC2217": "does not speak RFC 2217: want socket:// for a raw port",
    "timed out": "does not answer",
}
"""Words for texts that pyserial sends without an error number."""
_LOCKS: Final = Path("/proc/locks")


def port_words(address: str, device: str, error: Exception) -> str:
    """Return the reason why a port cannot be used.

    Parameters
    ----------
    address
        Port as configured.
    device
        Path of the device that could not be opened; empty where there is none.
    error
        Error from pyserial or the system.
    """
    for number in _numbers(error):
        if number in _BUSY:
            return f"{address} is used by {_user(device)}"
        if number in _WORDS:
            return f"{address} {_WORDS[number]}"
    for text, words in _WORDS_BY_TEXT.items():
        if text in str(error):
            return f"{address} {words}"
    return f"{address}: {error}"


def _numbers(error: BaseException | None) -> Iterator[int]:
    """Yield the error numbers of an error and of its causes."""
    while error is not None:
        number = getattr(error, "errno", None)
        if number is None and isinstance(error, termios.error) and error.args:
            number = error.args[0]
        if isinstance(number, int):
            yield number
        error = error.__context__


def _user(device: str) -> str:
    """Return the user that locks a device, as far as the system says."""
    process = _lock_holder(device)
    if process == os.getpid():
        return "another line of this gateway"
    try:
        name = Path(f"/proc/{process}/comm").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return "another program"
    return f"another program ({name}, process {process})"


def _lock_holder(device: str) -> int:
    """Return the process that holds the lock on a file; 0 where the system names none."""
    try:
        status = Path(device).stat()
        lines = _LOCKS.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return 0
    file_id = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    for line in lines:
        fields = line.split()  # number, kind, ADVISORY, WRITE, process, device and file, begin, end
        if len(fields) > 5 and fields[1] == "FLOCK" and fields[5] == file_id:
            return int(fields[4])
    return 0
