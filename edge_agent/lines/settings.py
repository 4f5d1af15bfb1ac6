"""Options of a driver's session, from the configuration."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from edge_agent.config.gateway_file import LineSection
from edge_agent.drivers.base import SessionOptions
from edge_agent.model.texts import read_text


def session_options(device_id: str, line: LineSection) -> SessionOptions:
    """Return the options of a driver's session from the configuration."""
    file = line.profile_file
    return SessionOptions(
        device_id=device_id,
        listen_only=line.listen_only,
        profile=line.profile,
        profile_text="" if file is None else read_text(file),
        zone=ZoneInfo(line.clock_zone),
    )
