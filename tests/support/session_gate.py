"""Sessions of a board's visitors in a real accounts file, opened and ended by a test itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from edge_agent.access.accounts import Actor
from edge_agent.access.session_rules import Session, SessionKind
from edge_agent.access.ward_access import open_access
from edge_agent.board.gatekeeper import Cookies
from edge_agent.board.ward_gate import WardGate
from tests.support.board_bodies import instant
from tests.support.board_ward import now_ms
from tests.support.ward_accesses import CHEAP

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.access.roles import Role
    from edge_agent.board.gatekeeper import Visitor
    from edge_agent.model.audit import AuditAct

PASSWORD: Final = "seven otters drum quietly"
PIN: Final = "4719"
BADGE: Final = "badge-0815"
_ENGINEER: Final = Actor("test", "engineer", "test")


class SessionGate(WardGate):
    """The gatekeeper of a ward whose people a test makes."""

    def __init__(self, folder: Path, *, is_local: bool = False) -> None:
        self.acts: list[AuditAct] = []
        """Acts that were recorded."""
        self.access = open_access(folder / "accounts", self.acts.append, CHEAP)
        super().__init__(lambda: self.access, lambda: instant(now_ms()), is_local=is_local)

    def add(self, person: str, role: Role, *, pin: str = "", badge: str = "") -> None:
        """Add an account, with the password of all."""
        at, accounts = instant(now_ms()), self.access.accounts
        accounts.add(person, role, _ENGINEER, at)
        accounts.set_password(person, PASSWORD, _ENGINEER, at)
        if pin:
            accounts.set_pin(person, pin, _ENGINEER, at)
        if badge:
            accounts.set_badge(person, badge, _ENGINEER, at)

    def open(self, person: str, role: Role) -> Visitor:
        """Begin a session of a person, who gets an account, and return its visitor."""
        if self.access.accounts.find(person) is None:
            self.access.accounts.add(person, role, _ENGINEER, instant(now_ms()))
        return self.visitor(Cookies(session=self._begin(person, SessionKind.PERSONAL)))

    def open_station(self) -> Visitor:
        """Begin the session of a shared screen and return its visitor."""
        return self.visitor(Cookies(station=self._begin("charge", SessionKind.STATION)))

    def _begin(self, person: str, kind: SessionKind) -> str:
        at_ns = instant(now_ms()).utc_ns
        return self.access.sessions.begin(Session(b"", person, kind, at_ns, at_ns, "127.0.0.1"))

    def revoke(self, person: str) -> None:
        """End the sessions of a person."""
        self.access.sessions.revoke(_ENGINEER, instant(now_ms()), person=person)
