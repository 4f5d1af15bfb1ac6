"""Settings of a line and of its driver's session, from the configuration."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from edge_agent.config.gateway_file import LineSection, SerialSection
from edge_agent.drivers.base import DriverSpec, SessionOptions
from edge_agent.model.texts import read_text
from edge_agent.sources.serial_source import LineSettings


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


def line_settings(spec: DriverSpec, ours: SerialSection) -> LineSettings:
    """Return the driver's line settings, overridden by the configuration."""
    theirs = spec.serial
    return LineSettings(
        baud=theirs.baud if ours.baud is None else ours.baud,
        byte_size=theirs.byte_size if ours.byte_size is None else ours.byte_size,
        parity=theirs.parity if ours.parity is None else ours.parity,
        stop_bits=theirs.stop_bits if ours.stop_bits is None else ours.stop_bits,
        rts_cts=theirs.rts_cts if ours.rts_cts is None else ours.rts_cts,
    )
