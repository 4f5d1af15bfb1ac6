"""Common interface of the four formats: a scanner of the stream and a reader of its pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from edge_agent.drivers.framing import Scanner
from edge_agent.drivers.nonin import lines, numerics, packets
from edge_agent.drivers.nonin.numerics import Reading
from edge_agent.drivers.nonin.packets import PacketFormat
from edge_agent.model.measurements import Validity
from edge_agent.model.session_events import FrameRejected

_OUT_OF_RANGE: Final = "a number that these oximeters never send"


@dataclass(frozen=True, slots=True)
class NoninMessage:
    """Content of one packet or line."""

    readings: tuple[Reading, ...]
    state: int
    verdict: Validity
    revision: int | None = None
    """Firmware revision; None where the format has none."""

    def checked(self, raw: bytes) -> NoninMessage | FrameRejected:
        """Return the message, or the rejection of `raw` where one of its numbers is impossible."""
        if all(reading.is_legal for reading in self.readings):
            return self
        return FrameRejected(_OUT_OF_RANGE, raw)


class Format(Protocol):
    """One of the data formats."""

    @property
    def scanner(self) -> Scanner[bytes]:
        """Scanner that cuts the stream into pieces."""

    def message(self, piece: bytes) -> NoninMessage | FrameRejected:
        """Return the content of a piece of the stream."""


class PacketReader:
    """Data formats 2 and 7: packets of 25 frames."""

    def __init__(self, packet_format: PacketFormat) -> None:
        self.scanner = packets.PacketScanner(packet_format)
        self._status_at = packet_format.status_at
        self._state = 0

    def message(self, piece: bytes) -> NoninMessage | FrameRejected:
        """Return the content of a whole packet."""
        statuses = piece[self._status_at :: packets.FRAME_BYTES]
        self._state = numerics.packet_state(statuses, self._state)
        readings = numerics.packet_readings(piece)
        verdict = numerics.packet_verdict(self._state)
        revision = numerics.packet_revision(piece)
        return NoninMessage(readings, self._state, verdict, revision).checked(piece)


class SecondReader:
    """Data format 8: one packet of 4 bytes a second."""

    def __init__(self) -> None:
        self.scanner = packets.PacketScanner(packets.DF8)

    def message(self, piece: bytes) -> NoninMessage | FrameRejected:
        """Return the content of a packet; without a checksum only ranges can be checked."""
        state = numerics.second_state(piece)
        verdict = numerics.second_verdict(state)
        return NoninMessage(numerics.second_readings(piece), state, verdict).checked(piece)


class LineReader:
    """Text lines, one per second."""

    def __init__(self) -> None:
        self.scanner = lines.TextScanner()

    def message(self, piece: bytes) -> NoninMessage | FrameRejected:
        """Return the content of a line."""
        line = lines.parse(piece)
        if isinstance(line, str):
            return FrameRejected(line, piece)
        return NoninMessage(line.readings, line.state, Validity.VALID).checked(piece)
