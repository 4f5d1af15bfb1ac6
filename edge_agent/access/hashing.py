"""Slow hashes of passwords, PINs and badge numbers: argon2id.

One hash takes about a tenth of a second and 64 MiB on purpose. Callers on an event loop run these
functions in a thread; at most two run at once in a process, so that guessing cannot take all of a
gateway's memory.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type, hash_secret_raw

_AT_ONCE: Final = 2
_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class HashCost:
    """Cost of one hash; the default is RFC 9106, section 4, second recommended option.

    It is above the minimum of the OWASP Password Storage Cheat Sheet (19 MiB, 2 passes, 1 lane).
    """

    memory_kib: int = 65_536
    passes: int = 3
    lanes: int = 4


DEFAULT_COST: Final = HashCost()


class Hasher:
    """Hashes and compares secrets; may be used by any thread."""

    def __init__(self, cost: HashCost = DEFAULT_COST) -> None:
        self._cost = cost
        self._argon2 = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=_BYTES,
            salt_len=16,
            type=Type.ID,
        )
        self._room = threading.Semaphore(_AT_ONCE)
        self._nobodys = self.hashed("a hash that no account has")

    def hashed(self, secret: str) -> str:
        """Return the hash of a secret, with a salt and the cost in it."""
        with self._room:
            return self._argon2.hash(_bytes(secret))

    def matches(self, secret: str, stored: str) -> bool:
        """Return True if a secret is the one that was hashed.

        Parameters
        ----------
        stored
            The hash; empty where there is none, which takes as long as a wrong secret.
        """
        with self._room:
            try:
                self._argon2.verify(stored or self._nobodys, _bytes(secret))
            except (VerificationError, InvalidHashError):
                return False
        return bool(stored)

    def is_outdated(self, stored: str) -> bool:
        """Return True if a hash was made with another cost than the present one."""
        return self._argon2.check_needs_rehash(stored)

    def fingerprint(self, secret: str, salt: bytes) -> str:
        """Return a hash by which a secret can be looked up: always the same for one salt.

        Parameters
        ----------
        salt
            Salt of the accounts file, 16 bytes.
        """
        cost = self._cost
        with self._room:
            raw = hash_secret_raw(
                _bytes(secret), salt, cost.passes, cost.memory_kib, cost.lanes, _BYTES, Type.ID
            )
        return raw.hex()


def _bytes(secret: str) -> bytes:
    """Return a secret as bytes: any text that a browser can send has some."""
    return secret.encode("utf-8", "surrogatepass")
