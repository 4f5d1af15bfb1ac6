"""Log-ins by password, by PIN and by badge, with their limits, each recorded.

Every function that compares a secret takes about a tenth of a second, whether the account exists or
not: callers on an event loop run them in a thread.
"""

from __future__ import annotations

from edge_agent.access.accounts import Account, Accounts, Record
from edge_agent.access.attempts import (
    Attempts,
    Counter,
    account_counter,
    address_counter,
    pin_counter,
    station_counter,
)
from edge_agent.access.hashing import Hasher
from edge_agent.access.lockout import FOREVER_S
from edge_agent.access.log_in_results import LoggedIn, Place, Refusal, Refused
from edge_agent.access.roles import Permission
from edge_agent.access.secret_rules import LONGEST_SECRET, normal_password
from edge_agent.access.session_rules import Session, SessionKind, csrf_token
from edge_agent.access.sessions import Sessions, Visitor
from edge_agent.model.audit import Act, AuditAct
from edge_agent.model.clock import Instant


class LogIns:
    """Decides who may come in; may be used by any thread."""

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        attempts: Attempts,
        hasher: Hasher,
        record: Record,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._attempts = attempts
        self._hasher = hasher
        self._record = record

    def by_password(
        self, person: str, password: str, place: Place, now: Instant
    ) -> LoggedIn | Refused:
        """Log a person in by name and password."""
        station = self._station(place, now)
        account = self._usable(person)
        of_account = account_counter(person, station, is_known=account is not None)
        of_address = address_counter(place.address)
        wait_s = self._attempts.begin([of_account, of_address], now)
        if wait_s > 0:
            return Refused(Refusal.LOCKED if wait_s == FOREVER_S else Refusal.WAIT, wait_s)
        secret = normal_password(password) if len(password) <= LONGEST_SECRET else ""
        is_right = self._hasher.matches(secret, "" if account is None else account.password)
        if account is None or not is_right:
            return self._failed("password", account, place, [of_account, of_address], now)
        self._attempts.take_back(of_address)
        self._attempts.clear([of_account.subject, pin_counter(person, is_known=True).subject])
        self._accounts.rehash_password(account, password, now)
        kind = SessionKind.PERSONAL if station is None else SessionKind.AT_STATION
        return self._begun(account, kind, "password", place, now)

    def by_pin(self, person: str, pin: str, place: Place, now: Instant) -> LoggedIn | Refused:
        """Log a person in at a shared screen by name and PIN, for a short time."""
        found = self.identify_by_pin(person, pin, place, now)
        if isinstance(found, Refused):
            return found
        return self._begun(found, SessionKind.AT_STATION, "PIN", place, now)

    def by_badge(self, badge: str, place: Place, now: Instant) -> LoggedIn | Refused:
        """Log a person in at a shared screen by badge, for a short time."""
        found = self.identify_by_badge(badge, place, now)
        if isinstance(found, Refused):
            return found
        return self._begun(found, SessionKind.AT_STATION, "badge", place, now)

    def identify_by_pin(
        self, person: str, pin: str, place: Place, now: Instant
    ) -> Account | Refused:
        """Return whose name and PIN these are, for one act at a shared screen."""
        if self._station(place, now) is None:
            return Refused(Refusal.NO_STATION)
        account = self._usable(person)
        of_pin = pin_counter(person, is_known=account is not None)
        of_address = address_counter(place.address)
        wait_s = self._attempts.begin([of_pin, of_address], now)
        if wait_s > 0:
            return Refused(Refusal.PIN_BLOCKED if wait_s == FOREVER_S else Refusal.WAIT, wait_s)
        secret = pin if len(pin) <= LONGEST_SECRET else ""
        is_right = self._hasher.matches(secret, "" if account is None else account.pin)
        if account is None or not is_right:
            return self._failed("PIN", account, place, [of_pin, of_address], now)
        self._attempts.take_back(of_address)
        self._attempts.clear([of_pin.subject])
        return account

    def identify_by_badge(self, badge: str, place: Place, now: Instant) -> Account | Refused:
        """Return whose badge this is, for one act at a shared screen.

        A locked account is no obstacle: a lock is there against guessing of the password.
        """
        station = self._station(place, now)
        if station is None:
            return Refused(Refusal.NO_STATION)
        of_station = station_counter(station)
        wait_s = self._attempts.begin([of_station], now)
        if wait_s > 0:
            return Refused(Refusal.WAIT, wait_s)
        account = self._accounts.by_badge(badge)
        if account is None or not account.is_enabled:
            return self._failed("badge", None, place, [of_station], now)
        self._attempts.take_back(of_station)
        self._attempts.clear([pin_counter(account.person_id, is_known=True).subject])
        return account

    def set_up_station(
        self, token: str, name: str, place: Place, now: Instant
    ) -> LoggedIn | Refused:
        """Turn the screen of a logged-in person into a shared one; the person is logged out."""
        visitor = self._sessions.check(token, now)
        if visitor is None or not visitor.may(Permission.SET_UP_STATION):
            return Refused(Refusal.NOT_ALLOWED)
        self._sessions.end(token)
        session = Session(
            b"", visitor.person_id, SessionKind.STATION, now.utc_ns, now.utc_ns, place.address, name
        )
        opened = self._sessions.begin(session)
        self._note(Act.STATION_SET_UP, visitor, place, now, name)
        return self._logged_in(opened, now)

    def log_out(self, token: str, place: Place, now: Instant) -> None:
        """End a session."""
        visitor = self._sessions.check(token, now)
        self._sessions.end(token)
        if visitor is not None:
            self._note(Act.LOG_OUT, visitor, place, now)

    def lift_lock(self, token: str, badge: str, place: Place, now: Instant) -> Account | Refused:
        """Open a locked account to the person whose badge is there, by a nurse in charge."""
        visitor = self._sessions.check(token, now)
        if visitor is None or not visitor.may(Permission.LIFT_LOCK):
            return Refused(Refusal.NOT_ALLOWED)
        account = self._accounts.by_badge(badge)
        if account is None or not account.is_enabled:
            return Refused(Refusal.WRONG)
        self.forget_failures(account.person_id)
        self._note(Act.LOCK_LIFTED, visitor, place, now, account.person_id)
        return account

    def forget_failures(self, person: str) -> None:
        """Forget the failures of an account, except at shared screens, where they pass soon."""
        of_account = account_counter(person, None, is_known=True)
        of_pin = pin_counter(person, is_known=True)
        self._attempts.clear([of_account.subject, of_pin.subject])

    def _station(self, place: Place, now: Instant) -> Session | None:
        """Return the session of the shared screen; None where this is none."""
        visitor = self._sessions.check(place.station_token, now) if place.station_token else None
        if visitor is None or visitor.session.kind is not SessionKind.STATION:
            return None
        return visitor.session

    def _usable(self, person: str) -> Account | None:
        account = self._accounts.find(person)
        return account if account is not None and account.is_enabled else None

    def _begun(
        self, account: Account, kind: SessionKind, method: str, place: Place, now: Instant
    ) -> LoggedIn | Refused:
        station = self._station(place, now) if kind is SessionKind.AT_STATION else None
        session = Session(
            token_hash=b"",
            person_id=account.person_id,
            kind=kind,
            began_utc_ns=now.utc_ns,
            used_utc_ns=now.utc_ns,
            address=place.address,
            station=b"" if station is None else station.token_hash,
        )
        opened = self._logged_in(self._sessions.begin(session), now)
        if isinstance(opened, LoggedIn):
            by, role = account.person_id, opened.visitor.role.value
            subject, detail = opened.visitor.session.session_id, {"method": method}
            act = AuditAct(Act.LOG_IN, by, now, role, place.via, subject=subject, detail=detail)
            self._record(act)
        return opened

    def _logged_in(self, token: str, now: Instant) -> LoggedIn | Refused:
        visitor = self._sessions.check(token, now)
        if visitor is None:  # disabled, or the shared screen ended, at this very moment
            return Refused(Refusal.WRONG)
        return LoggedIn(token, csrf_token(token), visitor)

    def _failed(
        self,
        method: str,
        account: Account | None,
        place: Place,
        counters: list[Counter],
        now: Instant,
    ) -> Refused:
        """Record a failure, and the delays that begin with it; a name that is none stays unsaid.

        People type passwords into the field of the name.
        """
        by = "" if account is None else account.person_id
        role = "" if account is None else account.role.value
        failed = {"method": method}
        self._record(AuditAct(Act.LOG_IN_FAILED, by, now, role, place.via, detail=failed))
        waits = {counter.subject: self._attempts.wait_s(counter, now) for counter in counters}
        for subject, wait_s in waits.items():
            if wait_s > 0:
                words = "until it is lifted" if wait_s == FOREVER_S else f"{wait_s:.0f}"
                locked = {"seconds": words}
                self._record(AuditAct(Act.LOCKED_OUT, "", now, "", place.via, "", subject, locked))
        return Refused(Refusal.WRONG, max(waits.values()))

    def _note(
        self, act: Act, visitor: Visitor, place: Place, now: Instant, subject: str = ""
    ) -> None:
        by, role = visitor.person_id, visitor.role.value
        self._record(AuditAct(act, by, now, role, place.via, subject=subject))
