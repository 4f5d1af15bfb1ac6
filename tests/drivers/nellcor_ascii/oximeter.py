"""Golden lines, and lines with numbers of our own; shares nothing with the driver.

What it writes is `built_by_us` (see golden/PROVENANCE.toml).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

GOLDEN = Path(__file__).parent / "golden"
SLOTS = {
    0: ("MO", "SD", "SO", "PS", "LP", "LM"),
    1: ("SL", "SH"),
    2: ("PL", "PH"),
    3: ("LB",),
    4: ("AS",),
    5: ("AO",),
}
"""Places of the status codes; seen for MO, SD, SO, PS, SL, AS and AO, ours for the rest."""


def golden(name: str) -> bytes:
    """Return golden lines with their line ends."""
    return (GOLDEN / f"{name}.txt").read_bytes()


class Shown(NamedTuple):
    """The values that an oximeter shows, as it writes them; numbers with their mark."""

    stamp: str = "25-Nov-26 04:05:06"
    spo2: str = " 98 "
    bpm: str = " 71 "
    pa: str = " 36"
    status: tuple[str, ...] = ()
    end: str = "\r\n"

    def line(self) -> bytes:
        """Return the line, filled up with blanks."""
        text = f"{self.stamp}   {self.spo2}    {self.bpm}    {self.pa}    "
        for slot, codes in SLOTS.items():
            shown = [code for code in self.status if code in codes]
            text += f"{shown[0] if shown else '':3}" if slot < 5 else f"{''.join(shown):2}"
        return f"{text}{self.end}".encode("latin-1")


def header(model: str = "N-560", spo2: str = "90-100", pulse: str = "60-170") -> bytes:
    """Return the first line of a heading."""
    limits = f"SpO2 Limit: {spo2}%    PR Limit: {pulse}BPM"
    return f"{model}    VERSION 1.56.00    CRC:XXXX  {limits}\r\n".encode()
