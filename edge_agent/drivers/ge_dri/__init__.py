"""Datex-Ohmeda S/5 and GE CARESCAPE monitors over the serial Datex-Ohmeda Record Interface."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.base import DriverSpec, SerialSettings
from edge_agent.drivers.ge_dri.session import SILENCE_S, open_session
from edge_agent.model.measurements import VitalKind

SPEC: Final = DriverSpec(
    name="ge_dri",
    title="Datex-Ohmeda S/5, GE CARESCAPE B850, B650, B450, B1x5, B40, serial computer interface",
    serial=SerialSettings(baud=19200, byte_size=8, parity="E", stop_bits=1, rts_cts=True),
    silence_s=SILENCE_S,
    produces=(
        VitalKind.HEART_RATE,
        VitalKind.PULSE_RATE,
        VitalKind.SPO2,
        VitalKind.RESPIRATORY_RATE,
        VitalKind.NIBP_SYSTOLIC,
        VitalKind.NIBP_MEAN,
        VitalKind.NIBP_DIASTOLIC,
        VitalKind.ART_SYSTOLIC,
        VitalKind.ART_MEAN,
        VitalKind.ART_DIASTOLIC,
        VitalKind.TEMPERATURE,
        VitalKind.ETCO2,
    ),
    open_session=open_session,
    source="S/5 Computer Interface, M1017617, 12th edition; "
    "Datex-Ohmeda Record Specification, 8005313",
    other_bauds=(115200,),
)
