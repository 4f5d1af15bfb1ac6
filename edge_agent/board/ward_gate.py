"""Gatekeeper of a board with accounts."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from edge_agent.access.accounts import Account
from edge_agent.access.log_in_results import LoggedIn, Place, Refusal, Refused
from edge_agent.access.session_rules import SessionKind, csrf_token
from edge_agent.access.ward_access import WardAccess
from edge_agent.board.gatekeeper import (
    Actor,
    Cookies,
    Credentials,
    Entrance,
    OpenGate,
    RefusedError,
    Visitor,
)
from edge_agent.board.words import filled, said
from edge_agent.model.clock import Instant
from edge_agent.model.errors import AccessError


class WardGate:
    """Decides by the ward's accounts; while there is none, everybody on this machine is a nurse.

    While the accounts cannot be read, nobody is let in.

    Parameters
    ----------
    access
        Returns the accounts, None while there are none; raises AccessError while they cannot be
        read.
    now
        Clock of the machine: sessions last for its hours, whatever the pace of the ward.
    is_local
        True if only people on this machine reach the board.
    """

    def __init__(
        self,
        access: Callable[[], WardAccess | None],
        now: Callable[[], Instant],
        *,
        is_local: bool,
    ) -> None:
        self._find_access = access
        self._now = now
        self._is_local = is_local
        self._open = OpenGate()
        self._stranger = Visitor("", None, secrets.token_urlsafe(24))

    def visitor(self, cookies: Cookies) -> Visitor:
        """Return the visitor of a browser: a person, else a shared screen, else a stranger."""
        try:
            access = self._find_access()
        except AccessError:
            return self._stranger
        if access is None or not access.has_accounts():
            return self._open.visitor(cookies) if self._is_local else self._stranger
        for token in (cookies.session, cookies.station):
            found = access.sessions.check(token, self._now()) if token else None
            if found is not None:
                is_station = found.session.kind is SessionKind.STATION
                csrf = csrf_token(token)
                return Visitor(found.person_id, found.role, csrf, cookies, is_station=is_station)
        return replace(self._stranger, cookies=cookies)

    def is_open(self, visitor: Visitor) -> bool:
        """Return True for the visitor of a board without accounts."""
        return visitor is self._open.visitor(visitor.cookies)

    def is_current(self, visitor: Visitor) -> bool:
        """Return True while the browser has a session, or needs none."""
        return self.visitor(visitor.cookies).role is not None

    def touch(self, visitor: Visitor) -> None:
        """Record that a person acted."""
        if self.is_open(visitor) or visitor.role is None:
            return
        for token in (visitor.cookies.session, visitor.cookies.station):
            if token:
                self._access().sessions.touch(token, self._now())

    def log_in(self, credentials: Credentials, cookies: Cookies, address: str) -> Entrance:
        """Log a person in by badge, by name and PIN, or by name and password."""
        place, now = Place(address, cookies.station), self._now()
        log_ins, person = self._access().log_ins, credentials.person
        if credentials.badge:
            return _entered(log_ins.by_badge(credentials.badge, place, now))
        if credentials.pin:
            return _entered(log_ins.by_pin(person, credentials.pin, place, now))
        return _entered(log_ins.by_password(person, credentials.password, place, now))

    def set_up_station(self, visitor: Visitor, name: str, address: str) -> Entrance:
        """Make the browser's screen a shared one."""
        token, place = visitor.cookies.session, Place(address, visitor.cookies.station)
        return _entered(self._access().log_ins.set_up_station(token, name, place, self._now()))

    def lift_lock(self, visitor: Visitor, badge: str, address: str) -> None:
        """Open the locked account of a badge."""
        token, place = visitor.cookies.session, Place(address, visitor.cookies.station)
        _account(self._access().log_ins.lift_lock(token, badge, place, self._now()))

    def log_out(self, visitor: Visitor, address: str) -> None:
        """End a session: that of the person, or of a shared screen where nobody is."""
        token = visitor.cookies.station if visitor.is_station else visitor.cookies.session
        if token and not self.is_open(visitor):
            place = Place(address, visitor.cookies.station)
            self._access().log_ins.log_out(token, place, self._now())

    def identify(self, visitor: Visitor, credentials: Credentials, address: str) -> Actor:
        """Return the person of a session; at a shared screen, of the badge, or of name and PIN."""
        if self.is_open(visitor):
            return self._open.identify(visitor, credentials, address)
        if not visitor.is_station:
            return Actor(visitor.person, visitor.role)
        place, now, log_ins = self._place(visitor, address), self._now(), self._access().log_ins
        if credentials.badge:
            account = _account(log_ins.identify_by_badge(credentials.badge, place, now))
        else:
            found = log_ins.identify_by_pin(credentials.person, credentials.pin, place, now)
            account = _account(found)
        return Actor(account.person_id, account.role)

    @staticmethod
    def _place(visitor: Visitor, address: str) -> Place:
        return Place(address, visitor.cookies.station)

    def _access(self) -> WardAccess:
        try:
            access = self._find_access()
        except AccessError as error:
            raise RefusedError(said("board.no_access")) from error
        if access is None:
            raise RefusedError(said("board.no_accounts"))
        return access


def _entered(result: LoggedIn | Refused) -> Entrance:
    if isinstance(result, Refused):
        raise _refusal(result)
    return Entrance(result.token, result.csrf, result.visitor.role)


def _account(result: Account | Refused) -> Account:
    if isinstance(result, Refused):
        raise _refusal(result)
    return result


def _refusal(refused: Refused) -> RefusedError:
    if refused.why is Refusal.WAIT:
        seconds = f"{refused.wait_s:.0f}"
        return RefusedError(filled("log_in.wait", seconds=seconds), refused.wait_s)
    return RefusedError(said(f"log_in.{refused.why}"), refused.wait_s)
