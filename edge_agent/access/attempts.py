"""Counts of failed log-ins: in memory, with a copy in the accounts file for the next start."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import Final

from edge_agent.access.accounts_file import AccountsFile
from edge_agent.access.lockout import (
    OF_ACCOUNT,
    OF_ACCOUNT_AT_STATION,
    OF_ADDRESS,
    OF_PIN,
    OF_STATION,
    Failures,
    LockPolicy,
    counted,
    forgiven,
    taken_back,
    wait_s,
)
from edge_agent.access.secret_rules import LONGEST_SECRET, folded
from edge_agent.access.session_rules import Session
from edge_agent.model.clock import Instant
from edge_agent.model.errors import AccessError

_MOST_STRANGERS: Final = 10_000
"""Counts of addresses and of names that no account has; the oldest go first."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counter:
    """One count that an attempt belongs to."""

    subject: str
    policy: LockPolicy
    is_known: bool = False
    """True for an account or a screen that there is; such a count is never thrown away."""


def account_counter(person: str, station: Session | None, *, is_known: bool) -> Counter:
    """Return the count of passwords for a name, from anywhere or at one shared screen."""
    name = _name(person, is_known=is_known)
    if station is None:
        return Counter(f"account {name}", OF_ACCOUNT, is_known)
    return Counter(f"account {name} at {station.session_id}", OF_ACCOUNT_AT_STATION, is_known)


def pin_counter(person: str, *, is_known: bool) -> Counter:
    """Return the count of PINs for a name."""
    return Counter(f"pin {_name(person, is_known=is_known)}", OF_PIN, is_known)


def station_counter(station: Session) -> Counter:
    """Return the count of badges at a shared screen."""
    return Counter(f"station {station.session_id}", OF_STATION, is_known=True)


def address_counter(address: str) -> Counter:
    """Return the count of an address: of IPv6 the network of one household, 64 bits."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return Counter(f"address {address[:80]}", OF_ADDRESS)
    if isinstance(parsed, IPv6Address):
        return Counter(f"address {IPv6Address(int(parsed) >> 64 << 64)}/64", OF_ADDRESS)
    return Counter(f"address {parsed}", OF_ADDRESS)


def _name(person: str, *, is_known: bool) -> str:
    """Return a name for a count; a name that is none stays unreadable, as it may be a password."""
    if is_known:
        return folded(person)
    digest = sha256(folded(person[:LONGEST_SECRET]).encode("utf-8", "replace")).hexdigest()
    return f"unknown {digest[:16]}"


class Attempts:
    """Counts of failures by subject; may be used by any thread."""

    def __init__(self, file: AccountsFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._counts: dict[str, Failures] = {}
        self._known: set[str] = set()
        try:
            rows = file.rows("SELECT subject, count, newest_utc_ns FROM failure")
        except AccessError as error:
            _LOG.error("failed log-ins of before the start do not count: %s", error)
            rows = []
        for subject, count, newest_ns in rows:
            if isinstance(count, int) and isinstance(newest_ns, int):
                self._counts[str(subject)] = Failures(count, newest_ns)

    def begin(self, counters: Sequence[Counter], now: Instant) -> float:
        """Count an attempt as failed in advance; return 0, or the seconds it has to wait.

        An attempt that has to wait is not counted.
        """
        with self._lock:
            waits = [self._wait_s(counter, now) for counter in counters]
            if max(waits) > 0:
                return max(waits)
            for counter in counters:
                self._counts[counter.subject] = counted(
                    self._of(counter.subject), counter.policy, now.utc_ns
                )
                if counter.is_known:
                    self._known.add(counter.subject)
            gone = self._overflow()
        self._save([counter.subject for counter in counters], gone)
        return 0.0

    def wait_s(self, counter: Counter, now: Instant) -> float:
        """Return the seconds until the next attempt is allowed."""
        with self._lock:
            return self._wait_s(counter, now)

    def count(self, counter: Counter) -> int:
        """Return the failures in a row."""
        with self._lock:
            return self._of(counter.subject).count

    def take_back(self, counter: Counter) -> None:
        """Take back one attempt, which was no failure."""
        with self._lock:
            self._counts[counter.subject] = taken_back(self._of(counter.subject))
        self._save([counter.subject], [])

    def clear(self, subjects: Sequence[str]) -> None:
        """Forget all failures of some subjects."""
        with self._lock:
            for subject in subjects:
                self._counts.pop(subject, None)
        self._save([], subjects)

    def _of(self, subject: str) -> Failures:
        return self._counts.get(subject, Failures())

    def _wait_s(self, counter: Counter, now: Instant) -> float:
        failures = self._of(counter.subject)
        now_counted = forgiven(failures, counter.policy, now.utc_ns)
        if now_counted != failures:
            self._counts[counter.subject] = now_counted
        return wait_s(now_counted, counter.policy, now.utc_ns)

    def _overflow(self) -> list[str]:
        """Throw away the oldest counts of strangers where there are too many."""
        strangers = [subject for subject in self._counts if subject not in self._known]
        if len(strangers) <= _MOST_STRANGERS:
            return []
        strangers.sort(key=lambda subject: self._counts[subject].newest_utc_ns)
        gone = strangers[: len(strangers) - _MOST_STRANGERS + _MOST_STRANGERS // 10]
        for subject in gone:
            del self._counts[subject]
        return gone

    def _save(self, changed: Sequence[str], gone: Sequence[str]) -> None:
        with self._lock:
            rows = [(s, self._of(s).count, self._of(s).newest_utc_ns) for s in changed]
        statements: list[tuple[str, Sequence[object]]] = [
            ("INSERT OR REPLACE INTO failure VALUES (?, ?, ?)", row) for row in rows
        ]
        statements += [("DELETE FROM failure WHERE subject = ?", (subject,)) for subject in gone]
        try:
            self._file.write(statements)
        except AccessError as error:
            _LOG.warning("failed log-ins are counted in memory only: %s", error)
