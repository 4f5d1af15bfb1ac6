"""HL7 Version 2 results (ORU^R01, ORF^R04) and alerts (ORU^R40) of monitors and gateways."""

from __future__ import annotations

from typing import Final

from edge_agent.drivers.base import DriverSpec, SerialSettings
from edge_agent.drivers.hl7_oru.profile_files import shipped
from edge_agent.drivers.hl7_oru.session import SILENCE_S, Hl7Session, connections
from edge_agent.model.measurements import VitalKind

SPEC: Final = DriverSpec(
    name="hl7_oru",
    title="Monitors and gateways that send HL7 results: Mindray, Comen, Philips, GE, Edan, ...",
    serial=SerialSettings(baud=9600, byte_size=8, parity="N", stop_bits=1, rts_cts=False),
    silence_s=SILENCE_S,
    produces=tuple(VitalKind),
    open_session=Hl7Session,
    source="HL7 Version 2.6; IHE Patient Care Device Technical Framework, PCD-01 and PCD-04; "
    "Efficia CM Series Data Export Guide",
    other_bauds=(19200, 38400, 57600, 115200),
    profiles=shipped(),
    open_connections=connections,
)
