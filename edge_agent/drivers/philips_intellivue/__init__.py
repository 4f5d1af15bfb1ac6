"""Philips IntelliVue monitors over MIB/RS232, Data Export protocol."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.base import DriverSpec, SerialSettings
from edge_agent.drivers.philips_intellivue.numerics import CSV_HEADER, csv_row
from edge_agent.drivers.philips_intellivue.session import SILENCE_S, open_session
from edge_agent.model.measurements import VitalKind

SPEC: Final = DriverSpec(
    name="philips_intellivue",
    title="Philips IntelliVue MP and MX series, MIB/RS232 set to Data Out",
    serial=SerialSettings(baud=115200, byte_size=8, parity="N", stop_bits=1, rts_cts=False),
    silence_s=SILENCE_S,
    produces=tuple(VitalKind),
    open_session=open_session,
    source="IntelliVue Data Export Interface Programming Guide, 4535 642 59271",
    other_bauds=(19200,),
    csv_header=CSV_HEADER,
    csv_row=csv_row,
)
