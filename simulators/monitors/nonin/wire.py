"""Frames, packets and commands of a Nonin pulse oximeter.

Sources: Nonin OEM III / Xpod serial data format 2 as read by Pufferfish (GitHub
pez-globo/pufferfish-software, TestNoninOEM3.cpp); Nonin Onyx II 9560 specification (formats 2, 7
and 8, commands) as read by GitHub mattjlewis/NoninPulseOx.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntFlag
from typing import Final, Literal

Format = Literal["df2", "df7", "df8", "ascii"]

FRAMES_PER_S: Final = 75
FRAMES_PER_PACKET: Final = 25
MISSING_PULSE: Final = 511
MISSING_SPO2: Final = 127
ACK: Final = b"\x06"
NAK: Final = b"\x15"

# places in a packet: OEM III serial data format 2
_PULSE_HIGH: Final = (0, 13, 19, 21)
_PULSE_LOW: Final = (1, 14, 20, 22)
_SPO2: Final = (2, 8, 9, 10, 15, 16)
_REVISION: Final = (3, 0x30)

_STX, _ETX = 0x02, 0x03
_SET_FORMAT: Final = 0x70
_LONGEST_COMMAND: Final = 8  # data bytes; a longer one is noise
_FORMATS: Final[dict[int, Format]] = {2: "df2", 7: "df7", 8: "df8"}


class StatusByte(IntFlag):
    """The status byte of formats 2 and 7."""

    ALWAYS = 0x80
    DISCONNECTED = 0x40
    ARTIFACT = 0x20
    OUT_OF_TRACK = 0x10
    SENSOR_ALARM = 0x08
    YELLOW = 0x06
    """Marginal pulse signal: red and green at once."""
    RED = 0x04
    """Low or no pulse signal."""
    GREEN = 0x02
    SYNC = 0x01

    @property
    def is_doubtful(self) -> bool:
        """True where the oximeter itself doubts its values."""
        return bool(self & (StatusByte.ARTIFACT | StatusByte.OUT_OF_TRACK)) or self.is_red

    @property
    def is_red(self) -> bool:
        """True where a pulse is marked as low or without signal."""
        return self & StatusByte.YELLOW == StatusByte.RED


_DF8: Final = {
    StatusByte.DISCONNECTED: 0x40,
    StatusByte.OUT_OF_TRACK: 0x20,
    StatusByte.ARTIFACT: 0x04,
}
_DF8_RED, _DF8_YELLOW = 0x10, 0x08
_DF8_SENSOR_ALARM, _DF8_LOW_BATTERY = 0x08, 0x01


def frame(chosen: Format, status: int, pleth: int, data: int) -> bytes:
    """Return one frame of format 2 or 7; `pleth` is 16 bits wide, format 2 shows the upper 8."""
    head = (status, pleth >> 8, pleth & 0xFF) if chosen == "df7" else (1, status, pleth >> 8)
    body = bytes((*head, data))
    return body + bytes((sum(body) & 0xFF,))


def packet_data(pulse: int, spo2: int) -> bytes:
    """Return the data bytes of the 25 frames of a packet; all averages show the same value."""
    data = bytearray(FRAMES_PER_PACKET)
    data[_REVISION[0]] = _REVISION[1]
    for places, value in ((_PULSE_HIGH, pulse >> 7), (_PULSE_LOW, pulse & 0x7F), (_SPO2, spo2)):
        for place in places:
            data[place] = value
    return bytes(data)


def df8_message(status: StatusByte, pulse: int, spo2: int, *, low_battery: bool) -> bytes:
    """Return one message of format 8, converted from a status of formats 2 and 7."""
    first = 0x80 | sum(bit for old, bit in _DF8.items() if status & old) | pulse >> 7
    colour = status & StatusByte.YELLOW
    first |= {StatusByte.RED: _DF8_RED, StatusByte.YELLOW: _DF8_YELLOW}.get(colour, 0)
    last = _DF8_SENSOR_ALARM if status & StatusByte.SENSOR_ALARM else 0
    last |= _DF8_LOW_BATTERY if low_battery else 0
    return bytes((first, pulse & 0x7F, spo2, last))


class HostCommands:
    """Finds commands among the bytes from the host: STX, opcode, length, data, ETX."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Format | None]:
        """Yield for each command the format that it sets; None for one that is not understood."""
        heard = self._buffer
        heard += data
        while len(heard) >= 3:
            size = heard[2] + 4
            is_command = heard[0] == _STX and heard[2] <= _LONGEST_COMMAND
            if is_command and len(heard) < size:
                return
            if is_command and heard[size - 1] == _ETX:
                yield _format_set(heard[1], bytes(heard[3 : size - 1]))
                del heard[:size]
            else:
                del heard[0]


def _format_set(opcode: int, content: bytes) -> Format | None:
    if opcode != _SET_FORMAT or len(content) < 2 or content[0] != 2:
        return None
    return _FORMATS.get(content[1])
