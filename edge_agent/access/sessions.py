"""Sessions: checked in memory at every call, with a copy in the accounts file.

`Sessions.check` takes microseconds and never waits for the disk; call it before each event of a
stream. `begin`, `end` and `revoke` write to the disk: callers on an event loop run them in a
thread.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edge_agent.access.accounts import Accounts, Actor, Record
from edge_agent.access.accounts_file import AccountsFile, Statement
from edge_agent.access.roles import Permission, Role, may
from edge_agent.access.secret_rules import folded
from edge_agent.access.session_rules import (
    Session,
    SessionKind,
    is_over,
    new_token,
    token_hash,
)
from edge_agent.model.audit import Act, AuditAct
from edge_agent.model.clock import Instant
from edge_agent.model.errors import AccessError

_MOST_OF_A_PERSON: Final[Mapping[SessionKind, int]] = {
    SessionKind.PERSONAL: 10,
    SessionKind.STATION: 200,
    SessionKind.AT_STATION: 10,
}
"""Sessions of a kind that one person may have; the oldest ends where a further one begins."""
_QUERY: Final = (
    "SELECT token_hash, person_id, kind, began_utc_ns, used_utc_ns, address, name, station"
    " FROM session"
)
_INSERT: Final = "INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_UPDATE: Final = "UPDATE session SET used_utc_ns = ? WHERE token_hash = ?"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Person behind a token at this moment."""

    session: Session
    person_id: str
    """Empty at a shared screen where nobody has given a name."""
    role: Role

    def may(self, permission: Permission) -> bool:
        """Return True if the person may do something now."""
        return may(self.role, permission)


