"""A gatekeeper with sessions that a test opens and ends itself."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from edge_agent.board.gatekeeper import Credentials, RefusedError, Visitor

if TYPE_CHECKING:
    from edge_agent.board.gatekeeper import Role

STRANGER = Visitor("", "none", "before-log-in")


class SessionGate:
    """Sessions in memory; every PIN is 4711."""

    def __init__(self) -> None:
        self.sessions: dict[str, Visitor] = {}
        """Visitor by cookie."""

    def open(self, person: str, role: Role, *, is_station: bool = False) -> Visitor:
        """Begin a session and return its visitor; the cookie is its `session`."""
        cookie = secrets.token_hex(8)
        visitor = Visitor(person, role, secrets.token_hex(8), cookie, is_station=is_station)
        self.sessions[cookie] = visitor
        return visitor

    def visitor(self, cookie: str) -> Visitor:
        """Return the visitor of a cookie."""
        return self.sessions.get(cookie, STRANGER)

    def is_current(self, visitor: Visitor) -> bool:
        """Return True while the session is open."""
        return visitor.session in self.sessions

    def log_in(self, credentials: Credentials, _address: str) -> tuple[str, Visitor]:
        """Open a session for whoever knows the PIN."""
        if credentials.pin != "4711":
            raise RefusedError("wrong PIN")
        visitor = self.open(credentials.person, "nurse")
        return visitor.session, visitor

    def log_out(self, visitor: Visitor) -> None:
        """End a session."""
        self.sessions.pop(visitor.session, None)

    def identify(self, visitor: Visitor, credentials: Credentials, _address: str) -> Visitor:
        """Return the person of a session; at a station, of the PIN."""
        if not visitor.is_station:
            return visitor
        if credentials.pin != "4711":
            raise RefusedError("wrong PIN")
        return Visitor("nurse.pin", "nurse", visitor.csrf)
