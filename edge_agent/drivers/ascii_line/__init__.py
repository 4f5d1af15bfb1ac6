"""Devices that print text lines, each described by a definition in TOML."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.ascii_line.session import PROFILES, SILENCE_S, open_session
from edge_agent.drivers.base import DriverSpec, SerialSettings
from edge_agent.model.measurements import VitalKind

SPEC: Final = DriverSpec(
    name="ascii_line",
    title="Any device that prints text lines, described by a definition",
    serial=SerialSettings(baud=9600, byte_size=8, parity="N", stop_bits=1, rts_cts=False),
    silence_s=SILENCE_S,
    produces=tuple(VitalKind),
    open_session=open_session,
    source="the definition of the device; docs/ascii_line.md says how to write one",
    other_bauds=(19200, 38400, 57600, 115200, 4800, 2400),
    profiles=PROFILES,
)
