"""Signed checkpoints of an audit trail, with a copy beside the journal.

The copy shows accidents and lets the next start notice a trail that was cut off. Whoever may write
it may also write the key's file: only copies outside the gateway show intent.
"""

from __future__ import annotations

import errno
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.journal.folder import sync_folder
from edge_agent.journal.trail_key import key_path, signing_key
from edge_agent.model.audit import Checkpoint
from edge_agent.payloads.checkpoints import (
    is_signed_by,
    public_key,
    read_checkpoints,
    signed_checkpoint,
)

_SUFFIX: Final = ".audit.checkpoints"
_TAIL_BYTES: Final = 16 * 1024
"""Part of the copy that is read at start; a note has some 300 bytes."""
_LOG = logging.getLogger(__name__)


def checkpoints_path(journal: Path) -> Path:
    """Return the path of the checkpoints that belong to a journal's trail."""
    return journal.with_name(journal.name + _SUFFIX)


class TrailSigner:
    """Signer of one trail; used by one thread, and touches no file before its first call.

    Parameters
    ----------
    journal
        The journal beside which key and checkpoints are.
    origin
        Name of the trail: site, ward and gateway.
    """

    def __init__(self, journal: Path, origin: str) -> None:
        self._key_path = key_path(journal)
        self._copy_path = checkpoints_path(journal)
        self._origin = origin
        self._key: Ed25519PrivateKey | None = None
        self._copy_is_named = False
        """True once the name of the copy is on the disk."""

    def newest(self) -> Checkpoint | None:
        """Return the newest checkpoint that was signed here; None where there is none.

        Raises
        ------
        JournalRefusedError, OSError
            If key or copy cannot be used.
        """
        try:
            with self._copy_path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _TAIL_BYTES))
                text = file.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return None
        public = public_key(self._origin, self._signing_key())
        ours = [note for note in read_checkpoints(text)[0] if is_signed_by(note, public)]
        return ours[-1] if ours else None

    def sign(self, count: int, head: str, at_utc_ns: int) -> Checkpoint:
        """Return the signed statement about the trail's end, copied to the disk.

        Raises
        ------
        JournalRefusedError
            If the key's file is not one, or others may read it.
        OSError
            If key or copy cannot be read or written.
        """
        checkpoint = signed_checkpoint(self._signing_key(), self._origin, count, head, at_utc_ns)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        fd = os.open(self._copy_path, flags, 0o600)
        try:
            _append(fd, b"\n" + checkpoint.text.encode())
        finally:
            os.close(fd)
        if not self._copy_is_named:
            sync_folder(self._copy_path.parent)
            self._copy_is_named = True
        return checkpoint

    def _signing_key(self) -> Ed25519PrivateKey:
        if self._key is None:
            self._key = signing_key(self._key_path)
            _LOG.info("audit trail: public key %s", public_key(self._origin, self._key))
        return self._key


def _append(fd: int, data: bytes) -> None:
    """Append a note as a whole, or nothing of it."""
    size = os.fstat(fd).st_size
    try:
        written = os.write(fd, data)
        os.fdatasync(fd)
    except OSError:
        _cut(fd, size)
        raise
    if written < len(data):
        _cut(fd, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _cut(fd: int, size: int) -> None:
    with suppress(OSError):
        os.ftruncate(fd, size)
