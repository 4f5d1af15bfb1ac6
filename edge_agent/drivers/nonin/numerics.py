"""Conversion of packets and lines to numerics with the oximeter's own verdict.

Meaning of the data bytes after GitHub pez-globo/pufferfish-software (OEM III), mdpnp/mdpnp (data
format 7) and mattjlewis/NoninPulseOx (data format 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.message_facts import MessageFacts
from edge_agent.drivers.nonin.packets import FRAME_BYTES
from edge_agent.model.measurements import Numeric, Validity


@dataclass(frozen=True, slots=True)
class Quantity:
    """Unit and range of a number, and its code for "missing"."""

    missing: int
    """Number that stands for a missing value."""
    highest: int
    unit: tuple[int, str]
    """11073-10101 unit code, UCUM unit."""


# source of 511 and 127: GitHub pez-globo/pufferfish-software, Nonin OEM III driver; of 321 and
# 100, the ranges of the display: operator's manual of the 9847, specifications
_RATE: Final = Quantity(missing=511, highest=321, unit=(264864, "/min"))
_SATURATION: Final = Quantity(missing=127, highest=100, unit=(262688, "%"))


@dataclass(frozen=True, slots=True)
class NoninParameter:
    """One parameter of the oximeter."""

    label: str
    """Nonin's name of the parameter."""
    code: int
    quantity: Quantity
    low: int = 0
    """Index of the frame that holds the number, or its lowest 7 bits."""
    high: int | None = None
    """Index of the frame that holds its highest 2 bits; None for a number of 7 bits."""


_PRIVATE: Final = 1024 << 16
HR: Final = NoninParameter("HR", 149530, _RATE, low=1, high=0)  # MDC_PULS_OXIM_PULS_RATE
SPO2: Final = NoninParameter("SpO2", 150456, _SATURATION, low=2)  # MDC_PULS_OXIM_SAT_O2

# -D: for display; E: averaged over 8 beats instead of 4; B-B: beat to beat
PACKET_ROWS: Final = (
    HR,
    SPO2,
    NoninParameter("SpO2-D", _PRIVATE + 1, _SATURATION, low=8),
    NoninParameter("SpO2 Fast", _PRIVATE + 2, _SATURATION, low=9),
    NoninParameter("SpO2 B-B", _PRIVATE + 3, _SATURATION, low=10),
    NoninParameter("E-HR", _PRIVATE + 4, _RATE, low=14, high=13),
    NoninParameter("E-SpO2", _PRIVATE + 5, _SATURATION, low=15),
    NoninParameter("E-SpO2-D", _PRIVATE + 6, _SATURATION, low=16),
    NoninParameter("HR-D", _PRIVATE + 7, _RATE, low=20, high=19),
    NoninParameter("E-HR-D", _PRIVATE + 8, _RATE, low=22, high=21),
)
_REVISION_FRAME: Final = 3
_NO_NUMBER: Final = 1 << 15
"""A number above every legal one, for a byte of 7 bits whose eighth bit is set."""

DISCONNECTED: Final = 0x40
ARTIFACT: Final = 0x20
OUT_OF_TRACK: Final = 0x10
SENSOR_ALARM: Final = 0x08
COLOUR: Final = 0x06
RED: Final = 0x04
_COLOURS: Final = (0x00, 0x02, 0x06, 0x04)
"""Perfusion from good to bad: no pulse in this frame, green, yellow, red."""
_PULSE: Final = ARTIFACT | COLOUR
"""Bits that are set only while a pulse passes."""

# source: GitHub mattjlewis/NoninPulseOx, DataFormat8Serialiser.java; bit 6: GitHub
# drphrozen/javautilityclasses, Format8.java. First status in the high byte, second in the low one
_DF8_DISCONNECTED: Final = 0x4000
_DF8_OUT_OF_TRACK: Final = 0x2000
_DF8_RED: Final = 0x1000
_DF8_ARTIFACT: Final = 0x0400
_DF8_SENSOR_ALARM: Final = 0x0008
_DF8_RATE_BITS: Final = 0x0300

