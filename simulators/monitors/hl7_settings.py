"""How one simulated HL7 device is set up, and which of the faults of real ones it has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulators.monitors.hl7_dialects import DIALECTS

if TYPE_CHECKING:
    from simulators.monitors.hl7_dialects import Dialect, Missing


@dataclass(frozen=True, slots=True)
class Hl7Settings:
    """Set-up of one device; the defaults are a device without faults."""

    dialect: str = "mindray_egateway"
    """A key of `DIALECTS`."""
    place: str = "ICU^^5"
    """PV1-3: ward, room and bed."""
    every_s: float = 5.0
    """Between two reports; not used where the host polls."""
    zone_minutes: int = 0
    """How far its local time is ahead of UTC."""
    wall_offset_s: float = 0.0
    """How far its wall clock is ahead of the ward's."""
    polled: bool | None = None
    """Whether it speaks only when asked; None: as its dialect."""
    waits_for_ack: bool | None = None
    """Whether a report has to be acknowledged before the next; None: as its dialect."""
    ack_timeout_s: float = 10.0
    """Wait before an unacknowledged report is sent again."""
    sends_alarms: bool = True
    fahrenheit: bool = False
    missing: Missing | None = None
    """How it says that a value is missing; None: as its dialect."""
    x_on_everything: bool = False
    """Status X on values, too, though no host was told that it means nothing."""
    scaled_temperature: bool = False
    """A second temperature row, near ten times the first."""
    duplicated_spo2: bool = False
    no_set_ids: bool = False
    zoneless_times: bool = False
    co2_under_spo2_code: bool = False
    """An end-tidal carbon dioxide of 35 mmHg under the code of SpO2."""
    stale_nibp: bool = False
    """Shows one cuff reading from 6 h before power-on for ever."""
    in_pieces: bool = False
    """Hands its bytes to the line in pieces of chance size, one per call."""
    garbage_between: bool = False
    bad_charset_bytes: bool = False
    """Bytes that are no text in a field on which nothing depends."""
    half_message_then_silence_at_s: float | None = None
    """Patient time from which the next report breaks off, and nothing follows; None: never."""
    oversized_at_s: float | None = None
    """Patient time from which one report has a row of 200 kB; None: never."""

    def __post_init__(self) -> None:
        if self.dialect not in DIALECTS:
            raise ValueError(f"dialect is {self.dialect!r}; want one of {', '.join(DIALECTS)}")
        if not (self.every_s > 0 and self.ack_timeout_s > 0):
            raise ValueError(
                f"every_s is {self.every_s}, ack_timeout_s {self.ack_timeout_s}; want both > 0"
            )

    @property
    def writing(self) -> Dialect:
        """How the device writes."""
        return DIALECTS[self.dialect]

    @property
    def is_polled(self) -> bool:
        """Whether it speaks only when asked."""
        return self.writing.is_polled if self.polled is None else self.polled

    @property
    def wants_ack(self) -> bool:
        """Whether a report has to be acknowledged before the next."""
        return self.writing.wants_ack if self.waits_for_ack is None else self.waits_for_ack
