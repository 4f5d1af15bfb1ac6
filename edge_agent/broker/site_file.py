"""The site file: wards, gateways, beds and accounts of a broker; all mistakes reported at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from edge_agent.config.fields import is_host
from edge_agent.model.texts import read_text
from edge_agent.model.toml_table import (
    NAME,
    FieldType,
    TomlTable,
    number_from,
    read_toml,
    text_like,
    whole_from,
)

SERVER: Final = "broker"
"""Name of the broker's own certificate; no account may have it."""
_LONGEST_AWAY_MIN: Final = 1440.0


def _read_host(seen: object) -> str | None:
    """Return a host that a certificate can name: without a zone, and in ASCII."""
    if not isinstance(seen, str) or not seen.isascii() or "%" in seen:
        return None
    return seen if is_host(seen) else None


_HOST: Final = FieldType(
    "a name or an address alone, such as broker.ward.example or 192.0.2.7", _read_host, ""
)
_FOLDER: Final = text_like(
    r"/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*",
    "the whole path of a folder, of letters, digits, dots, dashes and underscores",
)


@dataclass(frozen=True, slots=True)
class GatewayAccount:
    """One gateway and its beds."""

    name: str
    beds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteWard:
    """One ward: what publishes and reads under its topics."""

    name: str
    gateways: tuple[GatewayAccount, ...]
    boards: tuple[str, ...]
    handsets: tuple[str, ...]
    """Handsets and paging servers: they read notices to people and write replies."""


@dataclass(frozen=True, slots=True)
class BrokerPlace:
    """Addresses and folders of the broker."""

    hosts: tuple[str, ...]
    """Host names and addresses under which clients reach it; the first is the usual one."""
    port: int
    folder: PurePosixPath
    """Folder of its settings and certificates on its machine."""
    state_folder: PurePosixPath
    """Folder of what it stores."""


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that connects to one broker."""

    name: str
    broker: BrokerPlace
    away_min: float
    """Time for which a subscriber may be away without a loss, minutes."""
    wards: tuple[SiteWard, ...]
    stores: tuple[str, ...]
    """Accounts that read every ward and write nothing: stores and the hospital's consumers."""

    def accounts(self) -> tuple[str, ...]:
        """Return the name of every account; each has a certificate of its own."""
        return (*(name for ward in self.wards for name in _accounts_of(ward)), *self.stores)

    def bed_count(self) -> int:
        """Return the number of beds of all wards."""
        return sum(len(gateway.beds) for ward in self.wards for gateway in ward.gateways)


def load_site(path: Path) -> Site:
    """Return the site in a file.

    Raises
    ------
    ConfigError
        For all mistakes of the file together: key, value seen and values allowed.
    """
    return parse_site(read_text(path), str(path))


def parse_site(text: str, source: str) -> Site:
    """Return the site in a text.

    Raises
    ------
    ConfigError
        For all mistakes of the text together: key, value seen and values allowed.
    """
    return read_toml(text, source, _read_site)


def _accounts_of(ward: SiteWard) -> Iterator[str]:
    yield from (gateway.name for gateway in ward.gateways)
    yield from ward.boards
    yield from ward.handsets


def _read_site(top: TomlTable) -> Site:
    taken = {SERVER: "the broker itself"}
    return Site(
        top.get("site", NAME),
        _read_place(top.table("broker", is_required=True)),
        top.get("away_min", number_from(1, _LONGEST_AWAY_MIN), 30.0),
        _read_wards(top, taken),
        _read_names(top, "stores", taken),
    )


def _read_place(table: TomlTable) -> BrokerPlace:
    return BrokerPlace(
        table.some("hosts", _HOST),
        table.get("port", whole_from(1, 65_535), 8883),
        PurePosixPath(table.get("folder", _FOLDER, "/etc/crswatch-broker")),
        PurePosixPath(table.get("state_folder", _FOLDER, "/var/lib/mosquitto")),
    )


def _read_wards(top: TomlTable, taken: dict[str, str]) -> tuple[SiteWard, ...]:
    wards: dict[str, SiteWard] = {}
    for table in top.tables("wards", is_required=True):
        name = table.get("id", NAME)
        if name in wards and not table.refused("id"):
            table.refuse("id", "another id: each ward has its own")
        wards[name] = SiteWard(
            name,
            _read_gateways(table, taken),
            _read_names(table, "boards", taken),
            _read_names(table, "handsets", taken),
        )
    return tuple(wards.values())


def _read_gateways(ward: TomlTable, taken: dict[str, str]) -> tuple[GatewayAccount, ...]:
    owners: dict[str, str] = {}
    gateways = []
    for table in ward.tables("gateways", is_required=True):
        name = table.get("id", NAME)
        if not table.refused("id"):
            _take(table, "id", name, taken)
        beds = table.some("beds", NAME)
        for bed in beds:
            if bed in owners:
                table.wrong("beds", f"{bed!r} is a bed of {owners[bed]}; want each bed once")
            owners[bed] = name
        gateways.append(GatewayAccount(name, beds))
    return tuple(gateways)


def _read_names(table: TomlTable, key: str, taken: dict[str, str]) -> tuple[str, ...]:
    """Return the names of accounts in a list that may be missing."""
    names = table.some(key, NAME) if key in table else ()
    for name in names:
        _take(table, key, name, taken)
    return names


def _take(table: TomlTable, key: str, name: str, taken: dict[str, str]) -> None:
    """Note that a name is used here, or where it is used already."""
    if name in taken:
        message = f"{name!r} names {taken[name]}, too; want another name: each account has its own"
        table.wrong(key, message)
    taken.setdefault(name, "another account")
