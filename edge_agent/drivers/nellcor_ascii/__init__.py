"""Nellcor pulse oximeters that print a text line every two seconds."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.base import DriverSpec, SerialSettings
from edge_agent.drivers.nellcor_ascii.session import SILENCE_S, open_session
from edge_agent.model.measurements import VitalKind

SPEC: Final = DriverSpec(
    name="nellcor_ascii",
    title="Nellcor N-560, N-595, N-600x, NPB-290 and NPB-295, real-time printout",
    serial=SerialSettings(baud=9600, byte_size=8, parity="N", stop_bits=1, rts_cts=False),
    silence_s=SILENCE_S,
    produces=(VitalKind.PULSE_RATE, VitalKind.SPO2),
    open_session=open_session,
    source="operator's manuals of the NPB-290 and NPB-295; public lines, see PROTOCOL.md",
)
