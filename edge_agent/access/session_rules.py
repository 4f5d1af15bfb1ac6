"""Sessions: their kinds, their lifetimes, and the tokens that stand for them; no file, no clock."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

_TOKEN_BYTES: Final = 32
_CSRF: Final = b"crswatch csrf 1"
_NS: Final = 1_000_000_000


class SessionKind(StrEnum):
    """Kinds of sessions."""

    PERSONAL = "personal"
    """A person's own screen or phone, after the password."""
    STATION = "station"
    """A shared screen: everybody sees the ward there, and gives a name to act."""
    AT_STATION = "at_station"
    """A person at a shared screen, after PIN or badge."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Lifetime of a kind of session; design start values, unvalidated."""

    idle_s: float
    """Seconds without an act of the person; a stream that stays open is none."""
    most_s: float
    """Seconds since the log-in."""


LIFETIMES: Final[Mapping[SessionKind, Lifetime]] = {
    # NIST SP 800-63B-4, 2.2.3, wants at most 1 h and 24 h at its middle level
    SessionKind.PERSONAL: Lifetime(1800.0, 12 * 3600.0),
    # 2.1.3 wants at most 30 days at its lowest level; such a session only shows
    SessionKind.STATION: Lifetime(30 * 86_400.0, 30 * 86_400.0),
    SessionKind.AT_STATION: Lifetime(120.0, 900.0),
}


@dataclass(frozen=True, slots=True)
class Session:
    """One session; its token is with the browser only."""

    token_hash: bytes
    person_id: str
    """For a shared screen, the person who set it up."""
    kind: SessionKind
    began_utc_ns: int
    used_utc_ns: int
    """Time of the newest act."""
    address: str
    name: str = ""
    """Name of a shared screen; empty for other kinds."""
    station: bytes = b""
    """Token hash of the shared screen that it is at; empty for other kinds."""

    @property
    def session_id(self) -> str:
        """Name of the session for people; it opens nothing."""
        return self.token_hash.hex()[:12]


def is_over(session: Session, now_utc_ns: int) -> bool:
    """Return True for a session that was idle too long, or lasted too long.

    A clock that was set back by more than the idle time ends it, too.
    """
    lifetime = LIFETIMES[session.kind]
    idle_s = abs(now_utc_ns - session.used_utc_ns) / _NS
    age_s = abs(now_utc_ns - session.began_utc_ns) / _NS
    return idle_s >= lifetime.idle_s or age_s >= lifetime.most_s


def new_token() -> str:
    """Return a token of 256 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """Return the hash under which a token is stored."""
    return sha256(token.encode("utf-8", "replace")).digest()


def csrf_token(token: str) -> str:
    """Return the token that a page of this session sends with every change; it opens nothing."""
    return hmac.new(token.encode("utf-8", "replace"), _CSRF, sha256).hexdigest()


def is_csrf_token(given: str, token: str) -> bool:
    """Return True if a page sent the token of its session; compared in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), csrf_token(token).encode())
