"""Settings of one simulated HL7 device, with the faults of real ones."""

from __future__ import annotations

from dataclasses import dataclass

from simulators.monitors.hl7.dialects import DIALECTS, Dialect, Missing


@dataclass(frozen=True, slots=True)
class Hl7Settings:
    """Settings of one device; the defaults describe one without faults."""

    dialect: str = "mindray_egateway"
    """A key of `DIALECTS`."""
    location: str = "ICU^^5"
    """PV1-3: ward, room and bed."""
    every_s: float = 5.0
    """Seconds between two reports; not used where the host polls."""
    zone_minutes: int = 0
    """Offset of its local time from UTC, minutes; positive where it is ahead."""
    wall_offset_s: float = 0.0
    """Offset of its wall clock from the ward's, seconds; positive where it is ahead."""
    polled: bool | None = None
    """True where it sends only on request; None as its dialect."""
    waits_for_ack: bool | None = None
    """True where it waits for an acknowledgement before the next report; None as its dialect."""
    ack_timeout_s: float = 10.0
    """Seconds before an unacknowledged report is sent again."""
    sends_alarms: bool = True
    fahrenheit: bool = False
    missing: Missing | None = None
    """Spelling of a missing value; None as its dialect."""
    x_on_everything: bool = False
    """True where values, too, have status X, although the host does not know that it has no
    meaning."""
    scaled_temperature: bool = False
    """True for a second temperature row, near ten times the first."""
    duplicated_spo2: bool = False
    no_set_ids: bool = False
    zoneless_times: bool = False
    co2_under_spo2_code: bool = False
    """True for an end-tidal carbon dioxide of 35 mmHg under the code of SpO2."""
    stale_nibp: bool = False
    """True where it always shows one cuff reading, from 6 h before power-on."""
    in_pieces: bool = False
    """True where it passes its bytes to the line in pieces of random size, one per call."""
    garbage_between: bool = False
    bad_charset_bytes: bool = False
    """True for bytes that are invalid text, in a field on which nothing depends."""
    half_message_then_silence_at_s: float | None = None
    """Patient time, seconds, from which the next report breaks off, and nothing follows; None for
    never."""
    oversized_at_s: float | None = None
    """Patient time, seconds, from which one report has a row of 600 kB; None for never."""

    def __post_init__(self) -> None:
        if self.dialect not in DIALECTS:
            raise ValueError(f"dialect is {self.dialect!r}; want one of {', '.join(DIALECTS)}")
        if not (self.every_s > 0 and self.ack_timeout_s > 0):
            raise ValueError(
                f"every_s is {self.every_s}, ack_timeout_s {self.ack_timeout_s}; want both > 0"
            )

    @property
    def writing(self) -> Dialect:
        """Format of the device."""
        return DIALECTS[self.dialect]

    @property
    def is_polled(self) -> bool:
        """True where the device sends only on request."""
        return self.writing.is_polled if self.polled is None else self.polled

    @property
    def wants_ack(self) -> bool:
        """True where the device waits for an acknowledgement before the next report."""
        return self.writing.wants_ack if self.waits_for_ack is None else self.waits_for_ack