class Sessions:
    """All sessions of one accounts file; may be used by any thread."""

    def __init__(self, file: AccountsFile, accounts: Accounts, record: Record) -> None:
        self._file = file
        self._accounts = accounts
        self._record = record
        self._lock = threading.Lock()
        self._version: object = None
        self._writes = 0
        """Number of own changes, which do not change the file's version."""
        self._sessions: dict[bytes, Session] = {}
        self._new: set[bytes] = set()
        """Sessions that are not in the file yet."""
        self._touched: set[bytes] = set()
        """Sessions with an act since the file has them."""
        self._ended: set[bytes] = set()
        """Sessions that ended and may still be in the file."""

    def begin(self, session: Session) -> str:
        """Begin a session in which everything but the token is given; return its token."""
        token = new_token()
        opened = replace(session, token_hash=token_hash(token))
        with self._lock:
            now_ns = session.began_utc_ns
            over = [s.token_hash for s in self._sessions.values() if is_over(s, now_ns)]
            own = [s for s in self._sessions.values() if _is_alike(s, session)]
            own.sort(key=lambda s: s.used_utc_ns)
            room = _MOST_OF_A_PERSON[session.kind] - 1
            over += [s.token_hash for s in own[: max(0, len(own) - room)]]
            self._sessions[opened.token_hash] = opened
            self._new.add(opened.token_hash)
        self._remove(over)
        return token

    def check(self, token: str, now: Instant) -> Visitor | None:
        """Return who stands behind a token; None where its session is over, or never was."""
        self._look()
        with self._lock:
            session = self._sessions.get(token_hash(token))
            if session is None or is_over(session, now.utc_ns):
                return None
            station = self._sessions.get(session.station)
        if session.kind is SessionKind.STATION:
            # it stays when the person who set it up has left
            return Visitor(session, "", Role.VIEW)
        account = self._accounts.find(session.person_id)
        if account is None or not account.is_enabled:
            return None
        if session.kind is SessionKind.AT_STATION and (
            station is None or is_over(station, now.utc_ns)
        ):
            return None
        return Visitor(session, account.person_id, account.role)

    def touch(self, token: str, now: Instant) -> None:
        """Record an act of a person, so that the session is not idle; it never waits."""
        with self._lock:
            session = self._sessions.get(token_hash(token))
            if session is not None and not is_over(session, now.utc_ns):
                self._sessions[session.token_hash] = replace(session, used_utc_ns=now.utc_ns)
                self._touched.add(session.token_hash)

    def end(self, token: str) -> None:
        """End a session, and those at a shared screen that it stands for."""
        hashed = token_hash(token)
        with self._lock:
            at_it = [s.token_hash for s in self._sessions.values() if s.station == hashed]
        self._remove([hashed, *at_it])

    def revoke(self, actor: Actor, now: Instant, *, person: str = "", session_id: str = "") -> int:
        """End the sessions of a person, or one session, or all; return their number."""
        self._look()
        with self._lock:
            chosen = [
                s
                for s in self._sessions.values()
                if (not person or folded(s.person_id) == folded(person))
                and (not session_id or s.session_id == session_id)
            ]
        self._remove([session.token_hash for session in chosen])
        detail = {"sessions": str(len(chosen))}
        subject = person or session_id
        act = AuditAct(
            Act.SESSIONS_REVOKED,
            actor.by,
            now,
            actor.role,
            actor.via,
            subject=subject,
            detail=detail,
        )
        self._record(act)
        return len(chosen)

    def open_ones(self, now: Instant) -> list[Session]:
        """Return the sessions that are not over, the oldest first."""
        self._look()
        with self._lock:
            found = [s for s in self._sessions.values() if not is_over(s, now.utc_ns)]
        return sorted(found, key=lambda s: s.began_utc_ns)

    def save(self) -> None:
        """Write to the file what it lacks, such as the times of the newest acts."""
        self._remove([])

    def _remove(self, hashes: Sequence[bytes]) -> None:
        """End sessions at once, and write what the file lacks."""
        with self._lock:
            self._writes += 1
            for hashed in hashes:
                self._sessions.pop(hashed, None)
            self._ended.update(hashes)
            new = self._new & self._sessions.keys()
            touched = self._touched & self._sessions.keys() - new
            ended = set(self._ended)
            statements: list[Statement] = [(_INSERT, _row(self._sessions[h])) for h in new]
            statements += [(_UPDATE, (self._sessions[h].used_utc_ns, h)) for h in touched]
            statements += [("DELETE FROM session WHERE token_hash = ?", (h,)) for h in ended]
        try:
            self._file.write(statements)
        except AccessError as error:
            _LOG.warning("sessions are as they should be in memory only: %s", error)
            return
        with self._lock:
            self._writes += 1
            self._new -= new
            self._touched -= touched
            self._ended -= ended

    def _look(self) -> None:
        """Take up what other programs changed."""
        writes = self._writes
        try:
            changed = self._file.changed_rows(_QUERY, self._version)
        except AccessError as error:
            _LOG.debug("sessions are as they were: %s", error)
            return
        if changed is None:
            return
        sessions = [s for s in map(_session, changed.rows) if s is not None]
        with self._lock:
            if self._writes != writes:
                return  # the next look reads once more
            found = {s.token_hash: s for s in sessions if s.token_hash not in self._ended}
            for hashed in self._touched & found.keys() & self._sessions.keys():
                found[hashed] = self._sessions[hashed]
            for hashed in self._new & self._sessions.keys():
                found[hashed] = self._sessions[hashed]
            self._sessions = found
            self._version = changed.version


def _is_alike(one: Session, other: Session) -> bool:
    return (one.person_id, one.kind) == (other.person_id, other.kind)


def _row(session: Session) -> tuple[object, ...]:
    return (
        session.token_hash,
        session.person_id,
        session.kind.value,
        session.began_utc_ns,
        session.used_utc_ns,
        session.address,
        session.name,
        session.station,
    )


def _session(row: tuple[object, ...]) -> Session | None:
    """Return the session in a row; None for one of a newer program."""
    match row:
        case (
            bytes(hashed), str(person), str(kind), int(began), int(used), str(address), str(name),
            bytes(station),
        ) if kind in set(SessionKind):  # fmt: skip
            return Session(hashed, person, SessionKind(kind), began, used, address, name, station)
    return None
