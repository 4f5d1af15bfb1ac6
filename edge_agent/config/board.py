"""The section `[board]`: where the nurses' board is served, and to whom.

Beyond this machine it is served with TLS and accounts only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, ConfigDict
from pydantic.dataclasses import dataclass

from edge_agent.config.fields import Checked, FileToRead, Flag, Host, JournalPath, Text
from edge_agent.config.paths import is_there
from edge_agent.model.errors import Mistake
from edge_agent.model.toml_table import whole_from, word_of

_STRICT: Final = ConfigDict(extra="forbid", str_strip_whitespace=True)
_ACCOUNTS_SUFFIX: Final = ".accounts"
_LOOPBACK_NAME: Final = "localhost"


def _is_proxy(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError:
        raise ValueError("want an address such as 192.0.2.7, or a network 192.0.2.0/28") from None
    if network.prefixlen < 8:
        raise ValueError("want the address of a proxy; this network is nearly everybody")
    return text


_Proxy = Annotated[Text, AfterValidator(_is_proxy)]


@dataclass(frozen=True, slots=True, kw_only=True, config=_STRICT)
class BoardSection:
    """The nurses' board, and the accounts of those who use it."""

    address: Host = "127.0.0.1"
    """Address of this machine on which it listens; another than loopback needs TLS and accounts."""
    port: Annotated[int, Checked(whole_from(0, 65_535))] = 8080
    """0 for any free port, which the log names."""
    names: tuple[Host, ...] = ()
    """Further names under which browsers ask for it."""
    tls_cert: FileToRead | None = None
    tls_key: FileToRead | None = None
    accounts: JournalPath | None = None
    """Accounts file; None for the one beside the journal."""
    language: Annotated[Literal["en", "de"], Checked(word_of(("en", "de")))] = "en"
    """Language of a screen whose browser asks for neither."""
    station: Flag = True
    """True if a screen may be made a shared one, where people give name and PIN, or a badge."""
    needs_screen: Flag = True
    """True if it is an alert that no screen of the board can sound; False for a demonstration."""
    protocol_file: FileToRead | None = None
    """The hospital's own text on what to do at each grade; None without one."""
    proxies: tuple[_Proxy, ...] = ()
    """Addresses of proxies whose word about the browser's address is believed."""

    @property
    def is_local(self) -> bool:
        """True if only people on this machine reach it."""
        return is_loopback(self.address) and not self.proxies


def accounts_beside(journal: Path) -> Path:
    """Return the path of the accounts file that belongs to a journal."""
    return journal.with_name(journal.name + _ACCOUNTS_SUFFIX)


def is_loopback(address: str) -> bool:
    """Return True for an address that no other machine reaches."""
    if address.lower() == _LOOPBACK_NAME:
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def board_mistakes(source: str, tables: Mapping[str, object]) -> Iterator[Mistake]:
    """Yield the mistakes between the keys of `[board]`, on the raw table."""
    board, journal = tables.get("board"), tables.get("journal")
    if not isinstance(board, dict):
        return
    address = board.get("address", "127.0.0.1")
    is_far = isinstance(address, str) and not is_loopback(address.strip())
    if is_far and "tls_cert" not in board:
        message = (
            f"is missing; the board at {address!r} is reached from other machines, and is served "
            "there with TLS only. Want tls_cert and tls_key, or an address of this machine alone, "
            "127.0.0.1"
        )
        yield Mistake(source, "board.tls_cert", message)
    elif ("tls_cert" in board) != ("tls_key" in board):
        yield Mistake(source, "board.tls_cert", "and board.tls_key go together")
    accounts = _accounts_of(board, journal)
    if (is_far or board.get("proxies")) and accounts is not None and not is_there(accounts):
        message = (
            f"{str(accounts)!r} is not there; the board is reached from other machines, and is "
            "served there with accounts only. Make the first one with `crswatch accounts add`"
        )
        yield Mistake(source, "board.accounts", message)


def _accounts_of(board: Mapping[str, object], journal: object) -> Path | None:
    """Return the path of the accounts file; None where the keys do not say it."""
    if isinstance(board.get("accounts"), str):
        return Path(str(board["accounts"]))
    path = journal.get("path") if isinstance(journal, dict) else None
    return accounts_beside(Path(path)) if isinstance(path, str) and path else None
