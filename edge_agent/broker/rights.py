"""Rights of every account of a site on the broker's topics; each kind of broker words them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge_agent.broker.site_file import GatewayAccount, Site, SiteWard
from edge_agent.payloads.topics import Topics


@dataclass(frozen=True, slots=True)
class Right:
    """Right of an account on the topics that match a filter."""

    topic: str
    """Topic, or filter of topics."""
    may_read: bool
    may_write: bool


@dataclass(frozen=True, slots=True)
class AccountRights:
    """Everything that one account may do, with the reason for people who read the list."""

    name: str
    why: str
    rights: tuple[Right, ...]


def rights_of(site: Site) -> tuple[AccountRights, ...]:
    """Return the rights of every account; what is not listed is refused."""
    found = [rights for ward in site.wards for rights in _of_ward(site, ward)]
    topics = [Topics(site.name, ward.name, ward.name) for ward in site.wards]
    everything = tuple(_read(topic.everything()) for topic in topics)
    why = "Reads every ward, and writes nothing."
    return (*found, *(AccountRights(name, why, everything) for name in site.stores))


def _of_ward(site: Site, ward: SiteWard) -> Iterator[AccountRights]:
    for gateway in ward.gateways:
        yield _of_gateway(site, ward, gateway)
    for name in ward.boards:
        yield _of_board(site, ward, name)
    for name in ward.handsets:
        yield _of_handset(site, ward, name)


def _of_gateway(site: Site, ward: SiteWard, gateway: GatewayAccount) -> AccountRights:
    topics = Topics(site.name, ward.name, gateway.name)
    return AccountRights(
        gateway.name,
        "Gateway: its own beds only. It reads its alerts back to clear those that it no longer "
        "knows, and its own topic to detect another gateway with its name.",
        (
            *(right for bed in gateway.beds for right in _of_bed(topics, bed)),
            _both(topics.gateway()),
            _write(topics.auditor()),
            _write(topics.audit()),
            _write(topics.ways()),
            _read(topics.screens()),
        ),
    )


def _of_bed(topics: Topics, bed: str) -> tuple[Right, ...]:
    """Return the rights of the gateway of a bed.

    Its own command enters facts. On both topics of commands it sends probes to itself.
    """
    return (
        _write(topics.vitals(bed)),
        _both(topics.alerts_of(bed)),
        _write(topics.status(bed)),
        _write(topics.calls(bed)),
        _both(topics.events(bed)),
        _both(topics.context(bed)),
        _both(topics.answers(bed)),
        _write(topics.notices(bed)),
        _read(topics.replies(bed)),
    )


def _of_board(site: Site, ward: SiteWard, name: str) -> AccountRights:
    topics = Topics(site.name, ward.name, name)
    return AccountRights(
        name,
        "Board: reads its ward and writes answers, entries and the report on its own screens. The "
        "name in an answer counts where it is an account with the role: a board asks who it is.",
        (
            _read(topics.everything()),
            _write(topics.acknowledgements()),
            _write(topics.contexts()),
            _write(topics.board_screens()),
        ),
    )


def _of_handset(site: Site, ward: SiteWard, name: str) -> AccountRights:
    topics = Topics(site.name, ward.name, name)
    return AccountRights(
        name,
        "Handsets or their paging server: notices, the heartbeats of the ways out, and replies.",
        (
            _read(topics.notices()),
            _read(topics.every_way()),
            _write(topics.replies()),
        ),
    )


def _read(topic: str) -> Right:
    return Right(topic, may_read=True, may_write=False)


def _write(topic: str) -> Right:
    return Right(topic, may_read=False, may_write=True)


def _both(topic: str) -> Right:
    return Right(topic, may_read=True, may_write=True)
