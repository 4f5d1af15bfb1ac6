"""Accounts and sessions as the board needs them, and the gatekeeper of a board without accounts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, Protocol

Role = Literal["none", "view", "nurse", "charge", "engineer"]
"""`none` for a visitor who has not logged in."""


class Permission(StrEnum):
    """Permissions of the board's routes; each route has one."""

    EVERYBODY = "everybody"
    """Also for a visitor who has not logged in."""
    SEE = "see"
    ANSWER = "answer"
    """Everything that changes the state of a bed."""
    AUDIT = "audit"


_ALLOWED: Final[dict[Role, frozenset[Permission]]] = {
    "none": frozenset({Permission.EVERYBODY}),
    "view": frozenset({Permission.EVERYBODY, Permission.SEE}),
    "nurse": frozenset({Permission.EVERYBODY, Permission.SEE, Permission.ANSWER}),
    "charge": frozenset(Permission),
    "engineer": frozenset({Permission.EVERYBODY, Permission.SEE, Permission.AUDIT}),
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """A session as the board sees it."""

    person: str
    """Staff id; empty where nobody is identified, so that each act carries a name."""
    role: Role
    csrf: str
    """Token that every POST of this session carries."""
    session: str = ""
    """Opaque id of the session; empty without accounts."""
    language: str = ""
    """Empty for the browser's own."""
    is_station: bool = False
    """True for a shared station, where each act carries a PIN or badge."""

    def may(self, permission: Permission) -> bool:
        """Return True if the role has a permission."""
        return permission in _ALLOWED[self.role]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Proof of identity: one of password, PIN and badge."""

    person: str = ""
    password: str = ""
    pin: str = ""
    badge: str = ""


class RefusedError(Exception):
    """An identity that was not accepted; the text is for the person."""


class Gatekeeper(Protocol):
    """Decides who a visitor is; calls may take a while unless they say otherwise."""

    def visitor(self, cookie: str) -> Visitor:
        """Return the visitor of a cookie; never waits."""

    def is_current(self, visitor: Visitor) -> bool:
        """Return True while a session has not ended; asked each second, never waits."""

    def log_in(self, credentials: Credentials, address: str) -> tuple[str, Visitor]:
        """Return the cookie of a new session, and its visitor.

        Raises
        ------
        RefusedError
            If the credentials are wrong, or too many were.
        """

    def log_out(self, visitor: Visitor) -> None:
        """End a session."""

    def identify(self, visitor: Visitor, credentials: Credentials, address: str) -> Visitor:
        """Return the person who acts in a session.

        Raises
        ------
        RefusedError
            If the person must prove who it is and does not.
        """


class OpenGate:
    """Gatekeeper of a board without accounts, on loopback only: everybody is a nurse.

    Each act carries the name that the person gives.
    """

    def __init__(self) -> None:
        self._visitor = Visitor("", "nurse", secrets.token_urlsafe(24))

    def visitor(self, _cookie: str) -> Visitor:
        """Return the one visitor."""
        return self._visitor

    def is_current(self, _visitor: Visitor) -> bool:
        """Return True: there is no session that could end."""
        return True

    def log_in(self, _credentials: Credentials, _address: str) -> tuple[str, Visitor]:
        """Refuse: there are no accounts."""
        raise RefusedError("this board has no accounts")

    def log_out(self, _visitor: Visitor) -> None:
        """Do nothing: there is no session."""

    def identify(self, visitor: Visitor, credentials: Credentials, _address: str) -> Visitor:
        """Return the visitor under the name given."""
        name = credentials.person.strip()
        if not name:
            raise RefusedError("give your name")
        return Visitor(name, visitor.role, visitor.csrf)
