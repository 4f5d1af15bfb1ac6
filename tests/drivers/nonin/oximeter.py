"""Packets of an oximeter that the tests build; see golden/PROVENANCE.toml, `built_by_us`."""

from __future__ import annotations

from pathlib import Path

GOLDEN = Path(__file__).parent / "golden"
GREEN, RED, YELLOW = 0x02, 0x04, 0x06
DISCONNECTED, ARTIFACT, OUT_OF_TRACK, SENSOR_ALARM = 0x40, 0x20, 0x10, 0x08


def golden(name: str) -> bytes:
    """Return what a golden file holds."""
    return bytes.fromhex((GOLDEN / f"{name}.hex").read_text())


def data_bytes(hr: int = 72, spo2: int = 97, revision: int = 48) -> list[int]:
    """Return the data byte of each of the 25 frames; every parameter shows the same numbers."""
    data = [0] * 25
    for high in (0, 13, 19, 21):
        data[high], data[high + 1] = hr // 128, hr % 128
    for index in (2, 8, 9, 10, 15, 16):
        data[index] = spo2
    data[3] = revision
    return data


def df2(data: list[int] | None = None, *, flags: dict[int, int] | None = None) -> bytes:
    """Return a packet of data format 2; `flags` are status bits by index of the frame."""
    return b"".join(
        _summed(bytes([1, 0x80 | (index == 0) | (flags or {}).get(index, 0), 40 + index, number]))
        for index, number in enumerate(data or data_bytes())
    )


def df7(data: list[int] | None = None, *, flags: dict[int, int] | None = None) -> bytes:
    """Return a packet of data format 7."""
    return b"".join(
        _summed(bytes([0x80 | (index == 0) | (flags or {}).get(index, 0), 3, 40 + index, number]))
        for index, number in enumerate(data or data_bytes())
    )


def df8(hr: int = 72, spo2: int = 97, *, first: int = 0, second: int = 0) -> bytes:
    """Return a packet of data format 8 with more bits in its first and second status."""
    return bytes([0x80 | first | hr // 128, hr % 128, spo2, second])


def _summed(frame: bytes) -> bytes:
    total = 0
    for byte in frame:
        total = (total + byte) % 256
    return frame + bytes([total])
