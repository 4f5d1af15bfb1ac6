"""Nonin pulse oximeters: data formats 2, 7 and 8 and the real-time text lines."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.base import DriverSpec, SerialSettings
from edge_agent.drivers.nonin.session import PROFILES, SILENCE_S, open_session
from edge_agent.model.measurements import VitalKind

SPEC: Final = DriverSpec(
    name="nonin",
    title="Nonin OEM III, Xpod, 3150, 8500, 9600, 9847 and Avant pulse oximeters",
    serial=SerialSettings(baud=9600, byte_size=8, parity="N", stop_bits=1, rts_cts=False),
    silence_s=SILENCE_S,
    produces=(VitalKind.PULSE_RATE, VitalKind.SPO2),
    open_session=open_session,
    source="Nonin operator's manuals (8500, 9847, Avant 9600) and public decoders; see PROTOCOL.md",
    profiles=PROFILES,
)
