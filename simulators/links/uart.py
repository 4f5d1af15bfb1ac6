"""Misreading of bytes by a serial receiver whose rate differs from the sender's."""

from __future__ import annotations

from typing import Final

_DATA_BITS: Final = 8
_STOP_BIT: Final = 1.5 + _DATA_BITS  # middle of the stop bit, in bits from the start edge


def misread(data: bytes, ratio: float) -> bytes:
    """Return the bytes read by a receiver whose rate is `ratio` times the sender's.

    The model is a common UART: frames of a low start bit, eight data bits from the lowest and a
    high stop bit, back to back; the line is high before and after. The receiver waits for the line
    to fall, checks again half a bit later (a high line there was no start), and then samples the
    middle of each bit. A low stop bit is a framing error: the byte is passed on as sampled, as by a
    terminal in raw mode, and the receiver waits until the line is high again. Noise and the slope
    of real edges are left out.

    Parameters
    ----------
    data
        Bytes sent without a pause.
    ratio
        More than 0; 1 reads the bytes as sent.
    """
    levels = _levels(data)
    bit = 1.0 / ratio
    out = bytearray()
    now = 0.0
    while (edge := levels.find(b"\0", int(now))) >= 0:
        start = max(float(edge), now)
        if _level(levels, start + 0.5 * bit):
            now = start + 0.5 * bit
            continue
        byte = sum(_level(levels, start + (1.5 + n) * bit) << n for n in range(_DATA_BITS))
        out.append(byte)
        now = start + _STOP_BIT * bit
        if not _level(levels, now):
            high = levels.find(b"\1", int(now))
            now = float(high if high >= 0 else len(levels))
    return bytes(out)


def _levels(data: bytes) -> bytes:
    """Return the line's level in each bit of the sender's time."""
    levels = bytearray()
    for byte in data:
        levels.append(0)
        levels += bytes(byte >> n & 1 for n in range(_DATA_BITS))
        levels.append(1)
    return bytes(levels)


def _level(levels: bytes, moment: float) -> int:
    """Return the level at a moment; high once everything is sent."""
    index = int(moment)
    return levels[index] if index < len(levels) else 1