EVENT_MARK: Final = 0x01
FAST: Final = 0x02
BREATH: Final = 0x04
"""State bits of a text line, for `*`, `F` and `B` at its end; this driver's own numbering."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One raw number of the oximeter; None where the text shows dashes."""

    row: NoninParameter
    raw: int | None

    @property
    def is_legal(self) -> bool:
        """True where the oximeter can send this number."""
        quantity = self.row.quantity
        return self.raw is None or self.raw <= quantity.highest or self.raw == quantity.missing

    def numeric(self, facts: MessageFacts, verdict: Validity) -> Numeric:
        """Return the numeric; zero is below every range of the oximeter and means no value."""
        row, value = self.row, self.raw
        if value in {None, 0, row.quantity.missing} and verdict is not Validity.INVALID:
            verdict = Validity.NOT_AVAILABLE
        number = None if value is None else float(value)
        return facts.numeric(row.label, row.code, row.quantity.unit, number, verdict)


def packet_readings(packet: bytes) -> tuple[Reading, ...]:
    """Return the numbers of a packet of data format 2 or 7."""
    data = packet[FRAME_BYTES - 2 :: FRAME_BYTES]
    return tuple(Reading(row, _number(data, row)) for row in PACKET_ROWS)


def packet_revision(packet: bytes) -> int:
    """Return the firmware revision in a packet of data format 2 or 7."""
    return packet[FRAME_BYTES * _REVISION_FRAME + FRAME_BYTES - 2]


def packet_state(statuses: bytes, before: int) -> int:
    """Return the combined state of the status bytes of one packet.

    Parameters
    ----------
    statuses
        The status byte of each frame.
    before
        State after the last packet. Its pulse bits persist where no pulse begins in this packet: a
        packet lasts a third of a second, and at 60 beats per minute two
        of three hold no pulse.
    """
    state = 0
    for status in statuses:
        state |= status
    colour = max((status & COLOUR for status in statuses), key=_COLOURS.index)
    state = state & (DISCONNECTED | ARTIFACT | OUT_OF_TRACK | SENSOR_ALARM) | colour
    return state if state & _PULSE else state | before & _PULSE


def packet_verdict(state: int) -> Validity:
    """Return the verdict on the numbers of a packet with this state."""
    if state & (DISCONNECTED | OUT_OF_TRACK | SENSOR_ALARM):
        return Validity.INVALID
    if state & ARTIFACT or state & COLOUR == RED:
        return Validity.QUESTIONABLE
    return Validity.VALID


def second_readings(packet: bytes) -> tuple[Reading, ...]:
    """Return the numbers of a packet of data format 8."""
    return Reading(HR, (packet[0] & 3) << 7 | packet[1]), Reading(SPO2, packet[2])


def second_state(packet: bytes) -> int:
    """Return both status bytes of a packet of data format 8, without the bits of the pulse rate."""
    return (packet[0] << 8 | packet[3]) & ~_DF8_RATE_BITS


def second_verdict(state: int) -> Validity:
    """Return the verdict on the numbers of a packet of data format 8 with this state."""
    if state & (_DF8_DISCONNECTED | _DF8_OUT_OF_TRACK | _DF8_SENSOR_ALARM):
        return Validity.INVALID
    return Validity.QUESTIONABLE if state & (_DF8_RED | _DF8_ARTIFACT) else Validity.VALID


def _number(data: bytes, row: NoninParameter) -> int:
    if row.high is None:
        return data[row.low]
    if data[row.low] > 0x7F:
        return _NO_NUMBER
    # 7 bits in the low frame; MSB << 8, as in one public decoder, would turn 140 into 268
    return (data[row.high] & 3) << 7 | data[row.low]
