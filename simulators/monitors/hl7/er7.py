"""HL7 version 2 as text (ER7) and on a connection (MLLP): writing, and reading hosts' answers.

Source: HL7 version 2.6, chapter 2 (control); HL7 Minimal Lower Layer Protocol, release 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum, auto
from typing import Final

START: Final = b"\x0b"
END: Final = b"\x1c\x0d"
NOT_TEXT: Final = "\udcff\udcfe\udc80"
"""Text that encodes to the bytes FF FE 80, invalid in UTF-8, whatever the message's encoding."""
_HOST_BUFFER: Final = 65536  # answers and queries of hosts are some hundred bytes


class TimeStyle(Enum):
    """Format of a moment."""

    SECONDS = auto()
    """20250612090838: no zone."""
    SECONDS_ZONE = auto()
    """20250610015127+0800."""
    FRACTION_ZONE = auto()
    """20260912120000.0000+0530."""
    MILLISECONDS_ZONE = auto()
    """20260124124738000+0800: three digits of milliseconds without a point."""


def stamp(wall_ns: int, zone_minutes: int, style: TimeStyle) -> str:
    """Return a moment as text.

    Parameters
    ----------
    wall_ns
        Device's clock, UTC, nanoseconds since 1970.
    zone_minutes
        Offset of the device's local time from UTC, minutes; positive where it is ahead.
    style
        Format of the device.
    """
    whole_s, rest_ns = divmod(wall_ns, 10**9)
    zone = timezone(timedelta(minutes=zone_minutes))
    local = datetime.fromtimestamp(whole_s, UTC).astimezone(zone)
    fraction = {
        TimeStyle.FRACTION_ZONE: f".{rest_ns // 10**5:04d}",
        TimeStyle.MILLISECONDS_ZONE: f"{rest_ns // 10**6:03d}",
    }.get(style, "")
    zone_text = "" if style is TimeStyle.SECONDS else f"{local:%z}"
    return f"{local:%Y%m%d%H%M%S}{fraction}{zone_text}"


def escape(text: str) -> str:
    """Return text with its delimiters escaped."""
    for character, letter in (("\\", "E"), ("|", "F"), ("^", "S"), ("~", "R"), ("&", "T")):
        text = text.replace(character, f"\\{letter}\\")
    return text


def segment(name: str, fields: Mapping[int, str], width: int = 0) -> str:
    """Return a segment from its fields, counted from 1, with at least `width` fields."""
    filled = [number for number, text in fields.items() if text]
    last = max([width, *filled])
    return "|".join([name, *(fields.get(number, "") for number in range(1, last + 1))])


def framed(segments: Iterable[str], codec: str) -> bytes:
    """Return a message as it is sent."""
    text = "".join(f"{line}\r" for line in segments)
    return START + text.encode(codec, "surrogateescape") + END


@dataclass(frozen=True, slots=True)
class HostMessage:
    """A message from the host, as far as a monitor reads it."""

    segments: tuple[tuple[str, ...], ...]
    """Fields of each segment; the name comes first."""

    def field(self, name: str, number: int) -> str:
        """Return a field of the first segment with a name; empty where there is none."""
        position = number - 1 if name == "MSH" else number  # MSH-1 is the separator itself
        for fields in self.segments:
            if fields[0] == name:
                return fields[position] if position < len(fields) else ""
        return ""

    def has(self, name: str) -> bool:
        """Return whether a segment with a name is present."""
        return any(fields[0] == name for fields in self.segments)

    @property
    def kind(self) -> str:
        """Message type and trigger event, such as QRY^R02."""
        return "^".join(self.field("MSH", 9).split("^")[:2])

    @property
    def control_id(self) -> str:
        """Control id that the host gave the message."""
        return self.field("MSH", 10)


class HostMessages:
    """Cuts a host's bytes into messages; discards the bytes between them."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[HostMessage]:
        """Return the messages that `data` completes."""
        self._buffer += data
        found = []
        while (end := self._buffer.find(END)) >= 0:
            begin = self._buffer.rfind(START, 0, end)
            if begin >= 0:
                found.append(_read(bytes(self._buffer[begin + 1 : end])))
            del self._buffer[: end + len(END)]
        del self._buffer[:-_HOST_BUFFER]
        return [message for message in found if message.segments[0][0] == "MSH"]


def _read(body: bytes) -> HostMessage:
    lines = body.decode("utf-8", "replace").split("\r")
    return HostMessage(tuple(tuple(line.split("|")) for line in lines))
