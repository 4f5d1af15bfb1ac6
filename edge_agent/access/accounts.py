"""Accounts of the staff: read from memory, changed in the file first.

A change by another program counts from the next look on. While the file cannot be read, the newest
accounts in memory hold, so that people can answer at the bedside whatever the disk does.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.access.accounts_file import AccountsFile
from edge_agent.access.hashing import Hasher
from edge_agent.access.roles import Role
from edge_agent.access.secret_rules import (
    badge_mistake,
    folded,
    name_mistake,
    normal_password,
    password_mistake,
    pin_mistake,
)
from edge_agent.model.audit import Act, AuditAct
from edge_agent.model.clock import Instant
from edge_agent.model.errors import AccessError

Record = Callable[[AuditAct], object]
"""Function that puts an act into the audit trail; must not wait."""
_QUERY: Final = (
    "SELECT person_id, role, is_enabled, password, pin, badge, changed_utc_ns FROM account"
)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """One person's account; every secret is a hash."""

    person_id: str
    role: Role
    is_enabled: bool = True
    password: str = ""
    """Empty without one: no log-in by password, as for an interface."""
    pin: str = ""
    badge: str = ""
    changed_utc_ns: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """Person who changes accounts or sessions, for the audit trail."""

    by: str
    role: str
    via: str


