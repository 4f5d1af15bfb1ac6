"""Access to one ward: its accounts, sessions and log-ins, opened together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge_agent.access.accounts import Accounts, Record
from edge_agent.access.accounts_file import AccountsFile
from edge_agent.access.attempts import Attempts
from edge_agent.access.hashing import DEFAULT_COST, HashCost, Hasher
from edge_agent.access.log_ins import LogIns
from edge_agent.access.roles import HOLDERS, Permission, may
from edge_agent.access.sessions import Sessions


@dataclass(frozen=True, slots=True)
class WardAccess:
    """Accounts, sessions and log-ins of one accounts file."""

    accounts: Accounts
    sessions: Sessions
    log_ins: LogIns
    file: AccountsFile

    def has_accounts(self) -> bool:
        """Return True if there is an account, so that acts count from accounts only."""
        return bool(self.accounts.all())

    def why_not(self, by: str, permission: Permission) -> str:
        """Return why a name that came without a session may not do something; empty if it may.

        Everybody may while there are no accounts. Whoever sends the name is trusted to have asked
        who the person is: over MQTT, that is the matter of the broker's access list.
        """
        account = self.accounts.find(by)
        if account is None:
            return "" if not self.has_accounts() else f"there is no account {by[:80]!r}"
        if not account.is_enabled:
            return f"the account {account.person_id!r} is disabled"
        if not may(account.role, permission):
            wanted = " or ".join(sorted(HOLDERS[permission]))
            return f"{account.person_id!r} has the role {account.role.value}; want {wanted}"
        return ""

    def may_answer(self, by: str) -> str:
        """Return why a name may not answer alerts; empty if it may."""
        return self.why_not(by, Permission.ANSWER)


def open_access(path: Path, record: Record, cost: HashCost = DEFAULT_COST) -> WardAccess:
    """Return the access of an accounts file, which is made where there is none.

    Parameters
    ----------
    record
        Function that puts an act into the audit trail; it must not wait.

    Raises
    ------
    AccountsRefusedError
        If the file is not ours, or others than its owner may read it.
    AccessError
        If it cannot be opened now.
    """
    file = AccountsFile(path)
    hasher = Hasher(cost)
    accounts = Accounts(file, hasher, record)
    sessions = Sessions(file, accounts, record)
    log_ins = LogIns(accounts, sessions, Attempts(file), hasher, record)
    return WardAccess(accounts, sessions, log_ins, file)
