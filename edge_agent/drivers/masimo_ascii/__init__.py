"""Masimo pulse oximeters that print a text line per second: serial output ASCII 1."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.base import DriverSpec, SerialSettings
from edge_agent.drivers.masimo_ascii.session import SILENCE_S, open_session
from edge_agent.model.measurements import VitalKind

SPEC: Final = DriverSpec(
    name="masimo_ascii",
    title="Masimo Rad-8, Radical-7, Rad-57 and Rad-87, serial output set to ASCII 1",
    serial=SerialSettings(baud=9600, byte_size=8, parity="N", stop_bits=1, rts_cts=False),
    silence_s=SILENCE_S,
    produces=(VitalKind.PULSE_RATE, VitalKind.SPO2, VitalKind.PERFUSION_INDEX),
    open_session=open_session,
    source="operator's manuals of Masimo Rad-8, Rad-57 and Rad-87; public lines, see PROTOCOL.md",
)
