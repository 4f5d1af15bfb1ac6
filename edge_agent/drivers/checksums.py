"""Checksums of the wire protocols, named as in the CRC catalogue, with their check values."""

from __future__ import annotations

import binascii
from typing import Final

_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Every byte with its bits in reverse order, by the byte."""


def crc16_x25(data: bytes) -> int:
    """Return CRC-16/X-25 (ISO/IEC 13239 FCS; check value of b"123456789" is 0x906E).

    The standard library computes the same polynomial in the other bit order. Mirroring the bytes
    before and the sum afterwards takes one pass at C speed.
    """
    mirrored = binascii.crc_hqx(data.translate(_REVERSED), 0xFFFF) ^ 0xFFFF
    return _REVERSED[mirrored & 0xFF] << 8 | _REVERSED[mirrored >> 8]


def sum8(data: bytes) -> int:
    """Return the sum of all bytes modulo 256 (check value of b"123456789" is 0xDD)."""
    return sum(data) & 0xFF
