"""The key that signs the checkpoints of an audit trail, in a file that only its owner reads."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from edge_agent.journal.folder import sync_folder
from edge_agent.model.errors import JournalRefusedError

_KEY_SUFFIX: Final = ".audit.key"
"""Suffix of the key's file, beside the journal."""
_LARGEST_BYTES: Final = 4096
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def key_path(journal: Path) -> Path:
    """Return the path of the key that belongs to a journal."""
    return journal.with_name(journal.name + _KEY_SUFFIX)


def read_key(path: Path) -> Ed25519PrivateKey:
    """Return the key in a file.

    Raises
    ------
    JournalRefusedError
        If the file holds no such key, or others than its owner may read it.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        data = file.read(_LARGEST_BYTES)
    if mode & _OTHERS:
        raise JournalRefusedError(
            f"{path} may be read by others than its owner, so nothing is signed with it; "
            "want mode 0600"
        )
    try:
        key = load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise JournalRefusedError(f"{path} holds no key; nothing was touched") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise JournalRefusedError(f"{path} holds a key of another kind; want Ed25519")
    return key


def signing_key(path: Path) -> Ed25519PrivateKey:
    """Return the key in a file, which is made where there is none.

    Raises
    ------
    JournalRefusedError
        As for `read_key`.
    OSError
        If it can be neither read nor made.
    """
    with suppress(FileNotFoundError):
        return read_key(path)
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Written whole before it has its name, so that no loss of power leaves half a key.
    fd, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")  # of mode 0600
    new = Path(name)
    with os.fdopen(fd, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, path)
    except FileExistsError:
        return read_key(path)
    finally:
        new.unlink()
    sync_folder(path.parent)  # what it signs leaves the gateway, and must stay verifiable
    return key
