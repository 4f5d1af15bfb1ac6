"""The ward's accounts as the gateway uses them: opened as soon as there are any."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from edge_agent.access.accounts import Record
from edge_agent.access.hashing import DEFAULT_COST, HashCost
from edge_agent.access.roles import Permission
from edge_agent.access.ward_access import WardAccess, open_access
from edge_agent.config.board import BoardSection
from edge_agent.config.gateway_file import AgentConfig, accounts_path
from edge_agent.model.errors import AccessError, ConfigError, Mistake

_LOG = logging.getLogger(__name__)


class Admission:
    """Opens the accounts of a ward, now or when the first one is made; used by any thread.

    Parameters
    ----------
    path
        The accounts file; nothing is made where there is none.
    record
        Function that puts an act into the audit trail; it must not wait.
    """

    def __init__(self, path: Path, record: Record, cost: HashCost = DEFAULT_COST) -> None:
        self._path = path
        self._record = record
        self._cost = cost
        self._access: WardAccess | None = None
        self._fault = ""

    def access(self) -> WardAccess | None:
        """Return the accounts; None while there is no file.

        Raises
        ------
        AccessError
            If there is a file that cannot be used.
        """
        if self._access is None and self._path.exists():
            self._access = open_access(self._path, self._record, self._cost)
        return self._access

    def why_not(self, by: str, permission: Permission) -> str:
        """Return why a name that came without a session may not act; empty if it may.

        Where accounts exist but cannot be read, nobody may: an alert that nobody can answer calls
        the next person, and one that anybody can answer calls nobody.
        """
        try:
            access = self.access()
        except AccessError as error:
            if self._fault != str(error):
                _LOG.error("nobody may answer by name: %s", error)
            self._fault = str(error)
            return f"the accounts cannot be read: {error}"
        self._fault = ""
        return "" if access is None else access.why_not(by, permission)

    def role_of(self, by: str) -> str:
        """Return the role of an account; empty where there is none."""
        account = None if self._access is None else self._access.accounts.find(by)
        return "" if account is None else account.role.value


def refuse_unsafe_board(config: AgentConfig, source: str) -> None:
    """Raise ConfigError where the board would be open to people whom nobody knows.

    The configuration's own checks say whether TLS and accounts are there; here they are tried.

    Raises
    ------
    ConfigError
        With every mistake.
    """
    if mistakes := unsafe_board(config, source):
        raise ConfigError(tuple(mistakes))


def unsafe_board(config: AgentConfig, source: str) -> list[Mistake]:
    """Return what is wrong with certificate and accounts of a board; none without a board."""
    board = config.board
    if board is None:
        return []
    words = {
        "board.tls_cert": _tls_mistake(board),
        "board.accounts": _accounts_mistake(accounts_path(config), is_local=board.is_local),
    }
    return [Mistake(source, key, message) for key, message in words.items() if message]


def _tls_mistake(board: BoardSection) -> str:
    if board.tls_cert is None or board.tls_key is None:
        return ""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            board.tls_cert, board.tls_key, password=lambda: ""
        )
    except (ssl.SSLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        return f"with {board.tls_key} cannot be used: {reason}; want a certificate and its key, PEM"
    return ""


def _accounts_mistake(path: Path, *, is_local: bool) -> str:
    try:
        access = Admission(path, lambda _act: None).access()
    except AccessError as error:
        return str(error)
    is_answered = access is not None and _has_answerer(access)
    if access is not None:
        access.file.close()
    if is_local or is_answered:
        return ""
    return (
        f"{str(path)!r} has no enabled account of a nurse; the board is reached from other "
        "machines, and nobody could answer there. Make one with `crswatch accounts add`"
    )


def _has_answerer(access: WardAccess) -> bool:
    return any(
        not access.why_not(account.person_id, Permission.ANSWER)
        for account in access.accounts.all()
    )
