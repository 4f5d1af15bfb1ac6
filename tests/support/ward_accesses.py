"""Access to a ward for tests: real files and hashes, of the least cost that argon2 allows."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from edge_agent.access.accounts import Actor
from edge_agent.access.hashing import HashCost
from edge_agent.access.log_in_results import LoggedIn, Place
from edge_agent.access.roles import Role
from edge_agent.access.ward_access import WardAccess, open_access
from edge_agent.model.clock import Instant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.model.audit import AuditAct

CHEAP: Final = HashCost(memory_kib=8, passes=1, lanes=1)
NOW: Final = Instant(9_000_000_000, 1_769_868_300_000_000_000)
ROOT: Final = Actor("root", "", "command")
PHONE: Final = Place("192.0.2.7")
PASSWORD: Final = "trout bicycle magenta over"
OTHER_PASSWORD: Final = "lantern gravel nineteen soup"
PIN: Final = "8351"
BADGE: Final = "0049182734"


def badge_of(name: str) -> str:
    """Return the badge number of an account of these tests."""
    return BADGE + name.replace(" ", "")


@dataclass
class Ward:
    """One ward's access, and what it recorded."""

    access: WardAccess
    acts: list[AuditAct] = field(default_factory=list)

    def recorded(self) -> list[tuple[str, str, str]]:
        """Return act, person and subject of what was recorded, and forget it."""
        found = [(act.act, act.by, act.subject) for act in self.acts]
        self.acts.clear()
        return found

    def person(self, name: str, role: Role = Role.NURSE) -> None:
        """Add an account with password, PIN and badge."""
        accounts = self.access.accounts
        accounts.add(name, role, ROOT, NOW)
        accounts.set_password(name, PASSWORD, ROOT, NOW)
        accounts.set_pin(name, PIN, ROOT, NOW)
        accounts.set_badge(name, badge_of(name), ROOT, NOW)
        self.acts.clear()

    def log_in(self, name: str, now: Instant = NOW, place: Place = PHONE) -> LoggedIn:
        """Log in by the right password."""
        found = self.access.log_ins.by_password(name, PASSWORD, place, now)
        assert isinstance(found, LoggedIn)
        return found

    def station(self, name: str = "desk", by: str = "boss", now: Instant = NOW) -> Place:
        """Return the place of a shared screen."""
        opened = self.log_in(by, now, Place("192.0.2.50"))
        found = self.access.log_ins.set_up_station(opened.token, name, Place("192.0.2.50"), now)
        assert isinstance(found, LoggedIn)
        return Place("192.0.2.50", found.token)


@contextmanager
def opened(path: Path) -> Iterator[Ward]:
    """Open the accounts of a ward."""
    acts: list[AuditAct] = []
    access = open_access(path, acts.append, CHEAP)
    try:
        yield Ward(access, acts)
    finally:
        access.file.close()
