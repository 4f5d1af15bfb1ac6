"""The settings of a nurses' board from its section of the configuration."""

from __future__ import annotations

from collections.abc import Callable

from edge_agent.board.board import BoardSettings
from edge_agent.board.server import Address
from edge_agent.board.ward_state import WardPlace
from edge_agent.config.board import BoardSection
from edge_agent.config.gateway_file import GatewaySection
from edge_agent.config.protocol_file import read_protocol
from edge_agent.vitals.canonical import max_age_s


def address_of(section: BoardSection) -> Address:
    """Return where a board is to be found, and whom it believes."""
    return Address(
        host=section.address,
        port=section.port,
        names=section.names,
        certificate=section.tls_cert,
        key=section.tls_key,
        proxies=section.proxies,
    )


def settings_of(
    gateway: GatewaySection, section: BoardSection, now_ms: Callable[[], int]
) -> BoardSettings:
    """Return the settings that the configuration gives.

    Raises
    ------
    ConfigError
        If the file of the hospital's protocol has mistakes.
    """
    file = section.protocol_file
    return BoardSettings(
        place=WardPlace(gateway.site, gateway.ward, gateway.zone),
        limit=max_age_s,
        now_ms=now_ms,
        language=section.language,
        may_be_shared=section.station,
        protocol=None if file is None else read_protocol(file),
    )
