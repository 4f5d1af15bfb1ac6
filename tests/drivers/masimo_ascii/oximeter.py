"""Golden lines, and lines with numbers of our own; shares nothing with the driver.

What it writes is `built_by_us` (see golden/PROVENANCE.toml).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str) -> bytes:
    """Return a golden line with its line end."""
    return (GOLDEN / f"{name}.txt").read_bytes()


class Shown(NamedTuple):
    """The values that an oximeter shows, as it writes them."""

    stamp: str = "11/25/26 04:05:06"
    serial: str = "0000056661"
    spo2: str = "098%"
    bpm: str = "097"
    more: str = "PI=03.60% SPCO=--.-% SPMET=--.-% DESAT=00 PIDELTA=+--"
    alarm: str = "0000"
    exc: str = "000800"
    end: str = "\r\n"

    def line(self) -> bytes:
        """Return the line."""
        fields = f"SN={self.serial} SPO2={self.spo2} BPM={self.bpm} {self.more}"
        return f"{self.stamp} {fields} ALARM={self.alarm} EXC={self.exc}{self.end}".encode()