class Accounts:
    """All accounts of one file; may be used by any thread.

    Parameters
    ----------
    record
        Called with each change.

    Raises
    ------
    AccessError
        If the file cannot be read.
    """

    def __init__(self, file: AccountsFile, hasher: Hasher, record: Record) -> None:
        self._file = file
        self._hasher = hasher
        self._record = record
        self._salt = file.badge_salt()
        self._lock = threading.Lock()
        self._version: object = None
        self._writes = 0
        """Number of own changes, which do not change the file's version."""
        self._accounts: Mapping[str, Account] = {}
        self.fault = ""
        """Reason why changes by other programs are not seen; empty while they are."""

    def all(self) -> list[Account]:
        """Return every account, by name."""
        return [account for _, account in sorted(self._known().items())]

    def find(self, person: str) -> Account | None:
        """Return the account of a person, whose name may be written in any case."""
        return self._known().get(folded(person))

    def by_badge(self, badge: str) -> Account | None:
        """Return the account of a badge; takes as long as a hash."""
        if badge_mistake(badge):
            return None
        print_ = self._hasher.fingerprint(badge, self._salt)
        return next((a for a in self._known().values() if a.badge == print_), None)

    def add(
        self, person: str, role: Role, actor: Actor, now: Instant, password: str = ""
    ) -> Account:
        """Add an account; without a password nobody can log in by it.

        Raises
        ------
        AccessError
            If the name is not allowed or taken, the password is not allowed, or the file cannot be
            written.
        """
        mistake = name_mistake(person)
        if mistake:
            raise AccessError(f"name {person[:80]!r}: {mistake}")
        if self.find(person) is not None:
            raise AccessError(f"there is an account {person!r} already")
        hashed = ""
        if password:
            _refuse("the password", password_mistake(password, person))
            hashed = self._hasher.hashed(normal_password(password))
        account = Account(person, role, password=hashed)
        self._store(account, now)
        self._note(person, {"change": "added", "role": role.value}, actor, now)
        return account

    def set_role(self, person: str, role: Role, actor: Actor, now: Instant) -> None:
        """Change the role of an account.

        Raises
        ------
        AccessError
            If there is no such account, or the file cannot be written.
        """
        self._store(replace(self._wanted(person), role=role), now)
        self._note(person, {"change": "role", "role": role.value}, actor, now)

    def set_enabled(self, person: str, actor: Actor, now: Instant, *, is_enabled: bool) -> None:
        """Disable an account, so that nothing is possible with it, or enable it again.

        Raises
        ------
        AccessError
            If there is no such account, or the file cannot be written.
        """
        self._store(replace(self._wanted(person), is_enabled=is_enabled), now)
        self._note(person, {"change": "enabled" if is_enabled else "disabled"}, actor, now)

    def set_password(self, person: str, password: str, actor: Actor, now: Instant) -> None:
        """Give an account a password.

        Raises
        ------
        AccessError
            If there is no such account, the password is not allowed, or the file cannot be written.
        """
        account = self._wanted(person)
        _refuse("the password", password_mistake(password, person))
        hashed = self._hasher.hashed(normal_password(password))
        self._store(replace(account, password=hashed), now)
        self._note(person, {"change": "password"}, actor, now)

    def set_pin(self, person: str, pin: str, actor: Actor, now: Instant) -> None:
        """Give an account a PIN for shared screens; an empty one takes it away.

        Raises
        ------
        AccessError
            As for `set_password`.
        """
        account = self._wanted(person)
        if pin:
            _refuse("the PIN", pin_mistake(pin))
        self._store(replace(account, pin=self._hasher.hashed(pin) if pin else ""), now)
        self._note(person, {"change": "PIN" if pin else "no PIN"}, actor, now)

    def set_badge(self, person: str, badge: str, actor: Actor, now: Instant) -> None:
        """Give an account a badge for shared screens; an empty one takes it away.

        Raises
        ------
        AccessError
            As for `set_password`, or if somebody else has the badge.
        """
        account = self._wanted(person)
        print_ = ""
        if badge:
            _refuse("the badge number", badge_mistake(badge))
            owner = self.by_badge(badge)
            if owner is not None and folded(owner.person_id) != folded(person):
                raise AccessError("the badge belongs to another account")
            print_ = self._hasher.fingerprint(badge, self._salt)
        self._store(replace(account, badge=print_), now)
        self._note(person, {"change": "badge" if badge else "no badge"}, actor, now)

    def rehash_password(self, account: Account, password: str, now: Instant) -> None:
        """Store a password that was right at the present cost, if it was hashed at another."""
        if self._hasher.is_outdated(account.password):
            hashed = self._hasher.hashed(normal_password(password))
            try:
                self._store(replace(account, password=hashed), now)
            except AccessError as error:
                _LOG.warning("a password stays hashed as before: %s", error)

    def _wanted(self, person: str) -> Account:
        account = self.find(person)
        if account is None:
            raise AccessError(f"there is no account {person!r}")
        return account

    def _note(self, person: str, detail: Mapping[str, str], actor: Actor, now: Instant) -> None:
        act = AuditAct(
            Act.ACCOUNT_CHANGED,
            actor.by,
            now,
            actor.role,
            actor.via,
            subject=person,
            detail=detail,
        )
        self._record(act)

    def _store(self, account: Account, now: Instant) -> None:
        changed = replace(account, changed_utc_ns=now.utc_ns)
        values = (
            folded(account.person_id),
            changed.person_id,
            changed.role.value,
            int(changed.is_enabled),
            changed.password,
            changed.pin,
            changed.badge,
            changed.changed_utc_ns,
        )
        self._file.write(
            [("INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)]
        )
        with self._lock:
            self._writes += 1
            self._accounts = {**self._accounts, folded(account.person_id): changed}

    def _known(self) -> Mapping[str, Account]:
        """Return the accounts by folded name, after changes by other programs."""
        writes = self._writes
        try:
            changed = self._file.changed_rows(_QUERY, self._version)
        except AccessError as error:
            if not self.fault:
                _LOG.error("accounts are as they were: %s", error)
            self.fault = str(error)
            return self._accounts
        self.fault = ""
        if changed is not None:
            found = [account for account in map(_account, changed.rows) if account is not None]
            with self._lock:
                if self._writes == writes:  # else the next look reads once more
                    self._accounts = {folded(account.person_id): account for account in found}
                    self._version = changed.version
        return self._accounts


def _account(row: tuple[object, ...]) -> Account | None:
    """Return the account in a row; None for one with a role of a newer program."""
    person, role, is_enabled, password, pin, badge, changed = row
    if str(role) not in set(Role) or not isinstance(changed, int):
        _LOG.error("an account has the role %.20r, which is unknown; it is left out", role)
        return None
    return Account(
        str(person), Role(str(role)), bool(is_enabled), str(password), str(pin), str(badge), changed
    )


def _refuse(what: str, mistake: str) -> None:
    if mistake:
        raise AccessError(f"{what} {mistake}")
