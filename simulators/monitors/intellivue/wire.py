"""Frames and field encodings of the Philips IntelliVue Data Export protocol on a serial line.

Source: Philips, IntelliVue Data Export Interface Programming Guide, 4535 642 59271; frame layout
after its chapter on the MIB/RS232 interface.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from struct import pack
from typing import Final

BOF: Final = 0xC0
EOF: Final = 0xC1
ESCAPE: Final = 0x7D
FLIP: Final = 0x20
HEADER: Final = b"\x11\x01"  # protocol id data export, message type
TICKS_PER_S: Final = 8000  # relative time counts in 1/8 ms
_MAX_HOST_BODY: Final = 2 * 1008  # 1000 bytes of user data, header, FCS; doubled for rough hosts
NO_ABSOLUTE_TIME: Final = b"\xff" * 8
EXPORT_PREFIX: Final = b"\xe1\x00\x00\x02"  # session id, presentation context

ROIV: Final = 1
RORS: Final = 2
ROER: Final = 3
ROLRS: Final = 5

_FCS_GOOD: Final = 0xF0B8  # remainder of CRC-16/X-25 over data and its own FCS


def _crc_row(value: int) -> int:
    return reduce(lambda crc, _: (crc >> 1) ^ (0x8408 if crc & 1 else 0), range(8), value)


_CRC_TABLE: Final = tuple(_crc_row(value) for value in range(256))


def crc(data: bytes) -> int:
    """Return the CRC-16/X-25 register after `data`, before the final complement."""
    register = 0xFFFF
    for byte in data:
        register = (register >> 8) ^ _CRC_TABLE[(register ^ byte) & 0xFF]
    return register


def fcs(data: bytes) -> int:
    """Return the frame check sequence of header and user data."""
    return crc(data) ^ 0xFFFF


def frame(payload: bytes) -> bytes:
    """Return the bytes on the wire that carry `payload`."""
    body = HEADER + pack(">H", len(payload)) + payload
    body += pack("<H", fcs(body))
    wire = bytearray([BOF])
    for byte in body:
        if byte in {BOF, EOF, ESCAPE}:
            wire += bytes((ESCAPE, byte ^ FLIP))
        else:
            wire.append(byte)
    wire.append(EOF)
    return bytes(wire)


class HostDatagrams:
    """Collects the host's bytes and returns the user data of each undamaged frame."""

    def __init__(self) -> None:
        self._body: bytearray | None = None  # None while outside a frame
        self._escaped = False
        self.dropped = 0
        """Number of frames discarded since the start."""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the user data of the frames that `data` completes."""
        found: list[bytes] = []
        for byte in data:
            if byte == BOF:
                self._start()
            elif self._body is None:
                continue
            elif byte == EOF:
                found += self._finish(self._body)
            elif byte == ESCAPE and not self._escaped:
                self._escaped = True
            else:
                self._body.append(byte ^ FLIP if self._escaped else byte)
                self._escaped = False
                self._bound(self._body)
        return found

    def _start(self) -> None:
        if self._body:
            self.dropped += 1
        self._body = bytearray()
        self._escaped = False

    def _finish(self, body: bytearray) -> list[bytes]:
        aborted, self._body, self._escaped = self._escaped, None, False
        payload = None if aborted else _payload(bytes(body))
        if payload is None:
            self.dropped += 1
            return []
        return [payload]

    def _bound(self, body: bytearray) -> None:
        if len(body) > _MAX_HOST_BODY:
            self._body = None
            self.dropped += 1


def _payload(body: bytes) -> bytes | None:
    if len(body) < 6 or crc(body) != _FCS_GOOD or body[:2] != HEADER:
        return None
    length = int.from_bytes(body[2:4], "big")
    return body[4:-2] if length == len(body) - 6 else None


def nomenclature_float(value: float | None, decimals: int = 0) -> bytes:
    """Return the 32-bit FLOAT of `value` with the given decimals; NaN for None."""
    if value is None:
        return b"\x00\x7f\xff\xff"
    mantissa: int = round(value * 10.0**decimals)
    return pack(">b", -decimals) + mantissa.to_bytes(3, "big", signed=True)


def bcd_time(utc_ns: int) -> bytes:
    """Return the 8 BCD bytes of the second that contains `utc_ns`, hundredths zero."""
    moment = datetime.fromtimestamp(utc_ns // 10**9, tz=UTC)
    return bytes.fromhex(f"{moment:%Y%m%d%H%M%S}00")


def text(value: str) -> bytes:
    """Return a String: its length, then UTF-16BE with a closing zero."""
    raw = (value + "\0").encode("utf-16-be")
    return pack(">H", len(raw)) + raw


def counted(entries: Iterable[bytes]) -> bytes:
    """Return a list: count, length in bytes, entries."""
    parts = list(entries)
    body = b"".join(parts)
    return pack(">HH", len(parts), len(body)) + body


def attribute(attribute_id: int, value: bytes) -> bytes:
    """Return one attribute: id, length, value."""
    return pack(">HH", attribute_id, len(value)) + value


@dataclass(frozen=True, slots=True)
class ObservedObject:
    """One object of a poll reply: its context, its handle and its encoded attributes."""

    context: int
    handle: int
    attributes: tuple[bytes, ...]

    def encoded(self) -> bytes:
        """Return the object as an entry of its context's list."""
        return pack(">H", self.handle) + counted(self.attributes)


def poll_info(objects: Iterable[ObservedObject]) -> bytes:
    """Return the PollInfoList of `objects`, grouped by context."""
    contexts: dict[int, list[bytes]] = {}
    for item in objects:
        contexts.setdefault(item.context, []).append(item.encoded())
    return counted(pack(">H", context) + counted(parts) for context, parts in contexts.items())


def operation(ro_type: int, body: bytes) -> bytes:
    """Return one remote operation as user data of a frame."""
    return EXPORT_PREFIX + pack(">HH", ro_type, len(body)) + body


def command(invoke_id: int, command_type: int, body: bytes) -> bytes:
    """Return the content of an invoke or a result."""
    return pack(">HHH", invoke_id, command_type, len(body)) + body
