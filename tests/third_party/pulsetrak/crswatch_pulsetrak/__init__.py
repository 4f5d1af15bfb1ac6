"""PulseTrak 100 pulse oximeter with a thermometer, host interface."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.base import DriverSpec, SerialSettings
from edge_agent.model.measurements import VitalKind

from .session import SILENCE_S, PulseTrakSession

SPEC: Final = DriverSpec(
    name="pulsetrak",
    title="PulseTrak 100 pulse oximeter, host interface",
    serial=SerialSettings(baud=4800, byte_size=8, parity="N", stop_bits=1, rts_cts=False),
    silence_s=SILENCE_S,
    produces=(
        VitalKind.SPO2,
        VitalKind.PULSE_RATE,
        VitalKind.PERFUSION_INDEX,
        VitalKind.TEMPERATURE,
    ),
    open_session=PulseTrakSession,
    source="PulseTrak 100 Host Interface, PT-1042, revision C (an invented device)",
)
