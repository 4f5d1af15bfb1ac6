"""Golden frames, and a slow encoder of what a monitor sends; shares nothing with the driver.

What the encoder builds is `built_by_us` (see golden/PROVENANCE.toml).
"""

from __future__ import annotations

import struct
from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
NOW_S = 1_600_000_000
ON = 3
INVALID, NOT_UPDATED, UNDOCUMENTED, UNDER, OVER, UNCALIBRATED = (
    -32767,
    -32766,
    -32765,
    -32764,
    -32763,
    -32762,
)
ECG, NIBP, SPO2, CO2, O2 = 4, 76, 122, 136, 150
P1, P2, P3, P4 = 20, 34, 48, 62
T1, T2, T3, T4 = 90, 98, 106, 114
SOURCE_ECG = 1 << 3


def golden(name: str) -> bytes:
    """Return the bytes of a golden file."""
    return bytes.fromhex((GOLDEN / f"{name}.hex").read_text())


def escaped(content: bytes) -> bytes:
    """Return `content` with every 7E and 7D as 7D and the byte with bit 5 cleared."""
    return b"".join(
        bytes([0x7D, byte & ~0x20]) if byte in {0x7D, 0x7E} else bytes([byte]) for byte in content
    )


def frame(record: bytes) -> bytes:
    """Return the frame of a record."""
    total = 0
    for byte in record:
        total = (total + byte) % 256
    return b"\x7e" + escaped(record + bytes([total])) + b"\x7e"


def record(
    *subrecords: tuple[int, bytes],
    main_type: int = 0,
    level: int = 11,
    plug_id: int = 7,
    now_s: int = NOW_S,
) -> bytes:
    """Return a record of (type, data) subrecords."""
    data = b"".join(part for _, part in subrecords)
    descriptors, offset = b"", 0
    for kind, part in subrecords:
        descriptors += struct.pack("<hB", offset, kind)
        offset += len(part)
    descriptors += b"\x00\x00\xff" + bytes(24)
    head = struct.pack("<hBBHIL", 40 + len(data), 1, level, plug_id, now_s, 0)
    return head + struct.pack("<h", main_type) + descriptors[:24] + data


def values(
    *groups: tuple[int, int, int, tuple[int, ...]], klass: int = 0, time_s: int = NOW_S
) -> bytes:
    """Return a subrecord of values from groups of (offset, status, label, numbers)."""
    data = bytearray(278)
    struct.pack_into("<I", data, 0, time_s)
    for offset, status, label, numbers in groups:
        struct.pack_into(f"<IH{len(numbers)}h", data, offset, status, label, *numbers)
    data[274] = 2
    data[276:278] = bytes([0x81, klass])
    return bytes(data)


def displayed(
    *groups: tuple[int, int, int, tuple[int, ...]], now_s: int = NOW_S, level: int = 11
) -> bytes:
    """Return the frame of one record of basic displayed values."""
    return frame(record((1, values(*groups, time_s=now_s)), now_s=now_s, level=level))


def arrhythmia(bits: int, *, heart_rate: int = 80, pvcs: int = 0, status: int = ON) -> bytes:
    """Return an extended 1 subrecord."""
    data = bytearray(values((4, status, 0, (heart_rate, 750, pvcs)), klass=1))
    struct.pack_into("<I", data, 16, bits)
    return bytes(data)


def heart(rate: int = 72, status: int = ON | SOURCE_ECG) -> tuple[int, int, int, tuple[int, ...]]:
    """Return the ECG group."""
    return (ECG, status, 0, (rate, 10, -20, INVALID, 15))


def cuff(
    systolic: int = 120, *, label: int = 0x0B, status: int = ON
) -> tuple[int, int, int, tuple[int, ...]]:
    """Return the group of the cuff: adult, automatic."""
    numbers = [systolic, systolic - 40, systolic - 27]
    return (NIBP, status, label, (*(100 * n for n in numbers), 71))


def alarm_status(
    *entries: tuple[bytes, int], silence: int = 0, sound: int = 1, level: int = 11
) -> bytes:
    """Return the frame of an alarm status with (text, colour) entries."""
    data = struct.pack("<hhhhh", 0, sound, 0, 0, silence)
    for text, colour in (*entries, *[(b"", 0)] * (5 - len(entries))):
        data += text.ljust(80, b"\0") + struct.pack("<hhh", 1, colour, 0) + bytes(12)
    return frame(record((1, data + bytes(10)), main_type=4, level=level))
