"""Accounts and sessions as the board needs them, and the gatekeeper of a board without accounts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final, Protocol

from edge_agent.access.roles import Permission, Role, may
from edge_agent.board.shapes import Words
from edge_agent.board.words import said

SIGNED: Final = frozenset(
    {
        Permission.ANSWER,
        Permission.ENTER,
        Permission.PAUSE_AUDIO,
        Permission.HAND_OVER,
        Permission.TEST_CHAIN,
    }
)
"""Permissions of acts that carry a person: at a shared screen it is that person who needs them."""


@dataclass(frozen=True, slots=True)
class Cookies:
    """Tokens that a browser sent; each empty where it sent none."""

    session: str = ""
    station: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser as the board sees it."""

    person: str
    """Staff id; empty where nobody is identified, so that each act carries a name."""
    role: Role | None
    """None for a browser without a session."""
    csrf: str
    """Token that every POST of this session carries."""
    cookies: Cookies = Cookies()
    is_station: bool = False
    """True for a shared screen where nobody is identified: each act carries a PIN or badge."""

    def may(self, permission: Permission) -> bool:
        """Return True if the browser may ask for an act; a signed one is decided by its person."""
        if self.is_station and permission in SIGNED:
            return True
        return self.role is not None and may(self.role, permission)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person who acts."""

    name: str
    role: Role | None
    """None on a board without accounts."""

    def may(self, permission: Permission) -> bool:
        """Return True if the person may act."""
        return self.role is None or may(self.role, permission)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Proof of identity: one of password, PIN and badge."""

    person: str = ""
    password: str = ""
    pin: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Entrance:
    """A new session."""

    token: str
    csrf: str
    role: Role


class RefusedError(Exception):
    """An identity that was not accepted."""

    def __init__(self, words: Words, wait_s: float = 0.0) -> None:
        super().__init__(words.en)
        self.words = words
        self.wait_s = wait_s
        """Seconds until the next attempt is looked at."""


class Gatekeeper(Protocol):
    """Decides who a visitor is; calls may take a while unless they say otherwise."""

    def visitor(self, cookies: Cookies) -> Visitor:
        """Return the visitor of a browser; never waits."""

    def is_open(self, visitor: Visitor) -> bool:
        """Return True where there are no accounts, so that each act carries a name."""

    def is_current(self, visitor: Visitor) -> bool:
        """Return True while a session has not ended; asked each second, never waits."""

    def touch(self, visitor: Visitor) -> None:
        """Record that a person acted, so that the session is not idle; never waits."""

    def log_in(self, credentials: Credentials, cookies: Cookies, address: str) -> Entrance:
        """Return a new session; raise RefusedError."""

    def set_up_station(self, visitor: Visitor, name: str, address: str) -> Entrance:
        """Make the browser's screen a shared one; raise RefusedError."""

    def lift_lock(self, visitor: Visitor, badge: str, address: str) -> None:
        """Open the locked account of a badge; raise RefusedError."""

    def log_out(self, visitor: Visitor, address: str) -> None:
        """End a session."""

    def identify(self, visitor: Visitor, credentials: Credentials, address: str) -> Actor:
        """Return the person who acts in a session; raise RefusedError."""


class OpenGate:
    """Gatekeeper of a board without accounts, on loopback only: everybody is a nurse.

    Each act carries the name that the person gives.
    """

    def __init__(self) -> None:
        self._visitor = Visitor("", Role.NURSE, secrets.token_urlsafe(24))

    def visitor(self, _cookies: Cookies) -> Visitor:
        """Return the one visitor."""
        return self._visitor

    def is_open(self, _visitor: Visitor) -> bool:
        """Return True: there are no accounts."""
        return True

    def is_current(self, _visitor: Visitor) -> bool:
        """Return True: there is no session that could end."""
        return True

    def touch(self, _visitor: Visitor) -> None:
        """Do nothing: there is no session."""

    def log_in(self, _credentials: Credentials, _cookies: Cookies, _address: str) -> Entrance:
        """Refuse: there are no accounts."""
        raise RefusedError(said("board.no_accounts"))

    def set_up_station(self, _visitor: Visitor, _name: str, _address: str) -> Entrance:
        """Refuse: there are no accounts."""
        raise RefusedError(said("board.no_accounts"))

    def lift_lock(self, _visitor: Visitor, _badge: str, _address: str) -> None:
        """Refuse: there are no accounts."""
        raise RefusedError(said("board.no_accounts"))

    def log_out(self, _visitor: Visitor, _address: str) -> None:
        """Do nothing: there is no session."""

    def identify(self, _visitor: Visitor, credentials: Credentials, _address: str) -> Actor:
        """Return the person under the name given."""
        name = credentials.person.strip()
        if not name:
            raise RefusedError(said("board.give_name"))
        return Actor(name, None)
