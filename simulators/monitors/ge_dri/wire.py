"""Frames and records of the Datex-Ohmeda Record Interface (DRI), on the monitor's side.

Source: Datex-Ohmeda, S/5 Computer Interface, M1017617 (frame, requests); S/5 DRI specification,
8005313 (record header, special values).
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import pack, unpack_from
from typing import Final

FLAG: Final = 0x7E
ESCAPE: Final = 0x7D
_ESCAPE_BIT: Final = 0x20
_HEADER_BYTES: Final = 40
_DESCRIPTORS: Final = 8
_END_OF_LIST: Final = 0xFF
_MAX_RECORD: Final = 1490
_HOST_BUFFER: Final = 2 * _MAX_RECORD + 4  # the longest record, every byte stuffed

PHYSIOLOGICAL: Final = 0
WAVEFORM: Final = 1
ALARM: Final = 4

INVALID: Final = -32767
NOT_MEASURED: Final = -32765
"""Code of ST values that are not measured; not in the documents, sent by a real monitor."""
_OVER_RANGE: Final = -32763
LARGEST_SPECIAL: Final = -32001
"""Largest code; values up to it are codes, not measurements."""


@dataclass(frozen=True, slots=True)
class BuiltSubrecord:
    """One part of a record."""

    kind: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Header of a record without its list of parts."""

    number: int
    level: int
    plug_id: int
    wall_s: int
    """Unix seconds on the monitor's clock."""


@dataclass(frozen=True, slots=True)
class HostRecord:
    """One sound record from the host."""

    main_type: int
    parts: tuple[BuiltSubrecord, ...]
    """Parts, each up to the end of the record, as requests do not state their length."""


def record(head: Head, main_type: int, parts: tuple[BuiltSubrecord, ...]) -> bytes:
    """Return a record of the given parts, at most seven, one after the other."""
    descriptors = b""
    offset = 0
    for part in parts:
        descriptors += pack("<hB", offset, part.kind)
        offset += len(part.body)
    descriptors += pack("<hB", 0, _END_OF_LIST)
    start = pack(
        "<hBBHIBBHh",
        _HEADER_BYTES + offset,
        head.number,
        head.level,
        head.plug_id,
        head.wall_s,
        0,
        0,
        0,
        main_type,
    )
    header = (start + descriptors).ljust(_HEADER_BYTES, b"\0")
    return header + b"".join(part.body for part in parts)


def frame(content: bytes) -> bytes:
    """Return a record as it is sent: stuffed, with its sum behind it and flags around it."""
    checked = content + bytes([sum(content) & 0xFF])
    stuffed = checked.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e")
    return bytes([FLAG]) + stuffed + bytes([FLAG])


def scaled(value: float, factor: int = 1) -> int:
    """Return a measurement in the wire's unit, or the code for one too large for the wire."""
    raw = round(value * factor)
    return raw if raw < 2**15 else _OVER_RANGE


class HostRecords:
    """Cuts a host's bytes into records; discards damaged ones silently."""

    def __init__(self) -> None:
        self._inside = bytearray()
        self._is_open = False

    def feed(self, data: bytes) -> list[HostRecord]:
        """Return the sound records that `data` completes."""
        found = []
        for byte in data:
            if byte == FLAG:
                read = _host_record(bytes(self._inside)) if self._is_open else None
                if read:
                    found.append(read)
                self._is_open = read is None  # a flag that ends no record may begin one
                self._inside.clear()
            elif self._is_open and len(self._inside) < _HOST_BUFFER:
                self._inside.append(byte)
        return found


def _host_record(stuffed: bytes) -> HostRecord | None:
    content = _unstuffed(stuffed)
    if len(content) <= _HEADER_BYTES or sum(content[:-1]) & 0xFF != content[-1]:
        return None
    content = content[:-1]
    length, main_type = unpack_from("<h", content)[0], unpack_from("<h", content, 14)[0]
    if length != len(content):
        return None
    parts = []
    for index in range(_DESCRIPTORS):
        offset, kind = unpack_from("<hB", content, 16 + 3 * index)
        if kind == _END_OF_LIST:
            break
        parts.append(BuiltSubrecord(kind, content[_HEADER_BYTES + max(offset, 0) :]))
    return HostRecord(main_type, tuple(parts))


def _unstuffed(stuffed: bytes) -> bytes:
    plain = bytearray()
    is_escaped = False
    for byte in stuffed:
        if byte == ESCAPE and not is_escaped:
            is_escaped = True
            continue
        plain.append(byte | _ESCAPE_BIT if is_escaped else byte)
        is_escaped = False
    return bytes(plain)
